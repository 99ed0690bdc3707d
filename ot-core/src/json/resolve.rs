//! Transforming when the ops may exclude each other: conflicts are ended one by one, then nothing is in the way.

use super::compose::compose;
use super::conflict::{Conflict, find, resolution};
use super::op::JsonOp;
use super::transform::transform;
use crate::{OpError, Side};

/// How a [`Conflict`] ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// As in `json1`: what is removed is removed with all that came into it; of two values at one key the left one
    /// stays; values moved into each other go.
    Standard,
    /// Of two values at one key this side's stays. The other kinds of conflict end as by [`Resolution::Standard`].
    Keep(Side),
    /// Not at all: the transform is refused with the conflict.
    Refuse,
}

/// Who decides how conflicts end. Both sides of a session must decide alike, so a policy may depend on nothing but what
/// both know: the conflict, with the left op's part as [`Conflict::ours`], and what was agreed before, such as ranks.
///
/// Any function from a conflict to a [`Resolution`] is a policy.
pub trait Policy {
    /// How `conflict` ends. [`Conflict::ours`] is what the op on the left does.
    fn resolve(&self, conflict: &Conflict) -> Resolution;
}

impl<F: Fn(&Conflict) -> Resolution> Policy for F {
    fn resolve(&self, conflict: &Conflict) -> Resolution {
        self(conflict)
    }
}

/// Every conflict ends as by [`Resolution::Standard`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standard;

impl Policy for Standard {
    fn resolve(&self, _: &Conflict) -> Resolution {
        Resolution::Standard
    }
}

/// Of two values at one key, the one of the author with the higher rank stays; between equal ranks the left one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The rank of the author of the op on the left.
    pub left: u32,
    /// The rank of the author of the op on the right.
    pub right: u32,
}

impl Policy for Ranked {
    fn resolve(&self, _: &Conflict) -> Resolution {
        Resolution::Keep(if self.right > self.left { Side::Right } else { Side::Left })
    }
}

/// `op` behind `other`, or the first conflict that the policy refuses, as the author of `op` sees it.
///
/// The conflicts are looked for from the left op's end, whichever is asked for: both sides resolve alike.
pub(super) fn transform_with(op: &JsonOp, other: &JsonOp, side: Side, policy: &impl Policy) -> Result<JsonOp, Refused> {
    let (op, other) = (&*op.normalized(), &*other.normalized());
    let (left, right) = match side {
        Side::Left => (op, other),
        Side::Right => (other, op),
    };
    let Some(mut conflict) = find(left, right, Side::Left) else {
        return Ok(transform(op, other, side));
    };
    let (mut left, mut right) = (left.clone(), right.clone());
    let mut fix = JsonOp::default();
    // Each round takes back something that an op brings or edits. Only ops that fit no document need more.
    let mut rounds = left.root.parts() + right.root.parts();
    loop {
        let left_stays = match policy.resolve(&conflict) {
            Resolution::Standard | Resolution::Keep(Side::Left) => true,
            Resolution::Keep(Side::Right) => false,
            Resolution::Refuse => {
                return Err(Refused::Conflict(if side == Side::Left { conflict } else { conflict.inverted() }));
            }
        };
        let (left_fix, right_fix) = resolution(&conflict, left_stays);
        left = compose(&left, &left_fix)?;
        right = compose(&right, &right_fix)?;
        fix = compose(&fix, if side == Side::Left { &right_fix } else { &left_fix })?;
        match find(&left, &right, Side::Left) {
            None => break,
            Some(_) if rounds == 0 => return Err(Refused::Misfit),
            Some(next) => conflict = next,
        }
        rounds -= 1;
    }
    let behind = match side {
        Side::Left => transform(&left, &right, side),
        Side::Right => transform(&right, &left, side),
    };
    Ok(compose(&fix, &behind)?)
}

/// Why there is no op behind the other.
pub(super) enum Refused {
    /// The policy said so.
    Conflict(Conflict),
    /// The ops don't fit one document.
    Misfit,
}

impl From<OpError> for Refused {
    fn from(_: OpError) -> Self {
        Self::Misfit
    }
}
