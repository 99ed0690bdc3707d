//! A document in memory: its machine, its figures, and what is prepared but not stored yet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use coval_shared::limits::DOCUMENT_BYTES;
use coval_shared::model::{Calculation, CellRef, CellValue, ItemId, Model, Span, outputs};
use coval_shared::protocol::{DocumentId, ErrorCode, ServerMessage};
use coval_shared::rest::DocumentOutputs;
use ot_core::json::{Json, JsonOp};
use ot_core::server::{Prepared, SubmitError};
use ot_core::{Committed, Revision, Server, Submission};
use serde::Serialize;
use serde_json::Value;

use super::Values;
use crate::store::{StoreError, StoredDocument};

/// After how many revisions a snapshot is stored.
const SNAPSHOT_EVERY: u64 = 100;

/// How many ops stay in memory for those who are a little behind, and how many bytes of them.
const HISTORY: usize = 1_000;
const HISTORY_BYTES: usize = 4 * 1024 * 1024;

/// What an op can make a document longer by beyond its own length: the digits of a sum, a comma, quotes.
const OP_SLACK: usize = 64;

/// One document in memory.
pub(super) struct Session {
    pub(super) title: String,
    machine: Server<Json>,
    /// How long each of the newest ops is. What is in memory before them is dropped with the next commit.
    op_bytes: VecDeque<usize>,
    /// The document is no longer than this.
    bytes: usize,
    snapshot_revision: Revision,
    figures: Option<Figures>,
    /// What the newest revision takes from other documents.
    links: Links,
    /// The documents that the stored revision takes values from, as the database knows them.
    stored_sources: BTreeSet<DocumentId>,
}

/// What a document takes from others: of each, the items, with its own items that take them.
pub(super) type Links = BTreeMap<DocumentId, BTreeSet<(ItemId, ItemId)>>;

/// The longest error of another document that is told in a link.
const PROBLEM_CHARS: usize = 300;

/// The figures of one revision.
struct Figures {
    revision: Revision,
    model: Model,
    calculation: Calculation,
}

/// What a submission came to.
#[derive(Debug, PartialEq)]
pub(super) enum Submitted {
    /// It is the newest revision, to be stored.
    New(Committed<JsonOp>),
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
        let mut machine = Server::new(stored.snapshot, stored.snapshot_revision);
        let mut op_bytes = VecDeque::new();
        for committed in stored.operations {
            let revision = committed.revision;
            op_bytes.push_back(length(&committed.op));
            machine.follow(committed).map_err(|error| StoreError::Corrupt(format!("revision {revision}: {error}")))?;
        }
        let bytes = length(machine.document());
        let snapshot_revision = stored.snapshot_revision;
        let links = Model::read(machine.document()).as_ref().map(links_of).unwrap_or_default();
        Ok(Self {
            title: stored.title,
            machine,
            op_bytes,
            bytes,
            snapshot_revision,
            figures: None,
            links,
            stored_sources: stored.sources,
        })
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

    pub(super) fn machine(&mut self) -> &mut Server<Json> {
        &mut self.machine
    }

    pub(super) fn document(&self) -> &Value {
        self.machine.document()
    }

    pub(super) fn revision(&self) -> Revision {
        self.machine.revision()
    }

    /// Takes in a submission. What is new counts at once for the next one, but nobody may hear of it before it is
    /// stored.
    pub(super) fn submit(&mut self, submission: Submission<JsonOp>) -> Submitted {
        let (committed, document) = match self.machine.prepare(submission) {
            Ok(Prepared::Next { committed, document }) => (committed, document),
            Ok(Prepared::Duplicate(revision)) => return Submitted::Known(revision),
            Err(SubmitError::HistoryNeeded { base, oldest }) => return Submitted::HistoryNeeded(base, oldest),
            Err(error) => return Submitted::Refused(code(&error), error.to_string()),
        };
        let links = match Model::read(&document) {
            Ok(model) => links_of(&model),
            Err(error) => {
                let message = format!("the change leaves something that is not a model: {error}");
                return Submitted::Refused(ErrorCode::OpInvalid, message);
            }
        };
        let op_bytes = length(&committed.op);
        let mut bytes = self.bytes.saturating_add(op_bytes).saturating_add(OP_SLACK);
        // Measured only when the bound is reached, since that takes as long as writing the document.
        if bytes > DOCUMENT_BYTES {
            bytes = length(&document);
        }
        if bytes > DOCUMENT_BYTES {
            let message = format!("the change makes the document larger than {DOCUMENT_BYTES} bytes");
            return Submitted::Refused(ErrorCode::OpInvalid, message);
        }
        self.bytes = bytes;
        self.links = links;
        self.op_bytes.push_back(op_bytes);
        self.machine.commit(committed.clone(), document);
        Submitted::New(committed)
    }

    /// The document, when it is time to store it whole.
    pub(super) fn due_snapshot(&self) -> Option<&Value> {
        let since = self.revision().0.saturating_sub(self.snapshot_revision.0);
        (since >= SNAPSHOT_EVERY).then(|| self.machine.document())
    }

    /// Takes note that everything is stored, with a snapshot or without.
    pub(super) fn stored(&mut self, with_snapshot: bool) {
        if with_snapshot {
            self.snapshot_revision = self.revision();
        }
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
        self.machine.since(since).map(|missed| missed.cloned().collect())
    }

    /// The key figures of the newest revision.
    pub(super) fn outputs(&mut self, id: DocumentId) -> Result<DocumentOutputs, StoreError> {
        let figures = self.figures()?;
        let outputs = outputs(&figures.model, &figures.calculation);
        Ok(DocumentOutputs { document: id, revision: figures.revision, outputs })
    }

    /// What documents that are linked to `items` take: of an item over periods, the value of the last one.
    pub(super) fn values(&mut self, items: &BTreeSet<ItemId>) -> Result<Values, StoreError> {
        let figures = self.figures()?;
        Ok(items.iter().map(|item| (item.clone(), figures.value(item))).collect())
    }

    fn figures(&mut self) -> Result<&Figures, StoreError> {
        let revision = self.revision();
        let figures = match self.figures.take() {
            Some(figures) if figures.revision == revision => figures,
            older => {
                let model = Model::read(self.document()).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                let calculation = match older {
                    None => Calculation::new(&model),
                    Some(Figures { mut calculation, .. }) => {
                        calculation.update(&model);
                        calculation
                    }
                };
                Figures { revision, model, calculation }
            }
        };
        Ok(self.figures.insert(figures))
    }
}

impl Figures {
    fn value(&self, id: &ItemId) -> Result<f64, String> {
        let item = self.model.item(id).ok_or("the row that it comes from was removed")?;
        let period = match item.span {
            Span::Single => None,
            Span::Period => {
                Some(self.model.periods.last().ok_or("the model that it comes from has no periods")?.id.clone())
            }
        };
        match self.calculation.value(&CellRef { item: id.clone(), period }) {
            CellValue::Number(number) => Ok(*number),
            CellValue::Blank => Err("the row that it comes from has no value".to_owned()),
            CellValue::Text(_) => Err("the row that it comes from holds a text, not a number".to_owned()),
            CellValue::Error(error) => Err(error.to_string().chars().take(PROBLEM_CHARS).collect()),
        }
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

fn code(error: &SubmitError) -> ErrorCode {
    match error {
        SubmitError::FutureBase { .. } => ErrorCode::RevisionInFuture,
        SubmitError::HistoryNeeded { .. } => ErrorCode::RevisionTooOld,
        SubmitError::OutOfSequence { .. } => ErrorCode::OutOfSequence,
        SubmitError::DoesNotApply(_) => ErrorCode::OpInvalid,
    }
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
