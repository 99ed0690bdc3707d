//! In which order the cells are calculated, and which need themselves.

use std::collections::{HashMap, HashSet, VecDeque};

/// The order of calculation.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    /// For each cell, the cells it needs.
    pub(super) precedents: Vec<Vec<usize>>,
    /// Every cell, behind all that it needs, but for cycles.
    pub(super) order: Vec<usize>,
    /// The cells that need themselves, with how.
    pub(super) cycles: HashMap<usize, Way>,
}

/// How a cell needs itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// From the cell along what it needs back to it, without the end. A longer way is cut, since nobody reads it.
    pub(super) cells: Vec<usize>,
    /// Whether it was cut.
    pub(super) is_cut: bool,
}

const UNVISITED: usize = usize::MAX;

/// The most cells of a way that is kept.
const KEPT_CELLS: usize = 6;

/// In a knot of at most so many cells each is told a way of its own, in a larger one they all share one: finding one
/// takes as many steps as the knot has links.
const SMALL_KNOT: usize = 64;

impl Graph {
    /// Finds order and cycles in one pass: Tarjan, "Depth-first search and linear graph algorithms", 1972, with a
    /// stack of its own, so that a long chain of cells can't overflow the program's.
    pub(super) fn new(precedents: Vec<Vec<usize>>) -> Self {
        let mut search = Search {
            precedents: &precedents,
            index: vec![UNVISITED; precedents.len()],
            low: vec![0; precedents.len()],
            is_open: vec![false; precedents.len()],
            open: Vec::new(),
            visited: 0,
            order: Vec::with_capacity(precedents.len()),
            cyclic: Vec::new(),
        };
        for cell in 0..precedents.len() {
            search.visit(cell);
        }
        let Search { order, cyclic, .. } = search;
        let cycles = cyclic.iter().flat_map(|knot| ways(&precedents, knot)).collect();
        Self { precedents, order, cycles }
    }
}

struct Search<'a> {
    precedents: &'a [Vec<usize>],
    index: Vec<usize>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    /// The cells whose component is not complete yet.
    open: Vec<usize>,
    visited: usize,
    order: Vec<usize>,
    cyclic: Vec<Vec<usize>>,
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
            if let Some(&precedent) = self.precedents[cell].get(*looked_at) {
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
        let start = self.open.iter().rposition(|cell| *cell == root).unwrap_or(0);
        let component = self.open.split_off(start);
        for cell in &component {
            self.is_open[*cell] = false;
        }
        self.order.extend(&component);
        if component.len() > 1 || self.precedents[root].contains(&root) {
            self.cyclic.push(component);
        }
    }
}

/// The way of each cell of `knot`, whose cells all need each other.
fn ways(precedents: &[Vec<usize>], knot: &[usize]) -> HashMap<usize, Way> {
    let members: HashSet<usize> = knot.iter().copied().collect();
    let links: HashMap<usize, Vec<usize>> = knot
        .iter()
        .map(|cell| {
            let mut seen = HashSet::new();
            let needed = precedents.get(*cell).into_iter().flatten().copied();
            (*cell, needed.filter(|precedent| members.contains(precedent) && seen.insert(*precedent)).collect())
        })
        .collect();
    if knot.len() <= SMALL_KNOT {
        return knot.iter().map(|cell| (*cell, way_back(&links, *cell))).collect();
    }
    let shared = knot.iter().min().map(|first| way_back(&links, *first));
    shared.map_or_else(HashMap::new, |shared| knot.iter().map(|cell| (*cell, shared.clone())).collect())
}

/// A shortest way from `start` along `links` back to it.
fn way_back(links: &HashMap<usize, Vec<usize>>, start: usize) -> Way {
    let mut came_from: HashMap<usize, usize> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(cell) = waiting.pop_front() {
        for precedent in links.get(&cell).into_iter().flatten() {
            if *precedent == start {
                let mut cells = vec![cell];
                while let Some(before) = cells.last().and_then(|cell| came_from.get(cell)) {
                    cells.push(*before);
                }
                cells.reverse();
                let is_cut = cells.len() > KEPT_CELLS;
                cells.truncate(KEPT_CELLS);
                return Way { cells, is_cut };
            }
            if !came_from.contains_key(precedent) {
                came_from.insert(*precedent, cell);
                waiting.push_back(*precedent);
            }
        }
    }
    Way { cells: vec![start], is_cut: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_stands_behind_what_it_needs() {
        let graph = Graph::new(vec![vec![2], vec![0, 2], vec![], vec![1]]);
        let position = |cell| graph.order.iter().position(|other| *other == cell).unwrap();
        for (cell, precedents) in graph.precedents.iter().enumerate() {
            assert!(precedents.iter().all(|precedent| position(*precedent) < position(cell)));
        }
        assert!(graph.cycles.is_empty());
    }

    #[test]
    fn a_cycle_is_found_with_its_way_and_spares_the_rest() {
        let graph = Graph::new(vec![vec![1], vec![2], vec![0], vec![3], vec![0], vec![]]);
        let way = |cell| graph.cycles.get(&cell).map(|way| way.cells.as_slice());
        assert_eq!(way(0), Some(&[0, 1, 2][..]));
        assert_eq!(way(1), Some(&[1, 2, 0][..]));
        assert_eq!(way(3), Some(&[3][..]));
        assert!(!graph.cycles.contains_key(&4) && !graph.cycles.contains_key(&5));
        assert_eq!(graph.order.len(), 6);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_cells_does_not_overflow_the_stack() {
        let chain = (0..100_000_usize)
            .map(|cell| cell.checked_add(1).filter(|next| *next < 100_000))
            .map(|next| next.into_iter().collect());
        assert_eq!(Graph::new(chain.collect()).order.len(), 100_000);
    }

    #[test]
    fn a_knot_of_ten_thousand_cells_is_told_by_one_way() {
        let ring = (0..10_000_usize).map(|cell| vec![(cell + 1) % 10_000]).collect();
        let graph = Graph::new(ring);
        let shared = Way { cells: (0..KEPT_CELLS).collect(), is_cut: true };
        assert_eq!(graph.cycles.len(), 10_000);
        assert!(graph.cycles.values().all(|way| *way == shared));
    }
}
