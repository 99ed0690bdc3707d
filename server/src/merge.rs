//! Restoring what a document was, and merging branches: ops that are made of history and submitted like any edit.

mod meeting;
mod restore;

use coval_shared::history::{Direction, Merged, memo_op, text_op};
use coval_shared::protocol::{DocumentId, ErrorCode, UserId};
use coval_shared::rest::{MadeRevision, Merge, MergePreview};
use ot_core::json::{Json, JsonOp};
use ot_core::text::{Text, TextOp};
use ot_core::{ClientId, OtType, Revision};
use serde_json::Value;
use uuid::Uuid;

use crate::document::Documents;
use crate::error::Refusal;
use crate::store::{MergeRow, Store, StoreError};
use meeting::Meeting;

pub(crate) use restore::restore;

/// How many bytes of stored ops are composed; of more, the two documents are compared.
const OPS_BYTES: usize = 16 * 1024 * 1024;

/// How many revisions are composed; of more, the two documents are compared.
const OPS: u64 = 20_000;

/// How often a merge is begun again when somebody else begins one at the same moment.
const ATTEMPTS: usize = 5;

/// What merging the branch would do now.
pub(crate) async fn preview(
    documents: &Documents,
    branch: DocumentId,
    direction: Direction,
) -> Result<MergePreview, Refusal> {
    end_what_was_begun(documents, branch).await?;
    blocking(documents, move |store| Meeting::load(store, branch, direction, None)?.preview()).await
}

/// Merges the branch as `user`. Both sides are those of the preview: what came into the target since is kept, and what
/// the source did since is left for the next merge.
pub(crate) async fn merge(
    documents: &Documents,
    branch: DocumentId,
    user: UserId,
    request: Merge,
    now_ms: i64,
) -> Result<MadeRevision, Refusal> {
    for _ in 0..ATTEMPTS {
        end_what_was_begun(documents, branch).await?;
        let request = request.clone();
        let begun = blocking(documents, move |store| {
            let at = Some((request.parent_revision, request.branch_revision));
            let meeting = Meeting::load(store, branch, request.direction, at)?;
            let Merged { op, ahead } = meeting.merged(&request.choices)?;
            if Json::is_noop(&op) {
                return Ok(Begun::Nothing);
            }
            let row = MergeRow {
                number: meeting.number,
                direction: request.direction,
                author: user,
                created_at_ms: now_ms,
                parent_revision: request.parent_revision,
                branch_revision: request.branch_revision,
                client: ClientId(Uuid::now_v7()),
                op,
                ahead,
                revision: None,
            };
            match store.begin_merge(branch, &row) {
                Ok(()) => Ok(Begun::Row(meeting.parent, Box::new(row))),
                Err(StoreError::Conflict) => Ok(Begun::SomebodyElse),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
        match begun {
            Begun::Nothing => return Ok(MadeRevision { revision: None }),
            Begun::Row(parent, row) => {
                let revision = end(documents, branch, parent, *row).await?;
                return Ok(MadeRevision { revision: Some(revision) });
            }
            Begun::SomebodyElse => {}
        }
    }
    Err(Refusal::new(ErrorCode::Conflict, "others merge this branch at the same moment; look at it again"))
}

enum Begun {
    Nothing,
    Row(DocumentId, Box<MergeRow>),
    SomebodyElse,
}

/// Brings a merge to its end that was begun and never ended, as when the server stopped in between.
async fn end_what_was_begun(documents: &Documents, branch: DocumentId) -> Result<(), Refusal> {
    let begun = blocking(documents, move |store| {
        let row = store.last_merge(branch)?.filter(|row| row.revision.is_none());
        Ok(match row {
            None => None,
            Some(row) => Some((store.branch(branch)?.parent, row)),
        })
    })
    .await?;
    match begun {
        None => Ok(()),
        // Whoever began it may be doing so at this moment too: the op has one client and one sequence, and is committed
        // once. That it was refused matters to them alone.
        Some((parent, row)) => match end(documents, branch, parent, row).await {
            Err(refusal) if matches!(refusal.code(), ErrorCode::Unavailable | ErrorCode::ReadOnly) => Err(refusal),
            Ok(_) | Err(_) => Ok(()),
        },
    }
}

/// Commits the op of a merge that is noted, and notes what became of it.
async fn end(
    documents: &Documents,
    branch: DocumentId,
    parent: DocumentId,
    row: MergeRow,
) -> Result<Revision, Refusal> {
    let (target, source, base, source_revision) = match row.direction {
        Direction::IntoParent => (parent, branch, row.parent_revision, row.branch_revision),
        Direction::FromParent => (branch, parent, row.branch_revision, row.parent_revision),
    };
    let MergeRow { number, author, client, op, ahead, .. } = row;
    let revision = match documents.submit_as(target, author, client, op.clone(), base).await {
        Ok(revision) => revision,
        Err(refusal) => {
            if !matches!(refusal.code(), ErrorCode::Unavailable | ErrorCode::Internal | ErrorCode::ReadOnly) {
                blocking(documents, move |store| Ok(store.drop_merge(branch, number)?)).await?;
            }
            return Err(refusal);
        }
    };
    blocking(documents, move |store| {
        let merged = Merged { op, ahead };
        let before = Revision(revision.0.saturating_sub(1));
        let ahead = match store.operations(target, base, before, OPS_BYTES)? {
            Some(raced) => behind(&merged, raced.into_iter().map(|committed| committed.op).collect()),
            None => None,
        };
        let ahead = match ahead {
            Some(ahead) => ahead,
            None => {
                let (_, from) = store.document_at(source, source_revision)?;
                let (_, to) = store.document_at(target, revision)?;
                difference(&from, &to)?
            }
        };
        Ok(store.end_merge(branch, number, revision, &ahead)?)
    })
    .await?;
    Ok(revision)
}

/// What the target is ahead by when the merge was committed behind `raced`; none where the ops don't fit.
fn behind(merged: &Merged<JsonOp>, raced: Vec<JsonOp>) -> Option<JsonOp> {
    if raced.is_empty() {
        return Some(merged.ahead.clone());
    }
    // Ops of a text are transformed as such, since that is how the document's task does it.
    let texts: Option<Vec<TextOp>> = raced.iter().map(text_op).collect();
    if let (Some(op), Some(ahead), Some(raced)) = (text_op(&merged.op), text_op(&merged.ahead), texts) {
        return Merged { op, ahead }.behind::<Text>(raced).ok().map(|merged| memo_op(merged.ahead));
    }
    merged.behind::<Json>(raced).ok().map(|merged| merged.ahead)
}

/// The op from one document to another, of a kind that its task takes: one on the text, where both are memos.
fn difference(from: &Value, to: &Value) -> Result<JsonOp, StoreError> {
    match (from, to) {
        (Value::String(from), Value::String(to)) => Ok(memo_op(TextOp::diff(from, to))),
        _ => Json::diff(from, to).map_err(|error| StoreError::Corrupt(error.to_string())),
    }
}

/// Runs `work`, which blocks, on a thread for such.
async fn blocking<T: Send + 'static>(
    documents: &Documents,
    work: impl FnOnce(&Store) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let store = documents.store().clone();
    tokio::task::spawn_blocking(move || work(&store))
        .await
        .unwrap_or_else(|_| Err(Refusal::new(ErrorCode::Unavailable, "the server is busy or stopping; try again")))
}
