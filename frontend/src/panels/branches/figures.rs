//! The key figures of the main line and of a branch, in each case.

use coval_shared::analysis::Analysis;
use coval_shared::analysis::scenarios::{ScenarioComparison, ScenarioTable};
use coval_shared::model::{Model, ScenarioId};
use coval_shared::protocol::DocumentId;
use coval_shared::rest::{Branch, DocumentSummary, PastRevision};
use leptos::prelude::*;

use crate::connection::rest::RestError;
use crate::dynamic::dynamic;
use crate::panels::asked::{Asked, shown};
use crate::state::view::bits_of;
use crate::state::{DocumentSession, Workspace};
use crate::words;

/// One figure on both lines.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    label: String,
    case: String,
    main: Option<f64>,
    branch: Option<f64>,
    format: coval_shared::model::NumberFormat,
}

/// The key figures that differ; nothing of memos.
pub(super) fn of_both(session: DocumentSession, branch: &Branch) -> AnyView {
    if session.with_model(|_| ()).is_none() {
        return ().into_any();
    }
    let workspace = expect_context::<Workspace>();
    let rows = RwSignal::new(Asked::<Vec<Row>>::Waiting);
    let (main, branch) = (branch.parent, branch.id);
    Effect::new(move || {
        session.fingerprint.track();
        Asked::ask(rows, async move {
            let (main, branch) = (table_of(workspace, main).await?, table_of(workspace, branch).await?);
            Ok(main.zip(branch).map(|(main, branch)| differing(&main, &branch)).unwrap_or_default())
        });
    });
    let body = dynamic(move || rows.with(|rows| shown(rows, None, |rows| table(rows))));
    view! {
        <section class="panel-section">
            <h3>{words!(history.figures_of_both)}</h3>
            <div class="wide">{body}</div>
        </section>
    }
    .into_any()
}

async fn table_of(workspace: Workspace, id: DocumentId) -> Result<Option<ScenarioTable>, RestError> {
    let summary: DocumentSummary = workspace.account().get(&format!("/api/document/{id}")).await?;
    let path = format!("/api/document/{id}/revision/{}", summary.revision);
    let past: PastRevision = workspace.account().get(&path).await?;
    let compared = Model::read(&past.body).ok().and_then(|model| {
        let scenarios: Vec<ScenarioId> = model.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
        ScenarioComparison::new(&model, &scenarios, &[]).ok()
    });
    Ok(compared.map(Analysis::finish))
}

/// The figures that are not the same on both lines, case by case.
fn differing(main: &ScenarioTable, branch: &ScenarioTable) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, case) in main.cases.iter().enumerate() {
        let Some(there) = branch.cases.iter().position(|other| other.scenario == case.scenario) else {
            continue;
        };
        for row in &main.results {
            let number = |row: &coval_shared::analysis::scenarios::ComparedCell, at: usize| {
                row.figures.get(at).and_then(|figure| figure.figure.number())
            };
            let other = branch.results.iter().find(|other| other.subject.cell == row.subject.cell);
            let (main, branch) = (number(row, index), other.and_then(|other| number(other, there)));
            if main.map(f64::to_bits) != branch.map(f64::to_bits) {
                let label = row.subject.label.clone();
                rows.push(Row { label, case: case.label.clone(), main, branch, format: row.subject.format });
            }
        }
    }
    rows
}

fn table(rows: &[Row]) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="muted">{words!(history.no_changes)}</p> }.into_any();
    }
    let shown = |row: &Row| {
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| row.format.display(value));
        let case = if row.case.is_empty() { words!(analysis.base_case).to_owned() } else { row.case.clone() };
        view! {
            <tr>
                <th scope="row">{row.label.clone()}</th>
                <td>{case}</td>
                <td data-bits=row.main.map(bits_of)>{number(row.main)}</td>
                <td data-bits=row.branch.map(bits_of)>{number(row.branch)}</td>
            </tr>
        }
        .into_any()
    };
    let body: Vec<AnyView> = rows.iter().take(100).map(shown).collect();
    view! {
        <table class="figures" data-testid="both-figures">
            <thead>
                <tr>
                    <th scope="col">{words!(common.figure)}</th>
                    <th scope="col">{words!(history.case)}</th>
                    <th scope="col">{words!(history.of_main)}</th>
                    <th scope="col">{words!(history.of_branch)}</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}
