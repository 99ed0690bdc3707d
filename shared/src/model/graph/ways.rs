use std::collections::{HashMap, HashSet, VecDeque};

use super::Links;

/// How a cell needs itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::model) struct Way {
    /// From the cell along what it needs back to it, without the end. A longer way is cut, since nobody reads it.
    pub(in crate::model) cells: Vec<usize>,
    /// Whether it was cut.
    pub(in crate::model) is_cut: bool,
}

/// The most cells of a way that is kept.
const KEPT_CELLS: usize = 6;

/// In a knot of at most so many cells each is told a way of its own, in a larger one they all share one: finding one
/// takes as many steps as the knot has links.
const SMALL_KNOT: usize = 64;

/// The way of each cell of `knot`, whose cells all need each other.
pub(in crate::model) fn ways(precedents: &Links, knot: &[usize]) -> HashMap<usize, Way> {
    let members: HashSet<usize> = knot.iter().copied().collect();
    let links: HashMap<usize, Vec<usize>> = knot
        .iter()
        .map(|cell| {
            let mut seen = HashSet::new();
            let needed = precedents.of(*cell).iter().copied();
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
    fn a_cell_that_needs_itself_is_told_the_way() {
        let links: Links = [vec![1], vec![2], vec![0], vec![3]].into_iter().collect();
        let found = ways(&links, &[0, 1, 2]);
        assert_eq!(found[&0].cells, [0, 1, 2]);
        assert_eq!(found[&1].cells, [1, 2, 0]);
        assert_eq!(ways(&links, &[3])[&3].cells, [3]);
    }

    #[test]
    fn a_knot_of_ten_thousand_cells_is_told_by_one_way() {
        let ring: Links = (0..10_000_usize).map(|cell| vec![(cell + 1) % 10_000]).collect();
        let found = ways(&ring, &(0..10_000).collect::<Vec<_>>());
        let shared = Way { cells: (0..KEPT_CELLS).collect(), is_cut: true };
        assert_eq!(found.len(), 10_000);
        assert!(found.values().all(|way| *way == shared));
    }
}
