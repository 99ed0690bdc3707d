//! Operational transform: many people edit one document at once, and everyone ends with the same one.
//!
//! - [`OtType`] is what a kind of document can do: apply, transform, compose. [`text`], [`rich`] and
//!   [`json`] are three of them.
//! - [`codec`] writes ops, documents and histories in few bytes.
//! - [`Client`] and [`Server`] are the two ends of a session: pure state machines that take messages and return
//!   messages. Sockets, clocks and databases stay with the caller, so that the same code runs in a browser, in a
//!   server and in a simulator.
//! - [`UndoManager`] takes back one user's own work under everybody else's edits, [`Presence`] keeps the cursors of the
//!   others where they belong.
//! - [`History`] keeps every revision, who made it and what comes from whom; a [`Branch`] leaves it and is merged back.
//!
//! The folder `examples` has a session of two people, and a branch that is merged.
//!
//! ```
//! use ot_core::text::{Rope, Text, TextOp};
//! use ot_core::{OtType, Side};
//!
//! let hello = TextOp::new().insert("hello ");
//! let emphasis = TextOp::new().retain(5).insert("!");
//!
//! // Two people edit "world" at once. Each applies their own op, then the other's, transformed.
//! let mut ours = Rope::from("world");
//! Text::apply(&mut ours, &hello)?;
//! Text::apply(&mut ours, &Text::transform(&emphasis, &hello, Side::Right))?;
//!
//! let mut theirs = Rope::from("world");
//! Text::apply(&mut theirs, &emphasis)?;
//! Text::apply(&mut theirs, &Text::transform(&hello, &emphasis, Side::Left))?;
//!
//! assert_eq!(ours, "hello world!");
//! assert_eq!(ours, theirs);
//! # Ok::<(), ot_core::OpError>(())
//! ```

pub mod branch;
pub mod client;
pub mod codec;
mod compose_all;
mod error;
pub mod history;
mod identity;
pub mod json;
mod op_log;
mod ot_type;
pub mod presence;
pub mod rich;
pub mod server;
mod spans;
pub mod text;
pub mod undo;

pub use branch::Branch;
pub use client::Client;
pub use compose_all::compose_all;
pub use error::{OpError, OpErrorKind};
pub use history::History;
pub use identity::{ClientId, Committed, Revision, Sequence, Submission};
pub use op_log::OpLog;
pub use ot_type::{OtType, Side};
pub use presence::{Presence, Selection};
pub use server::Server;
pub use undo::UndoManager;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
