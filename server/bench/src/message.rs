//! The messages of the protocol, as far as the load needs them, in both of their forms.

use std::cell::RefCell;
use std::collections::HashMap;
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

/// The letter of a brief message.
#[derive(Debug, Deserialize, Serialize)]
pub enum Letter {
    #[serde(rename = "u")]
    Updated,
    #[serde(rename = "a")]
    Acknowledged,
    #[serde(rename = "e")]
    Edit,
}

/// What the load says, with names or without.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Outgoing<'a> {
    Named(Named<'a>),
    Edit(Letter, u32, u64, u64, [Change<TextOp>; 1]),
}

/// What the load says with names.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Named<'a> {
    /// Who speaks.
    Hello { client: Uuid, ticket: &'a str },
    /// Follow a document.
    DocumentOpen { document: Uuid, since: Option<u64> },
}

impl<'a> From<Named<'a>> for Outgoing<'a> {
    fn from(named: Named<'a>) -> Self {
        Self::Named(named)
    }
}

impl Outgoing<'_> {
    /// The message that submits an op on the memo with this number.
    pub fn edit(memo: u32, submission: Submission<TextOp>) -> Self {
        let Submission { sequence, base, op, .. } = submission;
        Self::Edit(Letter::Edit, memo, sequence.0, base.0, [Change { es: op }])
    }
}

/// A change of a text, as a part of a JSON op.
#[derive(Serialize, Deserialize)]
pub struct Change<Op> {
    es: Op,
}

/// One message of the server.
#[derive(Deserialize)]
#[serde(untagged)]
enum Incoming {
    Updated(Letter, u32, u64, Vec<Update>),
    Acknowledged(Letter, u32, u64, u64),
    Named(Told),
}

#[derive(Deserialize)]
struct Told {
    r#type: String,
    number: Option<u32>,
    revision: Option<u64>,
    #[serde(default)]
    writers: Vec<Uuid>,
    snapshot: Option<String>,
    message: Option<String>,
}

/// The number of the writer, the sequence and the op, and the writer when the number is new. What changes nothing is
/// committed as such.
#[derive(Deserialize)]
struct Update(u8, u64, Option<Vec<Change<TextOp>>>, #[serde(default)] Option<Uuid>);

/// What a message says.
#[derive(Debug)]
pub enum Said {
    Welcome,
    Snapshot { number: u32, revision: u64, text: String },
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
    /// The writers by the numbers of their memos and their own. All clients are told the same.
    writers: RefCell<HashMap<(u32, u8), Uuid>>,
}

impl Reader {
    /// A reader of messages in `form`.
    pub fn new(form: Form) -> Self {
        Self { form, last: RefCell::default(), writers: RefCell::default() }
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
        let said = Rc::new(incoming.said(&mut self.writers.borrow_mut())?);
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
    fn said(self, writers: &mut HashMap<(u32, u8), Uuid>) -> Result<Said, Failure> {
        let told = match self {
            Self::Updated(Letter::Updated, memo, first, updates) => {
                let committed = |(revision, Update(writer, sequence, op, named)): (u64, Update)| {
                    if let Some(named) = named {
                        writers.insert((memo, writer), named);
                    }
                    let client = writers.get(&(memo, writer)).ok_or("a writer has no name")?;
                    let (client, sequence) = (ClientId(*client), Sequence(sequence));
                    let op = op.and_then(|mut op| op.pop()).map_or_else(TextOp::new, |change| change.es);
                    Ok::<_, Failure>(Committed { revision: Revision(revision), client, sequence, op })
                };
                return Ok(Said::Updated((first..).zip(updates).map(committed).collect::<Result<_, _>>()?));
            }
            Self::Acknowledged(Letter::Acknowledged, _, sequence, revision) => {
                return Ok(Said::Acknowledged { sequence, revision });
            }
            Self::Named(told) => told,
            Self::Updated(letter, memo, ..) | Self::Acknowledged(letter, memo, ..) => {
                return Err(format!("memo {memo}: {letter:?} is not expected here").into());
            }
        };
        Ok(match (told.r#type.as_str(), told.number, told.revision, told.snapshot) {
            ("welcome", ..) => Said::Welcome,
            ("document_snapshot", Some(number), Some(revision), Some(text)) => {
                writers.extend((0..).zip(told.writers).map(|(writer, client)| ((number, writer), client)));
                Said::Snapshot { number, revision, text }
            }
            ("error", ..) => {
                let message = told.message.unwrap_or_default();
                return Err(format!("the server refuses what the load does: {message}").into());
            }
            _ => Said::Other,
        })
    }
}
