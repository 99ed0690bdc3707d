//! Editing traces in the form of josephg/editing-traces, plain or gzipped.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// A recorded session.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trace {
    /// The text before the first transaction.
    #[serde(default)]
    pub(crate) start_content: String,
    /// The text after the last one, if it is known.
    pub(crate) end_content: Option<String>,
    /// What was done, each transaction after those that it knew.
    pub(crate) txns: Vec<Transaction>,
}

/// Edits that somebody made at once.
#[derive(Deserialize)]
pub(crate) struct Transaction {
    /// The newest transactions that its author knew. Missing in a trace where everybody knew all before.
    pub(crate) parents: Option<Vec<usize>>,
    /// Who made it.
    #[serde(default)]
    pub(crate) agent: u64,
    /// One edit after the other.
    pub(crate) patches: Vec<Patch>,
}

/// At a position in code points, deletes so many code points and inserts a text.
#[derive(Deserialize)]
pub(crate) struct Patch(pub(crate) usize, pub(crate) usize, pub(crate) String);

impl Trace {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes)?;
        if bytes.starts_with(&[0x1f, 0x8b]) {
            Ok(serde_json::from_reader(BufReader::new(MultiGzDecoder::new(bytes.as_slice())))?)
        } else {
            Ok(serde_json::from_slice(&bytes)?)
        }
    }

    /// Whether authors worked without knowing all that was done before.
    pub(crate) fn is_concurrent(&self) -> bool {
        self.txns.iter().any(|transaction| transaction.parents.is_some())
    }

    pub(crate) fn patches(&self) -> usize {
        self.txns.iter().map(|transaction| transaction.patches.len()).sum()
    }
}
