//! The page's way to the server: one socket for everything, and HTTP for lists.
//!
//! [`machine`] decides when to connect; [`socket`] does it, for whoever [`account`] says is here.

pub mod account;
pub mod machine;
pub mod rest;
pub mod socket;

pub use account::{Account, Who};
pub use machine::{Machine, Phase};
pub use socket::{Connection, Incoming, Status};
