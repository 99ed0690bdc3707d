//! Clients of a document: the machine that the app runs, over a lean socket.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

use ot_core::client::Received;
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{ClientId, Committed, Revision, Sequence, Submission};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::book::Book;
use crate::socket::Socket;
use crate::text::Dice;

/// What goes wrong with a client ends the run.
pub type Failure = Box<dyn Error>;

/// The first half of the ids of the load's clients; the second half is their number.
const CLIENTS: u64 = 0x0199_b1f0_5a5e_7c0e;
const NUMBERED: u64 = 0x9f62_0000_0000_0000;

/// The text of a document that is edited: the document itself, or one text in it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The document.
    pub document: String,
    /// The way to the text, as the beginning of an op: `"about",` or nothing.
    pub way: &'static str,
}

/// One message of the server, as far as the load needs it.
#[derive(Deserialize)]
struct Incoming<'a> {
    r#type: &'a str,
    #[serde(default, borrow)]
    updates: Vec<Update<'a>>,
    #[serde(default)]
    sequence: Option<u64>,
    #[serde(default)]
    revision: Option<u64>,
    #[serde(default, borrow)]
    snapshot: Option<&'a RawValue>,
    #[serde(default, borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Update<'a> {
    revision: u64,
    client: Uuid,
    sequence: u64,
    #[serde(borrow)]
    op: &'a RawValue,
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
#[derive(Default)]
pub struct Reader {
    last: RefCell<(Vec<u8>, Option<Rc<Said>>)>,
}

impl Reader {
    /// What the message says. A refusal is a failure: the load sends nothing that may be refused.
    pub fn read(&self, message: &[u8]) -> Result<Rc<Said>, Failure> {
        let mut last = self.last.borrow_mut();
        if last.0 == message
            && let Some(said) = &last.1
        {
            return Ok(Rc::clone(said));
        }
        let said = Rc::new(read(message)?);
        if message.len() < 64 * 1024 {
            last.0.clear();
            last.0.extend_from_slice(message);
            last.1 = Some(Rc::clone(&said));
        }
        Ok(said)
    }
}

fn read(message: &[u8]) -> Result<Said, Failure> {
    let incoming: Incoming<'_> =
        serde_json::from_slice(message).map_err(|error| format!("{error} in {}", String::from_utf8_lossy(message)))?;
    Ok(match (incoming.r#type, incoming.sequence, incoming.revision, incoming.snapshot) {
        ("welcome", ..) => Said::Welcome,
        ("document_updated", ..) => Said::Updated(incoming.updates.iter().map(committed).collect::<Result<_, _>>()?),
        ("document_ack", Some(sequence), Some(revision), _) => Said::Acknowledged { sequence, revision },
        ("document_snapshot", _, Some(revision), Some(snapshot)) => {
            Said::Snapshot { revision, text: text_of(snapshot)? }
        }
        ("error", ..) => {
            let message = incoming.message.map(RawValue::get).unwrap_or_default();
            return Err(format!("the server refuses what the load does: {message}").into());
        }
        _ => Said::Other,
    })
}

/// The text in a document: a memo is one, a model has one about itself.
fn text_of(snapshot: &RawValue) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Model {
        #[serde(default)]
        about: String,
    }
    if snapshot.get().starts_with('"') {
        return Ok(serde_json::from_str(snapshot.get())?);
    }
    Ok(serde_json::from_str::<Model>(snapshot.get())?.about)
}

fn committed(update: &Update<'_>) -> Result<Committed<TextOp>, Failure> {
    let op = update.op.get();
    let op = match op.find("\"es\":") {
        Some(at) => TextOp::deserialize(&mut serde_json::Deserializer::from_str(&op[at + 5..]))?,
        // What changes nothing is committed as such.
        None => TextOp::new(),
    };
    Ok(Committed {
        revision: Revision(update.revision),
        client: ClientId(update.client),
        sequence: Sequence(update.sequence),
        op,
    })
}

/// The client with this number.
pub fn client_id(number: usize) -> ClientId {
    ClientId(Uuid::from_u64_pair(CLIENTS, NUMBERED | number as u64))
}

fn number(id: ClientId) -> usize {
    (id.0.as_u64_pair().1 & !NUMBERED) as usize
}

/// One client, in a document.
pub struct Client {
    pub socket: Socket,
    number: usize,
    place: Place,
    /// Readers hold no document: they only hear.
    machine: Option<ot_core::Client<Text>>,
    /// When the edits were made that wait for their turn.
    waiting: Vec<u64>,
    dice: Dice,
    book: Rc<Book>,
    reader: Rc<Reader>,
}

impl Client {
    /// A client that has a socket and has said hello, and now opens the document.
    pub async fn enter(
        mut socket: Socket,
        number: usize,
        place: Place,
        is_writer: bool,
        book: Rc<Book>,
        reader: Rc<Reader>,
    ) -> Result<Self, Failure> {
        let open = format!(r#"{{"type":"document_open","document":"{}","since":null}}"#, place.document);
        socket.send(&open).await?;
        let machine = loop {
            let said = reader.read(socket.next().await?)?;
            if let Said::Snapshot { revision, text } = &*said {
                let machine =
                    || ot_core::Client::new(client_id(number), Rope::from(text.as_str()), Revision(*revision));
                break is_writer.then(machine);
            }
        };
        let dice = Dice::new(number as u64 + 1);
        Ok(Self { socket, number, place, machine, waiting: Vec::new(), dice, book, reader })
    }

    /// Hears one message.
    pub async fn hear(&mut self) -> Result<(), Failure> {
        let message = self.socket.next().await?;
        let said = self.reader.read(message)?;
        self.book.came(self.socket.take_bytes());
        match &*said {
            Said::Updated(updates) => {
                for committed in updates {
                    self.book.reached(number(committed.client), committed.sequence.0);
                    if let Some(machine) = &mut self.machine {
                        machine.receive(committed)?;
                    }
                }
            }
            Said::Acknowledged { sequence, revision } => {
                self.book.acknowledged(self.number, *sequence);
                let Some(machine) = &mut self.machine else { return Ok(()) };
                if let Received::Acknowledged(Some(next)) =
                    machine.acknowledge(Sequence(*sequence), Revision(*revision))?
                {
                    self.submit(next).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes a short token at a random place, or removes one where the text is longer than `most`.
    pub async fn write(&mut self, most: usize) -> Result<(), Failure> {
        let Some(machine) = &mut self.machine else { return Ok(()) };
        let length = machine.document().len_chars();
        let at = self.dice.below(length + 1);
        let op = if length > most {
            TextOp::edit(at.min(length - 4), 4, "")
        } else {
            TextOp::edit(at, 0, ["cash", "beta", "rate", "debt"][self.dice.below(4)])
        };
        self.waiting.push(self.book.now());
        if let Some(submission) = machine.edit(op)? {
            self.submit(submission).await?;
        }
        Ok(())
    }

    /// Whether everything that was written here is stored.
    pub fn is_synchronized(&self) -> bool {
        self.machine.as_ref().is_none_or(ot_core::Client::is_synchronized)
    }

    async fn submit(&mut self, submission: Submission<TextOp>) -> Result<(), Failure> {
        let Submission { sequence, base, op, .. } = submission;
        self.book.submitted(self.number, sequence.0, std::mem::take(&mut self.waiting));
        let edit = format!(
            r#"{{"type":"document_edit","document":"{}","sequence":{sequence},"base":{base},"op":[{}{{"es":{}}}]}}"#,
            self.place.document,
            self.place.way,
            serde_json::to_string(&op)?,
            sequence = sequence.0,
            base = base.0,
        );
        Ok(self.socket.send(&edit).await?)
    }
}
