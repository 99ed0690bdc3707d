//! What hangs on a cell: a corner for open threads, and the colour of notes and highlights.

use coval_shared::model::CellRef;
use leptos::prelude::*;

use crate::dynamic::dynamic;
use crate::state::Discussion;
use crate::state::discussion::CellMarks;
use crate::words;

/// The marks of `cell`, which lie over it and take no room.
pub fn cell_marks(cell: &CellRef) -> AnyView {
    let Some(discussion) = use_context::<Discussion>() else {
        return ().into_any();
    };
    let marks = discussion.marks_at(cell);
    dynamic(move || marks.with(view)).into_any()
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
