//! The harness of the tests that drive the whole: a real server, real browsers, faults between them.
//!
//! Start at [`Stage`]: it holds what one test needs, and ends all of it however the test ends.
//!
//! - [`server`]: `coval serve` as a process that can be killed and started again.
//! - [`proxy`]: the wire between one window and the server, to be held or cut.
//! - [`browser`]: Chromium, one process for each person.
//! - [`page`]: what a person sees and does in a window.
//! - [`barriers`]: what would keep somebody out of a page, as axe-core finds it.
//! - [`convergence`]: whether everybody has the same document.
//! - [`documents`]: large documents, and how any is made.
//! - [`http`]: what programs ask the server.
//! - [`wait`]: waiting for something that has to happen, never for time to pass.
//!
//! Nothing here is skipped: a program that is missing fails the test, with the command that installs it.

// A test that can't go on says so by a panic, and this crate is nothing but tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

pub mod barriers;
pub mod browser;
pub mod convergence;
pub mod documents;
pub mod http;
pub mod page;
pub mod programs;
pub mod proxy;
pub mod server;
pub mod stage;
pub mod wait;

pub use convergence::agreed;
pub use page::{Page, Place};
pub use proxy::Proxy;
pub use server::Server;
pub use stage::Stage;
