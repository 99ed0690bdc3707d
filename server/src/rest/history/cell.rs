//! The changes to one cell.

use coval_shared::history::{CellContent, cell_content};
use coval_shared::model::CellRef;
use coval_shared::protocol::DocumentId;
use coval_shared::rest::CellChange;
use ot_core::json::Json;
use ot_core::{OtType, Revision};

use super::authors;
use crate::store::{Store, StoreError};

/// How many revisions are gone through at once, forwards from a document.
const WINDOW: u64 = 1_000;

/// How many revisions are gone through for one answer.
const BUDGET: u64 = 4_000;

/// How many bytes of ops are read at once.
const WINDOW_BYTES: usize = 8 * 1024 * 1024;

/// The newest `limit` changes to `cell` by revisions up to `upto`, the newest first, and from where to go on.
pub(super) fn changes(
    store: &Store,
    id: DocumentId,
    cell: &CellRef,
    upto: Option<Revision>,
    limit: u64,
) -> Result<(Vec<CellChange>, Option<Revision>), StoreError> {
    let newest = store.revision(id)?;
    let mut upto = upto.unwrap_or(newest).min(newest);
    let least = upto.0.saturating_sub(BUDGET);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut window = WINDOW;
    let mut found = Vec::new();
    while upto.0 > least {
        let from = Revision(upto.0.saturating_sub(window).max(least));
        let Some(ops) = store.operations(id, from, upto, WINDOW_BYTES)? else {
            if window == 1 {
                return Err(StoreError::Corrupt(format!("the op of revision {upto} is too large to be read")));
            }
            window = (window / 2).max(1);
            continue;
        };
        let (_, mut document) = store.document_at(id, from)?;
        let mut content = CellContent::of(cell.clone());
        let mut held = content.stored(&document).cloned();
        let mut shown = cell_content(&document, cell);
        let mut here = Vec::new();
        for committed in ops {
            Json::apply(&mut document, &committed.op).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            if content.stored(&document) == held.as_ref() {
                continue;
            }
            held = content.stored(&document).cloned();
            let after = cell_content(&document, cell);
            here.push((committed.revision, shown, after.clone()));
            shown = after;
        }
        found.extend(here.into_iter().rev());
        upto = from;
        if found.len() >= limit {
            break;
        }
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = match found.last() {
        Some((revision, ..)) if has_more => Some(Revision(revision.0.saturating_sub(1))),
        _ => Some(upto),
    };
    let revisions: Vec<Revision> = found.iter().map(|(revision, ..)| *revision).collect();
    let rows = store.revision_rows(id, &revisions)?;
    let names = authors(store, rows.values().filter_map(|row| row.author))?;
    let changes = found.into_iter().map(|(revision, before, after)| {
        let row = rows.get(&revision);
        CellChange {
            revision,
            author: row.and_then(|row| row.author).and_then(|author| names.get(&author).cloned()),
            made_at_ms: row.map(|row| row.committed_at_ms).unwrap_or_default(),
            before,
            after,
        }
    });
    Ok((changes.collect(), next.filter(|next| next.0 > 0)))
}
