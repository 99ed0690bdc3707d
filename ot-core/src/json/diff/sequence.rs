//! Which items two lists have in common, in order.

use std::collections::HashMap;

/// Up to how many pairs of items are compared one by one. Between longer lists each item is compared with one only.
const MOST_PAIRS: usize = 1 << 16;

/// Pairs of indexes of equal items, both rising. The longest such list for short lists; for long ones, what a longest
/// rising run through the n-th appearances of each item leaves, which is the longest where no item appears twice.
/// Takes `O(n · log n)` time and at most 2^16 steps more between two of the pairs.
pub(super) fn common(before: &[u64], after: &[u64]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    between(before, after, (0, 0), true, &mut pairs);
    pairs
}

fn between(before: &[u64], after: &[u64], at: (usize, usize), anchors: bool, pairs: &mut Vec<(usize, usize)>) {
    let start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let most = before.len().min(after.len()) - start;
    let end = before.iter().rev().zip(after.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    pairs.extend((0..start).map(|index| (at.0 + index, at.1 + index)));

    let inner_before = before.get(start..before.len() - end).unwrap_or_default();
    let inner_after = after.get(start..after.len() - end).unwrap_or_default();
    let inner_at = (at.0 + start, at.1 + start);
    if inner_before.len().saturating_mul(inner_after.len()) <= MOST_PAIRS {
        pairs.extend(longest(inner_before, inner_after).into_iter().map(|(a, b)| (inner_at.0 + a, inner_at.1 + b)));
    } else if anchors {
        let mut last = (0, 0);
        for (a, b) in rising(&appearances(inner_before, inner_after)) {
            let gap = (inner_before.get(last.0..a).unwrap_or_default(), inner_after.get(last.1..b).unwrap_or_default());
            between(gap.0, gap.1, (inner_at.0 + last.0, inner_at.1 + last.1), false, pairs);
            pairs.push((inner_at.0 + a, inner_at.1 + b));
            last = (a + 1, b + 1);
        }
        let gap = (inner_before.get(last.0..).unwrap_or_default(), inner_after.get(last.1..).unwrap_or_default());
        between(gap.0, gap.1, (inner_at.0 + last.0, inner_at.1 + last.1), false, pairs);
    }
    let from = (at.0 + before.len() - end, at.1 + after.len() - end);
    pairs.extend((0..end).map(|index| (from.0 + index, from.1 + index)));
}

/// A longest common subsequence, by the table of all pairs.
fn longest(before: &[u64], after: &[u64]) -> Vec<(usize, usize)> {
    let equal = |a: usize, b: usize| u32::from(before.get(a).is_some_and(|item| after.get(b) == Some(item)));
    best(before.len(), after.len(), equal)
}

/// The pairs, both indexes rising, whose worths are the most in sum; what is worth nothing is no pair.
/// Takes `O(before · after)` time and memory.
pub(super) fn best(before: usize, after: usize, worth: impl Fn(usize, usize) -> u32) -> Vec<(usize, usize)> {
    if before == 0 || after == 0 {
        return Vec::new();
    }
    // The sum that can still be had from row `a` and column `b` on; one column and one row more are zero.
    let width = after + 1;
    let mut sums = vec![0_u32; width * (before + 1)];
    let sum = |sums: &[u32], a: usize, b: usize| sums.get(a * width + b).copied().unwrap_or_default();
    for a in (0..before).rev() {
        for b in (0..after).rev() {
            let skipped = sum(&sums, a + 1, b).max(sum(&sums, a, b + 1));
            let worth = worth(a, b);
            let paired = if worth > 0 { sum(&sums, a + 1, b + 1).saturating_add(worth) } else { 0 };
            if let Some(best) = sums.get_mut(a * width + b) {
                *best = skipped.max(paired);
            }
        }
    }
    let mut pairs = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < before && b < after {
        let here = sum(&sums, a, b);
        let worth = worth(a, b);
        if worth > 0 && here == sum(&sums, a + 1, b + 1).saturating_add(worth) {
            pairs.push((a, b));
            a += 1;
            b += 1;
        } else if here == sum(&sums, a + 1, b) {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

/// For each item before, in order, that has one: the same appearance of an equal item after.
fn appearances(before: &[u64], after: &[u64]) -> Vec<(usize, usize)> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, item) in after.iter().enumerate().rev() {
        places.entry(*item).or_default().push(index);
    }
    let mut next = |item: &u64| places.get_mut(item).and_then(Vec::pop);
    before.iter().enumerate().filter_map(|(a, item)| Some((a, next(item)?))).collect()
}

/// A longest part of the pairs whose second indexes rise too; see M. L. Fredman, "On computing the length of longest
/// increasing subsequences", Discrete Mathematics 11 (1975).
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair that ends the run of that length which ends lowest; and for each pair the one before.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let second = |pair: usize| pairs.get(pair).map_or(0, |(_, b)| *b);
    for (index, (_, b)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| second(*end) < *b);
        previous.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        run.extend(pairs.get(index).copied());
        next = previous.get(index).copied().flatten();
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_common_run_is_found_in_short_lists() {
        assert_eq!(common(&[1, 2, 3, 4, 5], &[9, 2, 4, 5, 3]), [(1, 1), (3, 2), (4, 3)]);
        assert_eq!(common(&[], &[1]), []);
    }

    #[test]
    fn one_item_that_moves_through_a_long_list_leaves_the_others_in_place() {
        let before: Vec<u64> = (0..10_000).collect();
        let mut after = before.clone();
        let moved = after.remove(9_000);
        after.insert(10, moved);
        assert_eq!(common(&before, &after).len(), 9_999);
    }

    #[test]
    fn a_long_list_that_turns_round_keeps_one_item() {
        let before: Vec<u64> = (0..10_000).collect();
        let after: Vec<u64> = before.iter().rev().copied().collect();
        assert_eq!(common(&before, &after).len(), 1);
    }
}
