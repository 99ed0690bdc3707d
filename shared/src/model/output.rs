use serde::{Deserialize, Serialize};

use super::{Calculation, CellRef, CellValue, ItemId, Model, NumberFormat, Span};

/// One of the figures that a model is built for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Output {
    /// The line item.
    pub item: ItemId,
    /// What formulas call it.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The unit of `value`.
    pub unit: String,
    /// How `value` is shown.
    pub format: NumberFormat,
    /// The value, if there is one.
    pub value: Option<f64>,
    /// The 64 bits of `value`, as 16 hexadecimal digits.
    pub bits: Option<String>,
    /// Why there is no value.
    pub error: Option<String>,
}

/// The outputs of `model`. An item over periods gives the value of its last period; one that was removed is left out.
#[must_use]
pub fn outputs(model: &Model, calculation: &Calculation) -> Vec<Output> {
    let output = |id: &ItemId| {
        let item = model.item(id)?;
        let period = match item.span {
            Span::Single => None,
            Span::Period => Some(model.periods.last()?.id.clone()),
        };
        let (value, error) = match calculation.value(&CellRef { item: id.clone(), period }) {
            CellValue::Blank | CellValue::Text(_) => (None, None),
            CellValue::Number(number) => (Some(*number), None),
            CellValue::Error(error) => (None, Some(error.to_string())),
        };
        Some(Output {
            item: id.clone(),
            name: item.name.clone(),
            label: item.label.clone(),
            unit: item.unit.clone(),
            format: item.format,
            value,
            bits: value.map(|value| format!("{:016x}", value.to_bits())),
            error,
        })
    };
    model.outputs.iter().filter_map(output).collect()
}
