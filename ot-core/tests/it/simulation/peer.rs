//! One client: the machine, its undo, and what it knows of the others.

use ot_core::client::{AfterRefusal, RolledBack};
use ot_core::undo::UndoLimits;
use ot_core::{
    Client, ClientId, Committed, OtType, Presence, Revision, Selection, Sequence, Side, Submission, UndoManager,
};

use super::session::Played;
use crate::generate::{Source, SplitMix64};

pub(super) struct Peer<T: OtType> {
    pub(super) client: Client<T>,
    pub(super) undo: UndoManager<T>,
    pub(super) presence: Presence<T>,
    pub(super) connection: Option<u64>,
    pub(super) connections: u64,
    /// The client sends again what it awaits once it has heard everything up to here.
    pub(super) resend_at: Option<Revision>,
    /// Whether something was submitted on this connection that may still arrive.
    pub(super) submitted: bool,
    /// The documents before its newest edits, while nobody else's have come in between.
    alone: Vec<T::Snapshot>,
}

/// What undo or redo did.
pub(super) struct TakenBack<Op> {
    pub(super) op: Op,
    pub(super) submission: Option<Submission<Op>>,
}

impl<T: Played> Peer<T> {
    pub(super) fn new(id: ClientId, document: T::Snapshot, revision: Revision, connections: u64) -> Self {
        Self {
            client: Client::new(id, document, revision),
            undo: UndoManager::new(UndoLimits { groups: 12, remote: 6, ..UndoLimits::default() }),
            presence: Presence::new(16),
            connection: None,
            connections,
            resend_at: None,
            submitted: false,
            alone: Vec::new(),
        }
    }

    pub(super) fn edit(&mut self, op: T::Op, now: u64) -> Result<Option<Submission<T::Op>>, String> {
        let before = self.client.document().clone();
        self.undo.edited(&op, &before, Vec::new(), now).map_err(|error| format!("undo does not know it: {error}"))?;
        let inverse = T::invert(&op, &before).map_err(|error| format!("no inverse: {error}"))?;
        let submission = self.submit(&op)?;
        let mut back = self.client.document().clone();
        T::apply(&mut back, &inverse).map_err(|error| format!("the inverse does not fit: {error}"))?;
        if back != before {
            return Err(format!("the inverse leads to {back:?} and not back to {before:?}"));
        }
        self.undo.close_group();
        self.alone.push(before);
        Ok(submission)
    }

    /// Undoes, or redoes; nothing when there is nothing.
    pub(super) fn take_back(&mut self, redo: bool) -> Result<Option<TakenBack<T::Op>>, String> {
        let document = self.client.document().clone();
        let undone = if redo { self.undo.redo(&document, Vec::new()) } else { self.undo.undo(&document, Vec::new()) };
        let Some(undone) = undone.map_err(|error| format!("what is undone does not fit: {error}"))? else {
            return Ok(None);
        };
        let submission = self.submit(&undone.op)?;
        if redo {
            self.alone.clear();
        }
        while let Some(before) = self.alone.pop() {
            if *self.client.document() == before {
                break;
            }
            // An edit that changed nothing is passed over.
            if before != document {
                return Err(format!("undo leads to {:?} and not to {before:?}", self.client.document()));
            }
        }
        Ok(Some(TakenBack { op: undone.op, submission }))
    }

    /// Takes in an op that was applied here and is not one's own.
    pub(super) fn heard(&mut self, op: &T::Op, committed: &Committed<T::Op>) -> Result<(), String> {
        self.undo.remote(op);
        self.alone.clear();
        self.move_presence(op, committed.client)
    }

    pub(super) fn refused(&mut self, sequence: Sequence, source: &mut SplitMix64) -> Result<T::Op, String> {
        let rest = if source.one_in(2) { AfterRefusal::Keep } else { AfterRefusal::Drop };
        let mut shown = self.client.document().clone();
        let rolled_back = self.client.refused(sequence, rest).map_err(|error| error.to_string())?;
        let RolledBack { applied, lost } = rolled_back;
        T::apply(&mut shown, &applied).map_err(|error| format!("the way back does not fit: {error}"))?;
        if shown != *self.client.document() {
            return Err(format!("the way back leads to {shown:?} and not to {:?}", self.client.document()));
        }
        self.undo.remote(&applied);
        self.alone.clear();
        self.move_presence(&applied, self.client.id())?;
        Ok(lost)
    }

    pub(super) fn reset(&mut self, document: T::Snapshot, revision: Revision, last: Sequence) -> bool {
        self.undo.clear();
        self.alone.clear();
        self.presence = Presence::new(16);
        self.resend_at = None;
        self.client.reset(document, revision, last)
    }

    pub(super) fn pointed(&mut self, other: ClientId, cursor: &T::Cursor, base: Revision) -> Result<bool, String> {
        let Some(cursor) = self.client.place(cursor, base) else {
            return Ok(false);
        };
        self.presence.set(other, Selection::caret(cursor), 0);
        self.check_presence().map(|()| true)
    }

    fn submit(&mut self, op: &T::Op) -> Result<Option<Submission<T::Op>>, String> {
        let submission = self.client.edit(op.clone()).map_err(|error| error.to_string())?;
        self.move_presence(op, self.client.id())?;
        Ok(submission)
    }

    /// Moves everyone by `op`, as something that stands where they are would be.
    fn move_presence(&mut self, op: &T::Op, author: ClientId) -> Result<(), String> {
        let before: Vec<_> = self.presence.iter().map(|(other, at)| (other, at.focus.clone())).collect();
        self.presence.apply(op, author);
        for ((other, before), (_, after)) in before.into_iter().zip(self.presence.iter()) {
            let side = if other == author { Side::Right } else { Side::Left };
            if let (Some(mark), Some(moved)) = (T::mark(&before), T::mark(&after.focus))
                && T::transform(&mark, op, side) != moved
            {
                return Err(format!("{other} goes from {before:?} to {:?} by {op:?}", after.focus));
            }
        }
        self.check_presence()
    }

    fn check_presence(&self) -> Result<(), String> {
        let document = self.client.document();
        match self.presence.iter().find(|(_, selection)| !T::points_into(&selection.focus, document)) {
            Some((other, Selection { focus, .. })) => Err(format!("{other} is at {focus:?}, not in {document:?}")),
            None => Ok(()),
        }
    }
}
