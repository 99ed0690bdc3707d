//! The comments and annotations of a document, as far as they have arrived.

use std::collections::{BTreeMap, HashMap};

use coval_shared::anchor::{Anchor, Anchored};
use coval_shared::model::CellRef;
use coval_shared::protocol::{Annotation, AnnotationId, AnnotationKind, Comment, CommentId, UserId};
use ot_core::json::JsonOp;

use super::Seen;

/// How many cells threads mark at most, and how many highlights colour. Beyond that the others are found in the panel alone.
const COLOURED_CELLS: usize = 10_000;

/// All that was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    comments: BTreeMap<CommentId, Comment>,
    annotations: BTreeMap<AnnotationId, Annotation>,
}

/// A comment with its answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// What began it.
    pub first: Comment,
    /// The answers, the oldest first.
    pub replies: Vec<Comment>,
}

/// Which threads are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// Those that are not settled.
    #[default]
    Open,
    /// Those in which the person wrote or is named, and that are not settled.
    Mine,
    /// Those that are settled.
    Resolved,
}

/// What hangs on a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellMarks {
    /// How many threads are open.
    pub threads: usize,
    /// Whether one of them has something that the person has not seen.
    pub is_unread: bool,
    /// What the notes say, one under the other.
    pub note: String,
    /// The colour of the notes, of the twelve that people have.
    pub note_colour: u8,
    /// The colour of the highlight.
    pub colour: Option<u8>,
}

impl Thread {
    /// The thread's own id.
    #[must_use]
    pub fn id(&self) -> CommentId {
        self.first.id
    }

    /// Whether it is settled.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        self.first.resolved_at_ms.is_some()
    }

    /// All comments, the oldest first.
    pub fn comments(&self) -> impl Iterator<Item = &Comment> {
        std::iter::once(&self.first).chain(&self.replies)
    }

    /// When somebody last said something in it, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn last_ms(&self) -> i64 {
        self.comments().map(|comment| comment.created_at_ms).max().unwrap_or_default()
    }

    /// Whether `person` wrote in it or is named in it.
    #[must_use]
    pub fn concerns(&self, person: UserId) -> bool {
        self.comments().any(|comment| {
            comment.author.id == person || comment.mentions.iter().any(|mentioned| mentioned.id == person)
        })
    }
}

impl Filter {
    /// Whether `thread` is shown to `person`.
    #[must_use]
    pub fn shows(self, thread: &Thread, person: Option<UserId>) -> bool {
        match self {
            Self::Open => !thread.is_resolved(),
            Self::Mine => !thread.is_resolved() && person.is_some_and(|person| thread.concerns(person)),
            Self::Resolved => thread.is_resolved(),
        }
    }
}

impl Said {
    /// Takes in a comment as it is now. A deleted answer is gone; a deleted beginning stays while there are answers.
    pub fn take_comment(&mut self, comment: Comment) {
        let (id, thread) = (comment.id, comment.thread);
        if comment.deleted_at_ms.is_some() && id != thread {
            self.comments.remove(&id);
        } else {
            self.comments.insert(id, comment);
        }
        let is_over = self.comments.get(&thread).is_some_and(|first| first.deleted_at_ms.is_some())
            && !self.comments.values().any(|other| other.thread == thread && other.id != thread);
        if is_over {
            self.comments.remove(&thread);
        }
    }

    /// Takes in an annotation as it is now.
    pub fn take_annotation(&mut self, annotation: Annotation) {
        if annotation.deleted_at_ms.is_some() {
            self.annotations.remove(&annotation.id);
        } else {
            self.annotations.insert(annotation.id, annotation);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The comment `id`.
    #[must_use]
    pub fn comment(&self, id: CommentId) -> Option<&Comment> {
        self.comments.get(&id)
    }

    /// The annotation `id`.
    #[must_use]
    pub fn annotation(&self, id: AnnotationId) -> Option<&Annotation> {
        self.annotations.get(&id)
    }

    /// All comments.
    pub fn comments(&self) -> impl Iterator<Item = &Comment> {
        self.comments.values()
    }

    /// The annotations, the newest first.
    #[must_use]
    pub fn annotations(&self) -> Vec<&Annotation> {
        let mut all: Vec<&Annotation> = self.annotations.values().collect();
        all.sort_by_key(|annotation| std::cmp::Reverse((annotation.created_at_ms, annotation.id)));
        all
    }

    /// The threads, those first in which something was said last.
    #[must_use]
    pub fn threads(&self) -> Vec<Thread> {
        let mut replies: HashMap<CommentId, Vec<Comment>> = HashMap::new();
        for comment in self.comments.values().filter(|comment| comment.id != comment.thread) {
            replies.entry(comment.thread).or_default().push(comment.clone());
        }
        let firsts = self.comments.values().filter(|comment| comment.id == comment.thread);
        let mut threads: Vec<Thread> = firsts
            .map(|first| {
                let mut replies = replies.remove(&first.id).unwrap_or_default();
                replies.sort_by_key(|comment| (comment.created_at_ms, comment.id));
                Thread { first: first.clone(), replies }
            })
            .collect();
        threads.sort_by_key(|thread| std::cmp::Reverse((thread.last_ms(), thread.id())));
        threads
    }

    /// Takes what hangs on stretches of a text along with `op`, an edit of it. Returns whether anything moved.
    pub fn carry(&mut self, op: &JsonOp) -> bool {
        let mut has_moved = false;
        let mut carry = |anchor: &mut Anchor, quote: &String, is_lost: &mut bool| {
            if matches!(anchor, Anchor::Text { .. }) {
                let mut anchored = Anchored { anchor: anchor.clone(), quote: quote.clone(), is_lost: *is_lost };
                anchored.carry(op);
                has_moved |= anchored.anchor != *anchor || anchored.is_lost != *is_lost;
                (*anchor, *is_lost) = (anchored.anchor, anchored.is_lost);
            }
        };
        for comment in self.comments.values_mut() {
            if let Some(anchor) = &mut comment.anchor {
                carry(anchor, &comment.quote, &mut comment.is_anchor_lost);
            }
        }
        for annotation in self.annotations.values_mut() {
            carry(&mut annotation.anchor, &annotation.quote, &mut annotation.is_anchor_lost);
        }
        has_moved
    }

    /// What hangs on each cell that something hangs on.
    #[must_use]
    pub fn marks(&self, seen: &Seen, person: Option<UserId>) -> HashMap<CellRef, CellMarks> {
        let mut marks: HashMap<CellRef, CellMarks> = HashMap::new();
        let mut marked = COLOURED_CELLS;
        for thread in self.threads().iter().filter(|thread| !thread.is_resolved() && !thread.first.is_anchor_lost) {
            let is_unread = seen.is_unread(thread, person);
            let cells = thread.first.anchor.iter().flat_map(cells_of).take(marked).collect::<Vec<_>>();
            marked = marked.saturating_sub(cells.len());
            for cell in cells {
                let mark = marks.entry(cell).or_default();
                mark.threads = mark.threads.saturating_add(1);
                mark.is_unread |= is_unread;
            }
        }
        let mut room = COLOURED_CELLS;
        for annotation in self.annotations.values().filter(|annotation| !annotation.is_anchor_lost) {
            if let Some(cell) = cell_of(&annotation.anchor).filter(|_| !annotation.body.is_empty()) {
                let mark = marks.entry(cell).or_default();
                let gap = if mark.note.is_empty() { "" } else { "\n" };
                mark.note.push_str(gap);
                mark.note.push_str(&annotation.body);
                mark.note_colour = annotation.colour;
            }
            if annotation.kind == AnnotationKind::Highlight {
                let cells = cells_of(&annotation.anchor).take(room).collect::<Vec<_>>();
                room = room.saturating_sub(cells.len());
                for cell in cells {
                    marks.entry(cell).or_default().colour = Some(annotation.colour);
                }
            }
        }
        marks
    }
}

/// The cell at which an anchor is marked: the first of several.
#[must_use]
pub fn cell_of(anchor: &Anchor) -> Option<CellRef> {
    cells_of(anchor).next()
}

fn cells_of(anchor: &Anchor) -> Box<dyn Iterator<Item = CellRef> + '_> {
    match anchor {
        Anchor::Cell { item, period } => {
            Box::new(std::iter::once(CellRef { item: item.clone(), period: period.clone() }))
        }
        Anchor::Cells { items, periods } if periods.is_empty() => {
            Box::new(items.iter().map(|item| CellRef { item: item.clone(), period: None }))
        }
        Anchor::Cells { items, periods } => Box::new(items.iter().flat_map(move |item| {
            periods.iter().map(|period| CellRef { item: item.clone(), period: Some(period.clone()) })
        })),
        Anchor::Text { .. } => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
