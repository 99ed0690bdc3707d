//! Undo under everybody's edits: it always fits, takes back one's own work only, and never depends on what is
//! forgotten.

use ot_core::json::Json;
use ot_core::rich::Rich;
use ot_core::text::{Text, TextOp};
use ot_core::undo::{UndoLimits, UndoManager};
use ot_core::{OtType, Side};

use crate::generate::{Generated, Source, SplitMix64};

/// Nobody else edits: every undo leads to the document before the group, every redo to the one after.
fn undo_and_redo_alone_walk_the_same_way<T: Generated>() {
    for seed in 0..300 {
        let mut source = SplitMix64::new(seed);
        let mut document = T::document(&mut source);
        let mut undo = UndoManager::<T>::default();
        let mut ways = vec![document.clone()];
        for _ in 0..source.below(8) {
            undo.close_group();
            for _ in 0..=source.below(3) {
                let op = T::edit(&document, &mut source);
                undo.edited(&op, &document, Vec::new(), 0).unwrap();
                T::apply(&mut document, &op).unwrap();
            }
            if undo.depth().0 == ways.len() {
                ways.push(document.clone());
            }
        }
        let mut at = ways.len() - 1;
        for _ in 0..30 {
            let back = source.below(5) < 3;
            let undone = if back { undo.undo(&document, Vec::new()) } else { undo.redo(&document, Vec::new()) };
            let Some(undone) = undone.unwrap() else { continue };
            T::apply(&mut document, &undone.op).unwrap();
            let next = |at: usize| if back { at - 1 } else { at + 1 };
            let from = at;
            at = next(at);
            // A group whose edits cancel out is passed over.
            while ways[at] != document && ways[at] == ways[from] {
                at = next(at);
            }
            assert_eq!(document, ways[at], "seed {seed}");
        }
        while let Some(undone) = undo.undo(&document, Vec::new()).unwrap() {
            T::apply(&mut document, &undone.op).unwrap();
        }
        assert_eq!(document, ways[0], "seed {seed}");
    }
}

#[test]
fn undo_and_redo_of_texts_walk_the_same_way() {
    undo_and_redo_alone_walk_the_same_way::<Text>();
}

#[test]
fn undo_and_redo_of_rich_texts_walk_the_same_way() {
    undo_and_redo_alone_walk_the_same_way::<Rich>();
}

#[test]
fn undo_and_redo_of_json_walk_the_same_way() {
    undo_and_redo_alone_walk_the_same_way::<Json>();
}

/// Undo and redo among the edits of others always fit, and undoing and redoing at once changes nothing.
fn undo_always_fits<T: Generated>() {
    for seed in 0..300 {
        let mut source = SplitMix64::new(seed);
        let mut document = T::document(&mut source);
        let limits = UndoLimits { groups: 1 + source.below(6), remote: 1 + source.below(8), ..UndoLimits::default() };
        let mut undo = UndoManager::<T>::new(limits);
        for step in 0..60 {
            match source.below(8) {
                0..=2 => {
                    let op = T::edit(&document, &mut source);
                    undo.edited(&op, &document, Vec::new(), step * 700).unwrap();
                    T::apply(&mut document, &op).unwrap();
                }
                3 | 4 => {
                    let op = T::edit(&document, &mut source);
                    undo.remote(&op);
                    T::apply(&mut document, &op).unwrap();
                }
                5 | 6 => {
                    let before = document.clone();
                    if let Ok(Some(undone)) = undo.undo(&document, Vec::new()) {
                        T::apply(&mut document, &undone.op).unwrap();
                        if source.one_in(2) {
                            let redone = undo.redo(&document, Vec::new()).unwrap().unwrap();
                            T::apply(&mut document, &redone.op).unwrap();
                            assert_eq!(document, before, "seed {seed}, step {step}");
                        }
                    }
                }
                _ => {
                    if let Ok(Some(redone)) = undo.redo(&document, Vec::new()) {
                        T::apply(&mut document, &redone.op).unwrap();
                    }
                }
            }
            let (groups, redoable) = undo.depth();
            assert!(groups <= limits.groups && redoable <= limits.groups);
        }
    }
}

#[test]
fn undo_always_fits_a_text() {
    undo_always_fits::<Text>();
}

#[test]
fn undo_always_fits_a_rich_text() {
    undo_always_fits::<Rich>();
}

#[test]
fn undo_always_fits_json() {
    undo_always_fits::<Json>();
}

/// An edit at random places that inserts `letter`.
fn typed(document: &str, letter: &str, source: &mut impl Source) -> TextOp {
    let length = document.chars().count();
    let at = source.below(length + 1);
    let op = TextOp::new().retain(at);
    if source.one_in(3) { op.delete(source.below(length - at + 1).min(3)) } else { op.insert(letter) }
}

/// The start is digits, ours are small letters, theirs capitals. When all of ours is undone, there are no small
/// letters, and all that others have not removed, in its order.
#[test]
fn all_of_ones_own_work_is_taken_back_and_nothing_of_others() {
    for seed in 0..2_000 {
        let mut source = SplitMix64::new(seed);
        let mut document = <Text as OtType>::Snapshot::from("0123456789");
        let mut undo = UndoManager::<Text>::default();
        let mut theirs: Vec<char> = "0123456789".chars().collect();
        for step in 0..12 {
            let before = document.to_string();
            if source.one_in(2) {
                let op = typed(&before, "m", &mut source);
                undo.edited(&op, &document, Vec::new(), step * 800).unwrap();
                Text::apply(&mut document, &op).unwrap();
            } else {
                let letter = char::from(b'A' + u8::try_from(step).unwrap());
                let op = typed(&before, &letter.to_string(), &mut source);
                undo.remote(&op);
                Text::apply(&mut document, &op).unwrap();
                let after = document.to_string();
                theirs.retain(|kept| after.contains(*kept) || !before.contains(*kept));
                theirs.extend(after.chars().filter(|now| *now == letter));
            }
        }
        while let Some(undone) = undo.undo(&document, Vec::new()).unwrap() {
            Text::apply(&mut document, &undone.op).unwrap();
        }
        let end = document.to_string();
        let digits = |text: &mut dyn Iterator<Item = char>| text.filter(char::is_ascii_digit).collect::<String>();
        assert_eq!(digits(&mut end.chars()), digits(&mut theirs.iter().copied()), "seed {seed}");
        let mut sorted: Vec<char> = end.chars().collect();
        sorted.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(sorted, theirs, "seed {seed}");
    }
}

/// What a manager with room for all gives, one with little room gives as well, as long as it reaches.
#[test]
fn forgetting_the_oldest_groups_changes_nothing_for_the_others() {
    for seed in 0..300 {
        let mut source = SplitMix64::new(seed);
        let mut document = Text::document(&mut source);
        let mut whole = UndoManager::<Text>::default();
        let mut short = UndoManager::<Text>::new(UndoLimits { groups: 1 + source.below(4), ..UndoLimits::default() });
        for _ in 0..20 {
            let op = Text::edit(&document, &mut source);
            let own = source.one_in(2);
            for undo in [&mut whole, &mut short] {
                undo.close_group();
                if own { undo.edited(&op, &document, Vec::new(), 0).unwrap() } else { undo.remote(&op) }
            }
            Text::apply(&mut document, &op).unwrap();
        }
        while let Some(undone) = short.undo(&document, Vec::new()).unwrap() {
            let expected = whole.undo(&document, Vec::new()).unwrap().unwrap();
            assert_eq!(undone.op, expected.op, "seed {seed}");
            Text::apply(&mut document, &undone.op).unwrap();
        }
    }
}

/// The document after an undo is the one in which the group never was, with what others did since, transformed.
#[test]
fn an_undo_is_the_inverse_transformed_over_what_came_later() {
    for seed in 0..500 {
        let mut source = SplitMix64::new(seed);
        let start = Text::document(&mut source);
        let op = Text::edit(&start, &mut source);
        let mut undo = UndoManager::<Text>::default();
        undo.edited(&op, &start, Vec::new(), 0).unwrap();
        let mut document = start.clone();
        Text::apply(&mut document, &op).unwrap();
        let theirs = Text::edit(&document, &mut source);
        undo.remote(&theirs);
        let inverse = Text::invert(&op, &start).unwrap();
        Text::apply(&mut document, &theirs).unwrap();

        let mut without = start;
        Text::apply(&mut without, &Text::transform(&theirs, &inverse, Side::Left)).unwrap();
        if let Some(undone) = undo.undo(&document, Vec::new()).unwrap() {
            Text::apply(&mut document, &undone.op).unwrap();
        }
        assert_eq!(document, without, "seed {seed}");
    }
}
