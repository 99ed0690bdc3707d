//! Which value of the document after is which value of the document before.

use std::collections::HashMap;

use serde_json::Value;

use super::sequence::{best, common};
use super::text::{is_related, is_related_roughly};
use super::tree::Tree;

/// From how many bytes of JSON on a value is recognised at another place. Smaller ones are equal by accident.
const LEAST_MOVED: usize = 16;
/// Up to how many pairs of items of two lists are compared for what they have in common.
const MOST_COMPARED: usize = 1 << 12;
/// How many parts of two items are compared.
const MOST_PARTS: usize = 16;
/// How often values that may have moved are looked for before what is at the same place counts as edited.
const ROUNDS: usize = 8;

/// What became of the values of two documents.
pub(super) struct Matching<'t, 'a> {
    pub(super) before: Side<'t, 'a>,
    pub(super) after: Side<'t, 'a>,
}

/// The values of one of the documents.
pub(super) struct Side<'t, 'a> {
    pub(super) tree: &'t Tree<'a>,
    mates: Vec<Option<Mate>>,
    /// Values out of which another moves, or into which.
    broken: Vec<bool>,
}

/// What a value is in the other document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mate {
    /// The same, at the same place.
    Kept(usize),
    /// At the same place, and changed inside.
    Changed(usize),
    /// The same, at another place.
    Moved(usize),
}

/// Values at one place of each document: of one entry, or between two items that are kept.
struct Gap {
    before: Vec<usize>,
    after: Vec<usize>,
}

impl<'t, 'a> Side<'t, 'a> {
    fn of(tree: &'t Tree<'a>) -> Self {
        Self { tree, mates: vec![None; tree.len()], broken: vec![false; tree.len()] }
    }

    pub(super) fn mate(&self, id: usize) -> Option<Mate> {
        self.mates.get(id).copied().flatten()
    }

    /// Whether something in the value moves out of it, or into it.
    pub(super) fn is_broken(&self, id: usize) -> bool {
        self.broken.get(id).copied().unwrap_or_default()
    }

    fn set(&mut self, id: usize, mate: Mate) {
        if let Some(place) = self.mates.get_mut(id) {
            *place = Some(mate);
        }
    }

    /// Notes that the value leaves its surroundings, or comes to them.
    fn break_around(&mut self, id: usize) {
        for around in self.tree.around(id) {
            match self.broken.get_mut(around) {
                Some(broken) if !*broken => *broken = true,
                _ => break,
            }
        }
    }

    /// Whether the value may still be matched as a whole.
    fn is_free(&self, id: usize) -> bool {
        self.mate(id).is_none()
            && !self.is_broken(id)
            && !self.tree.around(id).any(|around| matches!(self.mate(around), Some(Mate::Kept(_) | Mate::Moved(_))))
    }

    /// The values that may move, with whether they are where a place changed, and not inside of such a value.
    fn candidates(&self) -> Vec<(usize, bool)> {
        let mut found = Vec::new();
        let mut next = 0;
        while next < self.tree.len() {
            let id = next;
            next += 1;
            match self.mate(id) {
                Some(Mate::Kept(_) | Mate::Moved(_)) => next = self.tree.end(id),
                Some(Mate::Changed(_)) => {}
                None if self.tree.weight(id) < LEAST_MOVED => next = self.tree.end(id),
                None if self.is_broken(id) => {}
                None => {
                    let around = self.tree.around(id).next();
                    found.push((id, around.is_none_or(|around| self.mate(around).is_some())));
                }
            }
        }
        found
    }
}

impl<'t, 'a> Matching<'t, 'a> {
    pub(super) fn of(before: &'t Tree<'a>, after: &'t Tree<'a>) -> Self {
        let mut matching = Self { before: Side::of(before), after: Side::of(after) };
        matching.run();
        matching
    }

    fn run(&mut self) {
        let mut gaps = vec![Gap { before: vec![0], after: vec![0] }];
        let mut counts = HashMap::new();
        let mut undecided = Vec::new();
        let mut round = 0;
        while !gaps.is_empty() {
            while let Some(gap) = gaps.pop() {
                if self.keep_equal(&gap) {
                    continue;
                }
                if counts.is_empty() {
                    counts = self.counts();
                }
                if round < ROUNDS && self.may_move(&gap, &counts) {
                    undecided.push(gap);
                } else {
                    self.pair(&gap, &mut gaps);
                }
            }
            if undecided.is_empty() {
                break;
            }
            self.find_moves(Some(&counts));
            for gap in undecided.drain(..) {
                self.pair(&gap, &mut gaps);
            }
            round += 1;
        }
        self.find_moves(None);
    }

    /// Keeps what stands alone in both places, if it is equal.
    fn keep_equal(&mut self, gap: &Gap) -> bool {
        match (gap.before.as_slice(), gap.after.as_slice()) {
            ([before], [after]) => self.keep(*before, *after),
            _ => false,
        }
    }

    fn keep(&mut self, before: usize, after: usize) -> bool {
        let equal = self.before.is_free(before) && self.after.is_free(after) && self.is_equal(before, after);
        if equal {
            self.before.set(before, Mate::Kept(after));
            self.after.set(after, Mate::Kept(before));
        }
        equal
    }

    fn is_equal(&self, before: usize, after: usize) -> bool {
        self.before.tree.hash(before) == self.after.tree.hash(after)
            && self.before.tree.value(before) == self.after.tree.value(after)
    }

    /// How often each value is in either document.
    fn counts(&self) -> HashMap<u64, (usize, usize)> {
        let mut counts: HashMap<u64, (usize, usize)> = HashMap::new();
        for id in 0..self.before.tree.len() {
            if self.before.tree.weight(id) >= LEAST_MOVED {
                counts.entry(self.before.tree.hash(id)).or_default().0 += 1;
            }
        }
        for id in 0..self.after.tree.len() {
            if let Some((_, after)) = counts.get_mut(&self.after.tree.hash(id)) {
                *after += 1;
            }
        }
        counts
    }

    /// Whether a value in the gap seems to have gone elsewhere, or to have come from there.
    fn may_move(&self, gap: &Gap, counts: &HashMap<u64, (usize, usize)>) -> bool {
        if gap.before.is_empty() || gap.after.is_empty() {
            return false;
        }
        let found = |tree: &Tree<'_>, id: usize| counts.get(&tree.hash(id)).copied().unwrap_or_default();
        let goes = |id: &usize| {
            let (before, after) = found(self.before.tree, *id);
            after > 0 && after >= before
        };
        let comes = |id: &usize| {
            let (before, after) = found(self.after.tree, *id);
            before > 0 && before >= after
        };
        gap.before.iter().any(goes) || gap.after.iter().any(comes)
    }

    /// Matches equal values at different places, the largest first. As long as it is open which values at one place are
    /// one edited value (`counts` are given), only those move of which one document has as many as the other, and of
    /// which one end is where a place changed.
    fn find_moves(&mut self, counts: Option<&HashMap<u64, (usize, usize)>>) {
        let mut places: HashMap<u64, Vec<(usize, bool)>> = HashMap::new();
        for (id, outer) in self.before.candidates().into_iter().rev() {
            places.entry(self.before.tree.hash(id)).or_default().push((id, outer));
        }
        if places.is_empty() {
            return;
        }
        let mut targets = self.after.candidates();
        targets.sort_by_key(|(id, _)| std::cmp::Reverse(self.after.tree.weight(*id)));
        for (to, outer) in targets {
            let hash = self.after.tree.hash(to);
            let Some(sources) = places.get_mut(&hash) else { continue };
            while sources.last().is_some_and(|(from, _)| !self.before.is_free(*from)) {
                sources.pop();
            }
            let Some((from, from_outer)) = sources.last().copied() else { continue };
            let is_sure = counts.is_none_or(|counts| {
                let balanced = counts.get(&hash).is_some_and(|(before, after)| before == after);
                balanced && (outer || from_outer)
            });
            if is_sure && self.after.is_free(to) && self.before.tree.value(from) == self.after.tree.value(to) {
                sources.pop();
                self.before.set(from, Mate::Moved(to));
                self.after.set(to, Mate::Moved(from));
                self.before.break_around(from);
                self.after.break_around(to);
            }
        }
    }

    /// Decides which values of a gap are one value that changed.
    fn pair(&mut self, gap: &Gap, gaps: &mut Vec<Gap>) {
        let open = |side: &Side<'_, '_>, ids: &[usize]| -> Vec<usize> {
            ids.iter().copied().filter(|id| side.mate(*id).is_none()).collect()
        };
        let (before, after) = (open(&self.before, &gap.before), open(&self.after, &gap.after));
        if let ([before], [after]) = (before.as_slice(), after.as_slice()) {
            if self.is_one(*before, *after) {
                self.change(*before, *after, gaps);
            }
        } else if before.len().saturating_mul(after.len()) <= MOST_COMPARED {
            let worth = |a: usize, b: usize| match (before.get(a), after.get(b)) {
                (Some(a), Some(b)) => self.likeness(*a, *b),
                _ => 0,
            };
            for (a, b) in best(before.len(), after.len(), worth) {
                if let (Some(a), Some(b)) = (before.get(a), after.get(b)) {
                    self.change(*a, *b, gaps);
                }
            }
        } else if before.len() == after.len() {
            for (a, b) in before.into_iter().zip(after) {
                if self.likeness(a, b) > 0 {
                    self.change(a, b, gaps);
                }
            }
        }
    }

    /// Whether two values at one place are rather one that changed than two.
    fn is_one(&self, before: usize, after: usize) -> bool {
        match (self.before.tree.value(before), self.after.tree.value(after)) {
            (Value::Object(_), Value::Object(_)) | (Value::Array(_), Value::Array(_)) => true,
            (Value::String(before), Value::String(after)) => is_related(before, after),
            _ => false,
        }
    }

    /// How much two items have in common; nothing if they can't be one that changed.
    fn likeness(&self, before: usize, after: usize) -> u32 {
        let (old, new) = (self.before.tree, self.after.tree);
        match (old.value(before), new.value(after)) {
            (Value::Object(_), Value::Object(entries)) => {
                let mut ids: HashMap<&str, usize> = HashMap::new();
                if !entries.is_empty() {
                    ids.extend(new.children(after).take(MOST_PARTS).map(|id| (new.key(id), id)));
                }
                let common = old.children(before).take(MOST_PARTS).map(|id| match ids.get(old.key(id)) {
                    Some(other) if old.hash(id) == new.hash(*other) => 8,
                    Some(_) => 1,
                    None => 0,
                });
                common.sum::<u32>().saturating_add(1)
            }
            (Value::Array(_), Value::Array(_)) => {
                let items = old.children(before).zip(new.children(after)).take(MOST_PARTS);
                items.map(|(a, b)| if old.hash(a) == new.hash(b) { 8 } else { 0 }).sum::<u32>().saturating_add(1)
            }
            (Value::String(before), Value::String(after)) => u32::from(is_related_roughly(before, after)),
            _ => 0,
        }
    }

    /// Takes two values for one that changed, and goes on inside.
    fn change(&mut self, before: usize, after: usize, gaps: &mut Vec<Gap>) {
        self.before.set(before, Mate::Changed(after));
        self.after.set(after, Mate::Changed(before));
        let (old, new) = (self.before.tree, self.after.tree);
        match (old.value(before), new.value(after)) {
            (Value::Object(_), Value::Object(entries)) => {
                let ids: HashMap<&str, usize> = new.children(after).map(|id| (new.key(id), id)).collect();
                for id in old.children(before) {
                    if entries.contains_key(old.key(id))
                        && let Some(other) = ids.get(old.key(id))
                    {
                        gaps.push(Gap { before: vec![id], after: vec![*other] });
                    }
                }
            }
            (Value::Array(_), Value::Array(_)) => {
                self.change_list(
                    &old.children(before).collect::<Vec<_>>(),
                    &new.children(after).collect::<Vec<_>>(),
                    gaps,
                );
            }
            _ => {}
        }
    }

    fn change_list(&mut self, before: &[usize], after: &[usize], gaps: &mut Vec<Gap>) {
        // What moves elsewhere, or holds what does, is equal to nothing here.
        let hashes = |side: &Side<'_, '_>, ids: &[usize], unequal: u64| -> Vec<u64> {
            let hash = |(index, id): (u64, &usize)| {
                if side.is_free(*id) { side.tree.hash(*id) } else { index.wrapping_mul(2).wrapping_add(unequal) }
            };
            (0_u64..).zip(ids).map(hash).collect()
        };
        let pairs = common(&hashes(&self.before, before, 0), &hashes(&self.after, after, 1));
        let (mut from, mut to) = (0, 0);
        for (a, b) in pairs {
            let (Some(old), Some(new)) = (before.get(a), after.get(b)) else { continue };
            if self.keep(*old, *new) {
                push_gap(before.get(from..a), after.get(to..b), gaps);
                (from, to) = (a + 1, b + 1);
            }
        }
        push_gap(before.get(from..), after.get(to..), gaps);
    }
}

fn push_gap(before: Option<&[usize]>, after: Option<&[usize]>, gaps: &mut Vec<Gap>) {
    if let (Some(before), Some(after)) = (before, after)
        && !before.is_empty()
        && !after.is_empty()
    {
        gaps.push(Gap { before: before.to_vec(), after: after.to_vec() });
    }
}
