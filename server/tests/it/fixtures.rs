//! Documents that are there before a test begins.

use coval_server::store::{NewDocument, Origin, Store, StoreError};
use coval_shared::protocol::{DocumentId, DocumentKind, WorkspaceId};
use serde_json::Value;
use uuid::Uuid;

/// The workspace of the demo, whose people may open what is in it.
pub(crate) const DEMO_WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x0199_b1ef_0000_7000_8000_0000_0000_0002));

/// Makes a document in the workspace of the demo.
pub(crate) fn create(store: &Store, id: DocumentId, title: &str, body: &Value, now_ms: i64) -> Result<(), StoreError> {
    create_in(store, DEMO_WORKSPACE, id, title, body, now_ms)
}

/// Makes a document in a workspace, which is made when it is not there.
pub(crate) fn create_in(
    store: &Store,
    workspace: WorkspaceId,
    id: DocumentId,
    title: &str,
    body: &Value,
    now_ms: i64,
) -> Result<(), StoreError> {
    match store.create_workspace(workspace, "Demo", None, 1, now_ms) {
        Ok(()) | Err(StoreError::Conflict) => {}
        Err(error) => return Err(error),
    }
    let kind = if body.is_string() { DocumentKind::Memo } else { DocumentKind::Model };
    let new = NewDocument { id, workspace, kind, title, template: None, created_by: None, origin: Origin::Made, body };
    store.create_document(&new, now_ms)
}
