/// For each cell a list of cells, all in one vector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// Where the list of each cell ends.
    ends: Vec<usize>,
    cells: Vec<usize>,
}

impl Links {
    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The list of the cell.
    pub(crate) fn of(&self, cell: usize) -> &[usize] {
        let start = cell.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(cell).copied().unwrap_or(start);
        self.cells.get(start..end).unwrap_or_default()
    }

    /// Adds a cell with its list.
    pub(crate) fn push(&mut self, list: impl IntoIterator<Item = usize>) {
        self.cells.extend(list);
        self.ends.push(self.cells.len());
    }

    /// The links the other way round; each list in ascending order.
    #[allow(clippy::indexing_slicing, reason = "every cell of a list is one of the cells")]
    pub(super) fn reversed(&self) -> Self {
        let mut starts = vec![0; self.len() + 1];
        for cell in &self.cells {
            starts[cell + 1] += 1;
        }
        for cell in 0..self.len() {
            starts[cell + 1] += starts[cell];
        }
        let mut cells = vec![0; self.cells.len()];
        for cell in 0..self.len() {
            for other in self.of(cell) {
                cells[starts[*other]] = cell;
                starts[*other] += 1;
            }
        }
        starts.pop();
        Self { ends: starts, cells }
    }
}

impl FromIterator<Vec<usize>> for Links {
    fn from_iter<T: IntoIterator<Item = Vec<usize>>>(lists: T) -> Self {
        let mut links = Self::default();
        lists.into_iter().for_each(|list| links.push(list));
        links
    }
}
