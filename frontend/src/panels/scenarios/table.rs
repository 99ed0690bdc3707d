//! All cases side by side.

use coval_shared::analysis::scenarios::{Case, ComparedCell, ComparedFigure, ScenarioComparison, ScenarioTable};
use coval_shared::analysis::{Figure, Subject};
use coval_shared::model::ScenarioId;
use leptos::prelude::*;

use crate::dynamic::dynamic;
use crate::panels::slices::in_slices;
use crate::state::DocumentSession;
use crate::state::view::bits_of;
use crate::words;

/// The most rows of a kind that are shown.
const SHOWN: usize = 100;

/// The outputs and the replaced inputs in all cases, kept up with edits.
pub(super) fn side_by_side(session: DocumentSession) -> AnyView {
    let table = RwSignal::new(None::<ScenarioTable>);
    let turn = StoredValue::new(0_u64);
    Effect::new(move || {
        session.fingerprint.track();
        let Some(comparison) = compared(session) else {
            return;
        };
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        let is_newest = move || turn.try_get_value() == Some(own);
        in_slices(comparison, is_newest, move |outcome| drop(table.try_set(Some(outcome))));
    });
    let shown = dynamic(move || table.with(|table| table.as_ref().map_or_else(|| ().into_any(), shown)));
    view! {
        <section class="panel-section">
            <h3>{words!(analysis.side_by_side)}</h3>
            <div class="wide" tabindex="0" role="group" aria-label=words!(analysis.side_by_side)>
                {shown}
            </div>
        </section>
    }
    .into_any()
}

fn compared(session: DocumentSession) -> Option<ScenarioComparison> {
    let model = session.base_model()?;
    let scenarios: Vec<ScenarioId> = model.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
    ScenarioComparison::new(&model, &scenarios, &[]).ok()
}

fn shown(table: &ScenarioTable) -> AnyView {
    let head = |case: &Case| {
        let label = if case.scenario.is_none() { words!(analysis.base_case).to_owned() } else { case.label.clone() };
        view! { <th scope="col">{label}</th> }.into_any()
    };
    let heads: Vec<AnyView> = table.cases.iter().map(head).collect();
    let width = (table.cases.len() + 1).to_string();
    view! {
        <table class="figures cases" data-testid="side-by-side">
            <thead>
                <tr>
                    <th scope="col">{words!(analysis.results)}</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{rows(&table.results, &table.cases)}</tbody>
            <tbody>
                <tr>
                    <th scope="rowgroup" class="group" colspan=width>
                        {words!(analysis.inputs)}
                    </th>
                </tr>
                {rows(&table.inputs, &table.cases)}
            </tbody>
        </table>
    }
    .into_any()
}

fn rows(cells: &[ComparedCell], cases: &[Case]) -> Vec<AnyView> {
    let row = |cell: &ComparedCell| {
        let subject = &cell.subject;
        let label = match subject.period.as_str() {
            "" => subject.label.clone(),
            period => format!("{}, {period}", subject.label),
        };
        let figure = |(figure, case): (&ComparedFigure, &Case)| {
            let id = case.scenario.as_ref().map(|id| id.0.clone()).unwrap_or_default();
            figure_cell(subject, figure, id)
        };
        let figures: Vec<AnyView> = cell.figures.iter().zip(cases).map(figure).collect();
        view! {
            <tr data-compared=subject.cell.key()>
                <th scope="row">{label}</th>
                {figures}
            </tr>
        }
        .into_any()
    };
    let left_out = cells.len().saturating_sub(SHOWN);
    let more = (left_out > 0).then(|| {
        let words = words!(analysis.and_more, count = left_out);
        view! {
            <tr>
                <th scope="row" class="muted">
                    {words}
                </th>
            </tr>
        }
        .into_any()
    });
    cells.iter().take(SHOWN).map(row).chain(more).collect()
}

fn figure_cell(subject: &Subject, compared: &ComparedFigure, case: String) -> AnyView {
    let (text, bits) = match &compared.figure {
        Figure::Blank => (String::new(), None),
        Figure::Number(number) => (subject.format.display(*number), Some(bits_of(*number))),
        Figure::Text(text) => (text.clone(), None),
        Figure::Error(error) => (error.split_whitespace().next().unwrap_or("#").to_owned(), None),
    };
    let difference = compared.difference.filter(|by| *by != 0.0).map(|by| {
        let (class, sign) = if by > 0.0 { ("rise", "+") } else { ("fall", "−") };
        let size = subject.format.display(by.abs());
        view! { <span class=class>{format!("{sign}{size}")}</span> }.into_any()
    });
    view! {
        <td data-case=case data-bits=bits>
            {text}
            {difference}
        </td>
    }
    .into_any()
}
