//! Memos: documents whose root is a text.

use ot_core::json::{Change as JsonChange, JsonOp, Path};
use ot_core::text::{Run, TextOp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::{DIFF_CHANGES, DIFF_TEXT_CHARS};

/// A stretch of a text in which something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TextSpan {
    /// What became of it.
    pub kind: SpanKind,
    /// The text. What stayed is left out but for its ends, with `…` for the rest.
    pub text: String,
}

/// What became of a stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// It stayed.
    Kept,
    /// It came.
    Inserted,
    /// It went.
    Deleted,
}

/// How much of what stayed is told beside what changed, in code points.
const AROUND: usize = 60;

/// The text of a memo.
#[must_use]
pub fn memo_of(document: &Value) -> Option<&str> {
    document.as_str()
}

/// The op on the text of a memo that is `op` on its document; none if `op` does something else than edit the text.
#[must_use]
pub fn text_op(op: &JsonOp) -> Option<TextOp> {
    let mut changes = op.changes();
    match (changes.next(), changes.next()) {
        (None, _) => Some(TextOp::default()),
        (Some(JsonChange::EditText { at, op }), None) if at == Path::default() => Some(op.clone()),
        _ => None,
    }
}

/// The op on the document of a memo that edits its text.
#[must_use]
pub fn memo_op(op: TextOp) -> JsonOp {
    if op.is_noop() { JsonOp::noop() } else { JsonOp::edit_text(Path::default(), op) }
}

/// What `op` does to `before`, stretch by stretch, and whether that is all of it: at most [`DIFF_TEXT_CHARS`] code
/// points are told.
#[must_use]
pub fn text_spans(before: &str, op: &TextOp) -> (Vec<TextSpan>, bool) {
    let mut spans = Spans { spans: Vec::new(), left: DIFF_TEXT_CHARS };
    let mut rest = before;
    for run in op.runs() {
        match run {
            Run::Retain(count) => spans.kept(split(&mut rest, count), true),
            Run::Insert(text) => spans.push(SpanKind::Inserted, text),
            Run::Delete(count) => spans.push(SpanKind::Deleted, split(&mut rest, count)),
        }
    }
    let has_changes = !spans.spans.is_empty();
    spans.kept(rest, false);
    let is_complete = spans.left > 0 && spans.spans.len() <= DIFF_CHANGES;
    spans.spans.truncate(if has_changes { DIFF_CHANGES } else { 0 });
    (spans.spans, is_complete)
}

/// The first `count` code points, which are taken off.
fn split<'a>(rest: &mut &'a str, count: usize) -> &'a str {
    let end = rest.char_indices().nth(count).map_or(rest.len(), |(end, _)| end);
    let (head, tail) = rest.split_at(end);
    *rest = tail;
    head
}

struct Spans {
    spans: Vec<TextSpan>,
    /// How many code points may still be told.
    left: usize,
}

impl Spans {
    fn push(&mut self, kind: SpanKind, text: &str) {
        if self.left == 0 || text.is_empty() {
            return;
        }
        let mut rest = text;
        let told = split(&mut rest, self.left);
        self.left -= told.chars().count().min(self.left);
        self.spans.push(TextSpan { kind, text: told.to_owned() });
    }

    /// What stayed between two changes, or after the last one.
    fn kept(&mut self, text: &str, is_before_a_change: bool) {
        let is_after_a_change = !self.spans.is_empty();
        let count = text.chars().count();
        let ends = usize::from(is_before_a_change) + usize::from(is_after_a_change);
        if count <= AROUND.saturating_mul(ends) {
            return self.push(SpanKind::Kept, text);
        }
        let mut rest = text;
        let head = if is_after_a_change { split(&mut rest, AROUND) } else { "" };
        let after_head = rest.chars().count();
        let tail = if is_before_a_change {
            split(&mut rest, after_head.saturating_sub(AROUND));
            rest
        } else {
            ""
        };
        self.push(SpanKind::Kept, &format!("{head}…{tail}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, op: &TextOp) -> String {
        let (spans, is_complete) = text_spans(before, op);
        assert!(is_complete);
        let mark = |span: &TextSpan| match span.kind {
            SpanKind::Kept => span.text.clone(),
            SpanKind::Inserted => format!("[+{}]", span.text),
            SpanKind::Deleted => format!("[-{}]", span.text),
        };
        spans.iter().map(mark).collect()
    }

    #[test]
    fn what_went_and_came_stands_between_what_stayed() {
        let op = TextOp::new().retain(4).delete(3).insert("new").retain(1).insert("😀");
        let text = told("the old é text", &op);
        assert!(text == "the [-old][+new] [+😀]é text" || text == "the [+new][-old] [+😀]é text", "{text}");
    }

    #[test]
    fn what_stayed_far_from_any_change_is_left_out() {
        let long = "é".repeat(1_000);
        let told = told(&long, &TextOp::new().retain(500).insert("x"));
        assert_eq!(told, format!("…{}[+x]{}…", "é".repeat(AROUND), "é".repeat(AROUND)));
    }

    #[test]
    fn nothing_changed_is_nothing_told() {
        assert_eq!(text_spans("some text", &TextOp::new()), (vec![], true));
    }

    #[test]
    fn a_huge_change_is_told_in_part() {
        let (spans, is_complete) = text_spans("", &TextOp::new().insert(&"x".repeat(DIFF_TEXT_CHARS * 2)));
        assert!(!is_complete);
        assert_eq!(spans.iter().map(|span| span.text.len()).sum::<usize>(), DIFF_TEXT_CHARS);
    }

    #[test]
    fn an_op_of_a_memo_is_one_of_its_text() {
        let op = TextOp::new().retain(2).insert("x");
        assert_eq!(text_op(&memo_op(op.clone())), Some(op));
        assert_eq!(text_op(&JsonOp::noop()), Some(TextOp::new()));
        assert_eq!(text_op(&JsonOp::replace(Path::default(), "x")), None);
    }
}
