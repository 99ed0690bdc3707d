//! Editing traces in the form of josephg/editing-traces, plain or gzipped.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// A recorded session.
pub(crate) struct Trace {
    /// The text before the first transaction.
    pub(crate) start_content: String,
    /// The text after the last one, if it is known.
    pub(crate) end_content: Option<String>,
    /// What was done, each transaction after those that it knew.
    pub(crate) txns: Vec<Transaction>,
    /// The edits of all transactions, one transaction behind the other.
    edits: Vec<Edit>,
    /// What the edits insert, one behind the other, so that reading it takes none of the time that is measured.
    text: String,
}

/// Edits that somebody made at once.
pub(crate) struct Transaction {
    /// The newest transactions that its author knew. Missing in a trace where everybody knew all before.
    pub(crate) parents: Option<Vec<usize>>,
    /// Who made it.
    pub(crate) agent: u64,
    patches: Range<usize>,
}

/// At a position in code points, deletes so many code points and inserts a text.
#[derive(Clone, Copy)]
pub(crate) struct Patch<'a>(pub(crate) usize, pub(crate) usize, pub(crate) &'a str);

struct Edit {
    position: usize,
    deleted: usize,
    inserted: Range<usize>,
}

/// A trace as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    start_content: String,
    end_content: Option<String>,
    txns: Vec<WrittenTransaction>,
}

#[derive(Deserialize)]
struct WrittenTransaction {
    parents: Option<Vec<usize>>,
    #[serde(default)]
    agent: u64,
    patches: Vec<(usize, usize, String)>,
}

impl Trace {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes)?;
        let written: Written = if bytes.starts_with(&[0x1f, 0x8b]) {
            serde_json::from_reader(BufReader::new(MultiGzDecoder::new(bytes.as_slice())))?
        } else {
            serde_json::from_slice(&bytes)?
        };
        let (mut edits, mut text) = (Vec::new(), String::new());
        let txns = written.txns.into_iter().map(|transaction| {
            let first = edits.len();
            for (position, deleted, inserted) in transaction.patches {
                let start = text.len();
                text.push_str(&inserted);
                edits.push(Edit { position, deleted, inserted: start..text.len() });
            }
            Transaction { parents: transaction.parents, agent: transaction.agent, patches: first..edits.len() }
        });
        let txns = txns.collect();
        Ok(Self { start_content: written.start_content, end_content: written.end_content, txns, edits, text })
    }

    /// Whether authors worked without knowing all that was done before.
    pub(crate) fn is_concurrent(&self) -> bool {
        self.txns.iter().any(|transaction| transaction.parents.is_some())
    }

    pub(crate) fn len(&self) -> usize {
        self.edits.len()
    }

    /// The edits of all transactions.
    pub(crate) fn patches(&self) -> impl Iterator<Item = Patch<'_>> {
        self.edits.iter().map(|edit| self.patch(edit))
    }

    /// The edits of one transaction.
    pub(crate) fn patches_of(&self, transaction: &Transaction) -> impl Iterator<Item = Patch<'_>> {
        self.edits[transaction.patches.clone()].iter().map(|edit| self.patch(edit))
    }

    fn patch(&self, edit: &Edit) -> Patch<'_> {
        Patch(edit.position, edit.deleted, &self.text[edit.inserted.clone()])
    }
}
