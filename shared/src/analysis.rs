//! What a model says when its assumptions move.
//!
//! - [`scenarios`]: sets of assumptions side by side.
//! - [`sensitivity`]: an output over one input, or over two.
//! - [`tornado`]: which inputs move an output most.
//! - [`football_field`]: what different methods say, as bars.
//! - [`goal_seek`]: the input at which an output reaches a target.
//! - [`forecast`]: a row continued from its history.
//! - [`simulation`]: how outputs spread when inputs are uncertain.
//!
//! An analysis never changes the model. It puts numbers in cells of a calculation of its own, so that its figures are
//! those that the model itself would give, to the last bit. Its results are plain values that travel as JSON.

mod error;
mod figure;
pub mod football_field;
pub mod forecast;
pub mod goal_seek;
pub mod scenarios;
pub mod sensitivity;
pub mod simulation;
pub mod tornado;

pub use error::{AnalysisError, AnalysisErrorCode};
pub use figure::{Figure, Subject};

/// An analysis under way, which goes on step by step, so that its caller can show progress and give up.
pub trait Analysis: Sized {
    /// What it finds.
    type Outcome;

    /// Does one more step, which calculates the model once at most. Returns whether something is left to do.
    fn step(&mut self) -> bool;

    /// How far it is.
    fn progress(&self) -> Progress;

    /// What was found so far. What was not reached is blank.
    fn into_outcome(self) -> Self::Outcome;

    /// Does all that is left.
    fn finish(mut self) -> Self::Outcome {
        while self.step() {}
        self.into_outcome()
    }
}

/// How far an analysis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The steps that are done.
    pub done: usize,
    /// All steps; where it ends earlier when it is lucky, the most that it may take.
    pub of: usize,
}
