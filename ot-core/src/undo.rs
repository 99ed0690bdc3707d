//! Undo and redo for one of many users: only their own work, under everybody else's edits.
//!
//! [`UndoManager`] stands beside one user's document. It is told of every op that changes the document: the user's own
//! with [`UndoManager::edited`], everybody else's with [`UndoManager::remote`]. It gives the op that takes the user's
//! newest work back, as an edit like any other: it is applied, submitted and transformed as such.
//!
//! # What becomes of other people's work
//!
//! Whatever others do to the same place counts as later, and later work wins:
//!
//! - A value that I set and somebody else has set again stays as they set it. An item that I moved and they moved on
//!   stays where they put it.
//! - What I removed comes back where it was, and where others have inserted at that very place, behind that. What they
//!   removed stays removed.
//! - What I inserted goes, wherever others have moved it. In a text, what others wrote inside of mine stays. In a tree,
//!   what they put into an object or a list that I inserted goes with it, as whoever removes a container removes
//!   its content; redo brings it back.
//! - Work of mine that is gone altogether is passed over, and the next older group is undone.
//!
//! Undo and then redo is the identity when nobody else edits.
//!
//! # How it works
//!
//! Each group of edits is kept as its inverse, which fits the document right after the group. Ops of others wait behind
//! the group after which they came, composed, and the inverse is transformed over them when its turn comes; those ops,
//! transformed the other way, then wait behind the next older group. So a remote op costs one composition, however many
//! groups there are, and each group depends only on what came after it: dropping the oldest ones changes nothing for
//! the others. (Sun, "Undo as concurrent inverse in group editors", TOCHI 2002; Ressel and Gunzenhäuser, "Reducing the
//! problems of group undo", GROUP 1999.)

mod pile;
mod stack;

use crate::{OpError, OtType};

use self::stack::{Group, Stack};

/// What one user can undo and redo in one document. See the [module](self).
///
/// ```
/// use ot_core::text::{Text, TextOp};
/// use ot_core::{OtType, UndoManager};
///
/// let mut undo = UndoManager::<Text>::default();
/// let mut document = "report".into();
///
/// let mine = TextOp::new().retain(6).insert(" draft");
/// undo.edited(&mine, &document, Vec::new(), 0)?;
/// Text::apply(&mut document, &mine)?;
///
/// let theirs = TextOp::new().insert("the ");
/// undo.remote(&theirs);
/// Text::apply(&mut document, &theirs)?;
///
/// if let Some(undone) = undo.undo(&document, Vec::new())? {
///     Text::apply(&mut document, &undone.op)?;
/// }
/// assert_eq!(document.to_string(), "the report");
/// # Ok::<(), ot_core::OpError>(())
/// ```
#[derive(Clone, Debug)]
pub struct UndoManager<T: OtType> {
    limits: UndoLimits,
    undo: Stack<T>,
    redo: Stack<T>,
    transactions: usize,
    /// Whether the next edit may join the newest group.
    open: bool,
}

/// How far back undo reaches, and what counts as one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoLimits {
    /// How many groups can be undone, and how many redone. Older ones are forgotten.
    pub groups: usize,
    /// How many ops of others are kept, after those between the same two groups are composed. With more, the oldest
    /// groups are forgotten.
    pub remote: usize,
    /// Edits that follow one another within this many milliseconds are one group.
    pub pause_ms: u64,
    /// A group that began longer ago than this takes in no more edits, in milliseconds.
    pub group_ms: u64,
}

impl Default for UndoLimits {
    fn default() -> Self {
        Self { groups: 200, remote: 400, pause_ms: 1_000, group_ms: 15_000 }
    }
}

/// What undo or redo does.
#[derive(Clone, Debug, PartialEq)]
pub struct Undone<T: OtType> {
    /// The edit to apply and to submit. [`UndoManager`] knows it already.
    pub op: T::Op,
    /// Where the user's cursors stood before the edits that are taken back, in the document after `op`.
    pub cursors: Vec<T::Cursor>,
}

impl<T: OtType> Default for UndoManager<T> {
    fn default() -> Self {
        Self::new(UndoLimits::default())
    }
}

impl<T: OtType> UndoManager<T> {
    /// Nothing to undo yet.
    #[must_use]
    pub fn new(limits: UndoLimits) -> Self {
        Self { limits, undo: Stack::default(), redo: Stack::default(), transactions: 0, open: false }
    }

    /// Takes in an edit of the user's own, not yet applied to `before`. `cursors` are the user's before it, `now_ms`
    /// is any clock that counts milliseconds. What could be redone is forgotten.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`], and changes nothing, when `op` does not fit `before`.
    pub fn edited(
        &mut self,
        op: &T::Op,
        before: &T::Snapshot,
        cursors: Vec<T::Cursor>,
        now_ms: u64,
    ) -> Result<(), OpError> {
        let inverse = T::invert(op, before)?;
        if T::is_noop(op) {
            return Ok(());
        }
        self.redo.clear();
        let UndoLimits { pause_ms, group_ms, .. } = self.limits;
        let joins = self.open
            && self.undo.newest().is_some_and(|group| {
                let within = |since: u64, limit| now_ms.saturating_sub(since) <= limit;
                self.transactions > 0 || within(group.last_ms, pause_ms) && within(group.first_ms, group_ms)
            });
        if !(joins && self.undo.join(&inverse, now_ms)) {
            self.undo.push(Group::new(inverse, cursors, now_ms));
        }
        self.open = true;
        self.undo.keep_within(&self.limits);
        Ok(())
    }

    /// Takes in an op that somebody else made, in the form in which it was applied to the document here. An edit of
    /// the user's own that is not to be undone is taken in the same way.
    pub fn remote(&mut self, op: &T::Op) {
        for stack in [&mut self.undo, &mut self.redo] {
            stack.remote(op);
            stack.keep_within(&self.limits);
        }
    }

    /// Makes everything up to the matching [`UndoManager::end`] one group, however long it takes. Transactions may be
    /// nested; the outermost one counts.
    pub fn begin(&mut self) {
        if self.transactions == 0 {
            self.open = false;
        }
        self.transactions = self.transactions.saturating_add(1);
    }

    /// Ends what [`UndoManager::begin`] began.
    pub fn end(&mut self) {
        self.transactions = self.transactions.saturating_sub(1);
        if self.transactions == 0 {
            self.open = false;
        }
    }

    /// Makes the next edit begin a new group, as after a click elsewhere.
    pub fn close_group(&mut self) {
        if self.transactions == 0 {
            self.open = false;
        }
    }

    /// Whether there is a group to undo. It may turn out that others have left nothing of it.
    pub fn can_undo(&self) -> bool {
        self.undo.newest().is_some()
    }

    /// Whether there is a group to redo. It may turn out that others have left nothing of it.
    pub fn can_redo(&self) -> bool {
        self.redo.newest().is_some()
    }

    /// How many groups can be undone and how many redone.
    pub fn depth(&self) -> (usize, usize) {
        (self.undo.len(), self.redo.len())
    }

    /// Takes back the newest group of which something is left; nothing when there is none. `document` is the newest
    /// one here, `cursors` are the user's in it, for redo.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`], and keeps the group, when the document would grow past a limit.
    pub fn undo(&mut self, document: &T::Snapshot, cursors: Vec<T::Cursor>) -> Result<Option<Undone<T>>, OpError> {
        self.open = false;
        take_back(&mut self.undo, &mut self.redo, document, cursors, &self.limits)
    }

    /// Does again what was undone last.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`], and keeps the group, when the document would grow past a limit.
    pub fn redo(&mut self, document: &T::Snapshot, cursors: Vec<T::Cursor>) -> Result<Option<Undone<T>>, OpError> {
        self.open = false;
        take_back(&mut self.redo, &mut self.undo, document, cursors, &self.limits)
    }

    /// Forgets everything, as is needed when the document is replaced by another one.
    pub fn clear(&mut self) {
        self.undo.clear();
        self.redo.clear();
        self.open = false;
    }
}

/// Takes back the newest group of `from`, and notes in `to` how to take that back.
fn take_back<T: OtType>(
    from: &mut Stack<T>,
    to: &mut Stack<T>,
    document: &T::Snapshot,
    cursors: Vec<T::Cursor>,
    limits: &UndoLimits,
) -> Result<Option<Undone<T>>, OpError> {
    while let Some(top) = from.top() {
        if T::is_noop(&top.op) {
            from.pop(top);
            continue;
        }
        let inverse = T::invert(&top.op, document)?;
        T::apply(&mut document.clone(), &top.op)?;
        let (op, restored) = from.pop(top);
        from.keep_within(limits);
        // A group that comes from here is as good as closed, so its time does not matter.
        to.push(Group::new(inverse, cursors, 0));
        to.keep_within(limits);
        return Ok(Some(Undone { op, cursors: restored }));
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
