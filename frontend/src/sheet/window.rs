//! Which rows and columns of a large model are drawn: those in sight, and some around them.

use std::ops::Range;

/// Up to how many cells a model is drawn whole.
const CELLS_AT_ONCE: usize = 3_000;

/// In steps of how many rows or columns what is drawn follows the scroll.
const STEP: usize = 2;

/// A stretch of a list of rows or columns, from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The one with this number is drawn.
    Drawn(usize),
    /// Some that are not drawn leave room of so many pixels.
    Gap(u32),
}

/// Whether a model has more than is drawn at once.
#[must_use]
pub fn is_large(rows: usize, columns: usize) -> bool {
    rows.saturating_mul(columns) > CELLS_AT_ONCE
}

/// All of `count` rows or columns.
#[must_use]
pub fn all(count: usize) -> Vec<Slot> {
    (0..count).map(Slot::Drawn).collect()
}

/// What to draw of a list whose rows are so high, or whose columns are so wide, in pixels: those in `seen`, counted in
/// pixels from the beginning, so many `more` on each side of them, and the one that is `kept` wherever it is.
#[must_use]
pub fn slots(sizes: &[u32], seen: &Range<u32>, more: usize, kept: Option<usize>) -> Vec<Slot> {
    let drawn = around(&those_in(sizes, seen), more, sizes.len());
    let mut slots = Vec::new();
    let mut gap = 0_u32;
    for (index, size) in sizes.iter().enumerate() {
        if drawn.contains(&index) || kept == Some(index) {
            if gap > 0 {
                slots.push(Slot::Gap(std::mem::take(&mut gap)));
            }
            slots.push(Slot::Drawn(index));
        } else {
            gap = gap.saturating_add(*size);
        }
    }
    if gap > 0 {
        slots.push(Slot::Gap(gap));
    }
    slots
}

/// Which ones lie in `seen`.
fn those_in(sizes: &[u32], seen: &Range<u32>) -> Range<usize> {
    let mut start = 0_u32;
    let mut range: Option<Range<usize>> = None;
    for (index, size) in sizes.iter().enumerate() {
        let end = start.saturating_add(*size);
        if end > seen.start && start < seen.end {
            let first = range.map_or(index, |range| range.start);
            range = Some(first..index.saturating_add(1));
        }
        start = end;
    }
    range.unwrap_or(sizes.len()..sizes.len())
}

/// `range` with so many `more` around it, widened to whole steps, so that a small scroll draws nothing.
fn around(range: &Range<usize>, more: usize, count: usize) -> Range<usize> {
    let first = range.start.saturating_sub(more);
    let first = first.saturating_sub(first.checked_rem(STEP).unwrap_or(0));
    let last = range.end.saturating_add(more).next_multiple_of(STEP);
    first..last.min(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn drawn(slots: &[Slot]) -> Vec<usize> {
        let index = |slot: &Slot| match slot {
            Slot::Drawn(index) => Some(*index),
            Slot::Gap(_) => None,
        };
        slots.iter().filter_map(index).collect()
    }

    #[test]
    fn a_model_of_ordinary_size_is_drawn_whole() {
        assert!(!is_large(200, 15));
        assert!(is_large(400, 25));
        assert_eq!(drawn(&all(3)), [0, 1, 2]);
    }

    #[test]
    fn what_is_far_from_sight_is_room_only() {
        let slots = slots(&[24; 1_000], &(12_000..12_600), 6, None);
        assert_eq!(drawn(&slots), (494..532).collect::<Vec<_>>());
        assert_eq!(slots.first(), Some(&Slot::Gap(494 * 24)));
        assert_eq!(slots.last(), Some(&Slot::Gap(468 * 24)));
    }

    #[test]
    fn all_that_is_drawn_and_all_gaps_together_are_as_long_as_the_list() {
        let sizes: Vec<u32> = (0..500).map(|row| if row % 9 == 0 { 28 } else { 24 }).collect();
        for start in (0..13_000).step_by(997) {
            let slots = slots(&sizes, &(start..start + 700), 6, Some(499));
            let size = |slot: &Slot| match slot {
                Slot::Drawn(index) => sizes[*index],
                Slot::Gap(size) => *size,
            };
            assert_eq!(slots.iter().map(size).sum::<u32>(), sizes.iter().sum::<u32>());
        }
    }

    #[test]
    fn what_is_selected_stays_where_it_is() {
        let slots = slots(&[24; 1_000], &(0..600), 6, Some(900));
        assert_eq!(drawn(&slots).last(), Some(&900));
        assert_eq!(slots.last(), Some(&Slot::Gap(99 * 24)));
    }

    #[test]
    fn a_scroll_beyond_the_end_draws_the_end() {
        assert!(drawn(&slots(&[24; 300], &(90_000..90_600), 6, None)).contains(&299));
    }
}
