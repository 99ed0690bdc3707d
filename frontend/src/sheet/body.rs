//! The rows that stand in the body of the grid.
//!
//! A row that is moved about the page loses the keyboard and is styled and laid out again, and a list of Leptos moves
//! all rows behind two that come at once. Here only those move whose order has changed.

use std::collections::HashMap;

use leptos::html;
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Render};
use web_sys::{Element, Node};

use crate::platform::focus;

/// Keeps a row for each of `keys` in `body`, in their order, as long as the caller's owner lives. A row stays as it is
/// as long as its key is there.
pub(super) fn keep_rows(body: NodeRef<html::Tbody>, keys: Memo<Vec<String>>, row: impl Fn(&str) -> AnyView + 'static) {
    // The effect's own owner begins anew each time, and the rows don't.
    let owner = Owner::current().unwrap_or_default();
    Effect::new(move |before: Option<Vec<Row>>| {
        let before = before.unwrap_or_default();
        let Some(body) = body.get() else {
            return before;
        };
        let new = |key: String| {
            let owner = owner.with(Owner::new);
            let view = owner.with(|| untrack(|| row(&key)).build());
            Row { key, view, owner }
        };
        follow(before, keys.get(), &body, new)
    });
}

/// A row in the page. It goes when it is dropped.
struct Row {
    key: String,
    view: AnyViewState,
    owner: Owner,
}

impl Drop for Row {
    fn drop(&mut self) {
        // First out of the page, where what is taken apart after that costs nothing.
        self.view.unmount();
        self.owner.cleanup();
    }
}

fn follow(before: Vec<Row>, keys: Vec<String>, body: &Element, new: impl Fn(String) -> Row) -> Vec<Row> {
    let mut known: HashMap<String, (usize, Row)> =
        before.into_iter().enumerate().map(|(place, row)| (row.key.clone(), (place, row))).collect();
    let rows: Vec<(String, Option<(usize, Row)>)> = keys
        .into_iter()
        .map(|key| {
            let row = known.remove(&key);
            (key, row)
        })
        .collect();
    // Those that are gone go before others come.
    drop(known);
    let places: Vec<usize> = rows.iter().filter_map(|(_, row)| row.as_ref().map(|(place, _)| *place)).collect();
    let stay = longest_rise(&places);
    if stay.len() < places.len() {
        focus::keep_within(body);
    }
    // From the end, so that what a row stands before is in its place already.
    let mut behind: Option<Node> = None;
    let mut after: Vec<Row> = rows
        .into_iter()
        .rev()
        .map(|(key, row)| {
            let row = match row {
                Some((place, row)) if stay.binary_search(&place).is_ok() => row,
                row => {
                    let mut row = row.map_or_else(|| new(key), |(_, row)| row);
                    row.view.mount(body, behind.as_ref());
                    row
                }
            };
            if let Some(first) = row.view.elements().first() {
                behind = Some((**first).clone());
            }
            row
        })
        .collect();
    after.reverse();
    after
}

/// A longest part of `numbers` that rises (patience sorting; Fredman, Discrete Mathematics 11, 1975). No number is there
/// twice.
fn longest_rise(numbers: &[usize]) -> Vec<usize> {
    // For each length, the least number that a rise of this length ends with, and for each number the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: HashMap<usize, usize> = HashMap::new();
    for number in numbers {
        let length = ends.partition_point(|end| end < number);
        if let Some(last) = length.checked_sub(1).and_then(|shorter| ends.get(shorter)) {
            before.insert(*number, *last);
        }
        match ends.get_mut(length) {
            Some(end) => *end = *number,
            None => ends.push(*number),
        }
    }
    let mut rise: Vec<usize> =
        std::iter::successors(ends.last().copied(), |number| before.get(number).copied()).collect();
    rise.reverse();
    rise
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_comes_and_goes_around_them_moves_no_others() {
        assert_eq!(longest_rise(&[2, 3, 4, 5]), [2, 3, 4, 5]);
        assert_eq!(longest_rise(&[]), [0; 0]);
    }

    #[test]
    fn one_that_is_dragged_moves_alone() {
        assert_eq!(longest_rise(&[1, 2, 3, 0, 4]), [1, 2, 3, 4]);
        assert_eq!(longest_rise(&[0, 4, 1, 2, 3]), [0, 1, 2, 3]);
    }

    #[test]
    fn of_all_orders_of_seven_none_has_a_longer_rise() {
        let mut orders = vec![Vec::new()];
        for number in 0..7 {
            orders = orders
                .iter()
                .flat_map(|order: &Vec<usize>| {
                    (0..=order.len()).map(|place| {
                        let mut order = order.clone();
                        order.insert(place, number);
                        order
                    })
                })
                .collect();
        }
        assert_eq!(orders.len(), 5_040);
        for order in orders {
            let rises = (0_u32..1 << order.len()).map(|chosen| {
                let part: Vec<usize> = order
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| chosen >> place & 1 == 1)
                    .map(|(_, number)| *number)
                    .collect();
                if part.is_sorted() { part.len() } else { 0 }
            });
            let found = longest_rise(&order);
            assert!(found.is_sorted() && Some(found.len()) == rises.max(), "{order:?}: {found:?}");
            assert!(found.iter().all(|number| order.contains(number)));
            let places: Vec<_> = found.iter().map(|number| order.iter().position(|other| other == number)).collect();
            assert!(places.is_sorted(), "{order:?}: {found:?}");
        }
    }
}
