//! The key figures, one under the other, with what each was when the page was opened.

use std::sync::Arc;

use leptos::prelude::*;

use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::dynamic;
use crate::state::DocumentSession;
use crate::state::session::OutputView;
use crate::words;

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || table(session)))
}

fn table(session: DocumentSession) -> AnyView {
    let rows = dynamic(move || session.outputs.with(|outputs| outputs.iter().map(row).collect::<Vec<_>>().into_any()));
    view! {
        <table class="figures">
            <thead>
                <tr>
                    <th scope="col">{words!(common.figure)}</th>
                    <th scope="col">{words!(common.now)}</th>
                    <th scope="col">{words!(common.at_the_beginning)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(view: &OutputView) -> AnyView {
    let output = &view.output;
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| output.format.display(value));
    view! {
        <tr title=output.error.clone()>
            <th scope="row">{output.label.clone()}</th>
            <td>{shown(output.value)}</td>
            <td class="muted">{shown(view.before)}</td>
        </tr>
    }
    .into_any()
}
