//! Key figures as a table, for whoever has no document open.

use coval_shared::model::Output;
use leptos::prelude::*;

use crate::words;

/// The figures, if there are any.
pub fn key_figures(outputs: &[Output]) -> Option<AnyView> {
    let figures = outputs.iter().map(figure).collect::<Vec<_>>();
    (!figures.is_empty()).then(|| {
        view! {
            <table class="figures" data-testid="key-figures">
                <caption>{words!(list.key_figures)}</caption>
                <tbody>{figures}</tbody>
            </table>
        }
        .into_any()
    })
}

fn figure(output: &Output) -> AnyView {
    let value = output.value.map_or_else(|| "–".to_owned(), |value| output.format.display(value));
    view! {
        <tr>
            <th scope="row">{output.label.clone()}</th>
            <td>{value}</td>
            <td class="muted">{output.unit.clone()}</td>
        </tr>
    }
    .into_any()
}
