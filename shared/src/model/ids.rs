use std::fmt;

use serde::{Deserialize, Serialize};

/// A line item, for as long as it exists; its name and its place may change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemId(pub String);

/// A period, for as long as it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeriodId(pub String);

/// A section, for as long as it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SectionId(pub String);

/// A scenario, for as long as it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScenarioId(pub String);

/// A range of the football field, for as long as it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RangeId(pub String);

/// One cell of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CellRef {
    /// The row.
    pub item: ItemId,
    /// The column; none for an item with one value.
    pub period: Option<PeriodId>,
}

impl CellRef {
    /// The one cell of an item with a single value.
    #[must_use]
    pub fn single(item: ItemId) -> Self {
        Self { item, period: None }
    }

    /// The cell as documents name it: `item@period`, or `item` for an item with one value.
    ///
    /// # Laws
    ///
    /// `CellRef::parse(&cell.key()) == Some(cell)` for the cells of any model.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.period {
            None => self.item.0.clone(),
            Some(period) => [self.item.0.as_str(), "@", period.0.as_str()].concat(),
        }
    }

    /// The cell that `key` names, unless that is no key of any cell.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let (item, period) = match key.split_once('@') {
            None => (key, None),
            Some((item, period)) => (item, Some(period)),
        };
        let is_sound = is_id(item) && period.is_none_or(is_id);
        is_sound.then(|| Self { item: ItemId(item.to_owned()), period: period.map(|id| PeriodId(id.to_owned())) })
    }
}

/// Whether a thing of a model may have this id. Ids stand in formulas between braces, and in keys around an `@`.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

impl fmt::Display for CellRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

impl fmt::Display for ScenarioId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PeriodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_cell_leads_back_to_it() {
        for key in ["tax", "sales@fy2025", "i-1_a@p-0"] {
            assert_eq!(CellRef::parse(key).unwrap().key(), key);
        }
        for no_key in ["", "@", "a@", "@p", "a@b@c", "net sales", "a@p 1", "{a}", &"x".repeat(65)] {
            assert_eq!(CellRef::parse(no_key), None, "{no_key}");
        }
    }
}
