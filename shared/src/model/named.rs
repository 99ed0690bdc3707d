//! Finding cells by what people call them, outside of formulas.

use super::edit::number;
use super::formula::to_stored;
use super::{CellRef, Entry, LineItem, Model, Period, PeriodKind, Span};

/// Why no cell is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamedError {
    /// No item has the name.
    #[error("no line item is called \"{name}\"{}", instead(.like))]
    NoSuchItem {
        /// What was asked for.
        name: String,
        /// Names that are much like it.
        like: Vec<String>,
    },
    /// No period has the label.
    #[error("no period is called \"{label}\"{}", instead(.periods))]
    NoSuchPeriod {
        /// What was asked for.
        label: String,
        /// The labels of the first periods.
        periods: Vec<String>,
    },
    /// The item has one value.
    #[error("\"{name}\" has one value for all periods; write {name} alone")]
    NotOverPeriods {
        /// The name of the item.
        name: String,
    },
}

fn instead(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; there is {}", names.join(", ")) }
}

/// The number that people wrote: `1,234.5`, `(12)`, `7.5%`. Nothing when it is none.
#[must_use]
pub fn parse_number(text: &str) -> Option<f64> {
    number(text.trim())
}

impl Model {
    /// The cells that people mean by `text`: `wacc`, `growth@2025E` or `growth 2025E`. An item counts by its name, its
    /// id or its label, a period by its label or its id. An item over periods, without one, stands for its cells in the
    /// forecast, or for all if there is none.
    ///
    /// # Errors
    ///
    /// Returns a [`NamedError`] with what there is instead.
    pub fn cells_named(&self, text: &str) -> Result<Vec<CellRef>, NamedError> {
        let (item, period) = self.item_and_period(text)?;
        let cell = |period: &Period| CellRef { item: item.id.clone(), period: Some(period.id.clone()) };
        Ok(match (item.span, period) {
            (Span::Single, _) => vec![CellRef::single(item.id.clone())],
            (Span::Period, Some(period)) => vec![cell(period)],
            (Span::Period, None) => {
                let forecast = self.periods.iter().filter(|period| period.kind == PeriodKind::Forecast);
                let cells: Vec<CellRef> = forecast.map(cell).collect();
                if cells.is_empty() { self.periods.iter().map(cell).collect() } else { cells }
            }
        })
    }

    /// The one cell that people mean by `text`, as in [`Model::cells_named`]. Of an item over periods, without one, it
    /// is the cell of the last period, as in outputs.
    ///
    /// # Errors
    ///
    /// Returns a [`NamedError`] with what there is instead.
    pub fn cell_named(&self, text: &str) -> Result<CellRef, NamedError> {
        let (item, period) = self.item_and_period(text)?;
        let period = match item.span {
            Span::Single => None,
            Span::Period => period.or(self.periods.last()).map(|period| period.id.clone()),
        };
        Ok(CellRef { item: item.id.clone(), period })
    }

    /// Puts what somebody wrote, a number such as `7.5%` or a formula, in `cell`. What is no number is taken for a
    /// formula, as in [`edit::enter`](super::edit::enter).
    pub fn enter(&mut self, cell: &CellRef, input: &str) {
        let written = input.trim();
        let entry = match number(written) {
            Some(number) => Entry::Number(number),
            None => Entry::Formula(to_stored(written.strip_prefix('=').unwrap_or(written).trim(), self)),
        };
        self.put(cell, entry);
    }

    /// Puts `entry` in `cell`. A cell that is not there stays away.
    pub fn put(&mut self, cell: &CellRef, entry: Entry) {
        if !self.has_cell(cell) {
            return;
        }
        let mut items = self.sections.iter_mut().flat_map(|section| &mut section.items);
        if let Some(item) = items.find(|item| item.id == cell.item) {
            match &cell.period {
                None => item.value = Some(entry),
                Some(period) => {
                    item.values.insert(period.clone(), entry);
                }
            }
        }
    }

    /// What people call `cell`: `wacc`, `growth@2025E`.
    #[must_use]
    pub fn cell_name(&self, cell: &CellRef) -> String {
        let item = self.item(&cell.item).map_or(cell.item.0.as_str(), |item| &item.name);
        match &cell.period {
            None => item.to_owned(),
            Some(id) => [item, "@", self.period(id).map_or(id.0.as_str(), |period| &period.label)].concat(),
        }
    }

    fn item_and_period(&self, text: &str) -> Result<(&LineItem, Option<&Period>), NamedError> {
        let text = text.trim();
        // A label may hold a space or an `@` itself.
        if let Some(item) = self.item_named(text) {
            return Ok((item, None));
        }
        let cut = text.find('@').or_else(|| text.rfind(char::is_whitespace)).or_else(|| text.find('['));
        let (name, label) = cut.and_then(|cut| text.split_at_checked(cut)).unwrap_or((text, ""));
        let label = label.trim_matches(|c: char| c.is_whitespace() || "@[]".contains(c));
        let Some(item) = self.item_named(name.trim()) else {
            return Err(NamedError::NoSuchItem { name: name.trim().to_owned(), like: self.names_like(name.trim()) });
        };
        if label.is_empty() {
            return Ok((item, None));
        }
        if item.span == Span::Single {
            return Err(NamedError::NotOverPeriods { name: item.name.clone() });
        }
        let by_label = self.periods.iter().find(|period| period.label == label);
        let period = by_label.or_else(|| self.periods.iter().find(|period| period.id.0 == label));
        period.map(|period| (item, Some(period))).ok_or_else(|| NamedError::NoSuchPeriod {
            label: label.to_owned(),
            periods: self.periods.iter().take(12).map(|period| period.label.clone()).collect(),
        })
    }

    fn item_named(&self, name: &str) -> Option<&LineItem> {
        let find = |text: fn(&LineItem) -> &str| self.items().find(move |item| text(item) == name);
        find(|item| &item.name).or_else(|| find(|item| &item.id.0)).or_else(|| find(|item| &item.label))
    }

    /// Up to three names with few letters between them and `name`.
    fn names_like(&self, name: &str) -> Vec<String> {
        let wanted: Vec<char> = name.to_lowercase().chars().take(64).collect();
        let mut near: Vec<(usize, &str)> = self
            .items()
            .map(|item| (distance(&wanted, &item.name.to_lowercase()), item.name.as_str()))
            .filter(|(distance, _)| *distance <= wanted.len().max(4) / 2)
            .collect();
        near.sort_unstable();
        near.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
    }
}

/// How many letters to add, take away or change (Levenshtein, 1966).
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (line, letter) in (1..).zip(b.chars()) {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), line);
        let mut left = line;
        for (slot, other) in row.iter_mut().skip(1).zip(a) {
            let changed = diagonal + usize::from(*other != letter);
            diagonal = *slot;
            left = changed.min(diagonal + 1).min(left + 1);
            *slot = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

    fn model() -> Model {
        Model::read(&template::apple_dcf().unwrap()).unwrap()
    }

    #[test]
    fn a_cell_is_found_by_what_people_call_it() {
        let model = model();
        for (text, name) in
            [("beta", "beta"), ("net_sales@2024A", "net_sales@2024A"), ("net_sales 2025E", "net_sales@2025E")]
        {
            assert_eq!(model.cell_name(&model.cell_named(text).unwrap()), name);
        }
        assert_eq!(model.cell_name(&model.cell_named("net_sales").unwrap()), "net_sales@2029E");
        assert_eq!(model.cells_named("net_sales").unwrap().len(), 5);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is_like_it() {
        let model = model();
        let error = |text| model.cell_named(text).unwrap_err().to_string();
        assert!(error("net_sale").starts_with("no line item is called \"net_sale\"; there is net_sales"));
        assert!(error("net_sales@1999").starts_with("no period is called \"1999\"; there is 2021A, "));
        assert_eq!(error("beta@2025E"), "\"beta\" has one value for all periods; write beta alone");
    }

    #[test]
    fn what_is_entered_is_a_number_or_a_formula() {
        let mut model = model();
        let cell = model.cell_named("beta").unwrap();
        model.enter(&cell, "7.5%");
        assert_eq!(model.item(&cell.item).unwrap().value, Some(Entry::Number(0.075)));
        model.enter(&cell, "=tax_rate * 2");
        assert!(matches!(&model.item(&cell.item).unwrap().value, Some(Entry::Formula(_))));
    }

    #[test]
    fn the_distance_between_texts_counts_letters() {
        let distance = |a: &str, b| distance(&a.chars().collect::<Vec<_>>(), b);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
