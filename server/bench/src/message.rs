//! The messages of the protocol, as far as the load needs them, in both of their forms.

use std::cell::RefCell;
use std::rc::Rc;

use ot_core::text::TextOp;
use ot_core::{ClientId, Committed, Revision, Sequence, Submission};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::client::Failure;

/// The most bytes that a message has when it is no longer compressed.
const MOST: usize = 16 * 1024 * 1024;

/// A form of messages on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// Text frames.
    Json,
    /// Binary frames.
    Msgpack,
}

impl Form {
    /// The name of the form in the handshake.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "coval.v1.json",
            Self::Msgpack => "coval.v1.msgpack",
        }
    }

    /// A message as it goes over the wire, and whether it is a text.
    pub fn write(self, message: &Outgoing<'_>) -> Result<(bool, Vec<u8>), Failure> {
        match self {
            Self::Json => Ok((true, serde_json::to_vec(message)?)),
            Self::Msgpack => {
                let mut bytes = vec![0];
                rmp_serde::encode::write_named(&mut bytes, message)?;
                Ok((false, bytes))
            }
        }
    }
}

/// What the load says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outgoing<'a> {
    /// Who speaks.
    Hello { client: Uuid, ticket: &'a str },
    /// Follow a document.
    DocumentOpen { document: Uuid, since: Option<u64> },
    /// Change a memo.
    DocumentEdit { document: Uuid, sequence: u64, base: u64, op: [Change<TextOp>; 1] },
}

impl Outgoing<'_> {
    /// The message that submits an op on a memo.
    pub fn edit(document: Uuid, submission: Submission<TextOp>) -> Self {
        let Submission { sequence, base, op, .. } = submission;
        Self::DocumentEdit { document, sequence: sequence.0, base: base.0, op: [Change { es: op }] }
    }
}

/// A change of a text, as a part of a JSON op.
#[derive(Serialize, Deserialize)]
pub struct Change<Op> {
    es: Op,
}

/// One message of the server.
#[derive(Deserialize)]
struct Incoming {
    r#type: String,
    #[serde(default)]
    updates: Vec<Update>,
    sequence: Option<u64>,
    revision: Option<u64>,
    snapshot: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Update {
    revision: u64,
    client: Uuid,
    sequence: u64,
    /// What changes nothing is committed as such.
    op: Option<Vec<Change<TextOp>>>,
}

/// What a message says.
#[derive(Debug)]
pub enum Said {
    Welcome,
    Snapshot { revision: u64, text: String },
    Updated(Vec<Committed<TextOp>>),
    Acknowledged { sequence: u64, revision: u64 },
    Other,
}

/// Reads messages. Everybody in a document hears the same, so that a message like the one before is not read again.
#[derive(Debug)]
pub struct Reader {
    /// The form of all messages.
    pub form: Form,
    last: RefCell<(Vec<u8>, Option<Rc<Said>>)>,
}

impl Reader {
    /// A reader of messages in `form`.
    pub fn new(form: Form) -> Self {
        Self { form, last: RefCell::default() }
    }

    /// What the message says. A refusal is a failure: the load sends nothing that may be refused.
    pub fn read(&self, message: &[u8]) -> Result<Rc<Said>, Failure> {
        let mut last = self.last.borrow_mut();
        if last.0 == message
            && let Some(said) = &last.1
        {
            return Ok(Rc::clone(said));
        }
        let incoming: Incoming = match self.form {
            Form::Json => serde_json::from_slice(message)
                .map_err(|error| format!("{error} in {}", String::from_utf8_lossy(message)))?,
            Form::Msgpack => match message.split_first() {
                Some((0, plain)) => rmp_serde::from_slice(plain)?,
                Some((1, deflated)) => {
                    let plain = miniz_oxide::inflate::decompress_to_vec_with_limit(deflated, MOST);
                    rmp_serde::from_slice(&plain.map_err(|error| error.to_string())?)?
                }
                _ => return Err("a message has no form".into()),
            },
        };
        let said = Rc::new(incoming.said()?);
        // Documents are too long to look whether they are the same.
        if message.len() < 64 * 1024 {
            last.0.clear();
            last.0.extend_from_slice(message);
            last.1 = Some(Rc::clone(&said));
        }
        Ok(said)
    }
}

impl Incoming {
    fn said(self) -> Result<Said, Failure> {
        Ok(match (self.r#type.as_str(), self.sequence, self.revision, self.snapshot) {
            ("welcome", ..) => Said::Welcome,
            ("document_updated", ..) => Said::Updated(self.updates.into_iter().map(committed).collect()),
            ("document_ack", Some(sequence), Some(revision), _) => Said::Acknowledged { sequence, revision },
            ("document_snapshot", _, Some(revision), Some(text)) => Said::Snapshot { revision, text },
            ("error", ..) => {
                let message = self.message.unwrap_or_default();
                return Err(format!("the server refuses what the load does: {message}").into());
            }
            _ => Said::Other,
        })
    }
}

fn committed(update: Update) -> Committed<TextOp> {
    let op = update.op.and_then(|mut op| op.pop()).map_or_else(TextOp::new, |change| change.es);
    let Update { revision, client, sequence, .. } = update;
    Committed { revision: Revision(revision), client: ClientId(client), sequence: Sequence(sequence), op }
}
