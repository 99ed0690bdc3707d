use std::fmt::Debug;

use crate::OtType;

/// A kind of document that can tell where two ops get into each other's way.
///
/// Ops that do are merged all the same, as the kind of document documents; this is for people, who may want to see what
/// came of it.
pub trait Conflicts: OtType {
    /// One place where the two meet.
    type Conflict: Clone + Debug + PartialEq;

    /// Where `ours` and `theirs`, made from the same document, change the same thing in different ways.
    fn conflicts(ours: &Self::Op, theirs: &Self::Op) -> Vec<Self::Conflict>;
}
