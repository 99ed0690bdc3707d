//! The formula language: `prev(revenue) * (1 + growth)`.
//!
//! People write rows by name. Stored, a formula holds the ids of the rows between braces, `prev({r7}) * (1 + {r9})`, so
//! that a row can be renamed or moved without touching any formula. [`to_stored`] and [`to_display`] go between the
//! two.
//!
//! Operators bind as in Excel, from tight to loose: sign, `%`, `^`, `*` and `/`, `+` and `-`, `&`, comparison;
//! equals from left to right. So `-2^2` is 4 and `2^3^2` is 64.

mod lex;
mod names;
mod parse;
mod pieces;
mod problem;
mod syntax;

pub(super) use names::Displayed;
pub use names::{to_display, to_stored};
pub(crate) use parse::parse;
pub(super) use parse::{SyntaxError, quoted};
pub use pieces::{Piece, pieces};
pub use problem::{Problem, problem};
pub(crate) use syntax::{Comparison, Form, Operator};
pub(crate) use syntax::{Expr, Reference, Target};
