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

/// The pairs of changes that touch, of two lists whose ends ascend. `span` says where a change begins and ends.
pub(crate) fn touching<'a, C>(
    ours: &'a [C],
    theirs: &'a [C],
    span: impl Fn(&C) -> (usize, usize),
) -> Vec<(&'a C, &'a C)> {
    let mut pairs = Vec::new();
    let mut begin = 0;
    for our in ours {
        let (start, end) = span(our);
        // What ends before this one ends before all later ones.
        begin += theirs.iter().skip(begin).take_while(|their| span(their).1 < start).count();
        pairs.extend(theirs.iter().skip(begin).take_while(|their| span(their).0 <= end).map(|their| (our, their)));
    }
    pairs
}
