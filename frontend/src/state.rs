//! What the page knows: the open documents and the people in them.
//!
//! - [`document`]: one document as a pure state machine: edits and messages in, messages and changes out.
//! - [`session`]: the same document as signals, so that the page follows it.
//! - [`keeper`]: what is kept on this device, and in whose name.
//! - [`courier`]: brings to the server what other windows have left behind.
//! - [`listeners`]: whoever follows what happens.
//! - [`workspace`]: all open documents, and the connection that they share.
//! - [`blocks`]: what others have selected in it.
//! - [`discussion`]: what people say about it.
//! - [`view`]: what a cell, a row and a person look like, before there is any HTML.
//! - [`watched`]: signals for the cells and rows that are in sight, so that an edit costs no more than these.

pub mod blocks;
pub mod courier;
pub mod digest;
pub mod discussion;
pub mod document;
pub mod keeper;
pub mod listeners;
pub mod notice;
pub mod session;
pub mod view;
pub mod watched;
pub mod workspace;

pub use blocks::Blocks;
pub use discussion::Discussion;
pub use document::Document;
pub use notice::Notice;
pub use session::DocumentSession;
pub use workspace::Workspace;
