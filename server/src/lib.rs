//! The Coval server: one binary with the app inside.
//!
//! - [`cli`] reads the command line and does what needs no server; `serve` puts the server together.
//! - [`document`] owns the open documents: one task each, which orders, stores and passes on what people do.
//! - `ws` and `rest` are how the world reaches them; `auth` knows who that is; `assets` serves the app.
//! - `discussion` keeps what people say about documents, `merge` brings branches together, `jobs` calculates in the
//!   background, `search` finds words.
//! - [`spreadsheet`] reads and writes xlsx and csv files.
//! - [`bus`] tells the servers on one database of each other.
//! - [`store`] keeps documents and their history in SQLite or PostgreSQL.

mod assets;
mod auth;
pub mod bus;
pub mod cli;
mod discussion;
pub mod document;
mod error;
mod jobs;
mod log;
mod merge;
pub mod metrics;
mod request;
mod rest;
mod search;
mod serve;
pub mod spreadsheet;
pub mod store;
mod words;
mod ws;

pub use log::LogFormat;
pub use serve::{ServeError, serve};
