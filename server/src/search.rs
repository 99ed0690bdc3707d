//! What documents are found by: their words, and the text around those.
//!
//! A task beside everything else reads the documents that have changed, so that no edit waits for it.

mod excerpt;
mod words;

use std::time::{Duration, Instant};

use coval_shared::model::Model;
use coval_shared::protocol::DocumentKind;
use serde_json::Value;

use crate::store::{IndexEntry, Store, StoreError, Unindexed};
use crate::words::fold;

pub(crate) use excerpt::{around_first, whole};
pub(crate) use words::query;

/// How often the task looks for documents that have changed. To read one that many write into takes as long as dozens of
/// commits.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How many documents are read between two rests.
const BATCH: usize = 16;

/// After a batch the task rests so many times as long as that took: it never has more than a small part of a core.
const REST: u32 = 4;

/// How much of a document is found, in bytes.
const TEXT_BYTES: usize = 200_000;

/// Keeps what is found in step with the documents. Never ends.
pub(crate) async fn keep_in_step(store: Store) {
    loop {
        let begun = Instant::now();
        let of_this_round = store.clone();
        match actix_web::rt::task::spawn_blocking(move || index_some(&of_this_round)).await {
            Ok(Ok(count)) if count == BATCH => tokio::time::sleep(begun.elapsed().saturating_mul(REST)).await,
            Ok(Ok(_)) => tokio::time::sleep(LOOK_EVERY.max(begun.elapsed().saturating_mul(REST))).await,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the search can't be kept in step now; it is tried again");
                tokio::time::sleep(LOOK_EVERY.saturating_mul(REST)).await;
            }
            Err(error) => {
                tracing::error!(%error, "a defect stopped the search from reading documents; it is tried again");
                tokio::time::sleep(LOOK_EVERY.saturating_mul(REST)).await;
            }
        }
    }
}

/// Reads some documents that have changed. Returns how many there were.
fn index_some(store: &Store) -> Result<usize, StoreError> {
    let changed = store.unindexed(BATCH)?;
    let count = changed.len();
    let mut entries = Vec::new();
    for document in changed {
        match entry(store, document) {
            Ok(entry) => entries.push(entry),
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    store.index(&entries)?;
    Ok(count)
}

fn entry(store: &Store, document: Unindexed) -> Result<IndexEntry, StoreError> {
    let Unindexed { id, kind, title } = document;
    let (revision, value) = store.newest(id)?;
    let mut body = text(kind, &value);
    body.retain(|character| character != '\0');
    body.truncate(body.floor_char_boundary(TEXT_BYTES));
    let (title_words, body_words) = (fold(&title), fold(&body));
    Ok(IndexEntry { id, revision, title, body, title_words, body_words })
}

/// What people read in a document: labels, names and notes of a model, the text of a memo.
fn text(kind: DocumentKind, value: &Value) -> String {
    match (kind, value) {
        (DocumentKind::Memo, Value::String(text)) => text.clone(),
        (DocumentKind::Model, value) => Model::read(value).map(|model| labels(&model)).unwrap_or_default(),
        (DocumentKind::Memo, _) => String::new(),
    }
}

fn labels(model: &Model) -> String {
    let mut lines = Vec::new();
    for section in &model.sections {
        lines.push(section.label.clone());
        for item in &section.items {
            lines.push(item.label.clone());
            lines.push(item.name.clone());
            lines.push(item.note.clone());
        }
    }
    lines.extend(model.scenarios.iter().map(|scenario| scenario.label.clone()));
    lines.extend(model.ranges.iter().map(|range| range.label.clone()));
    lines.extend(model.notes.values().cloned());
    lines.push(model.about.clone());
    lines.retain(|line| !line.trim().is_empty());
    lines.dedup();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_what_people_read_in_it_and_a_memo_by_its_text() {
        let model = coval_shared::template::apple_dcf().unwrap();
        let text_of_model = text(DocumentKind::Model, &model);
        assert!(text_of_model.contains("Net sales") && text_of_model.contains("net_sales"), "{text_of_model}");
        assert_eq!(text(DocumentKind::Memo, &Value::from("# Thesis")), "# Thesis");
        assert_eq!(text(DocumentKind::Memo, &model), "");
        assert_eq!(text(DocumentKind::Model, &Value::from("no model")), "");
    }
}
