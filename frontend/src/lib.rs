//! The app in the browser.
//!
//! Dependencies point one way: [`pages`] → [`components`], [`panels`], [`sheet`], [`editor`] → [`state`] → [`connection`] → [`platform`].
//!
//! - [`platform`]: the browser itself: address, storage, clock, events of the window.
//! - [`connection`]: one socket for the page, and the state machine that keeps it alive.
//! - [`state`]: the open documents: their text, their calculation, who else is in them.
//! - [`sheet`]: the model as a grid that is edited with the keyboard.
//! - [`editor`]: the memo as a text that many write at once.
//! - [`components`]: the parts around the grid.
//! - [`panels`]: what can be opened beside a document.
//! - [`pages`]: what stands at which address.
//! - [`chart`]: the geometry of charts.
//! - [`dynamic`]: parts of a view that change, in few types.
//! - [`chunk`]: parts whose code is loaded when they are first shown.
//! - [`work`]: calculations beside the page, in a worker.
//! - [`texts`]: what the app says, in two languages; [`theme`]: how it looks.
//!
//! Start at [`state::document`]: it is where an edit becomes an operation and a message becomes a changed cell.

pub mod chart;
pub mod chunk;
pub mod components;
pub mod connection;
pub mod dynamic;
pub mod editor;
pub mod pages;
pub mod panels;
pub mod platform;
pub mod sheet;
pub mod state;
pub mod texts;
pub mod theme;
pub mod work;

/// Starts the app in the page; in a worker, where there is none, what the page asks for is calculated.
pub fn start() {
    if platform::worker::is_here() {
        return work::begin();
    }
    platform::crash::install(texts::crash_words);
    leptos::mount::mount_to_body(pages::App);
}
