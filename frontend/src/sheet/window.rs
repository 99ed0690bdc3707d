//! Which rows and columns of a large model are drawn: those in sight, and some around them.

use std::ops::Range;

/// Up to how many rows a model is drawn whole.
pub const ROWS_AT_ONCE: usize = 200;

/// Up to how many periods each row is drawn whole.
pub const PERIODS_AT_ONCE: usize = 48;

/// How many rows are drawn above and below those in sight.
const ROWS_AROUND: usize = 12;

/// How many columns are drawn left and right of those in sight.
const COLUMNS_AROUND: usize = 4;

/// In steps of how many rows or columns what is drawn follows the scroll.
const STEP: usize = 4;

/// A stretch of the list of rows, from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The row with this number is drawn.
    Row(usize),
    /// Rows that are not drawn leave room of so many pixels.
    Gap(u32),
}

/// The rows to draw of a list whose rows are so high, in pixels: those in `seen`, counted in pixels from the top, some
/// around them, and those that are `kept` wherever they are.
#[must_use]
pub fn slots(heights: &[u32], seen: &Range<u32>, kept: &[usize]) -> Vec<Slot> {
    if heights.len() <= ROWS_AT_ONCE {
        return (0..heights.len()).map(Slot::Row).collect();
    }
    let drawn = around(&rows_at(heights, seen), ROWS_AROUND, heights.len());
    let mut slots = Vec::new();
    let mut gap = 0_u32;
    for (row, height) in heights.iter().enumerate() {
        if drawn.contains(&row) || kept.contains(&row) {
            if gap > 0 {
                slots.push(Slot::Gap(std::mem::take(&mut gap)));
            }
            slots.push(Slot::Row(row));
        } else {
            gap = gap.saturating_add(*height);
        }
    }
    if gap > 0 {
        slots.push(Slot::Gap(gap));
    }
    slots
}

/// The columns to draw of `count` that are `width` pixels wide, where `seen` of them is in sight.
#[must_use]
pub fn columns(count: usize, width: u32, seen: &Range<u32>) -> Range<usize> {
    if count <= PERIODS_AT_ONCE {
        return 0..count;
    }
    let at = |pixels: u32| usize::try_from(pixels.checked_div(width).unwrap_or(0)).unwrap_or(usize::MAX);
    let first = at(seen.start).min(count);
    let last = at(seen.end).saturating_add(1).clamp(first, count);
    around(&(first..last), COLUMNS_AROUND, count)
}

/// Which rows lie in `seen`.
fn rows_at(heights: &[u32], seen: &Range<u32>) -> Range<usize> {
    let mut top = 0_u32;
    let mut range: Option<Range<usize>> = None;
    for (row, height) in heights.iter().enumerate() {
        let bottom = top.saturating_add(*height);
        if bottom > seen.start && top < seen.end {
            let first = range.map_or(row, |range| range.start);
            range = Some(first..row.saturating_add(1));
        }
        top = bottom;
    }
    range.unwrap_or(heights.len()..heights.len())
}

/// `range` with as much around it, widened to whole steps, so that a small scroll draws nothing.
fn around(range: &Range<usize>, margin: usize, count: usize) -> Range<usize> {
    let first = range.start.saturating_sub(margin);
    let first = first.saturating_sub(first.checked_rem(STEP).unwrap_or(0));
    let last = range.end.saturating_add(margin).next_multiple_of(STEP);
    first..last.min(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn drawn(slots: &[Slot]) -> Vec<usize> {
        let row = |slot: &Slot| match slot {
            Slot::Row(row) => Some(*row),
            Slot::Gap(_) => None,
        };
        slots.iter().filter_map(row).collect()
    }

    #[test]
    fn a_model_of_ordinary_size_is_drawn_whole() {
        assert_eq!(slots(&[24; 200], &(0..100), &[]).len(), 200);
        assert_eq!(columns(48, 92, &(0..100)), 0..48);
    }

    #[test]
    fn what_is_far_from_sight_is_room_only() {
        let heights = [24; 1_000];
        let slots = slots(&heights, &(12_000..12_600), &[]);
        assert_eq!(drawn(&slots), (488..540).collect::<Vec<_>>());
        assert_eq!(slots.first(), Some(&Slot::Gap(488 * 24)));
        assert_eq!(slots.last(), Some(&Slot::Gap(460 * 24)));
        assert_eq!(columns(600, 100, &(20_000..21_000)), 196..216);
    }

    #[test]
    fn all_rows_and_gaps_together_are_as_high_as_the_list() {
        let heights: Vec<u32> = (0..500).map(|row| if row % 9 == 0 { 28 } else { 24 }).collect();
        for start in (0..13_000).step_by(997) {
            let slots = slots(&heights, &(start..start + 700), &[3, 499]);
            let height = |slot: &Slot| match slot {
                Slot::Row(row) => heights[*row],
                Slot::Gap(height) => *height,
            };
            assert_eq!(slots.iter().map(height).sum::<u32>(), heights.iter().sum::<u32>());
        }
    }

    #[test]
    fn the_selected_row_stays_where_it_is() {
        let slots = slots(&[24; 1_000], &(0..600), &[900]);
        assert_eq!(drawn(&slots).last(), Some(&900));
        assert_eq!(slots.last(), Some(&Slot::Gap(99 * 24)));
    }

    #[test]
    fn a_scroll_beyond_the_end_draws_the_end() {
        assert!(drawn(&slots(&[24; 300], &(90_000..90_600), &[])).contains(&299));
        assert_eq!(columns(60, 100, &(90_000..90_600)), 56..60);
    }
}
