//! Spreadsheets against LibreOffice, which recalculates what we export.

use std::collections::{HashMap, HashSet};
use std::process::Command;

use coval_server::spreadsheet::{read, write_xlsx};
use coval_shared::model::{Calculation, CellRef, CellValue, Model, Span};
use coval_shared::spreadsheet::{Cached, Content, Place, Report, Workbook, export};
use coval_shared::template;

/// LibreOffice recalculates `workbooks`.
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
    for (number, workbook) in workbooks.into_iter().enumerate() {
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

/// Where the cells of a model are in the workbook that was exported from it: the number of the sheet, and the place.
fn places(model: &Model, workbook: &Workbook) -> Vec<(CellRef, usize, Place)> {
    let mut rows = HashMap::new();
    for (index, sheet) in workbook.sheets.iter().enumerate().filter(|(_, sheet)| sheet.name != "Outputs") {
        for (place, cell) in sheet.cells.iter().filter(|(place, _)| place.column == 1) {
            rows.insert(cell.content.text().unwrap_or_default(), (index, place.row));
        }
    }
    let mut places = Vec::new();
    for item in model.items() {
        let (sheet, row) = rows[item.name.as_str()];
        let mut add = |period, column| {
            places.push((CellRef { item: item.id.clone(), period }, sheet, Place::new(row, column)));
        };
        match item.span {
            Span::Single => add(None, 3),
            Span::Period => {
                model.periods.iter().zip(4..).for_each(|(period, column)| add(Some(period.id.clone()), column));
            }
        }
    }
    places
}

/// Makes all values of formulas in the workbook wrong, so that none of them is mistaken for a result. Only cells that
/// need each other keep theirs: LibreOffice begins with them, and gives up on many cells before they have settled. Of
/// those it shows that they fit each other.
fn spoil(workbook: &mut Workbook, model: &Model, calculation: &Calculation) {
    for cell in workbook.sheets.iter_mut().flat_map(|sheet| sheet.cells.values_mut()) {
        if let Content::Formula { cached, .. } = &mut cell.content {
            *cached = Cached::Number(-987_654_321.0);
        }
    }
    let knots: HashSet<&CellRef> = calculation.convergence().iter().flat_map(|knot| &knot.cells).collect();
    for (cell, sheet, place) in places(model, workbook) {
        let content = workbook.sheets[sheet].cells.get_mut(&place).map(|cell| &mut cell.content);
        if let (true, Some(Content::Formula { cached, .. })) = (knots.contains(&cell), content) {
            *cached = match calculation.value(&cell) {
                CellValue::Number(number) => Cached::Number(*number),
                _ => Cached::Blank,
            };
        }
    }
}

/// Where a workbook that was exported from the model has other values, but for the frozen cells.
fn differences(
    model: &Model,
    calculation: &Calculation,
    workbook: &Workbook,
    frozen: &HashSet<CellRef>,
) -> Vec<String> {
    let mut differences = Vec::new();
    for (cell, sheet, place) in places(model, workbook).into_iter().filter(|(cell, ..)| !frozen.contains(cell)) {
        let sheet = &workbook.sheets[sheet];
        let found = sheet.cells.get(&place).map_or(&Content::Empty, |cell| &cell.content);
        let ours = calculation.value(&cell);
        let is_same = match (ours, found) {
            (CellValue::Blank, Content::Empty) => true,
            (CellValue::Blank, content) => content.text() == Some(""),
            (CellValue::Number(ours), content) => content.number().is_some_and(|theirs| is_near(*ours, theirs)),
            (CellValue::Text(ours), content) => content.text() == Some(ours),
            (CellValue::Error(_), Content::Formula { cached: Cached::Error(_), .. }) => true,
            (CellValue::Error(_), content) => content.text().is_some_and(|text| text.starts_with('#')),
        };
        if !is_same {
            differences.push(format!("{}!{place} {}: {ours:?} {found:?}", sheet.name, model.cell_name(&cell)));
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
    let (mut workbooks, mut cases) = (Vec::new(), Vec::new());
    let mut add = |name: String, model: Model, mut workbook: Workbook, frozen: HashSet<CellRef>| {
        let calculation = Calculation::new(&model);
        spoil(&mut workbook, &model, &calculation);
        workbooks.push(workbook);
        cases.push((name, model, calculation, frozen));
    };
    for (name, model) in models {
        let exported = export(model, name);
        let frozen = frozen(model, &exported.report);
        for (number, scenario) in (1..).zip(&model.scenarios) {
            let chosen = choose(&exported.workbook, number);
            add(format!("{name} {}", scenario.name), model.under(&scenario.id), chosen, frozen.clone());
        }
        add(name.clone(), model.clone(), exported.workbook, HashSet::new());
    }
    let mut failures = Vec::new();
    for ((name, model, calculation, frozen), workbook) in cases.iter().zip(recalculated(workbooks)) {
        let differences = differences(model, calculation, &workbook, frozen);
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

/// An archive with one part.
fn archive(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}

/// The archive with another content in one part.
fn with_part(bytes: &[u8], name: &str, edit: impl Fn(String) -> String) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let part_name = part.name().unwrap().into_owned();
        if part_name == name {
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(edit(text).as_bytes()).unwrap();
        } else {
            writer.raw_copy_file(part).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn files_that_would_take_too_much_are_refused_by_name() {
    let error = |bytes: &[u8]| read(bytes).map(drop).unwrap_err().to_string();
    let text = vec![b'1'; 100 * 1024 * 1024];
    let mut large = archive("xl/workbook.xml", b"");
    large.resize(100 * 1024 * 1024, 0);
    let begun = std::time::Instant::now();
    assert!(error(&text).contains("the file has 104857600 bytes"));
    assert!(error(&large).contains("the file has 104857600 bytes"));
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    let bomb = archive("xl/worksheets/sheet1.xml", &vec![b' '; 65 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    assert!(error(&bomb).contains("xl/worksheets/sheet1.xml unpacks to more than"), "{}", error(&bomb));
    let styles = archive("xl/styles.xml", &vec![b' '; 3 * 1024 * 1024]);
    assert!(error(&styles).contains("xl/styles.xml unpacks to more than"));
    // A size that is declared wrong is found by unpacking.
    let mut lying = bomb.clone();
    let declared = u32::try_from(65 * 1024 * 1024).unwrap().to_le_bytes();
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == declared {
            lying[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
    }
    assert!(!error(&lying).is_empty());
}

#[test]
fn what_a_file_claims_to_hold_is_not_believed() {
    let model = Model::read(&template::apple_dcf().unwrap()).unwrap();
    let sound = write_xlsx(&export(&model, "x").workbook).unwrap();
    assert!(read(&sound).is_ok());
    let many = |text: String| text.replace("uniqueCount=\"", "uniqueCount = \"99999999999");
    let texts = with_part(&sound, "xl/sharedStrings.xml", many);
    assert!(read(&texts).unwrap_err().to_string().contains("more than 2000000 texts"));
    let shared = |text: String| text.replacen("<f>", "<f t=\"shared\" si=\"4000000000000\" ref=\"A1:B2\">", 1);
    assert!(read(&with_part(&sound, "xl/worksheets/sheet2.xml", shared)).is_ok());
    let utf_16 = |text: String| text.replace("UTF-8", "UTF-16");
    assert!(read(&with_part(&sound, "xl/sharedStrings.xml", utf_16)).unwrap_err().to_string().contains("UTF-8"));
}

#[test]
fn what_is_no_spreadsheet_is_an_error() {
    for bytes in [&b"PK"[..], b"PK\x03\x04nothing", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1], &[0, 1, 2, 3], b"\"a"] {
        if let Ok(workbook) = read(bytes) {
            assert!(coval_shared::spreadsheet::import(&workbook).is_err(), "{bytes:?}");
        }
    }
    let mut bytes = write_xlsx(&export(&Model::read(&template::apple_dcf().unwrap()).unwrap(), "x").workbook).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        bytes[at] ^= 0x55;
        drop(read(&bytes));
    }
}

/// Formulas of items with one value, beside `flow` over six periods, `rate`, `price`, `strike` and `day`.
const SINGLE_FORMULAS: &[&str] = &[
    "-2^2 + 2^3^2 - 7%",
    "(1 - rate) * -price / (strike - 3)",
    "rate < 0.2",
    "(price > strike) + 1",
    "not(rate > 1)",
    "and(rate > 0, price > 1)",
    "or(rate > 1, price < 1)",
    "xor(rate > 0, price > 0)",
    "if(price > strike, 1, 2)",
    "ifs(rate > 1, 1, rate > 0, 2)",
    "switch(2, 1, 10, 2, 20, 30)",
    "choose(2, 5, rate, 7)",
    "iferror(1 / 0, 3)",
    "iserror(1 / 0) + isblank(nothing)",
    "coalesce(nothing, price)",
    "\"a\" & \"b\"\"c\" & 3",
    "sum(flow)",
    "sum(flow, 1, nothing)",
    "sumsq(flow)",
    "product(1, 2, rate)",
    "min(flow)",
    "max(flow, 500)",
    "average(flow)",
    "median(flow)",
    "stdev(flow)",
    "stdevp(flow)",
    "var(flow)",
    "varp(flow)",
    "count(flow)",
    "first(flow)",
    "last(flow)",
    "index(flow, 3)",
    "match(20, flow, 0)",
    "large(flow, 2)",
    "small(flow, 2)",
    "quartile(flow, 1)",
    "percentile(flow, 0.3)",
    "rank(20, flow)",
    "correl(flow, other)",
    "slope(flow, other)",
    "intercept(flow, other)",
    "forecast(7, flow, other)",
    "sumproduct(flow, other)",
    "lookup(3, other, flow)",
    "xlookup(3, other, flow)",
    "interpolate(2.5, other, flow)",
    "cagr(other)",
    "npv(rate, flow)",
    "irr(flow)",
    "irr([-100, 60, 60])",
    "irr([-price, 60, 60])",
    "mirr(flow, 10%, 12%)",
    "xnpv(9%, [-100, 60, 60], [43831, 44197, 44562])",
    "xirr([-100, 60, 60], [43831, 44197, 44562])",
    "pv(rate, 5, -10)",
    "fv(rate, 5, -10, 3, 1)",
    "pmt(rate / 12, 60, 15000)",
    "ipmt(rate, 2, 5, 100)",
    "ppmt(rate, 2, 5, 100)",
    "nper(rate, -30, 100)",
    "rate(48, -200, 8000)",
    "cumipmt(rate, 5, 100, 1, 3, 0)",
    "cumprinc(rate, 5, 100, 1, 3, 0)",
    "sln(100, 10, 5)",
    "syd(100, 10, 5, 2)",
    "db(100, 10, 5, 2)",
    "ddb(100, 10, 5, 2)",
    "vdb(100, 10, 5, 1, 2)",
    "effect(rate, 4)",
    "nominal(rate, 4)",
    "rri(5, 100, 150)",
    "pduration(rate, 100, 150)",
    "date(2025, 2, 30)",
    "year(day)",
    "month(day)",
    "day(day)",
    "edate(day, 5)",
    "eomonth(day, 5)",
    "days(day, 40000)",
    "days360(40000, day)",
    "yearfrac(40000, day)",
    "yearfrac(40000, day, 1)",
    "weekday(day)",
    "disc(39107, 39130, 97.5, 100, 2)",
    "tbillprice(39538, 39600, 9%)",
    "price(39493, 43054, 5.75%, 6.5%, 100, 2, 0)",
    "yield(39493, 42689, 5.75%, 95.04287, 100, 2, 0)",
    "duration(39448, 42370, 8%, 9%, 2)",
    "round(price * rate, 1)",
    "roundup(price / 7, 2)",
    "rounddown(price / 7, 2)",
    "int(-2.5)",
    "trunc(-2.5)",
    "mod(-7, 3)",
    "abs(-price)",
    "sign(-price)",
    "sqrt(price)",
    "exp(rate)",
    "ln(price)",
    "log10(price)",
    "power(price, rate)",
    "norm.dist(1, 0, 2, TRUE)",
    "norm.s.dist(0.3, TRUE)",
    "norm.inv(0.3, 1, 2)",
    "norm.s.inv(0.3)",
    "normsdist(rate)",
    "lognorm.dist(1.2, 0.1, 0.5, TRUE)",
    "standardize(3, 1, 2)",
    "gordon(100, rate, 2%)",
    "terminal_value(100, rate, 2%)",
    "terminal_value(100, rate, 2%, 1)",
    "implied_growth(1000, 100, rate)",
    "implied_growth(1000, 100, rate, 1)",
    "implied_multiple(price, 7)",
    "discount_factor(rate, 2.5)",
    "discount_periods(3, 0.4, 1)",
    "discount_periods(1, 0.4, 1)",
    "discount_periods(2)",
    "midyear_factor(rate, 3)",
    "midyear_factor(rate, 1, 0.4)",
    "capm(3%, 1.2, 5%)",
    "capm(3%, 1.2, 5%, 1%)",
    "wacc(rate, 5%, 25%, 30%)",
    "wacc(rate, 5%, 25%, 30%, 7%, 10%)",
    "levered_beta(0.9, 0.4, 25%)",
    "unlevered_beta(1.2, 0.4, 25%)",
    "relevered_beta(1.2, 0.4, 0.8, 25%)",
    "treasury_shares(price, [10, 20], [strike, 200])",
    "diluted_shares(100, price, [10, 20], [strike, 200])",
    "diluted_price(10000, 100, [10, 20], [strike, 95])",
    "black_scholes(\"call\", price, strike, 0.5, rate, 0.2)",
    "black_scholes(\"put\", price, strike, 0.5, rate, 0.2, 5%)",
    "black_scholes(\"call\", price, strike, 0, rate, 0.2)",
    "exchange_option(22, 20, 0.1, 0.2, 0.15, -0.5, 0.06, 0.04)",
];

/// Formulas of items over periods.
const PERIOD_FORMULAS: &[&str] = &[
    "flow * (1 + rate)",
    "prev(flow)",
    "prev(flow, 7) + 1",
    "flow[t-2]",
    "flow[t+1]",
    "sum(flow[..t])",
    "sum(flow[t..])",
    "average(flow[t-2..t])",
    "if(is_forecast(), flow, )",
    "if(t() = 1, 0, prev(flow) - flow)",
    "t() * 10 + periods()",
    "period_years()",
    "max(flow, 15) - min(flow, 15)",
    "sum(flow[..])",
    "flow / sum(flow[..])",
    "coalesce(prev(flow), rate)",
    "npv(rate, flow[t..])",
    "isblank(prev(flow))",
    "first(flow[..]) + last(flow[..])",
    "index(flow[..], 2)",
];

#[test]
fn every_function_recalculates_to_the_same_value() {
    let item = |name: &str, rest: serde_json::Value| {
        let mut item = serde_json::json!({"id": name, "name": name, "label": name, "format": "decimal"});
        item.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        item
    };
    let single = |value: f64| serde_json::json!({"span": "single", "value": value});
    let row = |values: [f64; 6]| {
        let values: serde_json::Map<String, serde_json::Value> =
            (1..).zip(values).map(|(number, value)| (format!("p{number}"), value.into())).collect();
        serde_json::json!({"span": "period", "values": values})
    };
    let mut items = vec![
        item("rate", single(0.1)),
        item("price", single(100.0)),
        item("strike", single(90.0)),
        item("day", single(45_678.0)),
        item("nothing", serde_json::json!({"span": "single"})),
        item("flow", row([-70.0, 20.0, 30.0, 15.0, 45.0, 12.5])),
        item("other", row([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
    ];
    for (span, formulas) in [("single", SINGLE_FORMULAS), ("period", PERIOD_FORMULAS)] {
        for (number, formula) in formulas.iter().enumerate() {
            let name = format!("{span}_{number}");
            items.push(item(&name, serde_json::json!({"span": span, "formula": formula, "label": formula})));
        }
    }
    let periods: Vec<_> = (1..=6)
        .map(|number| {
            let kind = if number < 3 { "history" } else { "forecast" };
            serde_json::json!({"id": format!("p{number}"), "label": format!("{}", 2020 + number), "kind": kind})
        })
        .collect();
    let document = serde_json::json!({
        "schema": 2, "currency": "", "about": "", "periods": periods, "outputs": [],
        "sections": [{"id": "s", "label": "All", "items": items}],
    });
    let model = Model::read(&document).unwrap();
    let exported = export(&model, "functions");
    assert_eq!(exported.report.remarks, [], "all of these have a way to Excel");
    let calculation = Calculation::new(&model);
    for cell in model.cells() {
        let value = calculation.value(&cell);
        assert!(!matches!(value, CellValue::Error(_)), "{}: {value:?}", model.item(&cell.item).unwrap().label);
    }
    assert_recalculates(&[("functions".to_owned(), model)]);
}
