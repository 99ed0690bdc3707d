use std::fmt::Debug;

/// Ops in the order in which they were applied. A kind of document whose ops are many and small keeps them in less
/// space than a `Vec` takes; `Vec` is one that serves for all.
pub trait OpLog<Op>: Clone + Debug + Default {
    /// Adds `op` at the end.
    fn push(&mut self, op: &Op);

    /// How many ops there are.
    fn len(&self) -> usize;

    /// The op at `index`, as it was added; nothing past the end.
    fn get(&self, index: usize) -> Option<Op>;

    /// Forgets the first `count` ops, or all if there are fewer.
    fn drop_first(&mut self, count: usize);

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<Op: Clone + Debug> OpLog<Op> for Vec<Op> {
    fn push(&mut self, op: &Op) {
        self.push(op.clone());
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Option<Op> {
        self.as_slice().get(index).cloned()
    }

    fn drop_first(&mut self, count: usize) {
        self.drain(..count.min(self.len()));
    }
}
