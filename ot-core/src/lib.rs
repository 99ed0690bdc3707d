//! Operational transform: many people edit one document at once, and everyone ends with the same one.
//!
//! - [`OtType`] is what a kind of document can do: apply, transform, compose, invert. [`text`], [`rich`] and [`json`] are
//!   three of them; they work together with the ottypes `text-unicode`, `rich-text` and `json1` of JavaScript.
//! - [`Client`] and [`Server`] are the two ends of a session. [`Presence`] keeps everybody's cursors where they belong.
//! - [`UndoManager`] takes back one user's work under everybody else's edits.
//! - [`History`] keeps every revision and says who wrote what; a [`Branch`] leaves it and is merged back.
//! - [`codec`] writes ops, documents and whole histories in few bytes.
//!
//! All of them are pure state machines: sockets, clocks, random numbers and databases stay with the caller, so that the
//! same code runs in a browser, in a server and in a simulator. Positions in texts count Unicode code points, except
//! where a type says otherwise. What comes from outside, an op or a file, may be anything: it is refused with an error
//! that names what and where, and nothing is changed.
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
