//! The model as a grid that is edited with the keyboard.
//!
//! - [`keys`]: which key does what.
//! - [`movement`]: where the selection goes; [`range`]: what lies between two corners.
//! - [`window`]: which rows and columns of a large model are drawn.
//! - [`selection`]: what is selected and what is being typed; [`blocks`], [`transfer`], [`structure`], [`folds`] and
//!   [`trace`]: what is done with it.
//! - [`suggest`], [`suggestions`]: what is offered while a formula is typed.
//! - [`chart`]: the chart of the selected rows, a chunk of its own; [`plot`]: its geometry.
//! - [`clipboard`]: the texts that spreadsheets exchange.
//! - [`grid`], [`body`], [`row`], [`cells`], [`cell`], [`input`], [`formula_bar`], [`mod@toolbar`], [`menu`]: what is
//!   drawn; [`marks`]: what marks the cells; [`mod@pointer`]: what the mouse does there.
//!
//! Cells are known by the identities of their row and column, never by their place, so that a selection or an edit stays
//! with its row whatever others insert above it.

pub mod blocks;
pub mod body;
pub mod cell;
pub mod cells;
pub mod chart;
pub mod clipboard;
pub mod folds;
pub mod formula_bar;
pub mod grid;
pub mod input;
pub mod keys;
pub mod marks;
pub mod menu;
pub mod movement;
pub mod plot;
pub mod pointer;
pub mod range;
pub mod row;
pub mod selection;
pub mod structure;
pub mod suggest;
pub mod suggestions;
pub mod toolbar;
pub mod trace;
pub mod transfer;
pub mod window;

pub use formula_bar::FormulaBar;
pub use grid::Grid;
pub use selection::Sheet;
pub use toolbar::{chart_below, toolbar};
