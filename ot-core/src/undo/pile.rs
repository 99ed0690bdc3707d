use crate::OtType;

/// Ops one after the other, composed in a balanced order as they come.
#[derive(Debug)]
pub(super) struct Pile<T: OtType> {
    /// Ops in the order of coming, with how often each was doubled. Where two can't be composed, both stay.
    parts: Vec<(u32, T::Op)>,
    order: Order,
}

/// In which order the ops of a pile are done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    OldestFirst,
    /// As inverses are.
    NewestFirst,
}

impl<T: OtType> Clone for Pile<T> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone(), order: self.order }
    }
}

impl<T: OtType> Pile<T> {
    pub(super) fn new(order: Order) -> Self {
        Self { parts: Vec::new(), order }
    }

    pub(super) fn push(&mut self, op: T::Op) {
        if T::is_noop(&op) {
            return;
        }
        self.parts.push((0, op));
        while let [.., (before, _), (last, _)] = self.parts.as_slice()
            && before <= last
            && self.join_last_two()
        {}
    }

    /// Composes everything as far as it can be.
    pub(super) fn join(&mut self) {
        while self.join_last_two() {}
    }

    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// The op that came last, or the composed ones with it.
    pub(super) fn last(&self) -> Option<&T::Op> {
        self.parts.last().map(|(_, op)| op)
    }

    pub(super) fn pop_last(&mut self) {
        self.parts.pop();
    }

    /// The ops in the order of coming.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T::Op> {
        self.parts.iter().map(|(_, op)| op)
    }

    /// Whether there were two and could be composed.
    fn join_last_two(&mut self) -> bool {
        let [.., (_, before), (level, last)] = self.parts.as_slice() else { return false };
        let joined = match self.order {
            Order::OldestFirst => T::compose(before, last),
            Order::NewestFirst => T::compose(last, before),
        };
        let Ok(joined) = joined else { return false };
        let level = level.saturating_add(1);
        self.parts.truncate(self.parts.len().saturating_sub(2));
        if !T::is_noop(&joined) {
            self.parts.push((level, joined));
        }
        true
    }
}
