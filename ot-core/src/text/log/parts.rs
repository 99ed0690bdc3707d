//! A log taken apart and put together, for those who keep it elsewhere.

use super::{Kind, LoggedRun, Stretch, TextLog};

/// Ops that continue each other, whatever widths their letters have, or one op of any runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) kind: Kind,
    /// Where the first op acts; 0 for an op of any runs.
    pub(crate) position: usize,
    /// How many code points each op inserts or deletes; 1 for an op of any runs.
    pub(crate) each: usize,
    pub(crate) count: usize,
    /// What the ops insert.
    pub(crate) text: &'a str,
    /// The runs of an op of any runs; empty for others.
    pub(crate) runs: &'a [LoggedRun],
}

impl TextLog {
    /// The log in parts, each as long as it can be.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut stretches = self.stretches.iter().peekable();
        std::iter::from_fn(move || {
            let first = stretches.next()?;
            if first.kind != Kind::Insert {
                let end = stretches.peek().map_or(self.len, |next| next.first);
                return Some(self.part(first, end));
            }
            let mut last = first;
            loop {
                let end = stretches.peek().map_or(self.len, |next| next.first);
                let place = last.place(end - last.first);
                match stretches
                    .next_if(|next| next.kind == Kind::Insert && next.each == first.each && next.position == place)
                {
                    Some(next) => last = next,
                    None => return Some(self.part(first, end)),
                }
            }
        })
    }

    fn part(&self, stretch: &Stretch, end: usize) -> Part<'_> {
        let next = self.stretches.as_slice().get(self.stretch_of(end)).filter(|_| end < self.len);
        let text_end = next.map_or(self.text.len(), |next| next.text);
        let text = self.text_at(stretch.text, text_end - stretch.text);
        let count = end - stretch.first;
        match stretch.kind {
            Kind::Runs => Part { kind: Kind::Runs, position: 0, each: 1, count, text, runs: self.runs_of(stretch) },
            kind => Part { kind, position: stretch.position, each: stretch.each, count, text, runs: &[] },
        }
    }

    /// Adds a part; nothing, and the log stays as it was, when its numbers don't fit together.
    pub(crate) fn push_part(&mut self, part: Part<'_>) -> Option<()> {
        let Part { kind, position, each, count, text, runs } = part;
        let end = self.len.checked_add(count)?;
        let total = each.checked_mul(count).filter(|total| *total > 0)?;
        match kind {
            Kind::Insert if total == text.len() => {
                self.start(kind, position, each, each);
                self.text.push_str(text);
            }
            Kind::Insert => {
                let mut ends = text.char_indices().map(|(index, _)| index).chain([text.len()]).step_by(each);
                let mut start = ends.next()?;
                for offset in 0..count {
                    let end = ends.next()?;
                    let text = text.get(start..end)?;
                    self.push_insert(position.wrapping_add(offset.wrapping_mul(each)), text, text.chars().count());
                    start = end;
                }
            }
            Kind::Delete => self.start(kind, position, each, 0),
            Kind::Backspace if position >= total - each => self.start(kind, position, each, 0),
            Kind::Backspace => return None,
            Kind::Runs if total != 1 => return None,
            Kind::Runs => {
                self.start(kind, self.runs.len(), runs.len(), 0);
                self.runs.extend_from_slice(runs);
                self.text.push_str(text);
            }
        }
        self.len = end;
        Some(())
    }
}
