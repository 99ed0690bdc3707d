//! What the benchmarks run on WebAssembly: functions over numbers alone, which need nothing from JavaScript.

#[allow(dead_code, reason = "the sheet is for the peers")]
#[path = "../../src/grid.rs"]
mod grid;

#[path = "../../src/dcf.rs"]
mod dcf;

use std::cell::RefCell;

use coval_shared::model::{Calculation, CellValue, Model};

thread_local! {
    static STATE: RefCell<Option<Calculation>> = const { RefCell::new(None) };
}

/// Reads and calculates the grid. Returns the value of its last cell.
#[unsafe(no_mangle)]
pub extern "C" fn load() -> f64 {
    let Ok(model) = Model::read(&grid::document()) else { return f64::NAN };
    let calculation = Calculation::new(&model);
    let last = last_cell(&calculation);
    STATE.with_borrow_mut(|state| *state = Some(calculation));
    last
}

/// Enters `number` in the input that reaches every cell. Returns the value of the last cell.
#[unsafe(no_mangle)]
pub extern "C" fn recalculate(number: f64) -> f64 {
    change("k", None, number)
}

/// Enters `number` in the input that reaches 100 cells. Returns the value of the last cell.
#[unsafe(no_mangle)]
pub extern "C" fn change_one(number: f64) -> f64 {
    change("s", Some(grid::PERIODS - 1), number)
}

/// Simulates the DCF. Returns the mean.
#[unsafe(no_mangle)]
pub extern "C" fn simulate(trials: u32) -> f64 {
    let Ok(model) = dcf::model() else { return f64::NAN };
    let Ok(simulation) = dcf::simulation(&model, u64::from(trials)) else { return f64::NAN };
    let blocks = (0..simulation.blocks()).map(|block| simulation.run_block(block)).collect();
    let values = simulation.finish(blocks).values.pop().unwrap_or_default();
    values.iter().sum::<f64>() / f64::from(trials)
}

fn change(item: &str, period: Option<usize>, number: f64) -> f64 {
    STATE.with_borrow_mut(|state| {
        let Some(calculation) = state else { return f64::NAN };
        calculation.set(&grid::cell(item, period), Some(number));
        last_cell(calculation)
    })
}

fn last_cell(calculation: &Calculation) -> f64 {
    match calculation.value(&grid::cell("r199", Some(grid::PERIODS - 1))) {
        CellValue::Number(number) => *number,
        _ => f64::NAN,
    }
}
