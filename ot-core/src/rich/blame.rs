use super::delta::{Delta, Run};
use super::unit::Unit;
use crate::Revision;
use crate::history::TextSpan;
use crate::spans::Step;

/// What `op` does, as done by `revision`.
pub(super) fn steps<U: Unit>(op: &Delta, revision: Revision) -> Vec<Step> {
    let step = |run: &Run| match run {
        Run::Retain(count, _) => Step::Retain(*count),
        Run::Insert(content, _) => Step::Insert(TextSpan { length: content.as_slice().length::<U>(), revision }),
        Run::Delete(count) => Step::Delete(*count),
    };
    op.runs().iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientId;
    use crate::history::{History, Stamp};
    use crate::rich::{Attributes, Rich, RichUtf16};

    #[test]
    fn attributes_leave_the_author_of_a_text_alone() {
        let mut history = History::<Rich>::default();
        let mut bold = Attributes::new();
        bold.insert(String::from("bold"), true.into());
        let ops = [Delta::new().insert("a💃b"), Delta::new().retain_with(3, bold), Delta::new().retain(1).insert("x")];
        for op in &ops {
            history.push(op, Stamp::new(ClientId::default(), 0)).unwrap();
        }
        let span = |length, revision| TextSpan { length, revision: Revision(revision) };
        assert_eq!(history.blame().unwrap(), [span(1, 1), span(1, 3), span(2, 1)]);
    }

    #[test]
    fn lengths_are_counted_in_the_units_of_the_type() {
        let mut history = History::<RichUtf16>::default();
        history.push(&Delta::new().insert("a💃b"), Stamp::new(ClientId::default(), 0)).unwrap();
        assert_eq!(history.blame().unwrap(), [TextSpan { length: 4, revision: Revision(1) }]);
    }
}
