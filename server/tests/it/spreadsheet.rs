//! Spreadsheets against LibreOffice, which recalculates what we export.

use std::process::Command;

use coval_server::spreadsheet::{read, write_xlsx};
use coval_shared::model::{Calculation, CellRef, CellValue, Model, ScenarioId, Span};
use coval_shared::spreadsheet::{Cached, Content, Place, Workbook, export};
use coval_shared::template;

/// LibreOffice recalculates `workbooks`, whose own values are all wrong, so that none of them is mistaken for a result.
fn recalculated(workbooks: Vec<Workbook>) -> Vec<Workbook> {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile/user");
    std::fs::create_dir_all(&profile).unwrap();
    // 0: always recalculate files of Excel when they are opened.
    let settings = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <oor:items xmlns:oor=\"http://openoffice.org/2001/registry\" \
        xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
        <item oor:path=\"/org.openoffice.Office.Calc/Formula/Load\"><prop oor:name=\"OOXMLRecalcMode\" \
        oor:op=\"fuse\"><value>0</value></prop></item></oor:items>";
    std::fs::write(profile.join("registrymodifications.xcu"), settings).unwrap();
    let count = workbooks.len();
    let mut office = Command::new(std::env::var_os("COVAL_SOFFICE").unwrap_or_else(|| "soffice".into()));
    office
        .arg(format!("-env:UserInstallation=file://{}", folder.path().join("profile").display()))
        .args(["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"])
        .arg(folder.path().join("out"));
    for (number, mut workbook) in workbooks.into_iter().enumerate() {
        let cells = workbook.sheets.iter_mut().flat_map(|sheet| sheet.cells.values_mut());
        for cell in cells {
            if let Content::Formula { cached, .. } = &mut cell.content {
                *cached = Cached::Number(-987_654_321.0);
            }
        }
        let file = folder.path().join(format!("{number}.xlsx"));
        std::fs::write(&file, write_xlsx(&workbook).unwrap()).unwrap();
        office.arg(file);
    }
    let result = office.output().expect("LibreOffice is there: apt-get install libreoffice-calc-nogui");
    let out = |number: usize| folder.path().join(format!("out/{number}.xlsx"));
    (0..count)
        .map(|number| {
            let bytes = std::fs::read(out(number))
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&result.stderr)));
            read(&bytes).unwrap()
        })
        .collect()
}

/// The value of every cell of the model in a workbook that was exported from it.
fn differences(model: &Model, calculation: &Calculation, workbook: &Workbook) -> Vec<String> {
    let mut differences = Vec::new();
    for item in model.items() {
        let mut rows = workbook.sheets.iter().filter(|sheet| sheet.name != "Outputs").flat_map(|sheet| {
            let names = sheet.cells.iter().filter(|(place, _)| place.column == 1);
            names.filter(|(_, cell)| cell.content.text() == Some(&item.name)).map(move |(place, _)| (sheet, place.row))
        });
        let (sheet, row) = rows.next().unwrap_or_else(|| panic!("{} has no row", item.name));
        let periods: Vec<(Option<_>, u32)> = match item.span {
            Span::Single => vec![(None, 3)],
            Span::Period => model.periods.iter().map(|period| Some(period.id.clone())).zip(4..).collect(),
        };
        for (period, column) in periods {
            let cell = CellRef { item: item.id.clone(), period };
            let found = sheet.cells.get(&Place::new(row, column)).map_or(&Content::Empty, |cell| &cell.content);
            let is_same = match (calculation.value(&cell), found) {
                (CellValue::Blank, Content::Empty) => true,
                (CellValue::Blank, content) => content.text() == Some(""),
                (CellValue::Number(ours), content) => content.number().is_some_and(|theirs| is_near(*ours, theirs)),
                (CellValue::Text(ours), content) => content.text() == Some(ours),
                (CellValue::Error(_), Content::Formula { cached: Cached::Error(_), .. }) => true,
                (CellValue::Error(_), content) => content.text().is_some_and(|text| text.starts_with('#')),
            };
            if !is_same {
                let ours = calculation.value(&cell);
                differences.push(format!(
                    "{}!{} {}: {ours:?} {found:?}",
                    sheet.name,
                    Place::new(row, column),
                    model.cell_name(&cell)
                ));
            }
        }
    }
    differences
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(1.0)
}

/// The workbook with another scenario chosen.
fn choose(workbook: &Workbook, number: usize) -> Workbook {
    let mut workbook = workbook.clone();
    let sheet = workbook.sheets.iter_mut().find(|sheet| sheet.name == "Scenarios").unwrap();
    let column = 4 + u32::try_from(number).unwrap();
    let label = sheet.cells[&Place::new(5, column)].content.clone();
    sheet.cells.get_mut(&Place::new(2, 1)).unwrap().content = label;
    workbook
}

/// Exports every model, lets LibreOffice recalculate it in each of its scenarios, and compares all cells.
fn assert_recalculates(models: &[(String, Model)]) {
    let mut workbooks = Vec::new();
    let mut cases: Vec<(String, Model)> = Vec::new();
    for (name, model) in models {
        let exported = export(model, name);
        cases.push((name.clone(), model.clone()));
        for (number, scenario) in model.scenarios.iter().enumerate() {
            cases.push((format!("{name} {}", scenario.name), model.under(&ScenarioId(scenario.id.0.clone()))));
            workbooks.push((cases.len() - 1, choose(&exported.workbook, number + 1)));
        }
        workbooks.push((cases.len() - 1 - model.scenarios.len(), exported.workbook));
    }
    let (order, workbooks): (Vec<usize>, Vec<Workbook>) = workbooks.into_iter().unzip();
    let mut failures = Vec::new();
    for (case, workbook) in order.into_iter().zip(recalculated(workbooks)) {
        let (name, model) = &cases[case];
        let differences = differences(model, &Calculation::new(model), &workbook);
        failures.extend(differences.into_iter().map(|difference| format!("{name}: {difference}")));
    }
    let count = failures.len();
    failures.truncate(30);
    assert!(failures.is_empty(), "{count} cells differ:\n{}", failures.join("\n"));
}

#[test]
fn templates_recalculate_to_the_same_values_in_every_scenario() {
    let models: Vec<(String, Model)> = template::all()
        .iter()
        .map(|template| (template.name.to_owned(), Model::read(&template.document().unwrap()).unwrap()))
        .collect();
    assert_recalculates(&models);
}
