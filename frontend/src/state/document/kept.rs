//! A document as it is kept on a device.

use coval_shared::model::Model;
use coval_shared::protocol::DocumentKind;
use coval_shared::rights::Role;
use ot_core::Client;
use ot_core::client::Kept;
use ot_core::json::{Json, JsonOp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::content::{Calculated, Kind};
use super::{Content, Document, Effect};

/// All that it takes to go on with a document later, without the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    title: String,
    kind: DocumentKind,
    role: Role,
    kept: Kept<Value, JsonOp>,
    /// The unconfirmed edits in words: those of the submission, and those after it.
    sent: Vec<String>,
    waiting: Vec<String>,
}

impl Record {
    /// How many edits are in it that the server has not confirmed.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.sent.len().saturating_add(self.waiting.len())
    }
}

impl Document {
    /// What to keep. Nothing before the document has arrived.
    #[must_use]
    pub fn record(&self) -> Option<Record> {
        let content = self.content.as_ref()?;
        Some(Record {
            title: content.title.clone(),
            kind: content.kind(),
            role: self.role?,
            kept: content.client.keep(),
            sent: self.unsaved.sent.clone(),
            waiting: self.unsaved.waiting.iter().cloned().collect(),
        })
    }

    /// Goes on from what was kept, unless the document is there already. Edits in it that another writer has made are
    /// not ours to send, and are left alone.
    #[must_use]
    pub fn restore(&mut self, record: Record) -> Vec<Effect> {
        let Record { title, kind, role, kept, sent, waiting } = record;
        if self.content.is_some() {
            return Vec::new();
        }
        let is_ours = kept.id == self.client;
        let client = if is_ours {
            Client::<Json>::resume(kept).ok()
        } else {
            Some(Client::new(self.client, kept.confirmed, kept.revision))
        };
        let read = |client: Client<Json>| {
            let kind = match kind {
                DocumentKind::Memo => Kind::Memo,
                DocumentKind::Model => Kind::Model(Box::new(Calculated::new(Model::read(client.document()).ok()?))),
            };
            Some(Content::resumed(title, kind, client))
        };
        // What can't be read is asked for anew.
        let Some(content) = client.and_then(read) else {
            return Vec::new();
        };
        self.content = Some(content);
        self.role = Some(role);
        if is_ours {
            self.unsaved.sent = sent;
            self.unsaved.waiting = waiting.into();
        }
        vec![Effect::Show]
    }
}
