//! Types that break the rule about ties, to see that the simulation notices.

use std::marker::PhantomData;

use ot_core::{OpError, OtType, Side};

use super::session::Played;
use crate::generate::{Generated, Source};

/// Each of two concurrent ops takes itself for the left one.
#[derive(Debug)]
pub(super) struct AlwaysLeft<T>(PhantomData<T>);

/// The op that is committed earlier wins.
#[derive(Debug)]
pub(super) struct Swapped<T>(PhantomData<T>);

macro_rules! with_sides {
    ($wrapper:ident, $side:expr) => {
        impl<T: OtType> OtType for $wrapper<T> {
            type Snapshot = T::Snapshot;
            type Op = T::Op;
            type Cursor = T::Cursor;
            type Log = T::Log;

            fn apply(snapshot: &mut T::Snapshot, op: &T::Op) -> Result<(), OpError> {
                T::apply(snapshot, op)
            }

            fn invert(op: &T::Op, before: &T::Snapshot) -> Result<T::Op, OpError> {
                T::invert(op, before)
            }

            fn transform(op: &T::Op, other: &T::Op, side: Side) -> T::Op {
                T::transform(op, other, $side(side))
            }

            fn compose(first: &T::Op, second: &T::Op) -> Result<T::Op, OpError> {
                T::compose(first, second)
            }

            fn transform_cursor(cursor: &T::Cursor, op: &T::Op, side: Side) -> T::Cursor {
                T::transform_cursor(cursor, op, side)
            }

            fn normalize(op: T::Op) -> T::Op {
                T::normalize(op)
            }

            fn is_noop(op: &T::Op) -> bool {
                T::is_noop(op)
            }
        }

        impl<T: Generated> Generated for $wrapper<T> {
            fn document(source: &mut impl Source) -> T::Snapshot {
                T::document(source)
            }

            fn edit(document: &T::Snapshot, source: &mut impl Source) -> T::Op {
                T::edit(document, source)
            }
        }

        impl<T: Played> Played for $wrapper<T> {
            fn start() -> T::Snapshot {
                T::start()
            }

            fn tie(peer: usize) -> T::Op {
                T::tie(peer)
            }

            fn tied(document: &T::Snapshot) -> String {
                T::tied(document)
            }

            fn tied_as_documented(earlier: usize, later: usize) -> String {
                T::tied_as_documented(earlier, later)
            }
        }
    };
}

with_sides!(AlwaysLeft, |_| Side::Left);
with_sides!(Swapped, Side::opposite);
