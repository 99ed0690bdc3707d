//! What lies over the cells of a row: a corner for open threads, the colours of notes and highlights, of blocks that others
//! have selected, and the outlines of those who are in one of them.

use std::collections::HashSet;

use coval_shared::model::{ItemId, PeriodId};
use leptos::prelude::*;

use crate::dynamic::dynamic;
use crate::state::blocks::RowBlocks;
use crate::state::discussion::{CellMarks, RowMarks};
use crate::state::view::PersonView;
use crate::state::{Blocks, Discussion, DocumentSession};
use crate::words;

/// What lies over the cells of a row, now and whenever that changes. It takes no room.
#[derive(Clone)]
pub struct Overlays {
    people: ArcRwSignal<Vec<PersonView>>,
    marks: Option<ArcRwSignal<RowMarks>>,
    blocks: Option<ArcRwSignal<RowBlocks>>,
}

impl Overlays {
    /// What lies over the cells of `item`.
    #[must_use]
    pub fn of_row(session: DocumentSession, item: &ItemId) -> Self {
        Self {
            people: session.people_in(item),
            marks: use_context::<Discussion>().map(|discussion| discussion.marks_in(item)),
            blocks: use_context::<Blocks>().map(|blocks| blocks.in_row(item)),
        }
    }

    /// The periods of the cells over which there is something, followed.
    #[must_use]
    pub fn covered(&self) -> HashSet<Option<PeriodId>> {
        let people = self.people.with(|people| people.iter().filter_map(period_of).collect::<Vec<_>>());
        let marks = self.marks.iter().flat_map(|marks| marks.with(|marks| marks.keys().cloned().collect::<Vec<_>>()));
        let blocks =
            self.blocks.iter().flat_map(|blocks| blocks.with(|blocks| blocks.keys().cloned().collect::<Vec<_>>()));
        people.into_iter().chain(marks).chain(blocks).collect()
    }

    /// What lies over the cell of `period`, which follows what becomes of it.
    #[must_use]
    pub fn over(&self, period: Option<PeriodId>) -> AnyView {
        let Self { people, marks, blocks } = self.clone();
        let period = StoredValue::new(period);
        let blocks = blocks.map(|blocks| {
            dynamic(move || {
                let here = period.with_value(|period| blocks.with(|blocks| blocks.get(period).cloned()));
                here.iter().flatten().map(block).collect::<Vec<_>>().into_any()
            })
        });
        let marks = marks.map(|marks| {
            dynamic(move || {
                let here = period.with_value(|period| marks.with(|marks| marks.get(period).cloned()));
                view(&here.unwrap_or_default())
            })
        });
        let people = dynamic(move || {
            let is_here = |person: &&PersonView| period.with_value(|period| period_of(person).as_ref() == Some(period));
            people.with(|people| people.iter().filter(is_here).map(outline).collect::<Vec<_>>().into_any())
        });
        view! { {blocks} {marks} {people} }.into_any()
    }
}

/// The period of the cell in which somebody is.
fn period_of(person: &PersonView) -> Option<Option<PeriodId>> {
    person.at.as_ref().map(|at| at.period.clone())
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
