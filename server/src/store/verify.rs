//! Whether everything that is stored fits together.

use coval_shared::model::Model;
use coval_shared::protocol::{DocumentId, WorkspaceId};
use coval_shared::rest::{BrokenEntry, Fault};
use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;
use ot_core::Revision;
use serde_json::Value;

use super::schema::{document_texts, documents, event_heads, events, operations, workspaces};
use super::{Store, StoreError, numbers, unsigned, uuid};

/// How many documents or workspaces are listed at once.
const CHUNK: i64 = 500;

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many workspaces.
    pub workspaces: u64,
    /// How many documents and branches.
    pub documents: u64,
    /// How many faults were found.
    pub faults: u64,
}

/// A document, as its row has it.
#[derive(Debug, Queryable)]
struct Row {
    id: String,
    title: String,
    kind: String,
    revision: i64,
    indexed_revision: Option<i64>,
}

impl Store {
    /// Looks at everything that is stored, a document at a time, and tells `found` of each fault: records that were
    /// changed behind the server's back, ops that are not consecutive, documents that can't be read, and what the
    /// search knows of revisions that there are not. People may work meanwhile.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the database can't be read at all.
    pub fn verify(&self, found: &mut dyn FnMut(&str)) -> Result<Verified, StoreError> {
        let mut verified = Verified::default();
        let mut after = String::new();
        loop {
            let ids = self.workspace_ids(&after)?;
            let Some(last) = ids.last() else { break };
            after.clone_from(last);
            for id in &ids {
                verified.workspaces = verified.workspaces.saturating_add(1);
                let fault = match uuid(id) {
                    Ok(uuid) => self.verify_events(WorkspaceId(uuid))?.broken.map(|broken| described(&broken)),
                    Err(_) => Some("its id is none".to_owned()),
                };
                if let Some(fault) = fault {
                    verified.faults = verified.faults.saturating_add(1);
                    found(&format!("workspace {id}: {fault}"));
                }
            }
        }
        let mut after = String::new();
        loop {
            let rows = self.document_rows(&after)?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.id);
            for row in &rows {
                verified.documents = verified.documents.saturating_add(1);
                for fault in self.document_faults(row)? {
                    verified.faults = verified.faults.saturating_add(1);
                    found(&format!("document {} {:?}: {fault}", row.id, row.title));
                }
            }
        }
        Ok(verified)
    }

    /// The workspaces behind `after`, and those that only have a record.
    fn workspace_ids(&self, after: &str) -> Result<Vec<String>, StoreError> {
        let connection = &mut *self.connection()?;
        let mut ids: Vec<String> = workspaces::table
            .filter(workspaces::id.gt(after))
            .order(workspaces::id.asc())
            .limit(CHUNK)
            .select(workspaces::id)
            .load(connection)?;
        let heads: Vec<String> = event_heads::table
            .filter(event_heads::workspace_id.gt(after))
            .order(event_heads::workspace_id.asc())
            .limit(CHUNK)
            .select(event_heads::workspace_id)
            .load(connection)?;
        let records: Vec<String> = events::table
            .filter(events::workspace_id.gt(after))
            .order(events::workspace_id.asc())
            .limit(CHUNK)
            .select(events::workspace_id)
            .distinct()
            .load(connection)?;
        ids.extend(heads);
        ids.extend(records);
        ids.sort_unstable();
        ids.dedup();
        // Behind the end of the shortest full list, one of the others may lack some.
        ids.truncate(usize::try_from(CHUNK).unwrap_or(usize::MAX));
        Ok(ids)
    }

    fn document_rows(&self, after: &str) -> Result<Vec<Row>, StoreError> {
        let rows = documents::table
            .filter(documents::id.gt(after))
            .order(documents::id.asc())
            .limit(CHUNK)
            .select((
                documents::id,
                documents::title,
                documents::kind,
                documents::revision,
                documents::indexed_revision,
            ))
            .load(&mut *self.connection()?)?;
        Ok(rows)
    }

    fn document_faults(&self, row: &Row) -> Result<Vec<String>, StoreError> {
        let Ok(id) = uuid(&row.id).map(DocumentId) else {
            return Ok(vec!["its id is none".to_owned()]);
        };
        let mut faults = Vec::new();
        faults.extend(self.ops_fault(id, row.revision)?);
        match self.newest(id) {
            Ok((revision, body)) => {
                // It may have gone on since its row was read.
                if revision < Revision(unsigned(row.revision)?) {
                    faults.push(format!("it ends at revision {revision}, and has to be at {}", row.revision));
                }
                faults.extend(body_fault(&row.kind, &body));
            }
            Err(StoreError::Corrupt(reason)) => faults.push(format!("it can't be read: {reason}")),
            Err(StoreError::NotFound) => faults.push("it has no snapshot".to_owned()),
            Err(error) => return Err(error),
        }
        faults.extend(self.search_fault(row)?);
        Ok(faults)
    }

    /// Whether an op is missing: those that are kept are consecutive, and end where the document is.
    fn ops_fault(&self, id: DocumentId, revision: i64) -> Result<Option<String>, StoreError> {
        let connection = &mut *self.connection()?;
        let Some(number) = numbers::known(connection, id)? else {
            return Ok((revision != 0).then(|| "its ops are missing".to_owned()));
        };
        let kept: (i64, Option<i64>, Option<i64>) = operations::table
            .filter(operations::document.eq(number).and(operations::revision.le(revision)))
            .select((count_star(), min(operations::revision), max(operations::revision)))
            .first(connection)?;
        Ok(match kept {
            (_, None, _) | (_, _, None) => None,
            (_, _, Some(last)) if last != revision => {
                Some(format!("its ops end at revision {last}, and it is at {revision}"))
            }
            (count, Some(first), Some(last)) if last.saturating_sub(first).saturating_add(1) != count => {
                Some(format!("of its ops from revision {first} to {last} there are {count}: some are missing"))
            }
            _ => None,
        })
    }

    /// Whether the search knows a revision that there is not, or knows it without a text.
    fn search_fault(&self, row: &Row) -> Result<Option<String>, StoreError> {
        let Some(indexed) = row.indexed_revision else { return Ok(None) };
        if indexed > row.revision {
            return Ok(Some(format!("the search knows revision {indexed}, and it is at {}", row.revision)));
        }
        let texts: i64 = document_texts::table
            .filter(document_texts::document_id.eq(&row.id))
            .count()
            .get_result(&mut *self.connection()?)?;
        Ok((texts == 0).then(|| "the search has lost its words".to_owned()))
    }
}

fn body_fault(kind: &str, body: &Value) -> Option<String> {
    match kind {
        "memo" => (!body.is_string()).then(|| "it is a memo and no text".to_owned()),
        _ => Model::read(body).err().map(|error| format!("it is no model: {error}")),
    }
}

fn described(broken: &BrokenEntry) -> String {
    let what = match broken.fault {
        Fault::Altered => "was altered",
        Fault::Missing => "is missing",
        Fault::CutOff => "and what came after it were cut off",
        Fault::Added => "was added behind the server's back",
    };
    format!("entry {} of its record {what}", broken.number)
}
