//! A document in memory: its machine, and what is prepared but not stored yet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Weak};

use coval_shared::limits::{DOCUMENT_BYTES, MEMO_BYTES};
use coval_shared::model::{ItemId, Model, ModelCheck};
use coval_shared::protocol::{DocumentId, DocumentKind, ErrorCode, ServerMessage};
use ot_core::json::JsonOp;
use ot_core::{Committed, Revision, Submission};
use serde::Serialize;
use serde_json::Value;

use super::machine::{Copy, Machine, Next, Outcome, Undo};
use crate::store::{StoreError, StoredDocument};

/// After how many revisions a snapshot is stored. A larger document waits longer: one more revision for each of so many
/// bytes.
const SNAPSHOT_EVERY: u64 = 400;
const BYTES_FOR_ONE_MORE: usize = 4_096;

/// After how many bytes of ops a snapshot is stored, if that is not less than half of the document.
const SNAPSHOT_BYTES: usize = 512 * 1024;

/// From how many revisions on a document that leaves memory leaves a snapshot.
const PARTING_REVISIONS: u64 = 50;

/// How many ops stay in memory for those who are a little behind, and how many bytes of them.
const HISTORY: usize = 1_000;
const HISTORY_BYTES: usize = 4 * 1024 * 1024;

/// What an op can make a document longer by beyond its own length: the digits of a sum, a comma, quotes.
const OP_SLACK: usize = 64;

/// One document in memory.
pub(super) struct Session {
    pub(super) title: String,
    machine: Machine,
    /// What checking a change of a model needs; nothing of a memo, and of what is no model.
    check: Option<ModelCheck>,
    /// How long each of the newest ops is. What is in memory before them is dropped with the next commit.
    op_bytes: VecDeque<usize>,
    /// The document is no longer than this.
    bytes: usize,
    /// What takes back the newest revisions, which are not stored yet.
    unstored: Vec<Undo>,
    snapshot_revision: Revision,
    bytes_since_snapshot: usize,
    /// The newest copy that was made of the document, while somebody has it.
    copied: (Revision, Weak<Value>),
    /// What the newest revision takes from other documents.
    links: Links,
    /// The documents that the stored revision takes values from, as the database knows them.
    stored_sources: BTreeSet<DocumentId>,
}

/// What a document takes from others: of each, the items, with its own items that take them.
pub(super) type Links = BTreeMap<DocumentId, BTreeSet<(ItemId, ItemId)>>;

/// What a submission came to.
#[derive(Debug, PartialEq)]
pub(super) enum Submitted {
    /// It is the newest revision, to be stored, and its op as JSON.
    New(Committed<JsonOp>, Arc<str>),
    /// It was stored before.
    Known(Revision),
    /// It is refused.
    Refused(ErrorCode, String),
    /// The ops between the two revisions are needed first.
    HistoryNeeded(Revision, Revision),
}

impl Session {
    /// The document as it is stored.
    pub(super) fn new(stored: StoredDocument) -> Result<Self, StoreError> {
        let mut machine = Machine::new(stored.snapshot, stored.snapshot_revision);
        let mut op_bytes = VecDeque::new();
        for committed in stored.operations {
            let revision = committed.revision;
            op_bytes.push_back(length(&committed.op));
            machine.follow(committed).map_err(|error| StoreError::Corrupt(format!("revision {revision}: {error}")))?;
        }
        let mut session = Self {
            title: stored.title,
            bytes: machine.model().map_or(0, length),
            machine,
            check: None,
            bytes_since_snapshot: op_bytes.iter().sum(),
            op_bytes,
            unstored: Vec::new(),
            snapshot_revision: stored.snapshot_revision,
            copied: (Revision::ZERO, Weak::new()),
            links: Links::new(),
            stored_sources: stored.sources,
        };
        session.read_again();
        Ok(session)
    }

    pub(super) fn kind(&self) -> DocumentKind {
        self.machine.kind()
    }

    /// What the newest revision takes from other documents.
    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    /// The items of other documents whose values the newest revision takes.
    pub(super) fn linked_items(&self) -> BTreeMap<DocumentId, BTreeSet<ItemId>> {
        let items = |links: &BTreeSet<(ItemId, ItemId)>| links.iter().map(|(item, _)| item.clone()).collect();
        self.links.iter().map(|(source, links)| (*source, items(links))).collect()
    }

    /// The documents that the newest revision takes values from, where the database does not know them yet.
    pub(super) fn new_sources(&self) -> Option<BTreeSet<DocumentId>> {
        (!self.stored_sources.iter().eq(self.links.keys())).then(|| self.links.keys().copied().collect())
    }

    pub(super) fn machine(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// The tree of a model; nothing of a memo.
    pub(super) fn model(&self) -> Option<&Value> {
        self.machine.model()
    }

    pub(super) fn revision(&self) -> Revision {
        self.machine.revision()
    }

    /// The newest revision that is stored.
    pub(super) fn stored_revision(&self) -> Revision {
        let unstored = u64::try_from(self.unstored.len()).unwrap_or(u64::MAX);
        Revision(self.revision().0.saturating_sub(unstored))
    }

    /// The whole document. While somebody has a copy of this revision there is one.
    pub(super) fn copy(&mut self) -> Arc<Value> {
        let revision = self.revision();
        if let Some(copy) = self.copied.1.upgrade().filter(|_| self.copied.0 == revision) {
            return copy;
        }
        let copy = Arc::new(self.machine.copy().into_value());
        self.copied = (revision, Arc::downgrade(&copy));
        copy
    }

    /// Takes in a submission. What is new counts at once for the next one, but nobody may hear of it before it is
    /// stored.
    pub(super) fn submit(&mut self, submission: Submission<JsonOp>) -> Result<Submitted, StoreError> {
        // What is not stored may become another revision, of which another node may have told.
        let newest = self.stored_revision();
        if submission.base > newest {
            let message = format!("the op is based on revision {}, but the newest is {newest}", submission.base);
            return Ok(Submitted::Refused(ErrorCode::RevisionInFuture, message));
        }
        let Next { committed, text, undo } = match self.machine.stage(submission) {
            Outcome::Next(next) => *next,
            Outcome::Known(revision) => return Ok(Submitted::Known(revision)),
            Outcome::Refused(code, message) => return Ok(Submitted::Refused(code, message)),
            Outcome::HistoryNeeded(base, oldest) => return Ok(Submitted::HistoryNeeded(base, oldest)),
        };
        if let Err(message) = self.accept(&committed.op, text.len()) {
            if !self.machine.take_back(undo) {
                return Err(StoreError::Corrupt("a change could not be taken back".to_owned()));
            }
            return Ok(Submitted::Refused(ErrorCode::OpInvalid, message));
        }
        self.op_bytes.push_back(text.len());
        self.unstored.push(undo);
        Ok(Submitted::New(committed, text))
    }

    /// Takes back all that is not stored. Returns whether that went well; else the session is not to be used again.
    pub(super) fn take_back_unstored(&mut self) -> bool {
        if self.unstored.is_empty() {
            return true;
        }
        while let Some(undo) = self.unstored.pop() {
            if !self.machine.take_back(undo) {
                return false;
            }
            self.op_bytes.pop_back();
        }
        self.read_again();
        true
    }

    /// Takes in what somebody else stored. Nothing may be unstored here.
    pub(super) fn follow(&mut self, ops: &[Committed<JsonOp>]) -> Result<(), StoreError> {
        for committed in ops {
            let bytes = length(&committed.op);
            self.machine.follow(committed.clone()).map_err(StoreError::Corrupt)?;
            self.op_bytes.push_back(bytes);
            self.bytes = self.bytes.saturating_add(bytes).saturating_add(OP_SLACK);
            self.bytes_since_snapshot = self.bytes_since_snapshot.saturating_add(bytes);
        }
        self.read_again();
        self.stored_sources = self.links.keys().copied().collect();
        Ok(())
    }

    /// The document, when it is time to store it whole: then everything must be stored.
    pub(super) fn due_snapshot(&mut self) -> Option<(Revision, Copy)> {
        let allowance = u64::try_from(self.bytes / BYTES_FOR_ONE_MORE).unwrap_or(u64::MAX);
        let is_due = self.since_snapshot() >= SNAPSHOT_EVERY.saturating_add(allowance)
            || self.bytes_since_snapshot >= SNAPSHOT_BYTES.max(self.bytes / 2);
        is_due.then(|| self.snapshot())
    }

    /// The document, when it is worth storing it whole before it leaves memory.
    pub(super) fn parting_snapshot(&mut self) -> Option<(Revision, Copy)> {
        (self.unstored.is_empty() && self.since_snapshot() >= PARTING_REVISIONS).then(|| self.snapshot())
    }

    fn since_snapshot(&self) -> u64 {
        self.revision().0.saturating_sub(self.snapshot_revision.0)
    }

    fn snapshot(&mut self) -> (Revision, Copy) {
        self.snapshot_revision = self.revision();
        self.bytes_since_snapshot = 0;
        (self.snapshot_revision, self.machine.copy())
    }

    /// Takes note that everything is stored.
    pub(super) fn stored(&mut self) {
        let newest = self.op_bytes.iter().rev().take(self.unstored.len()).sum();
        self.bytes_since_snapshot = self.bytes_since_snapshot.saturating_add(newest);
        self.unstored.clear();
        if let Some(sources) = self.new_sources() {
            self.stored_sources = sources;
        }
        let mut sum: usize = self.op_bytes.iter().sum();
        while sum > HISTORY_BYTES || self.op_bytes.len() > HISTORY {
            sum = sum.saturating_sub(self.op_bytes.pop_front().unwrap_or_default());
        }
        self.machine.trim_history(self.op_bytes.len());
    }

    /// What a client that holds `since` has missed, if that is in memory.
    pub(super) fn missed(&self, since: Revision) -> Option<Vec<Committed<JsonOp>>> {
        self.machine.since(since)
    }

    /// Whether the document may be what the op has just made it. Says why not.
    fn accept(&mut self, op: &JsonOp, op_bytes: usize) -> Result<(), String> {
        let Some(document) = self.machine.model() else {
            let is_small = self.machine.text_bytes().is_none_or(|bytes| bytes <= MEMO_BYTES);
            return if is_small { Ok(()) } else { Err(format!("a memo has at most {MEMO_BYTES} bytes")) };
        };
        let no_model = |error| format!("the change leaves something that is not a model: {error}");
        let mut bytes = self.bytes.saturating_add(op_bytes).saturating_add(OP_SLACK);
        // Measured only when the bound is reached, since that takes as long as writing the document.
        if bytes > DOCUMENT_BYTES {
            bytes = length(document);
        }
        if bytes > DOCUMENT_BYTES {
            return Err(format!("the change makes the document larger than {DOCUMENT_BYTES} bytes"));
        }
        let model = match &mut self.check {
            Some(check) => check.follow(document, op).map_err(no_model)?,
            None => {
                let model = Model::read(document).map_err(no_model)?;
                self.check = Some(ModelCheck::new(&model));
                Some(model)
            }
        };
        self.bytes = bytes;
        if let Some(model) = model {
            self.links = links_of(&model);
        }
        Ok(())
    }

    /// Finds out anew what is known of the document.
    fn read_again(&mut self) {
        let model = self.machine.model().and_then(|document| Model::read(document).ok());
        self.check = model.as_ref().map(ModelCheck::new);
        self.links = model.as_ref().map(links_of).unwrap_or_default();
    }
}

fn links_of(model: &Model) -> Links {
    let mut links = Links::new();
    for item in model.items() {
        if let Some(link) = &item.link {
            links.entry(link.document).or_default().insert((link.item.clone(), item.id.clone()));
        }
    }
    links
}

/// The message that refuses a submission.
pub(super) fn refusal(
    id: DocumentId,
    sequence: ot_core::Sequence,
    code: ErrorCode,
    message: impl Into<String>,
) -> ServerMessage {
    ServerMessage::Error { code, message: message.into(), document: Some(id), sequence: Some(sequence), about: None }
}

/// How long the JSON text of `value` is, in bytes.
pub(super) fn length(value: &impl Serialize) -> usize {
    let mut counter = Counter { bytes: 0 };
    // What can't be written is longer than anything.
    serde_json::to_writer(&mut counter, value).map_or(usize::MAX, |()| counter.bytes)
}

/// Counts what is written.
struct Counter {
    bytes: usize,
}

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
