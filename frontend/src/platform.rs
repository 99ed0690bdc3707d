//! The browser, as far as the rest of the app needs it.

pub mod clock;
pub mod crash;
pub mod files;
pub mod focus;
pub mod highlight;
pub mod kept;
pub mod lock;
pub mod page;
pub mod paste;
pub mod room;
pub mod storage;
pub mod worker;
