//! The sample model against a calculation of its own, and against the bits that every machine must give.

use coval_shared::model::{Calculation, CellRef, CellValue, Model, outputs};
use coval_shared::template::{APPLE_10K, apple_dcf, company::Company};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::cell;

/// FNV-1a over the bits of all cells in order. A change of the template or of the engine's arithmetic changes it; the
/// same number on native and wasm shows that both give the same bits.
const DIGEST: u64 = 0xa7ed_de18_907a_f1e7;

fn apple() -> (Model, Calculation) {
    let model = Model::read(&apple_dcf().unwrap()).unwrap();
    let calculation = Calculation::new(&model);
    (model, calculation)
}

fn number(calculation: &Calculation, cell: &CellRef) -> f64 {
    match calculation.value(cell) {
        CellValue::Number(number) => *number,
        other => panic!("{cell:?} is {other:?}"),
    }
}

#[test]
fn every_cell_has_the_same_bits_on_every_machine() {
    let (model, calculation) = apple();
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for cell in model.cells() {
        let bits = match calculation.value(&cell) {
            CellValue::Number(number) => number.to_bits(),
            CellValue::Blank | CellValue::Text(_) => 0,
            CellValue::Error(error) => panic!("{error}"),
        };
        for byte in bits.to_be_bytes() {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    assert_eq!(format!("{digest:#x}"), format!("{DIGEST:#x}"));
}

#[test]
fn the_value_per_share_is_that_of_a_calculation_by_hand() {
    let company = Company::from_csv(APPLE_10K).unwrap();
    let last = |item: &str| *company.figures(item).last().unwrap();

    let growth = [0.04, 0.05, 0.05, 0.045, 0.04];
    let costs =
        [0.535 + 0.08 + 0.066, 0.532 + 0.08 + 0.065, 0.53 + 0.08 + 0.065, 0.53 + 0.08 + 0.065, 0.53 + 0.08 + 0.065];
    let capex = [0.028, 0.03, 0.03, 0.03, 0.03];
    let wacc = (0.043 + 1.15 * 0.045) * 0.97 + 0.046 * 0.79 * 0.03;
    let mut sales = last("net_sales");
    let (mut flow, mut ebitda, mut discount, mut enterprise) = (0.0, 0.0, 1.0, 0.0);
    for year in 0..5 {
        let before = sales;
        sales *= 1.0 + growth[year];
        let ebit = sales * (1.0 - costs[year]);
        ebitda = ebit + sales * 0.029;
        flow = ebit * (1.0 - 0.165) + sales * (0.029 - capex[year]) - (sales - before) * 0.02;
        discount /= 1.0 + wacc;
        enterprise += flow * discount;
    }
    let terminal = flow * 1.03 / (wacc - 0.03);
    enterprise += terminal * discount;
    let equity = enterprise + last("cash_and_marketable_securities") - last("term_debt_and_commercial_paper");
    let per_share = equity * 1e6 / (last("diluted_shares") * 1e3);

    let (_, calculation) = apple();
    let close = |name: &str, expected: f64| {
        let actual = number(&calculation, &cell(name, ""));
        assert!((actual / expected - 1.0).abs() < 1e-9, "{name} is {actual}, by hand {expected}");
    };
    close("wacc", wacc);
    close("enterprise_value", enterprise);
    close("equity_value", equity);
    close("value_per_share", per_share);
    close("exit_multiple", terminal / ebitda);
}

#[test]
fn the_rows_that_add_up_give_what_was_reported() {
    let company = Company::from_csv(APPLE_10K).unwrap();
    let (_, calculation) = apple();
    for (index, year) in company.years.iter().enumerate() {
        let calculated = number(&calculation, &cell("operating_income", &format!("fy{year}")));
        assert_eq!(calculated, company.figures("operating_income")[index]);
    }
}

#[test]
fn the_outputs_stand_in_the_order_of_the_model_with_their_bits() {
    let (model, calculation) = apple();
    let outputs = outputs(&model, &calculation);
    assert_eq!(outputs.len(), model.outputs.len());
    for (output, item) in outputs.iter().zip(&model.outputs) {
        assert_eq!(&output.item, item);
        assert_eq!(output.bits, output.value.map(|value| format!("{:016x}", value.to_bits())));
        assert_eq!(output.error, None);
    }
}

#[test]
fn a_model_that_travels_as_json_keeps_its_bits() {
    let text = serde_json::to_string(&apple_dcf().unwrap()).unwrap();
    let (model, calculation) = apple();
    let travelled = Calculation::new(&Model::read(&serde_json::from_str(&text).unwrap()).unwrap());
    for cell in model.cells() {
        assert_eq!(travelled.value(&cell), calculation.value(&cell));
    }
}
