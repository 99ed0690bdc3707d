use crate::ClientId;

/// Who made a revision, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Who submitted the op.
    pub author: ClientId,
    /// When, in milliseconds since 1970 in UTC.
    pub time_ms: u64,
}

impl Stamp {
    /// A revision by `author` at `time_ms`.
    #[must_use]
    pub fn new(author: ClientId, time_ms: u64) -> Self {
        Self { author, time_ms }
    }
}

/// The stamps of consecutive revisions, those by the same author as one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Stamps {
    times: Vec<u64>,
    /// The authors, each with the index at which their run begins. Ascending.
    authors: Vec<(usize, ClientId)>,
}

impl Stamps {
    pub(super) fn push(&mut self, stamp: Stamp) {
        if self.authors.last().is_none_or(|(_, author)| *author != stamp.author) {
            self.authors.push((self.times.len(), stamp.author));
        }
        self.times.push(stamp.time_ms);
    }

    pub(super) fn get(&self, index: usize) -> Option<Stamp> {
        let time_ms = *self.times.get(index)?;
        let run = self.authors.partition_point(|(start, _)| *start <= index);
        let (_, author) = self.authors.get(run.checked_sub(1)?)?;
        Some(Stamp { author: *author, time_ms })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Stamp> {
        (0..self.times.len()).map_while(|index| self.get(index))
    }

    /// How many were made until `time_ms`.
    pub(super) fn until(&self, time_ms: u64) -> usize {
        self.times.partition_point(|time| *time <= time_ms)
    }

    pub(super) fn drop_first(&mut self, count: usize) {
        let first = self.get(count);
        self.times.drain(..count.min(self.times.len()));
        self.authors.retain(|(start, _)| *start > count);
        for (start, _) in &mut self.authors {
            *start -= count;
        }
        if let Some(Stamp { author, .. }) = first {
            self.authors.insert(0, (0, author));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn stamps_are_given_back_as_they_were_taken() {
        let all: Vec<Stamp> = [(1, 10), (1, 11), (2, 12), (1, 13), (1, 13), (3, 20)]
            .map(|(author, time)| Stamp::new(ClientId(Uuid::from_u128(author)), time))
            .to_vec();
        for dropped in 0..=all.len() {
            let mut stamps = Stamps::default();
            all.iter().for_each(|stamp| stamps.push(*stamp));
            stamps.drop_first(dropped);
            let kept: Vec<_> = (0..).map_while(|index| stamps.get(index)).collect();
            assert_eq!(kept, all[dropped..], "without the first {dropped}");
        }
    }
}
