//! Whatever two people do to a model at once, both end with the same one, and it is a model.

use coval_shared::model::edit::{self, EditError};
use coval_shared::model::{
    Calculation, CellRef, Correlation, Distribution, ItemId, Iteration, Model, NumberFormat, Period, PeriodId,
    PeriodKind, PeriodLength, RangeId, ScenarioId, SectionId, Span, ValueRange,
};
use coval_shared::protocol::DocumentId;
use ot_core::json::{Json, JsonOp};
use ot_core::{OtType, Side};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::documents::{applied, full};

/// The kind of an edit, which thing it is done to, where to, and what with.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    kind: u8,
    what: usize,
    to: usize,
    text: String,
}

const KINDS: u8 = 40;

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let text =
        proptest::sample::select(&["", "7", "12%", "=sales * 2", "=prev(growth)", "Net sales", "a", "long label"][..]);
    (0..KINDS, 0..40_usize, 0..40_usize, text).prop_map(|(kind, what, to, text)| Step {
        kind,
        what,
        to,
        text: text.to_owned(),
    })
}

/// One of `list`.
fn pick<T: Clone>(list: Vec<T>, index: usize) -> Option<T> {
    let index = index.checked_rem(list.len())?;
    list.get(index).cloned()
}

/// One of `list`, or none of them.
fn maybe<T: Clone>(list: Vec<T>, index: usize) -> Option<T> {
    pick(list.into_iter().map(Some).chain([None]).collect(), index).flatten()
}

/// The edit, if there is something to do it to. `who` and `number` make new ids.
pub(crate) fn edited(document: &Value, step: &Step, who: &str, number: usize) -> Option<Result<JsonOp, EditError>> {
    let model = Model::read(document).unwrap();
    let Step { kind, what, to, text } = step.clone();
    let new = format!("{who}-{number}");
    let items: Vec<ItemId> = model.items().map(|item| item.id.clone()).collect();
    let singles: Vec<ItemId> =
        model.items().filter(|item| item.span == Span::Single).map(|item| item.id.clone()).collect();
    let sections: Vec<SectionId> = model.sections.iter().map(|section| section.id.clone()).collect();
    let periods: Vec<PeriodId> = model.periods.iter().map(|period| period.id.clone()).collect();
    let scenarios: Vec<ScenarioId> = model.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
    let ranges: Vec<RangeId> = model.ranges.iter().map(|range| range.id.clone()).collect();
    let cells: Vec<CellRef> = model.cells().collect();
    let item = pick(items.clone(), what);
    let section = pick(sections.clone(), what);
    let period = pick(periods.clone(), what);
    let scenario = pick(scenarios.clone(), what);
    let range = pick(ranges.clone(), what);
    let cell = pick(cells.clone(), what);
    let other = pick(cells, to);
    let bound = f64::from(u8::try_from(to).unwrap());
    Some(match kind {
        0..=3 => edit::enter(document, &cell?, &text),
        4 => edit::set_row_formula(document, &item?, &text),
        5 => edit::set_label(document, &item?, &text),
        6 => edit::set_item_note(document, &item?, &text),
        7 => edit::set_unit(document, &item?, &text),
        8 => edit::set_format(document, &item?, if to % 2 == 0 { NumberFormat::Percent } else { NumberFormat::Text }),
        9 => edit::set_span(document, &item?, if to % 2 == 0 { Span::Period } else { Span::Single }),
        10 => edit::set_name(document, &item?, &format!("n{to}")),
        11 => edit::insert_item_after(document, &item?, ItemId(new), &text),
        12 => edit::insert_item(document, &section?, ItemId(new), &text, Span::Single, NumberFormat::Number),
        13..=15 => {
            let to_section = pick(model.sections.clone(), to)?;
            let rows = to_section.items.into_iter().map(|item| item.id).collect();
            edit::move_item(document, &item?, &to_section.id, maybe(rows, what + to).as_ref())
        }
        16 => edit::remove_item(document, &item?),
        17 => edit::insert_section(document, maybe(sections, what).as_ref(), SectionId(new), &text),
        18 => edit::set_section_label(document, &section?, &text),
        19 => edit::set_section_sheet(document, &section?, Some(&text)),
        20 => edit::move_section(document, &section?, maybe(sections, to).as_ref()),
        21 => edit::remove_section(document, &section?),
        22 => edit::append_period(document, PeriodId(new)),
        23 => {
            let period = Period {
                id: PeriodId(new),
                label: text,
                kind: PeriodKind::Forecast,
                length: PeriodLength::Quarter,
                start: None,
                end: None,
            };
            edit::insert_period(document, maybe(periods, what).as_ref(), &period)
        }
        24 => edit::remove_period(document, &period?),
        25 => edit::move_period(document, &period?, maybe(periods, to).as_ref()),
        26 => edit::set_period_label(document, &period?, &text),
        27 => edit::add_scenario(document, ScenarioId(new), &text),
        28 => edit::remove_scenario(document, &scenario?),
        29 => edit::enter_in_scenario(document, &scenario?, &other?, &text),
        30 => edit::set_scenario_label(document, &scenario?, &text),
        31 => edit::move_scenario(document, &scenario?, maybe(scenarios, to).as_ref()),
        32 => {
            let uniform = Distribution::Uniform { low: 0.0, high: bound + 1.0 };
            edit::set_distribution(document, &cell?, Some(&uniform).filter(|_| to % 3 > 0))
        }
        33 if text.is_empty() => edit::clear_correlation(document, &cell?, &other?),
        33 => edit::set_correlation(document, &Correlation { a: cell?, b: other?, rho: bound / 40.0 }),
        34 => edit::set_note(document, &cell?, &text),
        35 => {
            let iteration = Iteration { max_rounds: 10, tolerance: bound + 1.0 };
            edit::set_iteration(document, Some(iteration).filter(|_| to % 3 > 0))
        }
        36 if text.is_empty() => edit::remove_output(document, &item?),
        36 => edit::add_output(document, &item?),
        37 => edit::move_output(document, &pick(model.outputs.clone(), what)?, pick(model.outputs, to).as_ref()),
        38 if text.is_empty() => edit::remove_range(document, &range?),
        38 => {
            let range = ValueRange { id: RangeId(new), label: text, low: item?, high: pick(items, to)? };
            edit::add_range(document, &range)
        }
        _ if text.is_empty() => edit::clear_link(document, &pick(singles, what)?),
        _ => {
            let source = DocumentId(Uuid::from_u128(u128::try_from(to).unwrap()));
            edit::set_link(document, &pick(singles, what)?, source, &ItemId("result".into()))
        }
    })
}

/// Everything that somebody does, as one op, and what they see then.
fn all(document: &Value, steps: &[Step], who: &str) -> (JsonOp, Value) {
    let mut done = JsonOp::noop();
    let mut seen = document.clone();
    for (number, step) in steps.iter().enumerate() {
        // What can't be done is not done.
        let Some(Ok(op)) = edited(&seen, step, who, number) else {
            continue;
        };
        seen = applied(&seen, &op);
        assert!(Model::read(&seen).is_ok(), "{step:?} leaves no model");
        done = Json::compose(&done, &op).unwrap();
    }
    (done, seen)
}

/// The sample without dates, whose order two people who move periods at once may break, which the server refuses.
fn undated() -> Value {
    let mut document = full();
    for period in document["periods"].as_array_mut().unwrap() {
        period.as_object_mut().unwrap().retain(|key, _| !["start", "end"].contains(&key.as_str()));
    }
    document
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn two_people_end_with_one_model(ours in vec(step(), 0..8), theirs in vec(step(), 0..8)) {
        let document = undated();
        let (ours, our_view) = all(&document, &ours, "ours");
        let (theirs, their_view) = all(&document, &theirs, "theirs");
        let here = applied(&our_view, &Json::transform(&theirs, &ours, Side::Right));
        let there = applied(&their_view, &Json::transform(&ours, &theirs, Side::Left));
        prop_assert_eq!(&here, &there);
        let model = Model::read(&here);
        prop_assert!(model.is_ok(), "{:?}", model);
        let model = model.unwrap();
        let _ = Calculation::new(&model);
        for scenario in &model.scenarios {
            let _ = Calculation::new(&model.under(&scenario.id));
        }
    }

    #[test]
    fn what_is_done_can_be_undone(steps in vec(step(), 0..6)) {
        let document = undated();
        let (op, after) = all(&document, &steps, "ours");
        let undo = Json::invert(&op, &document).unwrap();
        prop_assert_eq!(applied(&after, &undo), document);
    }
}
