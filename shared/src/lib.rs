//! What the browser app and the server both know.
//!
//! - [`protocol`]: the messages on the socket.
//! - [`rest`]: the bodies of the HTTP interface.
//! - [`analysis`]: what a model says when its assumptions move.
//! - [`anchor`]: what comments hang on, and how that follows the edits.
//! - [`finance`]: the mathematics of finance, of plain numbers.
//! - [`history`]: what happened to a document, for people.
//! - [`limits`]: how large and how many.
//! - [`mention`]: whom a comment speaks to.
//! - [`model`]: the valuation engine, which gives the same bits on both sides.
//! - [`rights`]: who may do what.
//! - [`secret`]: texts that nobody but their owner may see.
//! - [`spreadsheet`]: models as workbooks, and workbooks as models.
//! - [`template`]: models to start from.

pub mod analysis;
pub mod anchor;
pub mod finance;
pub mod history;
pub mod limits;
pub mod memo;
pub mod mention;
pub mod model;
pub mod protocol;
pub mod rest;
pub mod rights;
pub mod secret;
pub mod spreadsheet;
pub mod template;
