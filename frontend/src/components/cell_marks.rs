//! What lies over a cell: a corner for open threads, the colours of notes and highlights, and of blocks that others have
//! selected.

use coval_shared::model::CellRef;
use leptos::prelude::*;

use crate::dynamic::dynamic;
use crate::state::discussion::CellMarks;
use crate::state::{Blocks, Discussion};
use crate::words;

/// The marks of `cell`, which lie over it and take no room.
pub fn cell_marks(cell: &CellRef) -> AnyView {
    let Some(discussion) = use_context::<Discussion>() else {
        return ().into_any();
    };
    let marks = discussion.marks_at(cell);
    let marks = dynamic(move || marks.with(view));
    let blocks = use_context::<Blocks>().map(|blocks| {
        let here = blocks.at(cell);
        dynamic(move || here.with(|here| here.iter().map(block).collect::<Vec<_>>().into_any()))
    });
    view! { {blocks} {marks} }.into_any()
}

fn block(colour: &String) -> AnyView {
    view! { <span class=format!("cell-block {colour}") data-testid="cell-block" aria-hidden="true"></span> }.into_any()
}

fn view(marks: &CellMarks) -> AnyView {
    if *marks == CellMarks::default() {
        return ().into_any();
    }
    let highlight = marks.colour.map(|colour| {
        let class = format!("cell-highlight person-{colour}");
        view! { <span class=class data-testid="cell-highlight" aria-hidden="true"></span> }.into_any()
    });
    let threads = (marks.threads > 0).then(|| {
        let class = if marks.is_unread { "cell-comment unread" } else { "cell-comment" };
        let words = words!(together.open_threads_here, count = marks.threads).to_string();
        view! { <span class=class data-testid="cell-comment" role="img" aria-label=words.clone() title=words></span> }
            .into_any()
    });
    let note = (!marks.note.is_empty()).then(|| {
        let class = format!("cell-note person-{}", marks.note_colour);
        let words = format!("{}: {}", words!(together.note), marks.note);
        view! {
            <span class=class data-testid="cell-note" role="img" aria-label=words.clone() data-note=words tabindex="-1"></span>
        }
        .into_any()
    });
    view! { {highlight} {threads} {note} }.into_any()
}
