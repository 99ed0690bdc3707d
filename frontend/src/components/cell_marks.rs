//! What lies over a cell: a corner for open threads, the colours of notes and highlights, of blocks that others have
//! selected, and the outlines of those who are in it.

use coval_shared::model::CellRef;
use leptos::prelude::*;

use crate::dynamic::dynamic;
use crate::state::discussion::CellMarks;
use crate::state::view::PersonView;
use crate::state::{Blocks, Discussion, DocumentSession};
use crate::words;

/// What lies over a cell, now and whenever that changes. It takes no room.
#[derive(Clone)]
pub struct Overlay {
    people: ArcRwSignal<Vec<PersonView>>,
    marks: Option<ArcRwSignal<CellMarks>>,
    blocks: Option<ArcRwSignal<Vec<String>>>,
}

impl Overlay {
    /// What lies over `cell`.
    #[must_use]
    pub fn at(session: DocumentSession, cell: &CellRef) -> Self {
        Self {
            people: session.people_at(cell),
            marks: use_context::<Discussion>().map(|discussion| discussion.marks_at(cell)),
            blocks: use_context::<Blocks>().map(|blocks| blocks.at(cell)),
        }
    }

    /// Whether there is anything at the moment.
    #[must_use]
    pub fn is_any(&self) -> bool {
        // All are read, so that whoever asks hears of each.
        let has_people = self.people.with(|people| !people.is_empty());
        let has_marks = self.marks.as_ref().is_some_and(|marks| marks.with(|marks| *marks != CellMarks::default()));
        let has_blocks = self.blocks.as_ref().is_some_and(|blocks| blocks.with(|blocks| !blocks.is_empty()));
        has_people || has_marks || has_blocks
    }

    /// All of it, which follows what becomes of it.
    #[must_use]
    pub fn view(&self) -> AnyView {
        let blocks = self
            .blocks
            .clone()
            .map(|here| dynamic(move || here.with(|here| here.iter().map(block).collect::<Vec<_>>().into_any())));
        let marks = self.marks.clone().map(|marks| dynamic(move || marks.with(view)));
        let people = self.people.clone();
        let people = dynamic(move || people.with(|people| people.iter().map(outline).collect::<Vec<_>>().into_any()));
        view! { {blocks} {marks} {people} }.into_any()
    }
}

/// The outline of somebody who is in the cell.
fn outline(person: &PersonView) -> AnyView {
    view! {
        <span
            class=format!("remote-cursor {}{}", person.colour, if person.is_typing { " typing" } else { "" })
            data-testid="remote-cursor"
            data-name=person.name.clone()
            aria-hidden="true"
        ></span>
    }
    .into_any()
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
