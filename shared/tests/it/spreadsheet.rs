//! Models as workbooks, and workbooks as models.

use std::collections::HashSet;

use coval_shared::model::{Calculation, CellRef, CellValue, Model, ScenarioId};
use coval_shared::spreadsheet::{
    Cached, Cell, Content, ImportError, Place, Report, Sheet, Workbook, export, import, parse_csv, to_csv,
};
use coval_shared::template;

/// A sheet of texts, numbers and formulas (`=…`, with the value behind ` -> `).
fn sheet(name: &str, rows: &[&[&str]]) -> Sheet {
    let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            let content = match (text.strip_prefix('='), text.parse::<f64>()) {
                _ if text.is_empty() => continue,
                (Some(formula), _) => {
                    let (text, value) = formula.split_once(" -> ").unwrap_or((formula, ""));
                    let cached = value.parse().map_or(Cached::Blank, Cached::Number);
                    Content::Formula { text: text.to_owned(), cached }
                }
                (None, Ok(number)) => Content::Number(number),
                (None, Err(_)) => Content::Text((*text).to_owned()),
            };
            sheet.cells.insert(Place::new(row, column), Cell { content, ..Cell::default() });
        }
    }
    sheet
}

fn imported(sheets: Vec<Sheet>) -> (Model, Vec<String>) {
    let import = import(&Workbook { sheets, ..Workbook::default() }).unwrap();
    let remarks = import.report.remarks.iter().map(|remark| format!("{}: {}", remark.place, remark.message)).collect();
    (Model::read(&import.document).unwrap(), remarks)
}

fn value(model: &Model, name: &str) -> CellValue {
    Calculation::new(model).value(&model.cell_named(name).unwrap()).clone()
}

fn formula(model: &Model, name: &str) -> String {
    let item = model.items().find(|item| item.name == name).unwrap();
    coval_shared::model::formula::to_display(item.formula.as_ref().unwrap(), model)
}

#[test]
fn a_sheet_of_years_becomes_periods_and_rows_with_formulas() {
    let (model, remarks) = imported(vec![sheet(
        "Model",
        &[
            &["ACME forecast"],
            &["USD m", "", "2023A", "2024A", "2025E", "2026E"],
            &["Tax rate", "0.25"],
            &["Income statement"],
            &["Net sales", "", "100", "110", "=D5*(1+E6) -> 121", "=E5*(1+F6) -> 133.1"],
            &["Growth", "", "", "=D5/C5-1 -> 0.1", "0.1", "0.1"],
            &["Costs", "", "60", "66", "=E5*60% -> 72.6", "=F5*60% -> 79.86"],
            &[
                "Profit after tax",
                "",
                "=(C5-C7)*(1-$B$3) -> 30",
                "=(D5-D7)*(1-$B$3) -> 33",
                "=(E5-E7)*(1-$B$3) -> 36.3",
                "=(F5-F7)*(1-$B$3) -> 39.93",
            ],
            &["Total profit", "=SUM(C8:F8) -> 139.23"],
        ],
    )]);
    assert_eq!(remarks, [""; 0]);
    let labels: Vec<&str> = model.periods.iter().map(|period| period.label.as_str()).collect();
    assert_eq!(labels, ["2023A", "2024A", "2025E", "2026E"]);
    let kinds: Vec<String> = model.periods.iter().map(|period| format!("{:?}", period.kind)).collect();
    assert_eq!(kinds, ["History", "History", "Forecast", "Forecast"]);
    assert_eq!(formula(&model, "net_sales"), "prev(net_sales) * (1 + growth)");
    assert_eq!(formula(&model, "profit_after_tax"), "(net_sales - costs) * (1 - tax_rate)");
    assert_eq!(value(&model, "net_sales@2026E"), CellValue::Number(133.10000000000002));
    assert_eq!(value(&model, "growth@2024A"), CellValue::Number(110.0 / 100.0 - 1.0));
    let CellValue::Number(total) = value(&model, "total_profit") else { panic!("no total") };
    assert!((total - 139.23).abs() < 1e-9);
    assert!(model.sections.iter().any(|section| section.label == "Income statement"));
}

#[test]
fn sheets_refer_to_each_other_and_ranges_become_rows() {
    let (model, remarks) = imported(vec![
        sheet("Inputs", &[&["Rate", "0.1"], &["", "2025", "2026", "2027"], &["Flow", "10", "20", "30"]]),
        sheet(
            "Value",
            &[
                &["", "2025", "2026", "2027"],
                &[
                    "Cumulated",
                    "=SUM(Inputs!$B$3:B3) -> 10",
                    "=SUM(Inputs!$B$3:C3) -> 30",
                    "=SUM(Inputs!$B$3:D3) -> 60",
                ],
                &["Average of two", "", "=AVERAGE(Inputs!B3:C3) -> 15", "=AVERAGE(Inputs!C3:D3) -> 25"],
                &["Present value", "=NPV(Inputs!B1,Inputs!B3:D3) -> 48.1592787"],
            ],
        ),
    ]);
    assert_eq!(formula(&model, "cumulated"), "sum(flow[..t])");
    assert_eq!(value(&model, "average_of_two@2025"), CellValue::Blank);
    assert_eq!(value(&model, "average_of_two@2026"), CellValue::Number(15.0));
    // A value stands under a period: the row spans periods.
    assert!(remarks.len() <= 1, "{remarks:?}");
}

#[test]
fn what_has_no_counterpart_is_carried_as_its_value_and_told() {
    let (model, remarks) = imported(vec![sheet(
        "Model",
        &[
            &["", "2024", "2025"],
            &["Sales", "=OFFSET(A1,1,1) -> 7", "=B2*2 -> 14"],
            &["Wrong", "=B2+1 -> 9", "=C2+1 -> 15"],
        ],
    )]);
    assert_eq!(value(&model, "sales@2025"), CellValue::Number(14.0));
    assert_eq!(value(&model, "wrong@2024"), CellValue::Number(9.0));
    assert_eq!(value(&model, "wrong@2025"), CellValue::Number(15.0));
    assert_eq!(remarks.len(), 2, "{remarks:?}");
    assert!(remarks[0].starts_with("Model!B2: there is no function OFFSET here"), "{remarks:?}");
    assert!(remarks[1].starts_with("Model!B3: =B2+1 comes to 8 here and to 9 in the file"), "{remarks:?}");
}

#[test]
fn empty_cells_stay_empty_and_count_as_nothing() {
    let (model, remarks) = imported(vec![sheet(
        "Model",
        &[&["", "2024", "2025", "2026"], &["Debt", "", "50", "60"], &["Change", "", "=C2-B2 -> 50", "=D2-C2 -> 10"]],
    )]);
    assert_eq!(remarks, [""; 0]);
    assert_eq!(value(&model, "change@2024"), CellValue::Blank);
    assert_eq!(value(&model, "change@2025"), CellValue::Number(50.0));
}

#[test]
fn a_workbook_without_figures_is_no_model() {
    let words = sheet("Words", &[&["a", "b"], &["c"]]);
    assert_eq!(import(&Workbook { sheets: vec![words], ..Workbook::default() }), Err(ImportError::Empty));
    assert_eq!(import(&Workbook::default()), Err(ImportError::Empty));
    assert_eq!(import(&parse_csv("").unwrap()), Err(ImportError::Empty));
}

/// The cells that hold the values of the base case, as the export says, and those that depend on them.
fn frozen(model: &Model, report: &Report) -> HashSet<CellRef> {
    let calculation = Calculation::new(model);
    let told = report.remarks.iter().filter(|remark| remark.message.contains("value in the base case"));
    let mut frozen: HashSet<CellRef> = told.map(|remark| model.cell_named(&remark.place).unwrap()).collect();
    let mut next: Vec<CellRef> = frozen.iter().cloned().collect();
    while let Some(cell) = next.pop() {
        next.extend(calculation.dependents(&cell).into_iter().filter(|cell| frozen.insert(cell.clone())));
    }
    frozen
}

/// All cells of both models are the same but those that are frozen.
fn assert_same(ours: &Model, theirs: &Model, frozen: &HashSet<CellRef>, what: &str) {
    let (ours_values, theirs_values) = (Calculation::new(ours), Calculation::new(theirs));
    for cell in ours.cells().filter(|cell| !frozen.contains(cell)) {
        let name = ours.cell_name(&cell);
        let (item, period) = name.split_once('@').unwrap_or((&name, ""));
        let other = theirs.items().find(|other| other.name == item).unwrap_or_else(|| panic!("{what}: no {item}"));
        let period = theirs.periods.iter().find(|theirs| theirs.label == period).map(|period| period.id.clone());
        let other = CellRef { item: other.id.clone(), period };
        let is_same = match (ours_values.value(&cell), theirs_values.value(&other)) {
            (CellValue::Number(a), CellValue::Number(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            (CellValue::Text(_), CellValue::Blank) | (CellValue::Error(_), CellValue::Error(_)) => true,
            (a, b) => a == b,
        };
        assert!(is_same, "{what} {name}: {:?} {:?}", ours_values.value(&cell), theirs_values.value(&other));
    }
}

#[test]
fn an_exported_template_imports_to_the_same_values_in_every_scenario() {
    for template in template::all() {
        let model = Model::read(&template.document().unwrap()).unwrap();
        let exported = export(&model, template.title);
        let is_empty = Calculation::new(&model);
        if model.cells().all(|cell| *is_empty.value(&cell) == CellValue::Blank) {
            assert_eq!(import(&exported.workbook), Err(ImportError::Empty), "{}", template.name);
            continue;
        }
        let import = import(&exported.workbook).unwrap();
        let back = Model::read(&import.document).unwrap();
        assert_eq!(back.outputs.len(), model.outputs.len(), "{}", template.name);
        assert_eq!(back.periods.len(), model.periods.len(), "{}", template.name);
        let kinds = |model: &Model| model.periods.iter().map(|period| period.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&back), kinds(&model), "{}", template.name);
        assert_same(&model, &back, &HashSet::new(), template.name);
        assert_eq!(back.scenarios.len(), model.scenarios.len(), "{}", template.name);
        let frozen = frozen(&model, &exported.report);
        for (ours, theirs) in model.scenarios.iter().zip(&back.scenarios) {
            let id = |id: &ScenarioId| id.clone();
            let what = format!("{} {}", template.name, ours.name);
            assert_same(&model.under(&id(&ours.id)), &back.under(&id(&theirs.id)), &frozen, &what);
        }
        assert_eq!(import.report.values, 0, "{}: {:#?}", template.name, import.report.remarks);
    }
}

#[test]
fn values_go_to_csv_and_back() {
    for template in template::all() {
        let model = Model::read(&template.document().unwrap()).unwrap();
        let csv = to_csv(&model, &Calculation::new(&model));
        let Ok(back) = import(&parse_csv(&csv).unwrap()) else {
            assert_eq!(template.name, "blank");
            continue;
        };
        let back = Model::read(&back.document).unwrap();
        assert!(back.items().count() > 0, "{}", template.name);
    }
}

#[test]
fn arbitrary_texts_are_no_reason_to_panic() {
    for text in ["a,b\n\"", ",,,\n,,,", "2024,2025\n1,2", "x,2024,2025\n=1,=2,=3\n", "\u{0}", "((,))\n-,-\n%,%"] {
        if let Ok(workbook) = parse_csv(text) {
            drop(import(&workbook));
        }
    }
}
