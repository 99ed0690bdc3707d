use std::collections::BTreeMap;

use super::{CellRef, ItemId, NumberFormat, PeriodId, SectionId};

/// A valuation model: line items in sections, over periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The currency of its amounts, as an ISO 4217 code.
    pub currency: String,
    /// The columns, in the order of time.
    pub periods: Vec<Period>,
    /// The rows, in order.
    pub sections: Vec<Section>,
    /// The items whose values are the result of the model, in the order in which they are shown.
    pub outputs: Vec<ItemId>,
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
