//! Types that break one rule each, to see that the simulation notices.

use std::marker::PhantomData;

use ot_core::json::Json;
use ot_core::rich::Rich;
use ot_core::text::{Run, Text, TextOp};
use ot_core::{OpError, OtType, Side};

use super::plan::Plan;
use super::session::{Played, play};
use crate::generate::{Generated, Source};

macro_rules! chosen {
    (; $usual:expr) => {
        $usual
    };
    ($chosen:expr; $usual:expr) => {
        $chosen
    };
}

/// A type that does everything as `T` does but for what is named.
macro_rules! broken {
    (
        $(#[$documentation:meta])*
        $wrapper:ident<$param:ident> of $inner:ty: $typed:path, $generated:path, $played:path
        $(, transform: $transform:expr)? $(, compose: $compose:expr)? $(, invert: $invert:expr)?
        $(, cursor: $cursor:expr)?
    ) => {
        $(#[$documentation])*
        #[derive(Debug)]
        pub(super) struct $wrapper<$param>(PhantomData<$param>);

        impl<$param: $typed> OtType for $wrapper<$param> {
            type Snapshot = <$inner as OtType>::Snapshot;
            type Op = <$inner as OtType>::Op;
            type Cursor = <$inner as OtType>::Cursor;
            type Log = <$inner as OtType>::Log;

            fn apply(snapshot: &mut Self::Snapshot, op: &Self::Op) -> Result<(), OpError> {
                <$inner as OtType>::apply(snapshot, op)
            }

            fn transform(op: &Self::Op, other: &Self::Op, side: Side) -> Self::Op {
                chosen!($($transform)?; <$inner as OtType>::transform)(op, other, side)
            }

            fn compose(first: &Self::Op, second: &Self::Op) -> Result<Self::Op, OpError> {
                chosen!($($compose)?; <$inner as OtType>::compose)(first, second)
            }

            fn invert(op: &Self::Op, before: &Self::Snapshot) -> Result<Self::Op, OpError> {
                chosen!($($invert)?; <$inner as OtType>::invert)(op, before)
            }

            fn transform_cursor(cursor: &Self::Cursor, op: &Self::Op, side: Side) -> Self::Cursor {
                chosen!($($cursor)?; <$inner as OtType>::transform_cursor)(cursor, op, side)
            }

            fn normalize(op: Self::Op) -> Self::Op {
                <$inner as OtType>::normalize(op)
            }

            fn is_noop(op: &Self::Op) -> bool {
                <$inner as OtType>::is_noop(op)
            }
        }

        impl<$param: $generated> Generated for $wrapper<$param> {
            fn document(source: &mut impl Source) -> Self::Snapshot {
                <$inner as Generated>::document(source)
            }

            fn edit(document: &Self::Snapshot, source: &mut impl Source) -> Self::Op {
                <$inner as Generated>::edit(document, source)
            }
        }

        impl<$param: $played> Played for $wrapper<$param> {
            fn start() -> Self::Snapshot {
                <$inner as Played>::start()
            }

            fn tie(peer: usize) -> Self::Op {
                <$inner as Played>::tie(peer)
            }

            fn tied(document: &Self::Snapshot) -> String {
                <$inner as Played>::tied(document)
            }

            fn tied_as_documented(order: &[usize]) -> String {
                <$inner as Played>::tied_as_documented(order)
            }

            fn point(document: &Self::Snapshot, source: &mut impl Source) -> Self::Cursor {
                <$inner as Played>::point(document, source)
            }

            fn mark(cursor: &Self::Cursor) -> Option<Self::Op> {
                <$inner as Played>::mark(cursor)
            }

            fn points_into(cursor: &Self::Cursor, document: &Self::Snapshot) -> bool {
                <$inner as Played>::points_into(cursor, document)
            }
        }
    };
}

broken!(
    /// Each of two concurrent ops takes itself for the left one.
    AlwaysLeft<T> of T: OtType, Generated, Played,
    transform: |op, other, _| T::transform(op, other, Side::Left)
);
broken!(
    /// The op that is committed earlier wins.
    Swapped<T> of T: OtType, Generated, Played,
    transform: |op, other, side: Side| T::transform(op, other, side.opposite())
);
broken!(
    /// What others did is passed over.
    Stubborn<T> of T: OtType, Generated, Played,
    transform: |op: &T::Op, _, _| op.clone()
);
broken!(
    /// Of two ops only the second is done.
    Forgetful<T> of T: OtType, Generated, Played,
    compose: |_, second: &T::Op| Ok(second.clone())
);
broken!(
    /// Nothing is ever taken back.
    Irrevocable<T> of T: OtType, Generated, Played,
    invert: |_, _| Ok(T::Op::default())
);
broken!(
    /// Cursors stay where they are.
    Staring<T> of T: OtType, Generated, Played,
    cursor: |cursor: &T::Cursor, _, _| cursor.clone()
);

broken!(
    /// A text that transforms against something else than what others did.
    Misreading<M> of Text: Misread, Misread, Misread,
    transform: |op, other: &TextOp, side| Text::transform(op, &other.runs().fold(TextOp::new(), M::run), side)
);

/// How one run of others is misread.
trait Misread {
    fn run(op: TextOp, run: Run<'_>) -> TextOp;
}

fn as_it_is(op: TextOp, run: Run<'_>) -> TextOp {
    match run {
        Run::Retain(count) => op.retain(count),
        Run::Insert(text) => op.insert(text),
        Run::Delete(count) => op.delete(count),
    }
}

macro_rules! misread {
    ($(#[$documentation:meta])* $name:ident, $pattern:pat => $run:expr) => {
        $(#[$documentation])*
        #[derive(Debug)]
        struct $name;

        impl Misread for $name {
            fn run(op: TextOp, run: Run<'_>) -> TextOp {
                match run {
                    $pattern => $run(op),
                    _ => as_it_is(op, run),
                }
            }
        }
    };
}

misread!(
    /// Inserts of others are not seen.
    NoInserts, Run::Insert(_) => |op| op
);
misread!(
    /// Deletes of others are taken for something that stays.
    NoDeletes, Run::Delete(count) => |op: TextOp| op.retain(count)
);
misread!(
    /// Inserts of others count bytes.
    Bytes, Run::Insert(text) => |op: TextOp| op.insert(&"x".repeat(text.len()))
);
misread!(
    /// What others keep counts one less.
    OffByOne, Run::Retain(count) => |op: TextOp| op.retain(count - 1)
);

fn fails<T: Played>() -> bool {
    (0..30).any(|seed| play::<T>(&Plan::drawn(seed)).is_err())
}

#[test]
fn a_tie_that_both_win_is_found() {
    assert!(fails::<AlwaysLeft<Text>>());
    assert!(fails::<AlwaysLeft<Rich>>());
    assert!(fails::<AlwaysLeft<Json>>());
}

/// Everyone still ends with the same document, but not with the one that is documented.
#[test]
fn a_tie_that_the_wrong_one_wins_is_found() {
    fn is_found<T: Played>() {
        for seed in 0..20 {
            let failure = play::<T>(&Plan::drawn(seed)).unwrap_err();
            assert!(failure.reason.contains("the tie"), "{failure}");
        }
    }
    is_found::<Swapped<Text>>();
    is_found::<Swapped<Rich>>();
    is_found::<Swapped<Json>>();
}

#[test]
fn ops_that_are_not_transformed_are_found() {
    assert!(fails::<Stubborn<Text>>());
    assert!(fails::<Stubborn<Rich>>());
    assert!(fails::<Stubborn<Json>>());
}

#[test]
fn what_is_lost_in_composition_is_found() {
    assert!(fails::<Forgetful<Text>>());
    assert!(fails::<Forgetful<Rich>>());
    assert!(fails::<Forgetful<Json>>());
}

#[test]
fn an_undo_that_does_nothing_is_found() {
    assert!(fails::<Irrevocable<Text>>());
    assert!(fails::<Irrevocable<Rich>>());
    assert!(fails::<Irrevocable<Json>>());
}

#[test]
fn cursors_that_stay_behind_are_found() {
    assert!(fails::<Staring<Text>>());
    assert!(fails::<Staring<Rich>>());
    assert!(fails::<Staring<Json>>());
}

#[test]
fn what_is_misread_of_others_is_found() {
    assert!(fails::<Misreading<NoInserts>>());
    assert!(fails::<Misreading<NoDeletes>>());
    assert!(fails::<Misreading<Bytes>>());
    assert!(fails::<Misreading<OffByOne>>());
}
