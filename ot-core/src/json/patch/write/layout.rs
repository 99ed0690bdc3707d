//! The places that an op touches, and what is at them by now.

use serde_json::Value;

use crate::json::op::{Children, Entry, JsonOp, New, Node, Old, Step};
use crate::json::path::{Path, PathSegment};

/// The touched places of a document on its way through the operations.
pub(super) struct Layout<'a> {
    cells: Vec<Cell<'a>>,
    bodies: Vec<Body<'a>>,
    /// What is there before, if the op touches it.
    root: Option<usize>,
    /// Where each slot is picked and dropped.
    ends: Vec<(usize, usize)>,
}

/// A value at a place: one that is there before the op, or after it.
struct Cell<'a> {
    /// The value around it; the root has none.
    holder: Option<usize>,
    /// Which part of the holder it is.
    part: usize,
    body: usize,
    present: bool,
    picked: bool,
    inserted: Option<&'a Value>,
}

/// A value as such, which has two cells if it moves.
#[derive(Default)]
struct Body<'a> {
    /// The cell in which it is now.
    cell: Option<usize>,
    parts: Parts<'a>,
}

#[derive(Default)]
enum Parts<'a> {
    #[default]
    None,
    /// The keys that the op touches, with what is there before.
    Object(Vec<(&'a str, Option<usize>)>),
    List(Vec<Run>),
}

enum Run {
    Keep(usize),
    Cell(usize),
}

/// What has to be done.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// A value goes. At the root another may come right after it.
    Leave { cell: usize, replaced: bool },
    /// A value comes.
    Come(usize),
    /// A value moves from one cell to another.
    Move { slot: usize, from: usize, to: usize },
}

impl<'a> Layout<'a> {
    /// The places as they are before the op, and what has to be done, more or less from the front to the back.
    pub(super) fn of(op: &'a JsonOp) -> (Self, Vec<Action>) {
        let mut layout = Self {
            cells: Vec::new(),
            bodies: (0..op.slots).map(|_| Body::default()).collect(),
            root: None,
            ends: vec![(0, 0); op.slots],
        };
        let mut actions = Vec::new();
        layout.root = layout.entry(&op.root, None, 0, &mut actions);
        for action in &mut actions {
            if let Action::Move { slot, from, to } = action
                && let Some(ends) = layout.ends.get(*slot)
            {
                (*from, *to) = *ends;
            }
        }
        (layout, actions)
    }

    /// Where the value of a cell is now; nothing if it is not there.
    pub(super) fn path(&self, cell: usize) -> Option<Path> {
        if self.cells.get(cell)?.present { self.place(cell) } else { None }
    }

    /// Where the value of a cell would come now; nothing while another value is there, or what is around is not there.
    pub(super) fn free_place(&self, cell: usize) -> Option<Path> {
        let Cell { holder, part, .. } = self.cells.get(cell)?;
        let old = match holder {
            None => self.root,
            Some(holder) => match &self.bodies.get(*holder)?.parts {
                Parts::Object(entries) => entries.get(*part)?.1,
                Parts::List(_) | Parts::None => None,
            },
        };
        let is_taken = old.and_then(|old| self.cells.get(old)).is_some_and(|old| old.present);
        if is_taken { None } else { self.place(cell) }
    }

    /// Whether something in the value of a cell has to move out of it.
    pub(super) fn holds_moves(&self, cell: usize) -> bool {
        let Some(body) = self.cells.get(cell).and_then(|cell| self.bodies.get(cell.body)) else { return false };
        let moves = |inner: usize| {
            self.cells.get(inner).is_some_and(|found| found.present && (found.picked || self.holds_moves(inner)))
        };
        match &body.parts {
            Parts::None => false,
            Parts::Object(entries) => entries.iter().any(|(_, old)| old.is_some_and(moves)),
            Parts::List(runs) => runs.iter().any(|run| matches!(run, Run::Cell(inner) if moves(*inner))),
        }
    }

    /// What is inserted at a cell.
    pub(super) fn value(&self, cell: usize) -> Option<&'a Value> {
        self.cells.get(cell)?.inserted
    }

    /// Notes that the value of a cell is there now, or is not.
    pub(super) fn set_present(&mut self, cell: usize, present: bool) {
        if let Some(found) = self.cells.get_mut(cell) {
            found.present = present;
            if let Some(body) = self.bodies.get_mut(found.body) {
                body.cell = present.then_some(cell);
            }
        }
    }

    fn place(&self, cell: usize) -> Option<Path> {
        let mut segments = Vec::new();
        let mut here = self.cells.get(cell)?;
        while let Some(holder) = here.holder {
            let body = self.bodies.get(holder)?;
            segments.push(match &body.parts {
                Parts::None => return None,
                Parts::Object(entries) => PathSegment::from(entries.get(here.part)?.0),
                Parts::List(runs) => {
                    PathSegment::Index(runs.get(..here.part)?.iter().map(|run| self.length(run)).sum())
                }
            });
            here = self.cells.get(body.cell?)?;
        }
        segments.reverse();
        Some(Path(segments))
    }

    fn length(&self, run: &Run) -> usize {
        match run {
            Run::Keep(count) => *count,
            Run::Cell(cell) => usize::from(self.cells.get(*cell).is_some_and(|cell| cell.present)),
        }
    }

    fn entry(
        &mut self,
        entry: &'a Entry,
        holder: Option<usize>,
        part: usize,
        actions: &mut Vec<Action>,
    ) -> Option<usize> {
        let has_old = !entry.old.is_empty();
        let old = has_old.then(|| self.old(&entry.old, holder, part, entry.new.is_some(), actions));
        if let Some(new) = &entry.new {
            self.new_value(new, holder, part, actions);
        }
        old
    }

    fn old(
        &mut self,
        old: &'a Old,
        holder: Option<usize>,
        part: usize,
        replaced: bool,
        actions: &mut Vec<Action>,
    ) -> usize {
        let body = match old {
            Old::Pick(slot, _) => *slot,
            Old::Stay(_) | Old::Remove(_) => self.new_body(),
        };
        let picked = matches!(old, Old::Pick(..));
        let cell = self.cell(Cell { holder, part, body, present: false, picked, inserted: None });
        self.set_present(cell, true);
        self.fill(body, old.node(), actions);
        match old {
            Old::Stay(_) => {}
            Old::Remove(_) => actions.push(Action::Leave { cell, replaced }),
            Old::Pick(slot, _) => {
                if let Some((from, _)) = self.ends.get_mut(*slot) {
                    *from = cell;
                }
            }
        }
        cell
    }

    fn new_value(&mut self, new: &'a New, holder: Option<usize>, part: usize, actions: &mut Vec<Action>) -> usize {
        match new {
            New::Insert(value, node) => {
                let body = self.new_body();
                let cell = self.cell(Cell { holder, part, body, present: false, picked: false, inserted: Some(value) });
                actions.push(Action::Come(cell));
                self.fill(body, node, actions);
                cell
            }
            New::Drop(slot) => {
                let cell = self.cell(Cell { holder, part, body: *slot, present: false, picked: false, inserted: None });
                if let Some((_, to)) = self.ends.get_mut(*slot) {
                    *to = cell;
                }
                actions.push(Action::Move { slot: *slot, from: 0, to: 0 });
                cell
            }
        }
    }

    /// Lays out what is in a value.
    fn fill(&mut self, body: usize, node: &'a Node, actions: &mut Vec<Action>) {
        let parts = match &node.children {
            Children::None => Parts::None,
            Children::Object(entries) => Parts::Object(
                entries
                    .iter()
                    .enumerate()
                    .map(|(part, (key, entry))| (key.as_str(), self.entry(entry, Some(body), part, actions)))
                    .collect(),
            ),
            Children::List(steps) => Parts::List(
                steps
                    .iter()
                    .enumerate()
                    .map(|(part, step)| match step {
                        Step::Keep(count) => Run::Keep(*count),
                        Step::Item(old) => Run::Cell(self.old(old, Some(body), part, false, actions)),
                        Step::New(new) => Run::Cell(self.new_value(new, Some(body), part, actions)),
                    })
                    .collect(),
            ),
        };
        if let Some(found) = self.bodies.get_mut(body) {
            found.parts = parts;
        }
    }

    fn new_body(&mut self) -> usize {
        self.bodies.push(Body::default());
        self.bodies.len() - 1
    }

    fn cell(&mut self, cell: Cell<'a>) -> usize {
        self.cells.push(cell);
        self.cells.len() - 1
    }
}
