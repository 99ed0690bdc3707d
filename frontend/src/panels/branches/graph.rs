//! Where the lines of a graph of branches run.

use coval_shared::rest::Branch;

/// How high a row is: the list beside the graph has rows of the same height.
pub(super) const ROW: f64 = 56.0;

/// How wide the graph is.
pub(super) const WIDTH: f64 = 48.0;

const TRUNK: f64 = 12.0;
const LANE: f64 = 36.0;

/// The graph: the main line from the bottom to the top, with a branch in each row, the one that left last uppermost.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Graph {
    /// The branches by their place in what was given, in the order of their rows.
    pub(super) rows: Vec<Row>,
    /// How high all is.
    pub(super) height: f64,
    /// From where to where the main line runs, downwards.
    pub(super) trunk: (f64, f64),
}

/// A branch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its place in what was given.
    pub(super) branch: usize,
    /// Where it left the main line.
    pub(super) fork: (f64, f64),
    /// Where its newest revision is.
    pub(super) tip: (f64, f64),
}

impl Graph {
    /// The graph of `branches`, whose first row is for the main line.
    pub(super) fn of(branches: &[Branch]) -> Self {
        let mut order: Vec<usize> = (0..branches.len()).collect();
        let key = |index: &usize| branches.get(*index).map(|branch| (branch.forked_at, branch.made_at_ms));
        order.sort_by_key(|index| std::cmp::Reverse(key(index)));
        let mut rows: Vec<Row> = Vec::new();
        let mut middle = ROW / 2.0;
        for branch in order {
            middle += ROW;
            // Branches of one revision leave at one point, under the lowest of their rows.
            rows.push(Row { branch, fork: (TRUNK, middle + ROW / 2.0), tip: (LANE, middle) });
        }
        let forked_at = |row: &Row| branches.get(row.branch).map(|branch| branch.forked_at);
        for index in (1..rows.len()).rev() {
            let (upper, lower) = rows.split_at_mut(index);
            if let (Some(upper), Some(lower)) = (upper.last_mut(), lower.first())
                && forked_at(upper) == forked_at(lower)
            {
                upper.fork = lower.fork;
            }
        }
        let bottom = middle + ROW / 2.0;
        Self { rows, height: bottom + ROW / 4.0, trunk: (ROW / 2.0, bottom) }
    }
}

impl Row {
    /// The line from the fork to the tip, as an SVG path.
    pub(super) fn path(&self) -> String {
        let ((x, y), (tip_x, tip_y)) = (self.fork, self.tip);
        let bend = y - ROW / 2.0;
        format!("M{x} {y}C{x} {bend} {tip_x} {y} {tip_x} {bend}V{tip_y}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::protocol::DocumentId;
    use ot_core::Revision;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn branches(forks: &[u64]) -> Vec<Branch> {
        let branch = |fork: &u64| Branch {
            id: DocumentId(uuid::Uuid::from_u128(u128::from(*fork))),
            parent: DocumentId(uuid::Uuid::nil()),
            name: String::new(),
            forked_at: Revision(*fork),
            revision: Revision(0),
            author: None,
            made_at_ms: 0,
            edited_at_ms: 0,
        };
        forks.iter().map(branch).collect()
    }

    #[test]
    fn what_left_last_stands_uppermost_and_leaves_from_below_its_row() {
        let graph = Graph::of(&branches(&[3, 9, 5]));
        assert_eq!(graph.rows.iter().map(|row| row.branch).collect::<Vec<_>>(), [1, 2, 0]);
        let tips: Vec<f64> = graph.rows.iter().map(|row| row.tip.1).collect();
        assert_eq!(tips, [84.0, 140.0, 196.0]);
        assert!(graph.rows.iter().all(|row| row.fork.1 > row.tip.1 && row.fork.1 <= graph.trunk.1));
        assert_eq!(graph.rows[0].path(), "M12 112C12 84 36 112 36 84V84");
    }

    #[test]
    fn branches_of_one_revision_leave_at_one_point() {
        let graph = Graph::of(&branches(&[4, 4, 7]));
        assert_eq!(graph.rows[1].fork, graph.rows[2].fork);
        assert_ne!(graph.rows[0].fork, graph.rows[1].fork);
    }

    #[test]
    fn without_branches_there_is_the_main_line_alone() {
        assert_eq!(Graph::of(&[]), Graph { rows: Vec::new(), height: 70.0, trunk: (28.0, 56.0) });
    }
}
