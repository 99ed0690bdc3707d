//! Reading, full recalculation and one changed input, beside spreadsheet engines with the same formulas.

use std::error::Error;
use std::hint::black_box;

use coval_shared::model::{Calculation, CellValue, Model};

use crate::grid::{self, PERIODS, ROWS, cell, enter};
use crate::measure::{Contender, compare, time};
use crate::peers::{Formualizer, IronCalc, Peer};

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let document = grid::document();
    let model = Model::read(&document).map_err(|error| error.to_string())?;
    let mut calculation = Calculation::new(&model);
    let mut ironcalc = IronCalc::load()?;
    let mut formualizer = Formualizer::load()?;

    // Everyone must have understood the formulas alike, before and after changes.
    let last = PERIODS - 1;
    agree(&calculation, [&ironcalc, &formualizer])?;
    let (k, s) = (cell("k", None), cell("s", Some(last)));
    let mut edited = model.clone();
    enter(&mut edited, &k, 0.5);
    calculation.update(&edited);
    enter(&mut edited, &s, 70.0);
    let reached = calculation.update(&edited).cells;
    if reached != 101 {
        return Err(format!("one input should reach itself and 100 cells, not {reached}").into());
    }
    for peer in [&mut ironcalc as &mut dyn Peer, &mut formualizer] {
        peer.change(grid::K_AT.0, grid::K_AT.1, 0.5)?;
        peer.change(grid::S_ROW, grid::sheet_column(last), 70.0)?;
    }
    agree(&calculation, [&ironcalc, &formualizer])?;

    compare(
        "reading and compiling: 10,000 formulas of 200 rows, from the JSON document to the first values",
        None,
        vec![
            Contender::new("Coval", 31, || time(|| Model::read(&document).map(|model| Calculation::new(&model)))),
            Contender::new("IronCalc", 3, || time(|| black_box(IronCalc::load()).is_ok())),
            Contender::new("formualizer", 3, || time(|| black_box(Formualizer::load()).is_ok())),
        ],
    );
    let mut followed = calculation.clone();
    let (mut ours, mut edits, mut a, mut b) = (inputs(), inputs(), inputs(), inputs());
    compare(
        "full recalculation: one input changed that reaches all 10,000 cells",
        Some(2.0),
        vec![
            Contender::new("Coval", 301, || {
                let number = ours();
                time(|| calculation.set(&k, Some(number)))
            }),
            Contender::new("Coval, an edit of the model", 301, || {
                enter(&mut edited, &k, edits());
                time(|| followed.update(&edited))
            }),
            Contender::new("IronCalc", 21, || {
                time(|| black_box(ironcalc.change(grid::K_AT.0, grid::K_AT.1, a())).is_ok())
            }),
            Contender::new("formualizer", 21, || {
                time(|| black_box(formualizer.change(grid::K_AT.0, grid::K_AT.1, b())).is_ok())
            }),
        ],
    );
    compare(
        "one input changed that reaches 100 cells",
        Some(0.2),
        vec![
            Contender::new("Coval", 1001, || {
                let number = ours();
                time(|| calculation.set(&s, Some(number)))
            }),
            Contender::new("Coval, an edit of the model", 1001, || {
                enter(&mut edited, &s, edits());
                time(|| followed.update(&edited))
            }),
            Contender::new("IronCalc", 21, || {
                time(|| black_box(ironcalc.change(grid::S_ROW, grid::sheet_column(last), a())).is_ok())
            }),
            Contender::new("formualizer", 101, || {
                time(|| black_box(formualizer.change(grid::S_ROW, grid::sheet_column(last), b())).is_ok())
            }),
        ],
    );
    Ok(())
}

/// Numbers to enter, each other than the one before.
fn inputs() -> impl FnMut() -> f64 {
    let mut turn = 0_u32;
    move || {
        turn += 1;
        1.0 + f64::from(turn % 1000) / 1000.0
    }
}

/// Compares every cell.
fn agree(calculation: &Calculation, peers: [&dyn Peer; 2]) -> Result<(), Box<dyn Error>> {
    for row in 0..ROWS {
        for period in 0..PERIODS {
            let CellValue::Number(ours) = *calculation.value(&cell(&format!("r{row}"), Some(period))) else {
                return Err(format!("row {row} has no value in period {period}").into());
            };
            for (peer, name) in peers.iter().zip(["IronCalc", "formualizer"]) {
                let theirs = peer.number(grid::sheet_row(row), grid::sheet_column(period));
                if !theirs.is_some_and(|theirs| (theirs - ours).abs() <= 1e-12 * ours.abs()) {
                    return Err(format!("{name} has {theirs:?} in row {row}, period {period}, Coval {ours}").into());
                }
            }
        }
    }
    Ok(())
}
