//! What a memo and its branch can't both have.

use std::collections::HashSet;

use ot_core::branch::Conflicts;
use ot_core::text::{Rope, Text, TextChange, TextConflict, TextOp};
use ot_core::{OpError, OtType};

use super::conflicts::{Choice, Choices, MergeConflict};
use super::describe::shortened;
use super::sides::{Direction, Sides};
use crate::limits::MERGE_CONFLICTS;

/// Up to how many choices each becomes an edit of its own place.
const ONE_BY_ONE: usize = 32;

/// Where both sides changed the same stretch of `base`, in its order: the first [`MERGE_CONFLICTS`], and whether those
/// are all. Without a choice what either inserted stays.
#[must_use]
pub fn memo_conflicts(base: &str, sides: &Sides<TextOp>) -> (Vec<MergeConflict>, bool) {
    let found = Text::conflicts(&sides.branch, &sides.parent);
    let rope = Rope::from(base);
    let told = found.iter().take(MERGE_CONFLICTS).enumerate().map(|(number, conflict)| {
        let (start, end) = around(conflict);
        let held = |change: &TextChange| {
            let before = rope.slice(start..change.at).unwrap_or_default();
            let after = rope.slice(change.at.saturating_add(change.deleted)..end).unwrap_or_default();
            shortened(&format!("{before}{}{after}", change.inserted))
        };
        MergeConflict {
            path: path(number),
            label: "text".to_owned(),
            period: None,
            field: String::new(),
            cell: None,
            base: rope.slice(start..end).map(|text| shortened(&text)),
            ours: Some(held(&conflict.ours)),
            theirs: Some(held(&conflict.theirs)),
            merged: None,
            default: None,
        }
    });
    (told.collect(), found.len() <= MERGE_CONFLICTS)
}

/// What the choices make of the merged text, as an op on it.
///
/// # Errors
///
/// Returns an [`OpError`] when the ops don't fit `base`.
pub fn memo_choices(base: &str, sides: &Sides<TextOp>, choices: &Choices) -> Result<TextOp, OpError> {
    let found = Text::conflicts(&sides.branch, &sides.parent);
    let chosen: Vec<(&TextConflict, Choice)> = found
        .iter()
        .enumerate()
        .filter_map(|(number, conflict)| Some((conflict, *choices.get(&path(number))?)))
        .collect();
    let mut fix = TextOp::new();
    if chosen.is_empty() {
        return Ok(fix);
    }
    let mut merged = merged(base, sides)?;
    let step = if chosen.len() > ONE_BY_ONE { chosen.len() } else { 1 };
    for upto in (step..=chosen.len()).step_by(step) {
        let decided = chosen.get(..upto).unwrap_or_default();
        let dropped = |side: Choice| -> HashSet<usize> {
            let against = decided.iter().filter(move |(_, choice)| *choice != side);
            against
                .map(|(conflict, _)| if side == Choice::Ours { conflict.ours.at } else { conflict.theirs.at })
                .collect()
        };
        let kept = Sides {
            branch: without(&sides.branch, &dropped(Choice::Ours)),
            parent: without(&sides.parent, &dropped(Choice::Theirs)),
        };
        let next = self::merged(base, &kept)?;
        fix = Text::compose(&fix, &TextOp::diff(&merged, &next))?;
        merged = next;
    }
    Ok(fix)
}

fn path(number: usize) -> String {
    format!("text/{number}")
}

/// The stretch of the text before that either side changes.
fn around(conflict: &TextConflict) -> (usize, usize) {
    let end = |change: &TextChange| change.at.saturating_add(change.deleted);
    (conflict.ours.at.min(conflict.theirs.at), end(&conflict.ours).max(end(&conflict.theirs)))
}

fn merged(base: &str, sides: &Sides<TextOp>) -> Result<String, OpError> {
    let mut text = Rope::from(base);
    Text::apply(&mut text, &sides.parent)?;
    Text::apply(&mut text, &sides.merge::<Text>(Direction::IntoParent).op)?;
    Ok(text.to_string())
}

/// `op` without the changes that begin at these places of the text before.
fn without(op: &TextOp, dropped: &HashSet<usize>) -> TextOp {
    use ot_core::text::Run;
    let mut kept = TextOp::new();
    let mut at = 0_usize;
    // A change begins where something was kept before it, and goes on to where something is kept again.
    let mut is_dropped = dropped.contains(&0);
    let mut is_open = false;
    for run in op.runs() {
        if !is_open && !matches!(run, Run::Retain(_)) {
            is_dropped = dropped.contains(&at);
            is_open = true;
        }
        match run {
            Run::Retain(count) => {
                kept = kept.retain(count);
                at = at.saturating_add(count);
                is_open = false;
            }
            Run::Insert(text) if !is_dropped => kept = kept.insert(text),
            Run::Insert(_) => {}
            Run::Delete(count) => {
                kept = if is_dropped { kept.retain(count) } else { kept.delete(count) };
                at = at.saturating_add(count);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(at: usize, deleted: usize, text: &str) -> TextOp {
        TextOp::new().retain(at).delete(deleted).insert(text)
    }

    fn decided(base: &str, sides: &Sides<TextOp>, choices: &[(&str, Choice)]) -> String {
        let choices = choices.iter().map(|(path, choice)| ((*path).to_owned(), *choice)).collect();
        let mut text = Rope::from(merged(base, sides).unwrap().as_str());
        Text::apply(&mut text, &memo_choices(base, sides, &choices).unwrap()).unwrap();
        text.to_string()
    }

    #[test]
    fn of_two_changes_of_one_stretch_either_can_be_chosen() {
        let base = "the price is 10 é";
        let sides = Sides { branch: replaced(13, 2, "12"), parent: replaced(13, 2, "11") };
        let (conflicts, is_complete) = memo_conflicts(base, &sides);
        assert!(is_complete && conflicts.len() == 1);
        let told = &conflicts[0];
        assert_eq!(
            (told.base.as_deref(), told.ours.as_deref(), told.theirs.as_deref()),
            (Some("10"), Some("12"), Some("11"))
        );
        assert_eq!(decided(base, &sides, &[("text/0", Choice::Ours)]), "the price is 12 é");
        assert_eq!(decided(base, &sides, &[("text/0", Choice::Theirs)]), "the price is 11 é");
        assert_eq!(decided(base, &sides, &[]), merged(base, &sides).unwrap());
    }

    #[test]
    fn each_conflict_is_decided_by_itself_and_other_changes_stay() {
        let base = "a1b2c3";
        let branch = TextOp::new().delete(1).insert("A").retain(1).delete(1).insert("B").retain(3).insert("!");
        let parent =
            TextOp::new().delete(1).insert("x").retain(1).delete(1).insert("y").retain(1).delete(1).insert("z");
        let sides = Sides { branch, parent };
        assert_eq!(memo_conflicts(base, &sides).0.len(), 2);
        let choices = [("text/0", Choice::Ours), ("text/1", Choice::Theirs)];
        assert_eq!(decided(base, &sides, &choices), "A1y2z3!");
    }
}
