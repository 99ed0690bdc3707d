use super::runs::Run;
use super::{Text, TextOp};
use crate::history::{Blame, TextSpan};
use crate::spans::{Step, spans_after};
use crate::{OpError, OtType, Revision};

/// Spans count code points.
impl Blame for Text {
    type Origins = Vec<TextSpan>;

    fn origins(
        oldest: &<Self as OtType>::Snapshot,
        revision: Revision,
        ops: impl Iterator<Item = (Revision, TextOp)>,
    ) -> Result<Vec<TextSpan>, OpError> {
        let changes = ops.map(|(revision, op)| steps(&op, revision));
        Ok(spans_after(oldest.len_chars(), revision, changes))
    }
}

/// What `op` does, as done by `revision`.
pub(crate) fn steps(op: &TextOp, revision: Revision) -> Vec<Step> {
    let step = |run: Run<'_>| match run {
        Run::Retain(count) => Step::Retain(count),
        Run::Insert(text) => Step::Insert(TextSpan { length: text.chars().count(), revision }),
        Run::Delete(count) => Step::Delete(count),
    };
    op.runs().map(step).collect()
}
