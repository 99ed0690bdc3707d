use serde::{Deserialize, Serialize};

/// How many remarks a report holds; the others are counted.
const MAX_REMARKS: usize = 500;

/// What was carried from one form to the other, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many formulas were carried as formulas.
    pub formulas: usize,
    /// How many cells were carried as values, of those that had a formula.
    pub values: usize,
    /// What was not carried as it was, in the order of the sheets; at most 500.
    pub remarks: Vec<Remark>,
    /// How many remarks more there would be.
    pub more: usize,
}

/// Something that was not carried as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Where: `Valuation!D7`, or the cell of a model: `wacc`, `sales@2025E`.
    pub place: String,
    /// What was not carried, and what stands there.
    pub message: String,
}

impl Report {
    pub(super) fn remark(&mut self, place: impl Into<String>, message: impl Into<String>) {
        if self.remarks.len() < MAX_REMARKS {
            self.remarks.push(Remark { place: place.into(), message: message.into() });
        } else {
            self.more += 1;
        }
    }
}

/// Why there is no model in a workbook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The text is no csv.
    #[error("the csv can't be read in line {line}: {reason}")]
    Csv {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// There are more cells than a model has.
    #[error("there are more than {limit} {what}; take out what the model does not need")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// No sheet has a row with a label and a number.
    #[error(
        "no row has a label and a number; put labels in a column on the left and years or dates in a row above the \
         figures"
    )]
    Empty,
    /// The model that came of it is not sound.
    #[error("the model can't be read back at {0}")]
    Unsound(#[from] crate::model::ModelError),
}
