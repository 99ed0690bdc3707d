//! What a model says when its assumptions move.

use std::io::{self, Write};

use clap::Args;
use coval_shared::analysis::goal_seek::{Goal, GoalSeek};
use coval_shared::analysis::scenarios::{ScenarioComparison, ScenarioTable};
use coval_shared::analysis::sensitivity::{Axis, GridAxis, Sensitivity as Grid, SensitivityGrid};
use coval_shared::analysis::tornado::{Tornado as Bars, TornadoAnalysis};
use coval_shared::analysis::{Analysis, Figure, Subject};
use coval_shared::model::{CellRef, Model, NumberFormat, parse_number};
use serde_json::json;

use super::model::ModelArguments;
use super::{CliError, VALUE_HAS_ERROR};

/// Which outputs over which inputs.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval sensitivity model.json --output value_per_share --row wacc=8%,9%,10% --column terminal_growth=2%,2.5%,3%
  coval sensitivity model.json --output equity_value --row terminal_growth=1%:3%:0.5%

Values are listed, or given as from:to:step.")]
pub struct Sensitivity {
    #[command(flatten)]
    model: ModelArguments,

    /// The output: name, or name@period. May be repeated.
    #[arg(long, value_name = "CELL", required = true)]
    output: Vec<String>,

    /// The input whose values go from row to row.
    #[arg(long, value_name = "CELL=VALUES")]
    row: String,

    /// The input whose values go from column to column.
    #[arg(long, value_name = "CELL=VALUES")]
    column: Option<String>,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Which output, and how far inputs move.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval tornado model.json --output value_per_share
  coval tornado model.json --output value_per_share --swing 20% --json

Every input with one value moves alone; the one that moves the output most comes first.")]
pub struct Tornado {
    #[command(flatten)]
    model: ModelArguments,

    /// The output: name, or name@period.
    #[arg(long, value_name = "CELL")]
    output: String,

    /// By what share of its own size each input moves, down and up.
    #[arg(long, default_value = "10%", value_name = "SHARE")]
    swing: String,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is looked for.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval goalseek model.json --output value_per_share --target 250 --input terminal_growth
  coval goalseek model.json --output irr --target 20% --input entry_multiple --between 5,15

Exit code 3 says that no value of the input does it.")]
pub struct GoalSeekArguments {
    #[command(flatten)]
    model: ModelArguments,

    /// The output: name, or name@period.
    #[arg(long, value_name = "CELL")]
    output: String,

    /// What the output shall come to.
    #[arg(long, value_name = "NUMBER")]
    target: String,

    /// The input that may change.
    #[arg(long, value_name = "CELL")]
    input: String,

    /// Between which values to search: low,high.
    #[arg(long, value_name = "LOW,HIGH")]
    between: Option<String>,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What to compare.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval compare model.json
  coval compare model.json --cell ebitda@2025E --json

The outputs and the inputs that differ, in the base case and in every scenario.")]
pub struct Compare {
    #[command(flatten)]
    model: ModelArguments,

    /// A cell to compare beside the outputs. May be repeated.
    #[arg(long = "cell", value_name = "CELL")]
    cells: Vec<String>,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Sensitivity {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let model = self.model.model()?;
        let outputs = self.output.iter().map(|output| model.cell_named(output)).collect::<Result<Vec<_>, _>>()?;
        let down = axis(&model, &self.row)?;
        let across = self.column.as_deref().map(|column| axis(&model, column)).transpose()?;
        let grid = Grid::new(&model, &down, across.as_ref(), &outputs)?.finish();
        let printed = if self.json { writeln!(out, "{:#}", json!(grid)) } else { print_grid(&grid, out) };
        printed.map_err(CliError::output)?;
        Ok(0)
    }
}

impl Tornado {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let model = self.model.model()?;
        let output = model.cell_named(&self.output)?;
        let tornado = TornadoAnalysis::of_all(&model, &output, number(&self.swing)?)?.finish();
        let printed = if self.json { writeln!(out, "{:#}", json!(tornado)) } else { print_tornado(&tornado, out) };
        printed.map_err(CliError::output)?;
        Ok(0)
    }
}

impl GoalSeekArguments {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let model = self.model.model()?;
        let bounds = match self.between.as_deref().map(|between| between.split_once(',').ok_or(between)) {
            None => None,
            Some(Ok((low, high))) => Some((number(low)?, number(high)?)),
            Some(Err(between)) => {
                return Err(CliError::Argument(format!("--between {between} has no comma; write --between 0,1")));
            }
        };
        let goal = Goal {
            input: model.cell_named(&self.input)?,
            output: model.cell_named(&self.output)?,
            target: number(&self.target)?,
            bounds,
        };
        let sought = GoalSeek::new(&model, &goal)?.finish();
        let printed = if self.json {
            writeln!(out, "{:#}", json!(sought))
        } else if let (true, Some(nearest)) = (sought.has_reached, sought.nearest) {
            let (input, output) = (&sought.input, &sought.output);
            writeln!(
                out,
                "{} is {} at {} = {} ({})",
                output.name,
                output.format.display(nearest.output),
                input.name,
                nearest.input,
                input.format.display(nearest.input)
            )
        } else {
            let why = sought.error.as_ref().map(ToString::to_string).unwrap_or_default();
            let nearest = sought.nearest.map(|nearest| {
                format!("; it comes nearest at {} = {}: {}", sought.input.name, nearest.input, nearest.output)
            });
            writeln!(out, "{why}{}", nearest.unwrap_or_default())
        };
        printed.map_err(CliError::output)?;
        Ok(if sought.has_reached { 0 } else { VALUE_HAS_ERROR })
    }
}

impl Compare {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let model = self.model.model()?;
        let cells = self.cells.iter().map(|cell| model.cell_named(cell)).collect::<Result<Vec<CellRef>, _>>()?;
        let scenarios: Vec<_> = model.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
        let table = ScenarioComparison::new(&model, &scenarios, &cells)?.finish();
        let printed = if self.json { writeln!(out, "{:#}", json!(table)) } else { print_table(&table, out) };
        printed.map_err(CliError::output)?;
        Ok(0)
    }
}

/// Reads `wacc=8%,9%` or `growth=1%:3%:0.5%`.
fn axis(model: &Model, text: &str) -> Result<Axis, CliError> {
    let Some((cell, values)) = text.split_once('=') else {
        return Err(CliError::Argument(format!("{text} has no equals sign; write {text}=8%,9%,10%")));
    };
    let cell = model.cell_named(cell)?;
    let parts: Vec<&str> = values.split(':').collect();
    if let [from, to, step] = parts.as_slice() {
        return Ok(Axis::range(cell, number(from)?, number(to)?, number(step)?)?);
    }
    let values = values.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    Ok(Axis { cell, values })
}

fn number(text: &str) -> Result<f64, CliError> {
    parse_number(text).ok_or_else(|| CliError::Argument(format!("\"{text}\" is no number; write 0.08 or 8%")))
}

fn shown(figure: &Figure, format: NumberFormat) -> String {
    match figure {
        Figure::Blank => String::new(),
        Figure::Number(number) => format.display(*number),
        Figure::Text(text) => text.clone(),
        Figure::Error(error) => error.split(' ').next().unwrap_or_default().to_owned(),
    }
}

fn name(subject: &Subject) -> String {
    if subject.period.is_empty() { subject.name.clone() } else { format!("{}@{}", subject.name, subject.period) }
}

fn print_grid(grid: &SensitivityGrid, out: &mut impl Write) -> io::Result<()> {
    let axis_value = |axis: &GridAxis, value: f64| axis.subject.format.display(value);
    for output in &grid.outputs {
        let across = grid.across.as_ref().map(|across| format!(" over {}", name(&across.subject)));
        let head = format!("{} by {}{}", name(&output.subject), name(&grid.down.subject), across.unwrap_or_default());
        writeln!(out, "{head}")?;
        if let Some(across) = &grid.across {
            let values: String =
                across.values.iter().map(|value| format!("{:>14}", axis_value(across, *value))).collect();
            writeln!(out, "{:>14}{values}", "")?;
        }
        for (value, figures) in grid.down.values.iter().zip(&output.figures) {
            let figures: String =
                figures.iter().map(|figure| format!("{:>14}", shown(figure, output.subject.format))).collect();
            writeln!(out, "{:>14}{figures}", axis_value(&grid.down, *value))?;
        }
    }
    Ok(())
}

fn print_tornado(tornado: &Bars, out: &mut impl Write) -> io::Result<()> {
    let format = tornado.output.format;
    writeln!(out, "{}: {}", name(&tornado.output), shown(&tornado.base, format))?;
    let width = tornado.bars.iter().map(|bar| name(&bar.input).chars().count()).max().unwrap_or_default();
    for bar in &tornado.bars {
        let input = |value| bar.input.format.display(value);
        writeln!(
            out,
            "  {:width$}  {:>12} to {:<12}  {:>14} to {}",
            name(&bar.input),
            input(bar.low),
            input(bar.high),
            shown(&bar.at_low, format),
            shown(&bar.at_high, format)
        )?;
    }
    Ok(())
}

fn print_table(table: &ScenarioTable, out: &mut impl Write) -> io::Result<()> {
    let rows = || table.results.iter().chain(&table.inputs);
    let width = rows().map(|row| name(&row.subject).chars().count()).max().unwrap_or_default();
    let label = |label: &str| format!("{:>16}", if label.is_empty() { "Base case" } else { label });
    writeln!(out, "{:width$}{}", "", table.cases.iter().map(|case| label(&case.label)).collect::<String>())?;
    for row in rows() {
        let figures = row.figures.iter().map(|figure| format!("{:>16}", shown(&figure.figure, row.subject.format)));
        writeln!(out, "{:width$}{}", name(&row.subject), figures.collect::<String>())?;
    }
    Ok(())
}
