//! Making a document again what it was.

use coval_shared::history::text_op;
use coval_shared::protocol::{DocumentId, ErrorCode, UserId};
use coval_shared::rest::MadeRevision;
use ot_core::json::{Json, JsonOp};
use ot_core::{OtType, Revision, compose_all};
use serde_json::Value;

use super::{OPS, OPS_BYTES, blocking, difference};
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::Store;

/// Takes back, as `user`, all that was done after `revision`, as a new revision. What others do meanwhile stays.
pub(crate) async fn restore(
    documents: &Documents,
    id: DocumentId,
    user: UserId,
    revision: Revision,
    now_ms: i64,
) -> Result<MadeRevision, Refusal> {
    let (base, op) = blocking(documents, move |store| way_back(store, id, revision)).await?;
    if Json::is_noop(&op) {
        return Ok(MadeRevision { revision: None });
    }
    let made = documents.submit(id, user, op, base).await?;
    blocking(documents, move |store| Ok(store.note_restore(id, revision, user, now_ms)?)).await?;
    Ok(MadeRevision { revision: Some(made) })
}

/// The newest revision, and the op from it back to what `revision` was.
fn way_back(store: &Store, id: DocumentId, revision: Revision) -> Result<(Revision, JsonOp), Refusal> {
    let newest = store.revision(id)?;
    if revision > newest {
        let message = format!("there is no revision {revision}: the newest is {newest}");
        return Err(Refusal::new(ErrorCode::Invalid, message));
    }
    let (_, before) = store.document_at(id, revision)?;
    let (_, now) = store.document_at(id, newest)?;
    let ops = if newest.0.saturating_sub(revision.0) > OPS {
        None
    } else {
        store.operations(id, revision, newest, OPS_BYTES)?
    };
    let inverse = ops.and_then(|ops| {
        let forth = compose_all::<Json>(ops.into_iter().map(|committed| committed.op)).ok()?;
        let back = Json::invert(&forth, &before).ok()?;
        leads(&back, &now, &before).then_some(back)
    });
    match inverse {
        Some(op) => Ok((newest, op)),
        None => Ok((newest, difference(&now, &before)?)),
    }
}

/// Whether `op` makes `before` of `now`, and is one that the document's task takes.
fn leads(op: &JsonOp, now: &Value, before: &Value) -> bool {
    if now.is_string() && text_op(op).is_none() {
        return false;
    }
    let mut restored = now.clone();
    Json::apply(&mut restored, op).is_ok() && restored == *before
}

#[cfg(test)]
mod tests {
    use super::*;
    use ot_core::text::TextOp;
    use serde_json::json;

    #[test]
    fn a_memo_is_restored_by_an_edit_of_its_text() {
        let (now, before) = (json!("a long text"), json!("a text"));
        let op = difference(&now, &before).unwrap();
        assert_eq!(text_op(&op), Some(TextOp::diff("a long text", "a text")));
        assert!(leads(&op, &now, &before));
        assert!(!leads(&JsonOp::replace(ot_core::path![], "a text"), &now, &before));
    }
}
