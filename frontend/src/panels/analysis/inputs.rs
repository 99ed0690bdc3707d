//! What an analysis is about: cells by name, numbers as people write them.

use coval_shared::analysis::Subject;
use coval_shared::model::{
    Calculation, CellRef, CellValue, Entry, ItemId, LineItem, Model, NumberFormat, Span, parse_number,
};
use leptos::prelude::*;

use crate::dynamic::{dynamic, text};
use crate::state::DocumentSession;
use crate::words;
use crate::work::{Job, Task};

/// The most names that are proposed.
const PROPOSED: usize = 500;

/// How many inputs are tried for those that are worth moving.
const LOOKED_AT: usize = 100;

/// What the names of cells are proposed from, for `list` attributes.
pub(super) const NAMES: &str = "analysis-names";

/// A field of text.
pub(super) fn field(
    label: &'static str,
    value: RwSignal<String>,
    id: &'static str,
    list: Option<&'static str>,
) -> AnyView {
    view! {
        <label class="analysis-field">
            <span>{label}</span>
            <input
                class="field"
                data-testid=id
                list=list
                prop:value=text(move || value.get())
                on:change=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}

/// A choice of an output.
pub(super) fn output_choice(session: DocumentSession, label: &'static str, chosen: RwSignal<String>) -> AnyView {
    let options = dynamic(move || {
        let chosen = chosen.get();
        let options = session.outputs.with(|outputs| {
            let option = |name: &str, label: &str| {
                let is_chosen = name == chosen;
                view! {
                    <option value=name.to_owned() selected=is_chosen>
                        {label.to_owned()}
                    </option>
                }
                .into_any()
            };
            outputs.iter().map(|view| option(&view.output.name, &view.output.label)).collect::<Vec<_>>()
        });
        options.into_any()
    });
    view! {
        <label class="analysis-field is-first">
            <span>{label}</span>
            <select class="field" data-testid="analysis-output" on:change=move |event| chosen.set(event_target_value(&event))>
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// The names of rows for fields that name cells.
pub(super) fn proposals(session: DocumentSession) -> AnyView {
    let names = session.with_model(|model| {
        let name = |item: &LineItem| {
            view! {
                <option value=item.name.clone()>{item.label.clone()}</option>
            }
            .into_any()
        };
        model.items().take(PROPOSED).map(name).collect::<Vec<_>>()
    });
    view! { <datalist id=NAMES>{names.unwrap_or_default()}</datalist> }.into_any()
}

/// What is to be calculated for `task`, about the model as the page shows it.
pub(super) fn job(session: DocumentSession, task: Task) -> Option<Job> {
    let scenario = session.scenario.get_untracked();
    session.with_json(|document| Job { document: document.clone(), scenario, task })
}

/// The cell that `name` means in `model`.
pub(super) fn cell(model: &Model, name: &str) -> Result<CellRef, String> {
    model.cell_named(name.trim()).map_err(|error| error.to_string())
}

/// The number that `written` is.
pub(super) fn number(written: &str) -> Result<f64, String> {
    parse_number(written).ok_or_else(|| words!(analysis.no_number, text = written.to_owned()))
}

/// The inputs that are worth moving first, by name: of those with one value that move `output`, the uncertain ones and
/// then the others. At most `count`.
pub(super) fn first_inputs(model: &Model, output: Option<&ItemId>, count: usize) -> Vec<String> {
    let Some(output) = output.and_then(|id| Subject::of_item(model, id).ok()) else {
        return Vec::new();
    };
    let is_amount = |item: &LineItem| !matches!(item.format, NumberFormat::Date | NumberFormat::Text);
    let is_input = |item: &&LineItem| {
        item.span == Span::Single
            && is_amount(item)
            && matches!(item.value, Some(Entry::Number(number)) if number != 0.0)
    };
    let inputs = || model.items().filter(is_input).map(|item| CellRef::single(item.id.clone()));
    let is_uncertain = |cell: &CellRef| model.distributions.contains_key(cell);
    let candidates = inputs().filter(is_uncertain).chain(inputs().filter(|cell| !is_uncertain(cell)));
    let mut calculation = Calculation::new(model);
    let before = calculation.value(&output.cell).clone();
    let mut moves = |cell: &CellRef| {
        let CellValue::Number(own) = *calculation.value(cell) else {
            return false;
        };
        calculation.set(cell, Some(own * 1.01));
        let is_moved = *calculation.value(&output.cell) != before;
        calculation.set(cell, None);
        is_moved
    };
    let names = candidates.take(LOOKED_AT).filter(|cell| moves(cell)).take(count);
    names.map(|cell| model.cell_name(&cell)).collect()
}

/// A cell as its row is called, with its period.
pub(super) fn words(subject: &Subject) -> String {
    match subject.period.as_str() {
        "" => subject.label.clone(),
        period => format!("{}, {period}", subject.label),
    }
}
