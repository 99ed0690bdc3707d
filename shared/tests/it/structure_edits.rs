//! What people do to rows, sections and periods, alone and at once.

use coval_shared::model::edit::{self, EditError};
use coval_shared::model::{
    Calculation, CellValue, ItemId, NumberFormat, Period, PeriodId, PeriodKind, PeriodLength, SectionId, Span,
    parse_date,
};
use ot_core::json::JsonOp;
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{applied, cell, full, merged, model};

fn item(id: &str) -> ItemId {
    ItemId(id.to_owned())
}

fn section(id: &str) -> SectionId {
    SectionId(id.to_owned())
}

fn period(id: &str) -> PeriodId {
    PeriodId(id.to_owned())
}

/// The ids of the rows, section by section.
fn rows(document: &Value) -> Vec<Vec<String>> {
    let sections = model(document).sections;
    sections.into_iter().map(|section| section.items.into_iter().map(|item| item.id.0).collect()).collect()
}

fn labels(document: &Value) -> Vec<String> {
    model(document).periods.into_iter().map(|period| period.label).collect()
}

fn done(edit: Result<JsonOp, EditError>) -> Value {
    applied(&full(), &edit.unwrap())
}

#[test]
fn a_row_moves_within_its_section_and_into_another() {
    let moved = done(edit::move_item(&full(), &item("i-sales"), &section("income"), Some(&item("i-growth"))));
    assert_eq!(rows(&moved)[0], ["i-growth", "i-sales"]);
    let moved = done(edit::move_item(&full(), &item("i-high"), &section("rates"), None));
    assert_eq!(rows(&moved)[1], ["i-high", "i-tax", "i-low"]);
    let moved = done(edit::move_item(&full(), &item("i-growth"), &section("rates"), Some(&item("i-tax"))));
    assert_eq!(rows(&moved), [vec!["i-sales"], vec!["i-tax", "i-growth", "i-low", "i-high"]]);
}

#[test]
fn a_row_that_stays_where_it_is_changes_nothing() {
    let stays = edit::move_item(&full(), &item("i-growth"), &section("income"), Some(&item("i-sales"))).unwrap();
    assert_eq!(stays, JsonOp::noop());
    let itself = edit::move_item(&full(), &item("i-growth"), &section("income"), Some(&item("i-growth"))).unwrap();
    assert_eq!(itself, JsonOp::noop());
    assert_eq!(edit::move_section(&full(), &section("income"), None).unwrap(), JsonOp::noop());
}

#[test]
fn a_row_moves_to_no_place_that_is_not_there() {
    let to = |section_id: &str, after: &str| {
        edit::move_item(&full(), &item("i-sales"), &section(section_id), Some(&item(after))).unwrap_err()
    };
    assert_eq!(to("gone", "i-growth"), EditError::NoSuchSection);
    assert_eq!(to("rates", "i-growth"), EditError::NoSuchItem);
    assert_eq!(to("rates", "gone"), EditError::NoSuchItem);
}

#[test]
fn what_somebody_enters_in_a_row_goes_with_it_when_another_moves_it() {
    let moves = edit::move_item(&full(), &item("i-growth"), &section("rates"), None).unwrap();
    let enters = edit::enter(&full(), &cell("i-growth", "p1"), "9%").unwrap();
    let document = merged(&full(), &moves, &enters);
    assert_eq!(rows(&document)[1][0], "i-growth");
    assert_eq!(edit::entry_text(&model(&document), &cell("i-growth", "p1")), "9%");
}

#[test]
fn a_row_that_two_people_move_is_there_once() {
    let ours = edit::move_item(&full(), &item("i-growth"), &section("rates"), None).unwrap();
    let theirs = edit::move_item(&full(), &item("i-growth"), &section("income"), None).unwrap();
    let document = merged(&full(), &ours, &theirs);
    assert_eq!(rows(&document).concat().iter().filter(|id| *id == "i-growth").count(), 1);
}

#[test]
fn a_row_moved_out_of_a_section_that_another_removes_goes_with_it() {
    let moves = edit::move_item(&full(), &item("i-growth"), &section("rates"), None).unwrap();
    let removes = edit::remove_section(&full(), &section("income")).unwrap();
    assert_eq!(rows(&merged(&full(), &moves, &removes)), [["i-tax", "i-low", "i-high"]]);
}

#[test]
fn what_describes_a_row_can_be_changed() {
    let sales = item("i-sales");
    let document = done(edit::set_name(&full(), &sales, "revenue"));
    assert_eq!(edit::entry_text(&model(&document), &cell("i-sales", "p1")), "=prev(revenue) * (1 + growth)");
    let find = |document: &Value| model(document).item(&sales).unwrap().clone();
    assert_eq!(find(&done(edit::set_unit(&full(), &sales, "EUR m"))).unit, "EUR m");
    assert_eq!(find(&done(edit::set_format(&full(), &sales, NumberFormat::Currency))).format, NumberFormat::Currency);
    assert_eq!(find(&done(edit::set_item_note(&full(), &sales, "Form 10-K"))).note, "Form 10-K");
    for same in [
        edit::set_name(&full(), &sales, "sales"),
        edit::set_unit(&full(), &sales, "USD m"),
        edit::set_format(&full(), &sales, NumberFormat::Number),
        edit::set_item_note(&full(), &sales, "10-K"),
        edit::set_span(&full(), &sales, Span::Period),
    ] {
        assert_eq!(same.unwrap(), JsonOp::noop());
    }
}

#[test]
fn a_name_that_is_none_or_taken_is_refused() {
    assert_eq!(edit::set_name(&full(), &item("i-sales"), "growth"), Err(EditError::NameTaken("growth".into())));
    let Err(EditError::Refused(error)) = edit::set_name(&full(), &item("i-sales"), "net sales") else {
        panic!("a name with a blank is taken");
    };
    assert_eq!(error.place, "sections[0].items[0].name");
    assert!(edit::set_unit(&full(), &item("i-sales"), &"m".repeat(5_000)).is_err());
}

#[test]
fn a_row_that_gets_one_value_and_periods_again_keeps_its_entries() {
    let once = done(edit::set_span(&full(), &item("i-growth"), Span::Single));
    assert_eq!(edit::entry_text(&model(&once), &cell("i-growth", "")), "");
    let twice = applied(&once, &edit::set_span(&once, &item("i-growth"), Span::Period).unwrap());
    assert_eq!(twice, full());
    let tax = done(edit::set_span(&full(), &item("i-tax"), Span::Period));
    let ours = edit::enter(&tax, &cell("i-tax", "p0"), "20%").unwrap();
    let theirs = edit::enter(&tax, &cell("i-tax", "p1"), "30%").unwrap();
    let document = merged(&tax, &ours, &theirs);
    assert_eq!(model(&document).item(&item("i-tax")).unwrap().values.len(), 2);
}

#[test]
fn sections_come_go_move_and_change_their_headings() {
    let document = done(edit::insert_section(&full(), Some(&section("income")), section("cash"), "Cash"));
    assert_eq!(rows(&document)[1], [""; 0]);
    let filled =
        edit::insert_item(&document, &section("cash"), item("i-cash"), "Cash", Span::Period, NumberFormat::Number);
    let document = applied(&document, &filled.unwrap());
    assert_eq!(rows(&document)[1], ["i-cash"]);
    let document = applied(&document, &edit::move_section(&document, &section("rates"), None).unwrap());
    let ids: Vec<_> = model(&document).sections.into_iter().map(|section| section.id.0).collect();
    assert_eq!(ids, ["rates", "income", "cash"]);
    let document = applied(&document, &edit::set_section_label(&document, &section("cash"), "Cash flow").unwrap());
    let document = applied(&document, &edit::set_section_sheet(&document, &section("income"), Some(" Cash ")).unwrap());
    let sheets: Vec<_> =
        model(&document).sheets("Model").map(|(sheet, section)| (sheet.to_owned(), section.label.clone())).collect();
    let expected = [("Model", "Rates"), ("Cash", "Income"), ("Cash", "Cash flow")];
    assert_eq!(sheets, expected.map(|(sheet, label)| (sheet.to_owned(), label.to_owned())));
    let document = applied(&document, &edit::set_section_sheet(&document, &section("income"), None).unwrap());
    assert_eq!(model(&document).sections[1].sheet, None);
    let document = applied(&document, &edit::remove_section(&document, &section("income")).unwrap());
    assert_eq!(rows(&document), [vec!["i-tax", "i-low", "i-high"], vec!["i-cash"]]);
}

#[test]
fn an_id_that_is_there_is_no_id_of_a_new_thing() {
    let refused = |edit: Result<JsonOp, EditError>| assert!(matches!(edit, Err(EditError::Refused(_))), "{edit:?}");
    refused(edit::insert_section(&full(), None, section("rates"), "Rates"));
    refused(edit::insert_item(
        &full(),
        &section("rates"),
        item("i-sales"),
        "Sales",
        Span::Period,
        NumberFormat::Number,
    ));
    refused(edit::append_period(&full(), period("p1")));
}

#[test]
fn a_period_that_is_appended_goes_on_where_the_last_one_ends() {
    let document = done(edit::append_period(&full(), period("p3")));
    let last = model(&document).periods[3].clone();
    assert_eq!(last.label, "2027E");
    assert_eq!((last.start, last.end), (parse_date("2027-01-01"), parse_date("2027-12-31")));
    let calculation = Calculation::new(&model(&document));
    assert_eq!(calculation.value(&cell("i-sales", "p2")), &CellValue::Number(100.0 * 1.05 * 1.04));
    assert_eq!(calculation.value(&cell("i-sales", "p3")), &CellValue::Blank);
}

#[test]
fn quarters_go_on_as_quarters_and_a_stub_with_a_whole_year() {
    let with = |length: &str, start: &str, end: &str, label: &str| {
        let mut document = full();
        document["periods"] = json!([
            {"id": "p", "label": label, "kind": "forecast", "length": length, "start": start, "end": end}
        ]);
        let document = applied(&document, &edit::append_period(&document, period("new")).unwrap());
        let new = model(&document).periods[1].clone();
        (new.label, new.length, new.start, new.end)
    };
    assert_eq!(
        with("quarter", "2025-10-01", "2025-12-31", "Q4 2025"),
        ("Q1 2026".into(), PeriodLength::Quarter, parse_date("2026-01-01"), parse_date("2026-03-31"))
    );
    assert_eq!(
        with("stub", "2025-11-21", "2025-12-31", "2025E"),
        ("2026E".into(), PeriodLength::Year, parse_date("2026-01-01"), parse_date("2026-12-31"))
    );
}

#[test]
fn the_first_period_of_a_model_can_be_appended() {
    let mut document = full();
    document["periods"] = json!([]);
    let document = applied(&document, &edit::append_period(&document, period("p")).unwrap());
    assert_eq!(model(&document).periods.len(), 1);
}

#[test]
fn a_period_can_be_inserted_removed_moved_and_described() {
    let new = Period {
        id: period("stub"),
        label: "Stub".into(),
        kind: PeriodKind::Forecast,
        length: PeriodLength::Stub,
        start: parse_date("2025-01-01"),
        end: None,
    };
    let document = done(edit::insert_period(&full(), Some(&period("p0")), &new));
    assert_eq!(model(&document).periods[1], new);
    assert_eq!(labels(&done(edit::remove_period(&full(), &period("p1")))), ["2024A", "2026E"]);
    assert_eq!(labels(&done(edit::set_period_label(&full(), &period("p1"), "FY25")))[1], "FY25");
    let document = done(edit::set_period_kind(&full(), &period("p1"), PeriodKind::History));
    assert_eq!(model(&document).periods[1].kind, PeriodKind::History);
    let mut undated = full();
    for period in undated["periods"].as_array_mut().unwrap() {
        period.as_object_mut().unwrap().remove("start");
    }
    let moved = edit::move_period(&undated, &period("p2"), None).unwrap();
    assert_eq!(labels(&applied(&undated, &moved)), ["2026E", "2024A", "2025E"]);
}

#[test]
fn periods_out_of_the_order_of_time_are_refused_by_name() {
    let Err(EditError::Refused(error)) = edit::move_period(&full(), &period("p2"), None) else { panic!("moved") };
    assert_eq!(error.place, "periods[1].start");
    let (start, end) = (parse_date("2025-12-31"), parse_date("2025-01-01"));
    let time = edit::set_period_time(&full(), &period("p1"), PeriodLength::Year, start, end);
    assert!(matches!(time, Err(EditError::Refused(error)) if error.place == "periods[1].end"));
    let outside = edit::set_period_time(&full(), &period("p1"), PeriodLength::Year, Some(-5), None);
    assert!(matches!(outside, Err(EditError::Refused(error)) if error.place == "periods[1].start"));
}

#[test]
fn of_two_people_who_date_one_period_one_has_both_ends() {
    let time = |start, end| {
        let (start, end) = (parse_date(start), parse_date(end));
        edit::set_period_time(&full(), &period("p1"), PeriodLength::Year, start, end).unwrap()
    };
    let ours = time("2025-01-01", "2025-06-30");
    let theirs = time("2025-07-01", "2025-12-31");
    let dated = model(&merged(&full(), &ours, &theirs)).periods[1].clone();
    assert_eq!((dated.start, dated.end), (parse_date("2025-01-01"), parse_date("2025-06-30")));
}

#[test]
fn two_people_who_append_a_period_at_once_leave_a_model() {
    let ours = edit::append_period(&full(), period("ours")).unwrap();
    let theirs = edit::append_period(&full(), period("theirs")).unwrap();
    assert_eq!(labels(&merged(&full(), &ours, &theirs)), ["2024A", "2025E", "2026E", "2027E", "2027E"]);
}

#[test]
fn dates_and_texts_are_entered_as_people_write_them() {
    let dated = done(edit::set_format(&full(), &item("i-tax"), NumberFormat::Date));
    let tax = cell("i-tax", "");
    let document = applied(&dated, &edit::enter(&dated, &tax, "2025-09-27").unwrap());
    assert_eq!(document.pointer("/sections/1/items/0/value"), Some(&json!(45_927.0)));
    assert_eq!(edit::entry_text(&model(&document), &tax), "2025-09-27");
    let named = done(edit::set_format(&full(), &item("i-tax"), NumberFormat::Text));
    for text in ["Apple \"Inc.\"", "a", "\"", "7 days"] {
        let document = applied(&named, &edit::enter(&named, &tax, text).unwrap());
        assert_eq!(edit::entry_text(&model(&document), &tax), text);
        assert_eq!(edit::enter(&document, &tax, text).unwrap(), JsonOp::noop());
        assert_eq!(Calculation::new(&model(&document)).value(&tax), &CellValue::Text(text.into()));
    }
    let formula = applied(&named, &edit::enter(&named, &tax, "=\"12\"").unwrap());
    assert_eq!(edit::entry_text(&model(&formula), &tax), "=\"12\"");
}
