//! The machine of a document of either kind. To the outside all ops are JSON ops.

use std::sync::Arc;

use coval_shared::protocol::{DocumentKind, ErrorCode};
use ot_core::json::{Change, Json, JsonOp, Path};
use ot_core::server::{Reversal, Staged, SubmitError};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{ClientId, Committed, Revision, Sequence, Server, Submission};
use serde_json::Value;

/// A document and its recent history.
pub(super) enum Machine {
    /// A tree.
    Model(Server<Json>),
    /// A JSON string, kept as a text that is cheap to edit anywhere.
    Memo(Server<Text>),
}

/// A submission that is the newest revision, and can be taken back.
pub(super) struct Next {
    pub(super) committed: Committed<JsonOp>,
    /// The op as JSON.
    pub(super) text: Arc<str>,
    pub(super) undo: Undo,
}

/// What takes the newest revision back.
pub(super) enum Undo {
    Model(Reversal<JsonOp>),
    Memo(Reversal<TextOp>),
}

/// What a submission came to, as far as the machine can tell.
pub(super) enum Outcome {
    Next(Box<Next>),
    /// It was committed before.
    Known(Revision),
    /// The ops between the two revisions are needed first.
    HistoryNeeded(Revision, Revision),
    Refused(ErrorCode, String),
}

/// A copy of a document, cheap to make of a text.
pub(super) enum Copy {
    Model(Value),
    Memo(Rope),
}

impl Copy {
    /// As JSON.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Model(value) => value,
            Self::Memo(text) => Value::String(String::from(&text)),
        }
    }
}

/// Calls the same function of either machine.
macro_rules! either {
    ($machine:expr, $server:ident => $call:expr) => {
        match $machine {
            Machine::Model($server) => $call,
            Machine::Memo($server) => $call,
        }
    };
}

impl Machine {
    /// A machine for the document, whose kind its root shows.
    pub(super) fn new(snapshot: Value, revision: Revision) -> Self {
        match snapshot {
            Value::String(text) => Self::Memo(Server::new(Rope::from(text), revision)),
            model => Self::Model(Server::new(model, revision)),
        }
    }

    pub(super) fn kind(&self) -> DocumentKind {
        match self {
            Self::Model(_) => DocumentKind::Model,
            Self::Memo(_) => DocumentKind::Memo,
        }
    }

    pub(super) fn revision(&self) -> Revision {
        either!(self, server => server.revision())
    }

    /// The revision before the oldest op in memory.
    pub(super) fn oldest(&self) -> Revision {
        either!(self, server => server.oldest())
    }

    pub(super) fn copy(&self) -> Copy {
        match self {
            Self::Model(server) => Copy::Model(server.document().clone()),
            Self::Memo(server) => Copy::Memo(server.document().clone()),
        }
    }

    /// The tree; nothing of a text.
    pub(super) fn model(&self) -> Option<&Value> {
        match self {
            Self::Model(server) => Some(server.document()),
            Self::Memo(_) => None,
        }
    }

    /// How many bytes the text has as UTF-8; nothing of a tree.
    pub(super) fn text_bytes(&self) -> Option<usize> {
        match self {
            Self::Model(_) => None,
            Self::Memo(server) => Some(server.document().len_bytes()),
        }
    }

    pub(super) fn last_submission(&self, client: ClientId) -> (Sequence, Revision) {
        either!(self, server => server.last_submission(client))
    }

    pub(super) fn remember(&mut self, client: ClientId, sequence: Sequence, revision: Revision) {
        either!(self, server => server.remember(client, sequence, revision));
    }

    pub(super) fn forget(&mut self, client: ClientId) {
        either!(self, server => server.forget(client));
    }

    pub(super) fn trim_history(&mut self, length: usize) {
        either!(self, server => server.trim_history(length));
    }

    /// Makes the submission the newest revision.
    pub(super) fn stage(&mut self, submission: Submission<JsonOp>) -> Outcome {
        let staged = match self {
            Self::Model(server) => server.stage(submission).map(|staged| match staged {
                Staged::Next { committed, reversal } => {
                    let text = serde_json::to_string(&committed.op).unwrap_or_default().into();
                    Outcome::Next(Box::new(Next { committed, text, undo: Undo::Model(reversal) }))
                }
                Staged::Duplicate(revision) => Outcome::Known(revision),
            }),
            Self::Memo(server) => {
                let Some(op) = text_op(&submission.op) else {
                    let hint = "a memo is a text: it is changed by one text edit at its root";
                    return Outcome::Refused(ErrorCode::OpInvalid, hint.to_owned());
                };
                let Submission { client, sequence, base, .. } = submission;
                server.stage(Submission { client, sequence, base, op }).map(|staged| match staged {
                    Staged::Next { committed, reversal } => {
                        let text = written(&committed.op).into();
                        Outcome::Next(Box::new(Next {
                            committed: as_json(&committed),
                            text,
                            undo: Undo::Memo(reversal),
                        }))
                    }
                    Staged::Duplicate(revision) => Outcome::Known(revision),
                })
            }
        };
        staged.unwrap_or_else(|error| match error {
            SubmitError::HistoryNeeded { base, oldest } => Outcome::HistoryNeeded(base, oldest),
            error => Outcome::Refused(code(&error), error.to_string()),
        })
    }

    /// Takes the newest revision back. Returns whether it was that one.
    pub(super) fn take_back(&mut self, undo: Undo) -> bool {
        match (self, undo) {
            (Self::Model(server), Undo::Model(reversal)) => server.take_back(reversal),
            (Self::Memo(server), Undo::Memo(reversal)) => server.take_back(reversal),
            _ => false,
        }
    }

    /// Takes in the next op that somebody else committed.
    pub(super) fn follow(&mut self, committed: Committed<JsonOp>) -> Result<(), String> {
        match self {
            Self::Model(server) => server.follow(committed).map_err(|error| error.to_string()),
            Self::Memo(server) => server.follow(as_text(&committed)?).map_err(|error| error.to_string()),
        }
    }

    /// What came after `since`, if that is in memory.
    pub(super) fn since(&self, since: Revision) -> Option<Vec<Committed<JsonOp>>> {
        match self {
            Self::Model(server) => server.since(since).map(|missed| missed.cloned().collect()),
            Self::Memo(server) => server.since(since).map(|missed| missed.map(as_json).collect()),
        }
    }

    /// Puts older ops before the ones in memory. Returns whether they fit there.
    pub(super) fn extend_history(&mut self, older: Vec<Committed<JsonOp>>) -> bool {
        match self {
            Self::Model(server) => server.extend_history(older),
            Self::Memo(server) => {
                let older: Result<Vec<_>, _> = older.iter().map(as_text).collect();
                older.is_ok_and(|older| server.extend_history(older))
            }
        }
    }
}

/// The edit of the text that the op is; nothing when it is anything else.
fn text_op(op: &JsonOp) -> Option<TextOp> {
    let mut changes = op.changes();
    match (changes.next(), changes.next()) {
        (None, _) => Some(TextOp::new()),
        (Some(Change::EditText { at, op }), None) if at.0.is_empty() => Some(op.clone()),
        _ => None,
    }
}

fn json_op(op: &TextOp) -> JsonOp {
    if op.is_noop() { JsonOp::noop() } else { JsonOp::edit_text(Path::default(), op.clone()) }
}

/// The JSON of `json_op`, without making it first.
fn written(op: &TextOp) -> String {
    if op.is_noop() {
        return "null".to_owned();
    }
    serde_json::to_string(op).map(|edit| format!(r#"[{{"es":{edit}}}]"#)).unwrap_or_default()
}

fn as_json(committed: &Committed<TextOp>) -> Committed<JsonOp> {
    let Committed { revision, client, sequence, .. } = *committed;
    Committed { revision, client, sequence, op: json_op(&committed.op) }
}

fn as_text(committed: &Committed<JsonOp>) -> Result<Committed<TextOp>, String> {
    let Committed { revision, client, sequence, .. } = *committed;
    let op = text_op(&committed.op).ok_or("this is no edit of a text")?;
    Ok(Committed { revision, client, sequence, op })
}

fn code(error: &SubmitError) -> ErrorCode {
    match error {
        SubmitError::FutureBase { .. } => ErrorCode::RevisionInFuture,
        SubmitError::HistoryNeeded { .. } => ErrorCode::RevisionTooOld,
        SubmitError::OutOfSequence { .. } => ErrorCode::OutOfSequence,
        SubmitError::DoesNotApply(_) => ErrorCode::OpInvalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ot_core::path;
    use serde_json::json;

    #[test]
    fn an_edit_of_a_memo_is_the_same_as_an_op_and_as_its_json() {
        let ops = [
            TextOp::new(),
            TextOp::new().insert("# Title\n\"quoted\" \u{0} 💃"),
            TextOp::new().retain(3).delete(2),
            TextOp::new().retain(1).insert("a").delete(1).retain(2).insert("b"),
        ];
        for op in ops {
            let json = json_op(&op);
            assert_eq!(text_op(&json), Some(op.clone()));
            assert_eq!(serde_json::from_str::<JsonOp>(&written(&op)).unwrap(), json);
            assert_eq!(serde_json::to_string(&json).unwrap(), written(&op));
        }
    }

    #[test]
    fn what_is_no_edit_of_the_root_is_no_edit_of_a_memo() {
        let edit = TextOp::new().insert("x");
        let ops = [
            JsonOp::replace(path![], "new"),
            JsonOp::remove(path![]),
            JsonOp::edit_text(path!["a"], edit),
            JsonOp::insert(path!["a"], json!(1)),
        ];
        for op in ops {
            assert_eq!(text_op(&op), None, "{op:?}");
        }
    }
}
