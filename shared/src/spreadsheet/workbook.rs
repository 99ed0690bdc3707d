//! A workbook as plain values: what an export makes, and what an import reads.

use std::collections::BTreeMap;

use super::Place;
use crate::model::NumberFormat;

/// Sheets of cells, with the names that formulas may use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbook {
    /// The sheets, in order.
    pub sheets: Vec<Sheet>,
    /// Names and what they stand for, as in `wacc` and `Valuation!$D$7`.
    pub names: Vec<(String, String)>,
    /// How cycles are solved: the most rounds, and the change at which they end. None: a cycle is an error.
    pub iteration: Option<(u32, f64)>,
}

/// A sheet of a workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// The name on its tab.
    pub name: String,
    /// The cells that hold something, by row and column.
    pub cells: BTreeMap<Place, Cell>,
    /// The widths of the first columns, in characters.
    pub widths: Vec<u16>,
    /// The first cell that scrolls.
    pub frozen: Option<Place>,
    /// Cells in which one of several texts is chosen, with the range of the texts.
    pub choices: Vec<(Place, String)>,
}

/// A cell that holds something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What it holds.
    pub content: Content,
    /// How it looks.
    pub role: Role,
    /// How its number is shown.
    pub format: Option<NumberFormat>,
    /// A comment on it.
    pub note: String,
}

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// Nothing.
    #[default]
    Empty,
    /// A number; dates are serial days.
    Number(f64),
    /// A text.
    Text(String),
    /// A formula, without the equals sign, and what it last came to.
    Formula {
        /// The formula.
        text: String,
        /// Its value when the workbook was written.
        cached: Cached,
    },
}

/// What a formula last came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cached {
    /// Nothing.
    #[default]
    Blank,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// An error, as Excel writes it: `#DIV/0!`.
    Error(String),
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// As the program has it.
    #[default]
    Plain,
    /// The heading of a sheet.
    Title,
    /// The heading of a section.
    Section,
    /// The heading of a column, or of a period in the past.
    Header,
    /// The heading of a period to come.
    ForecastHeader,
    /// A unit or a name.
    Quiet,
    /// A number that somebody entered: blue, as bankers have it.
    Input,
    /// A number that somebody entered, for a period to come.
    ForecastInput,
    /// A formula: black.
    Formula,
    /// A formula, for a period to come.
    ForecastFormula,
    /// A formula that reads another sheet: green.
    Link,
    /// A formula that reads another sheet, for a period to come.
    ForecastLink,
    /// A text over several lines.
    Prose,
}

impl Sheet {
    /// Puts a cell at `place`.
    pub(super) fn put(&mut self, place: Place, role: Role, content: Content) -> &mut Cell {
        let cell = self.cells.entry(place).or_default();
        cell.role = role;
        cell.content = content;
        cell
    }

    /// Puts a text at `place`.
    pub(super) fn write(&mut self, place: Place, role: Role, text: impl Into<String>) -> &mut Cell {
        self.put(place, role, Content::Text(text.into()))
    }
}

impl Content {
    /// The number that it holds or last came to.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) | Self::Formula { cached: Cached::Number(number), .. } => Some(*number),
            Self::Empty | Self::Text(_) | Self::Formula { .. } => None,
        }
    }

    /// The text that it holds or last came to.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Formula { cached: Cached::Text(text), .. } => Some(text),
            Self::Empty | Self::Number(_) | Self::Formula { .. } => None,
        }
    }

    /// Whether there is nothing in it, or a text without a character.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Formula { .. } => false,
        }
    }
}
