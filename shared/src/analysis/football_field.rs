//! What different methods say a thing is worth, as bars over one scale.

use serde::{Deserialize, Serialize};

use super::scenarios::ScenarioTable;
use super::sensitivity::SensitivityGrid;
use super::{Figure, Subject};
use crate::model::{Calculation, CellRef, Model, NumberFormat, RangeId};

/// The bars of a model, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FootballField {
    /// The bars.
    pub bars: Vec<Bar>,
}

/// What one method says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// What people call the method.
    pub label: String,
    /// Where the ends come from.
    pub source: BarSource,
    /// The unit of the ends.
    pub unit: String,
    /// How the ends are shown.
    pub format: NumberFormat,
    /// The low end, which is not above the high one.
    pub low: Figure,
    /// What the method takes for most likely, if it says.
    pub middle: Option<f64>,
    /// The high end.
    pub high: Figure,
}

/// Where the ends of a bar come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarSource {
    /// A range of the model.
    Range(RangeId),
    /// The lowest and the highest of the scenarios.
    Scenarios,
    /// The lowest and the highest point of a grid.
    Sensitivity,
    /// Percentiles of a simulation.
    Simulation,
}

impl FootballField {
    /// The ranges of `model`. One whose items were removed is left out; one without values keeps its errors.
    #[must_use]
    pub fn new(model: &Model, calculation: &Calculation) -> Self {
        let bar = |range: &crate::model::ValueRange| {
            let low = Subject::new(model, &CellRef::single(range.low.clone())).ok()?;
            let high = Subject::new(model, &CellRef::single(range.high.clone())).ok()?;
            let figure = |subject: &Subject| Figure::from(calculation.value(&subject.cell));
            Some(
                Bar {
                    label: range.label.clone(),
                    source: BarSource::Range(range.id.clone()),
                    unit: low.unit.clone(),
                    format: low.format,
                    low: figure(&low),
                    middle: None,
                    high: figure(&high),
                }
                .in_order(),
            )
        };
        Self { bars: model.ranges.iter().filter_map(bar).collect() }
    }
}

impl Bar {
    /// The lowest and the highest of what `cell` comes to in the cases; the base case is the middle. None unless the
    /// comparison shows the cell and at least one case has a number.
    #[must_use]
    pub fn of_scenarios(table: &ScenarioTable, cell: &CellRef) -> Option<Self> {
        let row = table.results.iter().find(|row| row.subject.cell == *cell)?;
        let numbers = row.figures.iter().filter_map(|figure| figure.figure.number());
        let base = row.figures.first().and_then(|figure| figure.figure.number());
        Self::over(&row.subject, BarSource::Scenarios, base, numbers)
    }

    /// The lowest and the highest figure of the output `cell` of a grid; the model's own is the middle. None unless the
    /// grid shows the output and at least one point has a number.
    #[must_use]
    pub fn of_sensitivity(grid: &SensitivityGrid, cell: &CellRef) -> Option<Self> {
        let output = grid.outputs.iter().find(|output| output.subject.cell == *cell)?;
        let numbers = output.figures.iter().flatten().filter_map(Figure::number);
        Self::over(&output.subject, BarSource::Sensitivity, output.base.number(), numbers)
    }

    /// Two percentiles of a simulation of `subject`, with the median in the middle.
    #[must_use]
    pub fn of_percentiles(subject: &Subject, low: f64, median: f64, high: f64) -> Option<Self> {
        Self::over(subject, BarSource::Simulation, Some(median), [low, high].into_iter())
    }

    fn over(
        subject: &Subject,
        source: BarSource,
        middle: Option<f64>,
        numbers: impl Iterator<Item = f64>,
    ) -> Option<Self> {
        let (low, high) = numbers.fold(None, |ends, number| match ends {
            None => Some((number, number)),
            Some((low, high)) => Some((number.min(low), number.max(high))),
        })?;
        Some(Self {
            label: subject.label.clone(),
            source,
            unit: subject.unit.clone(),
            format: subject.format,
            low: Figure::Number(low),
            middle,
            high: Figure::Number(high),
        })
    }

    fn in_order(mut self) -> Self {
        if self.low.number().zip(self.high.number()).is_some_and(|(low, high)| low > high) {
            std::mem::swap(&mut self.low, &mut self.high);
        }
        self
    }
}
