//! In which order the cells are calculated, and which need themselves.

mod links;
mod ways;

pub(crate) use links::Links;
pub(super) use ways::{Way, ways};

/// The order of calculation.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// For each cell, the cells it needs.
    pub(crate) precedents: Links,
    /// For each cell, the cells that need it.
    pub(crate) dependents: Links,
    /// Every cell, behind all that it needs, but for knots, whose cells stand together.
    pub(crate) order: Vec<usize>,
    /// Where each cell stands in the order.
    pub(crate) positions: Vec<usize>,
    /// The cells that need themselves, in the order of calculation.
    pub(crate) knots: Vec<Knot>,
}

/// Cells that all need each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Knot {
    /// Where in the order its cells begin.
    pub(crate) start: usize,
    /// Its cells, each behind what it needs where that can be: in the order in which a search along what they need,
    /// from the first of them, is done with them. So the order hangs on nothing outside the knot.
    pub(crate) cells: Vec<usize>,
}

const UNVISITED: usize = usize::MAX;

impl Graph {
    /// Finds order and knots in one pass: Tarjan, "Depth-first search and linear graph algorithms", 1972, with a stack
    /// of its own, so that a long chain of cells can't overflow the program's.
    pub(crate) fn new(precedents: Links) -> Self {
        let cells = precedents.len();
        let mut search = Search {
            precedents: &precedents,
            index: vec![UNVISITED; cells],
            low: vec![0; cells],
            is_open: vec![false; cells],
            open: Vec::new(),
            visited: 0,
            order: Vec::with_capacity(cells),
            knots: Vec::new(),
        };
        for cell in 0..cells {
            search.visit(cell);
        }
        let Search { order, mut knots, .. } = search;
        for knot in &mut knots {
            knot.cells = by_need(&precedents, &knot.cells);
        }
        let mut positions = vec![0; cells];
        for (position, cell) in order.iter().enumerate() {
            if let Some(slot) = positions.get_mut(*cell) {
                *slot = position;
            }
        }
        Self { dependents: precedents.reversed(), precedents, order, positions, knots }
    }

    /// The number of the knot whose cells stand at `position`.
    pub(crate) fn knot_at(&self, position: usize) -> Option<usize> {
        let last = self.knots.partition_point(|knot| knot.start <= position).checked_sub(1)?;
        let knot = self.knots.get(last)?;
        (position < knot.start + knot.cells.len()).then_some(last)
    }
}

struct Search<'a> {
    precedents: &'a Links,
    index: Vec<usize>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    /// The cells whose component is not complete yet.
    open: Vec<usize>,
    visited: usize,
    order: Vec<usize>,
    knots: Vec<Knot>,
}

impl Search<'_> {
    #[allow(clippy::indexing_slicing, reason = "cells number the vectors, which all have one entry a cell")]
    fn visit(&mut self, root: usize) {
        if self.index[root] != UNVISITED {
            return;
        }
        // Each entry is a cell and how many of its precedents were looked at.
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((cell, looked_at)) = path.last_mut() {
            let cell = *cell;
            if let Some(&precedent) = self.precedents.of(cell).get(*looked_at) {
                *looked_at += 1;
                if self.index[precedent] == UNVISITED {
                    self.enter(precedent);
                    path.push((precedent, 0));
                } else if self.is_open[precedent] {
                    self.low[cell] = self.low[cell].min(self.index[precedent]);
                }
                continue;
            }
            path.pop();
            if let Some((dependent, _)) = path.last() {
                self.low[*dependent] = self.low[*dependent].min(self.low[cell]);
            }
            if self.low[cell] == self.index[cell] {
                self.close(cell);
            }
        }
    }

    #[allow(clippy::indexing_slicing, reason = "cells number the vectors, which all have one entry a cell")]
    fn enter(&mut self, cell: usize) {
        self.index[cell] = self.visited;
        self.low[cell] = self.visited;
        self.visited += 1;
        self.is_open[cell] = true;
        self.open.push(cell);
    }

    /// Completes the component that `root` was the first of.
    #[allow(clippy::indexing_slicing, reason = "cells number the vectors, which all have one entry a cell")]
    fn close(&mut self, root: usize) {
        let first = self.open.iter().rposition(|cell| *cell == root).unwrap_or(0);
        let start = self.order.len();
        self.order.extend(self.open.drain(first..));
        let component = &self.order[start..];
        for cell in component {
            self.is_open[*cell] = false;
        }
        if component.len() > 1 || self.precedents.of(root).contains(&root) {
            self.knots.push(Knot { start, cells: component.to_vec() });
        }
    }
}

/// The cells of a knot, each behind what it needs where that can be.
fn by_need(precedents: &Links, knot: &[usize]) -> Vec<usize> {
    let mut members = knot.to_vec();
    members.sort_unstable();
    let mut is_seen = vec![false; members.len()];
    let mut done = Vec::with_capacity(members.len());
    let mut path: Vec<(usize, usize)> = Vec::new();
    let mut enter = |cell: usize, path: &mut Vec<(usize, usize)>| {
        if let Ok(index) = members.binary_search(&cell)
            && let Some(is_seen) = is_seen.get_mut(index)
            && !*is_seen
        {
            *is_seen = true;
            path.push((cell, 0));
        }
    };
    for cell in &members {
        enter(*cell, &mut path);
        while let Some((cell, looked_at)) = path.last_mut() {
            match precedents.of(*cell).get(*looked_at) {
                Some(precedent) => {
                    *looked_at += 1;
                    enter(*precedent, &mut path);
                }
                None => {
                    done.push(*cell);
                    path.pop();
                }
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(precedents: &[&[usize]]) -> Graph {
        Graph::new(precedents.iter().map(|cells| cells.to_vec()).collect())
    }

    #[test]
    fn every_cell_stands_behind_what_it_needs() {
        let graph = graph(&[&[2], &[0, 2], &[], &[1]]);
        for cell in 0..4 {
            let needed = graph.precedents.of(cell);
            assert!(needed.iter().all(|precedent| graph.positions[*precedent] < graph.positions[cell]));
        }
        assert_eq!(graph.dependents.of(2), [0, 1]);
        assert!(graph.knots.is_empty() && graph.knot_at(0).is_none());
    }

    #[test]
    fn cells_that_need_each_other_stand_together() {
        let graph = graph(&[&[1], &[2], &[0], &[3], &[0], &[]]);
        let knots: Vec<_> = graph.knots.iter().map(|knot| knot.cells.as_slice()).collect();
        assert_eq!(knots, [&[2, 1, 0][..], &[3]]);
        assert_eq!(graph.order.len(), 6);
        for (cell, knot) in [(0, Some(0)), (1, Some(0)), (2, Some(0)), (3, Some(1)), (4, None), (5, None)] {
            assert_eq!(graph.knot_at(graph.positions[cell]), knot, "{cell}");
        }
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_cells_does_not_overflow_the_stack() {
        let chain = (0..100_000_usize)
            .map(|cell| cell.checked_add(1).filter(|next| *next < 100_000))
            .map(|next| next.into_iter().collect());
        assert_eq!(Graph::new(chain.collect()).order.len(), 100_000);
        let ring = (0..100_000_usize).map(|cell| vec![(cell + 1) % 100_000]);
        assert_eq!(Graph::new(ring.collect()).knots.len(), 1);
    }
}
