use std::collections::VecDeque;

use super::UndoLimits;
use super::pile::{Order, Pile};
use crate::{OtType, Side};

/// Groups of edits that can be taken back, the newest last.
#[derive(Clone, Debug)]
pub(super) struct Stack<T: OtType> {
    groups: VecDeque<Group<T>>,
    /// How many remote ops the groups hold together.
    remote: usize,
}

/// Edits that are taken back together.
#[derive(Clone, Debug)]
pub(super) struct Group<T: OtType> {
    pub(super) first_ms: u64,
    pub(super) last_ms: u64,
    /// Takes the edits back, in the document right after the last of them.
    inverse: Pile<T>,
    /// The user's before the first edit.
    cursors: Vec<T::Cursor>,
    /// What others did since the last edit, up to the next group.
    remote: Pile<T>,
}

/// What taking back the newest group comes to.
pub(super) struct Top<T: OtType> {
    pub(super) op: T::Op,
    /// The remote ops since, as they are without the group.
    remote: Vec<T::Op>,
    cursors: Vec<T::Cursor>,
    /// The group could not be made one op, and this is only the last part of it.
    partial: bool,
}

impl<T: OtType> Default for Stack<T> {
    fn default() -> Self {
        Self { groups: VecDeque::new(), remote: 0 }
    }
}

impl<T: OtType> Group<T> {
    pub(super) fn new(inverse: T::Op, cursors: Vec<T::Cursor>, now_ms: u64) -> Self {
        let mut pile = Pile::new(Order::NewestFirst);
        pile.push(inverse);
        Self { first_ms: now_ms, last_ms: now_ms, inverse: pile, cursors, remote: Pile::new(Order::OldestFirst) }
    }

    fn top(&self) -> Top<T> {
        let mut inverse = self.inverse.clone();
        inverse.join();
        let partial = inverse.len() > 1;
        let mut op = inverse.last().cloned().unwrap_or_default();
        let mut remote = Vec::with_capacity(self.remote.len());
        for theirs in self.remote.iter() {
            // What others did came later, and stays.
            let moved = T::transform(&op, theirs, Side::Right);
            remote.push(T::transform(theirs, &op, Side::Left));
            op = moved;
        }
        let moved = |cursor: &T::Cursor| {
            let cursor = cursor.clone();
            remote.iter().fold(cursor, |cursor, op| T::transform_cursor(&cursor, op, Side::Left))
        };
        let cursors = self.cursors.iter().map(moved).collect();
        Top { op, remote, cursors, partial }
    }
}

impl<T: OtType> Stack<T> {
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn newest(&self) -> Option<&Group<T>> {
        self.groups.back()
    }

    pub(super) fn push(&mut self, group: Group<T>) {
        self.groups.push_back(group);
    }

    /// Adds the inverse of one more edit to the newest group; returns whether it could be.
    pub(super) fn join(&mut self, inverse: &T::Op, now_ms: u64) -> bool {
        if self.newest().is_some_and(|group| group.remote.len() > 0) && !self.pass_remote() {
            return false;
        }
        let Some(group) = self.groups.back_mut() else { return false };
        group.inverse.push(inverse.clone());
        group.last_ms = now_ms;
        true
    }

    /// Takes in an op of others after the newest group.
    pub(super) fn remote(&mut self, op: &T::Op) {
        if let Some(group) = self.groups.back_mut() {
            let before = group.remote.len();
            group.remote.push(op.clone());
            self.remote = self.remote.saturating_sub(before).saturating_add(group.remote.len());
        }
    }

    pub(super) fn top(&self) -> Option<Top<T>> {
        self.newest().map(Group::top)
    }

    /// Removes what [`Stack::top`] returned. Returns its op and its cursors.
    pub(super) fn pop(&mut self, top: Top<T>) -> (T::Op, Vec<T::Cursor>) {
        if let Some(mut group) = self.groups.pop_back() {
            self.remote = self.remote.saturating_sub(group.remote.len());
            if top.partial {
                group.inverse.join();
                group.inverse.pop_last();
                group.remote = Pile::new(Order::OldestFirst);
                self.groups.push_back(group);
            }
        }
        top.remote.iter().for_each(|op| self.remote(op));
        (top.op, top.cursors)
    }

    /// Forgets the oldest groups until the rest is within `limits`.
    pub(super) fn keep_within(&mut self, limits: &UndoLimits) {
        if self.remote > limits.remote {
            self.groups.iter_mut().for_each(|group| group.remote.join());
            self.remote = self.groups.iter().map(|group| group.remote.len()).sum();
        }
        while self.groups.len() > limits.groups || self.remote > limits.remote {
            let Some(dropped) = self.groups.pop_front() else { return };
            self.remote = self.remote.saturating_sub(dropped.remote.len());
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Puts the remote ops after the newest group before it, so that an edit can join it; returns whether it could.
    fn pass_remote(&mut self) -> bool {
        let Some(top) = self.top() else { return false };
        if top.partial {
            return false;
        }
        let Some(group) = self.groups.back() else { return false };
        let (first_ms, last_ms) = (group.first_ms, group.last_ms);
        let (op, cursors) = self.pop(top);
        self.push(Group { last_ms, ..Group::new(op, cursors, first_ms) });
        true
    }
}
