//! Clients of a document: the machine that the app runs, over a lean socket.

use std::error::Error;
use std::rc::Rc;

use ot_core::client::Received;
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{ClientId, Revision, Sequence, Submission};
use uuid::Uuid;

use crate::book::Book;
use crate::message::{Named, Outgoing, Reader, Said};
use crate::socket::Socket;
use crate::text::Dice;

/// What goes wrong with a client ends the run.
pub type Failure = Box<dyn Error>;

/// The first half of the ids of the load's clients; the second half is their number.
const CLIENTS: u64 = 0x0199_b1f0_5a5e_7c0e;
const NUMBERED: u64 = 0x9f62_0000_0000_0000;

/// The client with this number.
pub fn client_id(number: usize) -> ClientId {
    ClientId(Uuid::from_u64_pair(CLIENTS, NUMBERED | number as u64))
}

fn number(id: ClientId) -> usize {
    (id.0.as_u64_pair().1 & !NUMBERED) as usize
}

/// One client, in a memo.
pub struct Client {
    socket: Socket,
    number: usize,
    /// The number that the server gave it.
    memo: u32,
    /// Readers hold no document: they only hear.
    machine: Option<ot_core::Client<Text>>,
    revision: u64,
    /// When the edits were made that wait for their turn.
    waiting: Vec<u64>,
    dice: Dice,
    book: Rc<Book>,
    reader: Rc<Reader>,
}

impl Client {
    /// A client that has a socket and has said hello, and now opens the memo.
    pub async fn enter(
        mut socket: Socket,
        number: usize,
        memo: Uuid,
        is_writer: bool,
        book: Rc<Book>,
        reader: Rc<Reader>,
    ) -> Result<Self, Failure> {
        socket.say(&reader, &Named::DocumentOpen { document: memo, since: None }.into()).await?;
        let (memo, machine, revision) = loop {
            let said = reader.read(socket.next().await?)?;
            if let Said::Snapshot { number: memo, revision, text } = &*said {
                let machine =
                    || ot_core::Client::new(client_id(number), Rope::from(text.as_str()), Revision(*revision));
                break (*memo, is_writer.then(machine), *revision);
            }
        };
        let dice = Dice::new(number as u64 + 1);
        Ok(Self { socket, number, memo, machine, revision, waiting: Vec::new(), dice, book, reader })
    }

    /// Returns when there is something to hear.
    pub async fn ready(&mut self) -> Result<(), Failure> {
        Ok(self.socket.ready().await?)
    }

    /// Hears one message.
    pub async fn hear(&mut self) -> Result<(), Failure> {
        let message = self.socket.next().await?;
        let said = self.reader.read(message)?;
        self.book.came(self.socket.take_bytes());
        match &*said {
            Said::Updated(updates) => {
                for committed in updates {
                    self.revision = committed.revision.0;
                    self.book.reached(number(committed.client), committed.sequence.0);
                    if let Some(machine) = &mut self.machine {
                        machine.receive(committed)?;
                    }
                }
            }
            Said::Acknowledged { sequence, revision } => {
                self.revision = *revision;
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

    /// The newest revision that came.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    async fn submit(&mut self, submission: Submission<TextOp>) -> Result<(), Failure> {
        self.book.submitted(self.number, submission.sequence.0, std::mem::take(&mut self.waiting));
        self.socket.say(&self.reader, &Outgoing::edit(self.memo, submission)).await
    }
}
