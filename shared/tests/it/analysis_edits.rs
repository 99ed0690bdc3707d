//! What people do to scenarios, uncertainty, notes, outputs, ranges and links, alone and at once.

use coval_shared::model::edit::{self, EditError, migrate};
use coval_shared::model::{Correlation, Distribution, ItemId, Iteration, Model, RangeId, ScenarioId, ValueRange};
use coval_shared::protocol::DocumentId;
use ot_core::json::JsonOp;
use serde_json::{Value, json};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{applied, cell, full, merged, model};

fn item(id: &str) -> ItemId {
    ItemId(id.to_owned())
}

fn scenario(id: &str) -> ScenarioId {
    ScenarioId(id.to_owned())
}

fn done(edit: Result<JsonOp, EditError>) -> Value {
    applied(&full(), &edit.unwrap())
}

fn nothing(edit: Result<JsonOp, EditError>) {
    assert_eq!(edit.unwrap(), JsonOp::noop());
}

/// The sample as the first version of the form has it.
fn old() -> Value {
    let mut document = full();
    document["schema"] = json!(1);
    for key in ["about", "scenarios", "distributions", "correlations", "notes", "ranges"] {
        document.as_object_mut().unwrap().remove(key);
    }
    document["sections"][0].as_object_mut().unwrap().remove("sheet");
    document
}

#[test]
fn an_old_model_is_lifted_and_stays_the_same() {
    let lifted = applied(&old(), &migrate(&old()).unwrap());
    assert_eq!(lifted["schema"], json!(2));
    assert_eq!(model(&lifted), model(&old()));
    assert_eq!(migrate(&lifted).unwrap(), JsonOp::noop());
    assert!(migrate(&json!({"schema": 9})).is_err());
}

#[test]
fn what_an_old_model_held_without_meaning_does_not_stand_in_the_way() {
    let mut document = old();
    document["notes"] = json!(7);
    document["iteration"] = json!("always");
    let lifted = applied(&document, &migrate(&document).unwrap());
    assert_eq!(model(&lifted), model(&old()));
}

#[test]
fn an_edit_that_needs_the_new_form_brings_an_old_model_up_to_date() {
    let document = applied(&old(), &edit::set_note(&old(), &cell("i-sales", "p0"), "restated").unwrap());
    assert_eq!(model(&document).notes.len(), 1);
    assert_eq!(document["schema"], json!(2));
    nothing(edit::set_note(&old(), &cell("i-sales", "p0"), ""));
}

#[test]
fn a_scenario_comes_is_filled_described_moved_and_goes() {
    let document = done(edit::add_scenario(&full(), scenario("new"), "Bull"));
    assert_eq!(model(&document).scenarios[2].name, "bull_2");
    let tax = cell("i-tax", "");
    let document = applied(&document, &edit::enter_in_scenario(&document, &scenario("new"), &tax, "25%").unwrap());
    assert_eq!(edit::scenario_entry_text(&model(&document), &scenario("new"), &tax), "25%");
    nothing(edit::enter_in_scenario(&document, &scenario("new"), &tax, "25%"));
    let document = applied(&document, &edit::enter_in_scenario(&document, &scenario("new"), &tax, "").unwrap());
    assert_eq!(edit::scenario_entry_text(&model(&document), &scenario("new"), &tax), "");
    nothing(edit::enter_in_scenario(&document, &scenario("new"), &tax, ""));
    let document = applied(&document, &edit::set_scenario_label(&document, &scenario("new"), "Best").unwrap());
    let document = applied(&document, &edit::set_scenario_note(&document, &scenario("new"), "All well").unwrap());
    let document = applied(&document, &edit::set_scenario_name(&document, &scenario("new"), "best").unwrap());
    let document = applied(&document, &edit::move_scenario(&document, &scenario("new"), None).unwrap());
    let first = model(&document).scenarios[0].clone();
    assert_eq!((first.name.as_str(), first.label.as_str(), first.note.as_str()), ("best", "Best", "All well"));
    let document = applied(&document, &edit::remove_scenario(&document, &scenario("new")).unwrap());
    assert_eq!(document, full());
}

#[test]
fn a_copy_of_a_scenario_stands_behind_it_with_the_same_entries() {
    let document = applied(&full(), &edit::copy_scenario(&full(), &scenario("bull"), scenario("new"), "Bull").unwrap());
    let [bull, copy, ..] = &model(&document).scenarios[..] else { panic!("there are too few") };
    assert_eq!((copy.id.clone(), copy.name.as_str(), copy.label.as_str()), (scenario("new"), "bull_2", "Bull"));
    assert_eq!((&copy.entries, &copy.note), (&bull.entries, &bull.note));
    let gone = edit::copy_scenario(&full(), &scenario("gone"), scenario("new"), "Bull");
    assert_eq!(gone, Err(EditError::NoSuchScenario));
}

#[test]
fn a_formula_under_a_scenario_is_stored_with_ids() {
    let enter = edit::enter_in_scenario(&full(), &scenario("bear"), &cell("i-sales", "p1"), "=growth * 2").unwrap();
    let document = applied(&full(), &enter);
    assert_eq!(document.pointer("/scenarios/1/entries/i-sales@p1"), Some(&json!("={i-growth} * 2")));
}

#[test]
fn a_scenario_that_can_not_be_is_refused() {
    let taken = edit::set_scenario_name(&full(), &scenario("bear"), "bull");
    assert_eq!(taken, Err(EditError::NameTaken("bull".into())));
    assert_eq!(edit::remove_scenario(&full(), &scenario("gone")), Err(EditError::NoSuchScenario));
    let nowhere = edit::enter_in_scenario(&full(), &scenario("bear"), &cell("i-tax", "p0"), "1");
    assert_eq!(nowhere, Err(EditError::NoSuchCell));
    assert!(matches!(edit::add_scenario(&full(), scenario("bull"), "Bull"), Err(EditError::Refused(_))));
    let mut document = full();
    for index in 0..48 {
        document = applied(&document, &edit::add_scenario(&document, scenario(&format!("s{index}")), "Case").unwrap());
    }
    let Err(EditError::Refused(error)) = edit::add_scenario(&document, scenario("s48"), "Case") else { panic!("51") };
    assert_eq!(error.to_string(), "scenarios: this list has at most 50 entries");
}

#[test]
fn two_people_in_one_scenario_and_two_new_scenarios_fit_together() {
    let enter = |key: (&str, &str), input| {
        edit::enter_in_scenario(&full(), &scenario("bear"), &cell(key.0, key.1), input).unwrap()
    };
    let document = merged(&full(), &enter(("i-tax", ""), "30%"), &enter(("i-growth", "p2"), "1%"));
    assert_eq!(model(&document).scenarios[1].entries.len(), 2);
    let ours = edit::add_scenario(&full(), scenario("ours"), "Ours").unwrap();
    let theirs = edit::add_scenario(&full(), scenario("theirs"), "Theirs").unwrap();
    assert_eq!(model(&merged(&full(), &ours, &theirs)).scenarios.len(), 4);
    let removes = edit::remove_scenario(&full(), &scenario("bull")).unwrap();
    let document = merged(&full(), &removes, &enter(("i-tax", ""), "30%"));
    assert_eq!(model(&document).scenarios[0].entries.len(), 1);
}

#[test]
fn a_distribution_is_set_changed_and_taken_away() {
    let growth = cell("i-growth", "p1");
    for distribution in [
        Distribution::Normal { mean: 0.1, sd: 0.0 },
        Distribution::Lognormal { mean: 0.1, sd: 0.5 },
        Distribution::Triangular { low: -1.0, mode: 0.0, high: 0.5 },
        Distribution::Pert { low: 0.0, mode: 0.0, high: 0.5 },
        Distribution::Uniform { low: 0.0, high: 0.5 },
        Distribution::Discrete { values: vec![1.0, 2.0], weights: vec![0.0, 3.0] },
    ] {
        let document = done(edit::set_distribution(&full(), &growth, Some(&distribution)));
        assert_eq!(model(&document).distributions[&growth], distribution);
        nothing(edit::set_distribution(&document, &growth, Some(&distribution)));
    }
    let document = done(edit::set_distribution(&full(), &growth, None));
    assert!(model(&document).distributions.is_empty());
    nothing(edit::set_distribution(&document, &growth, None));
}

#[test]
fn a_distribution_that_can_not_be_is_refused_with_its_place() {
    let uniform = |low, high| Distribution::Uniform { low, high };
    let Err(EditError::Refused(error)) = edit::set_distribution(&full(), &cell("i-tax", ""), Some(&uniform(1.0, 0.0)))
    else {
        panic!("accepted");
    };
    assert_eq!(error.to_string(), "distributions.i-tax.low: this is below `high`");
    let nan = edit::set_distribution(&full(), &cell("i-tax", ""), Some(&uniform(f64::NAN, 1.0)));
    assert!(matches!(nan, Err(EditError::Refused(_))));
    let gone = edit::set_distribution(&full(), &cell("i-gone", ""), Some(&uniform(0.0, 1.0)));
    assert_eq!(gone, Err(EditError::NoSuchItem));
}

#[test]
fn of_two_people_who_set_one_distribution_one_has_it_whole() {
    let tax = cell("i-tax", "");
    let normal = Distribution::Normal { mean: 0.2, sd: 0.1 };
    let ours = edit::set_distribution(&full(), &tax, Some(&normal)).unwrap();
    let theirs = edit::set_distribution(&full(), &tax, Some(&Distribution::Uniform { low: 0.0, high: 1.0 })).unwrap();
    assert_eq!(model(&merged(&full(), &ours, &theirs)).distributions[&tax], normal);
}

#[test]
fn a_correlation_is_set_changed_and_taken_away_whichever_way_it_is_named() {
    let (a, b) = (cell("i-growth", "p1"), cell("i-growth", "p2"));
    let correlation = Correlation { a: b.clone(), b: a.clone(), rho: -0.5 };
    let document = done(edit::set_correlation(&full(), &correlation));
    assert_eq!(model(&document).correlations, [Correlation { a: a.clone(), b: b.clone(), rho: -0.5 }]);
    nothing(edit::set_correlation(&document, &correlation));
    let document = applied(&document, &edit::clear_correlation(&document, &b, &a).unwrap());
    assert!(model(&document).correlations.is_empty());
    nothing(edit::clear_correlation(&document, &a, &b));
    for refused in [
        Correlation { a: a.clone(), b: a.clone(), rho: 0.0 },
        Correlation { a: a.clone(), b: cell("i-tax", ""), rho: 2.0 },
        Correlation { a, b: cell("i-gone", ""), rho: 0.0 },
    ] {
        assert!(edit::set_correlation(&full(), &refused).is_err());
    }
}

#[test]
fn a_pair_that_two_people_correlate_at_once_counts_once_and_goes_at_once() {
    let (a, b) = (cell("i-tax", ""), cell("i-growth", "p1"));
    let set = |rho| edit::set_correlation(&full(), &Correlation { a: a.clone(), b: b.clone(), rho }).unwrap();
    let document = merged(&full(), &set(0.1), &set(0.2));
    assert_eq!(model(&document).correlations.len(), 2);
    let document = applied(&document, &edit::clear_correlation(&document, &a, &b).unwrap());
    assert_eq!(document, full());
}

#[test]
fn a_note_keeps_the_letters_of_both() {
    let sales = cell("i-sales", "p0");
    let ours = edit::set_note(&full(), &sales, "not restated").unwrap();
    let theirs = edit::set_note(&full(), &sales, "restated (10-K/A)").unwrap();
    assert_eq!(model(&merged(&full(), &ours, &theirs)).notes[&sales], "not restated (10-K/A)");
    assert!(model(&done(edit::set_note(&full(), &sales, ""))).notes.is_empty());
    assert_eq!(edit::set_note(&full(), &cell("i-sales", ""), "x"), Err(EditError::NoSuchCell));
}

#[test]
fn cells_may_need_each_other_within_bounds() {
    let bounds = Iteration { max_rounds: 50, tolerance: 1e-9 };
    let document = done(edit::set_iteration(&full(), Some(bounds)));
    assert_eq!(model(&document).iteration, Some(bounds));
    nothing(edit::set_iteration(&document, Some(bounds)));
    assert_eq!(applied(&document, &edit::set_iteration(&document, None).unwrap()), full());
    let endless = edit::set_iteration(&full(), Some(Iteration { max_rounds: 0, tolerance: 1.0 }));
    assert!(matches!(endless, Err(EditError::Refused(error)) if error.place == "iteration.max_rounds"));
}

#[test]
fn outputs_come_go_and_move() {
    let tax = item("i-tax");
    let ours = edit::add_output(&full(), &tax).unwrap();
    let document = merged(&full(), &ours, &ours);
    assert_eq!(model(&document).outputs, [item("i-sales"), item("i-high"), tax.clone()]);
    nothing(edit::add_output(&document, &tax));
    let moved = applied(&document, &edit::move_output(&document, &tax, None).unwrap());
    assert_eq!(model(&moved).outputs[0], tax);
    let removed = applied(&document, &edit::remove_output(&document, &tax).unwrap());
    assert_eq!(removed, full());
    nothing(edit::remove_output(&removed, &tax));
    assert_eq!(edit::add_output(&full(), &item("gone")), Err(EditError::NoSuchItem));
    assert_eq!(edit::move_output(&full(), &tax, None), Err(EditError::NoSuchOutput));
}

#[test]
fn ranges_come_go_move_and_change() {
    let range =
        ValueRange { id: RangeId("peers".into()), label: "Peers".into(), low: item("i-low"), high: item("i-tax") };
    let document = done(edit::add_range(&full(), &range));
    assert_eq!(model(&document).ranges[1], range);
    let document = applied(&document, &edit::set_range_label(&document, &range.id, "Trading").unwrap());
    let ends = edit::set_range_ends(&document, &range.id, &item("i-tax"), &item("i-high")).unwrap();
    let document = applied(&document, &ends);
    let document = applied(&document, &edit::move_range(&document, &range.id, None).unwrap());
    let first = model(&document).ranges[0].clone();
    assert_eq!((first.label.as_str(), first.low, first.high), ("Trading", item("i-tax"), item("i-high")));
    nothing(edit::set_range_ends(&document, &range.id, &item("i-tax"), &item("i-high")));
    assert_eq!(applied(&document, &edit::remove_range(&document, &range.id).unwrap()), full());
    assert_eq!(edit::remove_range(&full(), &range.id), Err(EditError::NoSuchRange));
    let gone = ValueRange { low: item("gone"), ..range };
    assert_eq!(edit::add_range(&full(), &gone), Err(EditError::NoSuchItem));
}

#[test]
fn the_model_says_what_it_is_about_in_the_words_of_both() {
    let ours = edit::set_about(&full(), "Sample of Apple").unwrap();
    let theirs = edit::set_about(&full(), "A Sample").unwrap();
    assert_eq!(model(&merged(&full(), &ours, &theirs)).about, "A Sample of Apple");
    assert_eq!(model(&done(edit::set_currency(&full(), "EUR"))).currency, "EUR");
    nothing(edit::set_about(&full(), "Sample"));
}

#[test]
fn a_link_is_set_filled_and_taken_away() {
    let (tax, source) = (item("i-tax"), DocumentId(Uuid::from_u128(7)));
    let link = |document: &Value| model(document).item(&tax).unwrap().link.clone();
    let comes = |document: &Value, value: Result<f64, &str>| {
        let values = [(item("rate"), value.map_err(str::to_owned))].into();
        edit::set_linked_values(document, source, &values)
    };
    let document = done(edit::set_link(&full(), &tax, source, &item("rate")));
    assert_eq!(link(&document).unwrap().document, source);
    nothing(edit::set_link(&document, &tax, source, &item("rate")));
    let filled = applied(&document, &comes(&document, Ok(0.25)).unwrap());
    assert_eq!(edit::entry_text(&model(&filled), &cell("i-tax", "")), "25%");
    nothing(comes(&filled, Ok(0.25)));
    let failed = applied(&filled, &comes(&filled, Err("the model was removed")).unwrap());
    assert_eq!(link(&failed).unwrap().problem.as_deref(), Some("the model was removed"));
    assert_eq!(edit::entry_text(&model(&failed), &cell("i-tax", "")), "25%");
    nothing(comes(&failed, Err("the model was removed")));
    assert_eq!(applied(&failed, &comes(&failed, Ok(0.25)).unwrap()), filled);
    let cleared = applied(&failed, &edit::clear_link(&failed, &tax).unwrap());
    assert_eq!((link(&cleared), edit::entry_text(&model(&cleared), &cell("i-tax", "")).as_str()), (None, "25%"));
    nothing(comes(&cleared, Ok(1.0)));
    nothing(edit::clear_link(&cleared, &tax));
}

#[test]
fn a_value_that_comes_in_stays_out_of_a_link_to_something_else() {
    let document = done(edit::set_link(&full(), &item("i-tax"), DocumentId(Uuid::from_u128(7)), &item("rate")));
    let other_item = [(item("other"), Ok(1.0))].into();
    nothing(edit::set_linked_values(&document, DocumentId(Uuid::from_u128(7)), &other_item));
    let same_item = [(item("rate"), Ok(1.0))].into();
    nothing(edit::set_linked_values(&document, DocumentId(Uuid::from_u128(8)), &same_item));
}

#[test]
fn only_a_row_with_one_value_can_be_linked() {
    let source = DocumentId(Uuid::from_u128(7));
    let link = |id| edit::set_link(&full(), &item(id), source, &item("rate"));
    assert_eq!(link("i-sales"), Err(EditError::NotSingle));
    assert_eq!(link("gone"), Err(EditError::NoSuchItem));
    let links = link("i-tax").unwrap();
    let widens = edit::set_span(&full(), &item("i-tax"), coval_shared::model::Span::Period).unwrap();
    let document = merged(&full(), &links, &widens);
    assert_eq!(model(&document).item(&item("i-tax")).unwrap().link, None);
    assert!(Model::read(&document).is_ok());
}
