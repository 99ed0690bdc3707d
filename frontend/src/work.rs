//! Calculations beside the page: analyses that take long are done by a worker of the browser, which loads the same code as
//! the page.
//!
//! - [`message`]: what the page and the worker say to each other.
//! - [`desk`]: the page's side as a pure machine: what is asked for, and what is wrong when nobody answers.
//! - [`mod@bench`]: the worker's side as a pure machine: one job after the other, in slices.
//! - [`page`]: the desk of this page, with the worker that it starts when it is first needed.
//! - [`worker`]: the bench, in the worker.

pub mod bench;
pub mod desk;
pub mod message;
pub mod page;
pub mod worker;

pub use message::{Failure, Found, Job, Simulated, Task};
pub use page::{Asked, ask};

use crate::platform;

/// Begins in a worker: its code is loaded, and it listens.
pub fn begin() {
    platform::crash::install_in_worker(worker::BROKEN);
    wasm_bindgen_futures::spawn_local(async {
        if worker::listen().await.is_err() {
            platform::worker::post(worker::BROKEN);
        }
    });
}
