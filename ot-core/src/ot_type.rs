use std::fmt::Debug;
use std::ops::Range;

use crate::{OpError, OpLog};

/// Which of two concurrent ops wins a tie.
///
/// Two ops that insert at the same place, or set the same value, have to be put in some order, and both sides must
/// choose the same one. The op on the [`Left`](Side::Left) inserts before the other, and its value stays. Transforming
/// `a` against `b` with one side and `b` against `a` with the opposite one gives two results that fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Wins ties.
    Left,
    /// Loses ties.
    Right,
}

impl Side {
    /// The other side.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// A kind of document with operational transform.
///
/// An implementation is a type without values, as [`Text`](crate::text::Text): its functions are what matters.
/// Ops of any origin may be passed in: none of the functions panics or runs unboundedly on an op that does not fit.
///
/// # Laws
///
/// For every document `s`, ops `a` and `b` that fit it, and op `c` that fits the result of `a`:
///
/// - TP1: `apply(apply(s, a), transform(b, a, Right)) == apply(apply(s, b), transform(a, b, Left))`
/// - composition: `apply(s, compose(a, c)) == apply(apply(s, a), c)`
/// - inversion: `apply(apply(s, a), invert(a, s)) == s`
/// - cursors: where `transform_cursor(c, a, side)` points, `transform(m, a, side)` acts, if `m` acts where `c` points
/// - `normalize(a)` does what `a` does, and `normalize(normalize(a)) == normalize(a)`
///
/// Where two ops that fit one by one do not fit together, because the document would grow past a limit, both orders are
/// refused.
///
/// The names and the laws are those of the field: Ressel, Nitsche-Ruhland and Gunzenhäuser, "An integrating,
/// transformation-oriented approach to concurrency control and undo in group editors", CSCW 1996 (TP1); and the
/// ottypes interface for composition and normal form.
pub trait OtType {
    /// A document at one moment.
    type Snapshot: Clone + Debug + PartialEq;
    /// A change to a document. The default one changes nothing.
    type Op: Clone + Debug + Default + PartialEq;
    /// A place in a document that stays with its surroundings while ops go by.
    type Cursor: Clone + Debug + PartialEq;
    /// How many ops in a row are kept in memory.
    type Log: OpLog<Self::Op>;

    /// Changes `snapshot` as `op` says.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] that names the place when `op` does not fit, and leaves `snapshot` as it was.
    fn apply(snapshot: &mut Self::Snapshot, op: &Self::Op) -> Result<(), OpError>;

    /// Changes `snapshot` as the ops in the range of `log` say, one after the other; those past its end are none. A log
    /// that keeps ops in larger pieces is applied in those.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when one of the ops does not fit, and leaves `snapshot` somewhere on the way to it.
    fn replay(snapshot: &mut Self::Snapshot, log: &Self::Log, ops: Range<usize>) -> Result<(), OpError> {
        ops.map_while(|index| log.get(index)).try_for_each(|op| Self::apply(snapshot, &op))
    }

    /// Rewrites `op`, made at the same moment as `other`, so that it can follow `other` and still do what its author
    /// meant. `side` is the side of `op`.
    fn transform(op: &Self::Op, other: &Self::Op, side: Side) -> Self::Op;

    /// One op that does what `first` and then `second` do.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when `second` can't follow `first`.
    fn compose(first: &Self::Op, second: &Self::Op) -> Result<Self::Op, OpError>;

    /// Makes `first` what composing it with `second` gives, where that is far cheaper in place, as for the next letter
    /// that someone types. Returns whether it did; else `first` is as it was. Doing it never is correct too.
    fn absorb(first: &mut Self::Op, second: &Self::Op) -> bool {
        let _ = (first, second);
        false
    }

    /// The op that takes `op` back: it fits the document after `op` and restores `before`.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when `op` does not fit `before`.
    fn invert(op: &Self::Op, before: &Self::Snapshot) -> Result<Self::Op, OpError>;

    /// Where `cursor` stands after `op`. `side` is [`Side::Right`] for the cursor of the author of `op`, which moves
    /// behind what they insert, and [`Side::Left`] for everybody else's, which stays before it.
    fn transform_cursor(cursor: &Self::Cursor, op: &Self::Op, side: Side) -> Self::Cursor;

    /// The canonical form of `op`.
    fn normalize(op: Self::Op) -> Self::Op;

    /// Whether `op` changes nothing.
    fn is_noop(op: &Self::Op) -> bool;
}
