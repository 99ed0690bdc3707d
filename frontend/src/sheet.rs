//! The model as a grid that is edited with the keyboard.
//!
//! - [`keys`]: which key does what.
//! - [`movement`]: where the selection goes.
//! - [`selection`]: what is selected and what is being typed.
//! - [`grid`], [`cell`], [`formula_bar`]: what is drawn.
//!
//! Cells are known by the identities of their row and column, never by their place, so that a selection or an edit stays
//! with its row whatever others insert above it.

pub mod cell;
pub mod formula_bar;
pub mod grid;
pub mod keys;
pub mod movement;
pub mod selection;

pub use formula_bar::FormulaBar;
pub use grid::Grid;
pub use selection::Sheet;
