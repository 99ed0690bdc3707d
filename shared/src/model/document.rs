use std::collections::BTreeMap;

use super::{CellRef, Correlation, Distribution, ItemId, NumberFormat, PeriodId, RangeId, Scenario, SectionId};
use crate::protocol::DocumentId;

/// A valuation model: line items in sections, over periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The currency of its amounts, as an ISO 4217 code.
    pub currency: String,
    /// What it values, by which method, and where its figures come from, in Markdown.
    pub about: String,
    /// The columns, in the order of time.
    pub periods: Vec<Period>,
    /// The rows, in order.
    pub sections: Vec<Section>,
    /// The items whose values are the result of the model, in the order in which they are shown.
    pub outputs: Vec<ItemId>,
    /// Other sets of assumptions, in the order in which they are shown. The model itself is the base case.
    pub scenarios: Vec<Scenario>,
    /// How uncertain inputs spread, by cell. One whose cell is gone counts for nothing.
    pub distributions: BTreeMap<CellRef, Distribution>,
    /// How uncertain inputs go together. A pair is there once; one whose cells are gone counts for nothing.
    pub correlations: Vec<Correlation>,
    /// What people wrote on single cells.
    pub notes: BTreeMap<CellRef, String>,
    /// How far cells that need each other are brought into agreement; without it they are errors.
    pub iteration: Option<Iteration>,
    /// The bars of the football field, in the order in which they are shown.
    pub ranges: Vec<ValueRange>,
}

/// The bounds of the search for values that fit each other, where cells need each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Iteration {
    /// After how many rounds it ends, settled or not: 1 to 1,000.
    pub max_rounds: u32,
    /// Below which change in one round, relative to the value where that is above 1, it has settled. Above zero.
    pub tolerance: f64,
}

/// A stretch of values that a method gives: a bar of the football field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRange {
    /// The range.
    pub id: RangeId,
    /// What people call it: `Trading multiples`.
    pub label: String,
    /// The item, with one value, that is its low end.
    pub low: ItemId,
    /// The item, with one value, that is its high end.
    pub high: ItemId,
}

/// A column: a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The period.
    pub id: PeriodId,
    /// What people call it: `2025E`.
    pub label: String,
    /// Whether it lies in the past.
    pub kind: PeriodKind,
    /// How long it is.
    pub length: PeriodLength,
    /// Its first day, as a serial day of Excel's 1900 system.
    pub start: Option<i32>,
    /// Its last day, as a serial day of Excel's 1900 system; not before `start`.
    pub end: Option<i32>,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PeriodLength {
    /// A fiscal year.
    #[default]
    Year,
    /// A quarter of a year.
    Quarter,
    /// A month.
    Month,
    /// What is left of a year, from its first day to its last.
    Stub,
}

/// Whether a period is known or expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeriodKind {
    /// Reported figures.
    History,
    /// Expected figures.
    Forecast,
}

/// Line items under a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The section.
    pub id: SectionId,
    /// The heading.
    pub label: String,
    /// The rows, in order.
    pub items: Vec<LineItem>,
    /// The sheet that begins with it; none where it stands on that of the section before.
    pub sheet: Option<String>,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct LineItem {
    /// The item.
    pub id: ItemId,
    /// What formulas call it: `net_sales`.
    pub name: String,
    /// What people call it: `Net sales`.
    pub label: String,
    /// The unit of its values: `USD m`. Empty for a ratio.
    pub unit: String,
    /// How its values are shown.
    pub format: NumberFormat,
    /// Whether it has a value for each period, or one.
    pub span: Span,
    /// The formula, in stored form, of every cell that has no entry of its own.
    pub formula: Option<String>,
    /// The entries of single periods, for an item over periods.
    pub values: BTreeMap<PeriodId, Entry>,
    /// The entry of an item with one value.
    pub value: Option<Entry>,
    /// Where the figures come from.
    pub note: String,
    /// The other model's output that gives `value`, for an item with one value.
    pub link: Option<Link>,
}

/// An output of another model, whose value stands in an item of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The other model.
    pub document: DocumentId,
    /// Its item: one with a single value, or one over periods, which gives that of its last.
    pub item: ItemId,
    /// Why the newest value could not be had. The item keeps the last one.
    pub problem: Option<String>,
}

/// How far the values of an item reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// A value for each period.
    Period,
    /// One value for the whole model.
    Single,
}

/// What somebody entered in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A number.
    Number(f64),
    /// A formula in stored form, without the equals sign.
    Formula(String),
}

impl Model {
    /// All line items, in order.
    pub fn items(&self) -> impl Iterator<Item = &LineItem> {
        self.sections.iter().flat_map(|section| &section.items)
    }

    /// The line item `id`.
    #[must_use]
    pub fn item(&self, id: &ItemId) -> Option<&LineItem> {
        self.items().find(|item| item.id == *id)
    }

    /// Whether the model has such a cell.
    #[must_use]
    pub fn has_cell(&self, cell: &CellRef) -> bool {
        self.item(&cell.item).is_some_and(|item| match (item.span, &cell.period) {
            (Span::Single, None) => true,
            (Span::Period, Some(period)) => self.period(period).is_some(),
            _ => false,
        })
    }

    /// The sections with the sheet that each stands on; the first sheet has the name `first` if the model gives none.
    pub fn sheets<'a>(&'a self, first: &'a str) -> impl Iterator<Item = (&'a str, &'a Section)> {
        self.sections.iter().scan(first, |sheet, section| {
            *sheet = section.sheet.as_deref().unwrap_or(sheet);
            Some((*sheet, section))
        })
    }

    /// The period `id`.
    #[must_use]
    pub fn period(&self, id: &PeriodId) -> Option<&Period> {
        self.periods.iter().find(|period| period.id == *id)
    }

    /// Every cell, row by row.
    pub fn cells(&self) -> impl Iterator<Item = CellRef> {
        self.items().flat_map(|item| {
            let periods: &[Period] = match item.span {
                Span::Period => &self.periods,
                Span::Single => &[],
            };
            let single = (item.span == Span::Single).then(|| CellRef { item: item.id.clone(), period: None });
            let over_periods =
                periods.iter().map(|period| CellRef { item: item.id.clone(), period: Some(period.id.clone()) });
            single.into_iter().chain(over_periods)
        })
    }
}

impl LineItem {
    /// The entry of the cell at `period`, none for the single cell, if somebody made one there.
    #[must_use]
    pub fn entry(&self, period: Option<&PeriodId>) -> Option<&Entry> {
        match (self.span, period) {
            (Span::Period, Some(period)) => self.values.get(period),
            (Span::Single, None) => self.value.as_ref(),
            _ => None,
        }
    }
}
