//! One open document: the state machine between what people do, what the server says, and what the page shows.
//!
//! Pure: it sends nothing and knows no time. Each call returns [`Effect`]s for the caller to carry out in order.

use std::collections::VecDeque;

use coval_shared::model::{Calculation, Model};
use coval_shared::protocol::{ClientMessage, DocumentId, DocumentKind, ErrorCode, Person, ServerMessage};
use coval_shared::rights::{Right, Role};
use ot_core::client::{ClientError, Received};
use ot_core::json::{Json, JsonOp};
use ot_core::{Client, ClientId, Committed, OtType, Revision, Sequence, Submission};
use serde_json::Value;

use super::Notice;

/// What the caller is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this.
    Send(ClientMessage),
    /// Show the document anew: its text, its figures or its state has changed.
    Show,
    /// Show who else is here.
    ShowPeople(Vec<Person>),
    /// Tell the person.
    Tell(Notice),
    /// Call [`Document::resend`] after a while: the server can't store anything at the moment.
    ResendLater,
    /// There is no such document, for the reason given.
    Missing(String),
}

/// Why an edit was not made. The document is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// The document has not arrived yet.
    #[error("the document is still being loaded")]
    NotLoaded,
    /// The person's role does not allow it.
    #[error("you can only read this document")]
    ReadOnly,
    /// The edit does not fit the document or would leave something that is not a model.
    #[error("{0}")]
    DoesNotFit(String),
}

/// One document, from the page's side.
pub struct Document {
    id: DocumentId,
    client: ClientId,
    content: Option<Content>,
    /// What is open is a memo, which is read only.
    memo: Option<Memo>,
    /// What the person may do, once the server has said so.
    role: Option<Role>,
    is_live: bool,
    /// Who else is here, as far as the server said.
    people: Vec<Person>,
    unsaved: Unsaved,
    refusal: Option<String>,
}

/// A memo, as far as it is shown.
pub struct Memo {
    /// What people call it.
    pub title: String,
    client: Client<Json>,
}

impl Memo {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.client.document().as_str().unwrap_or_default()
    }

    /// The newest revision received.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.client.revision()
    }
}

/// What a loaded document consists of.
pub struct Content {
    /// What people call it.
    pub title: String,
    /// The document as a model.
    pub model: Model,
    /// Its figures.
    pub calculation: Calculation,
    client: Client<Json>,
}

impl Content {
    /// The document as JSON, with all local edits.
    #[must_use]
    pub fn json(&self) -> &Value {
        self.client.document()
    }

    /// The newest revision received.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.client.revision()
    }
}

/// The edits that the server has not confirmed, in words.
#[derive(Default)]
struct Unsaved {
    sent: Vec<String>,
    waiting: VecDeque<String>,
}

impl Unsaved {
    fn len(&self) -> usize {
        self.sent.len().saturating_add(self.waiting.len())
    }

    fn confirm_sent(&mut self) {
        self.sent = self.waiting.drain(..).collect();
    }

    fn take(&mut self) -> Vec<String> {
        let mut all = std::mem::take(&mut self.sent);
        all.extend(self.waiting.drain(..));
        all
    }
}

impl Document {
    /// The document `id`, of which nothing is known yet, for the writer `client`.
    #[must_use]
    pub fn new(id: DocumentId, client: ClientId) -> Self {
        Self {
            id,
            client,
            content: None,
            memo: None,
            role: None,
            is_live: false,
            people: Vec::new(),
            unsaved: Unsaved::default(),
            refusal: None,
        }
    }

    /// What the document consists of, once it has arrived.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    /// The memo, if it is one, once it has arrived.
    #[must_use]
    pub fn memo(&self) -> Option<&Memo> {
        self.memo.as_ref()
    }

    /// Whether the person may change it, as far as is known.
    #[must_use]
    pub fn may_edit(&self) -> bool {
        self.role.is_none_or(|role| role.may(Right::Edit))
    }

    /// How many edits the server has not confirmed.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        self.unsaved.len()
    }

    /// Whether the server follows this document with us at the moment.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.is_live
    }

    /// Says to the server, on a new connection, which document it is about.
    #[must_use]
    pub fn open(&mut self) -> Vec<Effect> {
        self.is_live = false;
        let memo = self.memo.as_ref().map(Memo::revision);
        let since = self.content.as_ref().map(Content::revision).or(memo);
        vec![self.open_since(since), Effect::Show]
    }

    /// Takes note that the connection is gone.
    #[must_use]
    pub fn disconnect(&mut self) -> Vec<Effect> {
        self.is_live = false;
        self.people.clear();
        vec![Effect::Show, Effect::ShowPeople(Vec::new())]
    }

    /// Makes a local edit. `description` says in words what it was, in case it is lost.
    ///
    /// # Errors
    ///
    /// Returns why the edit was refused, and changes nothing, when it does not fit.
    pub fn edit(&mut self, op: JsonOp, description: String) -> Result<Vec<Effect>, EditRefused> {
        let op = Json::normalize(op);
        if Json::is_noop(&op) {
            return Ok(Vec::new());
        }
        if !self.may_edit() {
            return Err(EditRefused::ReadOnly);
        }
        let content = self.content.as_mut().ok_or(EditRefused::NotLoaded)?;
        let mut edited = content.json().clone();
        Json::apply(&mut edited, &op).map_err(|error| EditRefused::DoesNotFit(error.to_string()))?;
        let model = Model::read(&edited).map_err(|error| EditRefused::DoesNotFit(error.to_string()))?;
        let submission = content.client.edit(op).map_err(|error| EditRefused::DoesNotFit(error.to_string()))?;
        content.calculation.update(&model);
        content.model = model;

        let mut effects = vec![Effect::Show];
        match submission {
            Some(submission) => {
                self.unsaved.sent.push(description);
                if self.is_live {
                    effects.push(self.submit(submission));
                }
            }
            None => self.unsaved.waiting.push_back(description),
        }
        Ok(effects)
    }

    /// Sends once more what is awaited.
    #[must_use]
    pub fn resend(&self) -> Vec<Effect> {
        let submission = self.content.as_ref().and_then(|content| content.client.resend());
        match submission {
            Some(submission) if self.is_live => vec![self.submit(submission)],
            _ => Vec::new(),
        }
    }

    /// Takes in what the server said about this document.
    #[must_use]
    pub fn hear(&mut self, message: ServerMessage) -> Vec<Effect> {
        match message {
            ServerMessage::DocumentSnapshot { title, kind: DocumentKind::Memo, role, revision, snapshot, .. } => {
                self.role = Some(role);
                self.is_live = true;
                self.memo = Some(Memo { title, client: Client::new(self.client, snapshot, revision) });
                vec![Effect::Show]
            }
            ServerMessage::DocumentSnapshot { title, role, revision, last_sequence, snapshot, .. } => {
                self.role = Some(role);
                self.load(title, revision, last_sequence, snapshot)
            }
            ServerMessage::DocumentResumed { title, role, updates, .. } => {
                self.role = Some(role);
                if let Some(content) = &mut self.content {
                    content.title = title;
                } else if let Some(memo) = &mut self.memo {
                    memo.title = title;
                }
                self.is_live = true;
                let (mut effects, is_followed) = self.receive(&updates);
                if is_followed {
                    effects.extend(self.resend());
                }
                effects
            }
            // What arrives between asking for a document and getting it is part of what we get.
            ServerMessage::DocumentUpdated { .. } | ServerMessage::DocumentAck { .. } if !self.is_live => Vec::new(),
            ServerMessage::DocumentUpdated { updates, .. } => self.receive(&updates).0,
            ServerMessage::DocumentAck { sequence, revision, .. } => self.acknowledged(sequence, revision),
            ServerMessage::PresenceUpdate { is_all, people, left, .. } => self.meet(is_all, people, &left),
            ServerMessage::AccessUpdate { role, .. } => self.allowed(role),
            ServerMessage::Error { code, message, sequence, .. } => self.refused(code, message, sequence),
            // The page does not show these.
            ServerMessage::Typing { .. }
            | ServerMessage::CommentChanged { .. }
            | ServerMessage::AnnotationChanged { .. }
            | ServerMessage::StreamData { .. }
            | ServerMessage::ValuationUpdate { .. }
            | ServerMessage::CalculationProgress { .. }
            | ServerMessage::CalculationFinished { .. }
            | ServerMessage::Welcome { .. }
            | ServerMessage::Notification { .. } => Vec::new(),
        }
    }

    /// Takes note of what the person may do from now on.
    fn allowed(&mut self, role: Option<Role>) -> Vec<Effect> {
        let could_edit = self.may_edit();
        let Some(role) = role else {
            self.is_live = false;
            let reason = "your access to this document has ended; ask somebody who owns it to let you in again";
            return vec![Effect::Show, Effect::Missing(reason.to_owned())];
        };
        self.role = Some(role);
        let mut effects = vec![Effect::Show];
        if could_edit && !self.may_edit() {
            let advice = format!("You are {} here and can read the document as others go on.", words(role));
            effects.push(Effect::Tell(Notice::new("Read-only: your role changed.", advice)));
        }
        effects
    }

    /// Takes note of who came, moved or left.
    fn meet(&mut self, is_all: bool, people: Vec<Person>, left: &[ClientId]) -> Vec<Effect> {
        if is_all {
            self.people.clear();
        }
        self.people.retain(|person| !left.contains(&person.client));
        for person in people.into_iter().filter(|person| person.client != self.client) {
            match self.people.iter_mut().find(|known| known.client == person.client) {
                Some(known) => *known = person,
                None => self.people.push(person),
            }
        }
        vec![Effect::ShowPeople(self.people.clone())]
    }

    fn open_since(&self, since: Option<Revision>) -> Effect {
        Effect::Send(ClientMessage::DocumentOpen { document: self.id, since })
    }

    /// Asks for the revisions after `known`.
    fn resume_from(&mut self, known: Revision) -> Vec<Effect> {
        self.is_live = false;
        vec![self.open_since(Some(known)), Effect::Show]
    }

    /// Gives up what is known and asks for the document from the beginning.
    fn start_again(&mut self) -> Vec<Effect> {
        self.is_live = false;
        vec![self.open_since(None), Effect::Show]
    }

    fn submit(&self, submission: Submission<JsonOp>) -> Effect {
        Effect::Send(ClientMessage::DocumentEdit {
            document: self.id,
            sequence: submission.sequence,
            base: submission.base,
            op: submission.op,
        })
    }

    fn load(&mut self, title: String, revision: Revision, last: Sequence, snapshot: Value) -> Vec<Effect> {
        let model = match Model::read(&snapshot) {
            Ok(model) => model,
            Err(error) => {
                return vec![Effect::Missing(format!(
                    "this document can't be shown, since it is not a model that this version understands: {error}"
                ))];
            }
        };
        let mut effects = Vec::new();
        match &mut self.content {
            Some(content) => {
                let awaited = content.client.resend();
                if awaited.is_some_and(|submission| submission.sequence <= last) {
                    self.unsaved.confirm_sent();
                }
                let was_lost = content.client.reset(snapshot, revision, last);
                let lost = self.unsaved.take();
                if was_lost {
                    let what = match self.refusal.take() {
                        Some(message) => format!("The server refused a change, so it was undone: {message}."),
                        None => "Your latest changes could not be added to the document and were undone.".into(),
                    };
                    let advice = "Everything else is saved. What was undone can be entered again.";
                    effects.push(Effect::Tell(Notice::new(what, advice).with_lost(lost)));
                }
                content.calculation.update(&model);
                content.model = model;
                content.title = title;
            }
            None => {
                let mut client = Client::new(self.client, Value::Null, Revision::ZERO);
                client.reset(snapshot, revision, last);
                self.content = Some(Content { title, calculation: Calculation::new(&model), model, client });
            }
        }
        self.is_live = true;
        effects.push(Effect::Show);
        effects
    }

    /// Takes in committed ops. Returns also whether all of them could be followed.
    fn receive(&mut self, updates: &[Committed<JsonOp>]) -> (Vec<Effect>, bool) {
        if self.memo.is_some() {
            return self.receive_in_memo(updates);
        }
        let Some(content) = &mut self.content else {
            return (self.start_again(), false);
        };
        for update in updates {
            match content.client.receive(update) {
                // What is to be submitted next is sent by the caller, after the last update.
                Ok(Received::Acknowledged(_)) => self.unsaved.confirm_sent(),
                Ok(Received::Applied(_) | Received::AlreadyKnown) => {}
                Err(ClientError::Gap { known, .. }) => return (self.resume_from(known), false),
                Err(ClientError::Diverged(_) | ClientError::NotAwaited { .. }) => {
                    return (self.start_again(), false);
                }
            }
        }
        match Model::read(content.json()) {
            Ok(model) => {
                content.calculation.update(&model);
                content.model = model;
                (vec![Effect::Show], true)
            }
            // The server takes only models, so it is our own unsent edit that does not go with theirs.
            Err(_) => (self.start_again(), false),
        }
    }

    fn receive_in_memo(&mut self, updates: &[Committed<JsonOp>]) -> (Vec<Effect>, bool) {
        let followed = self.memo.as_mut().map(|memo| {
            updates.iter().try_for_each(|update| memo.client.receive(update).map(drop)).map_err(|error| match error {
                ClientError::Gap { known, .. } => Some(known),
                ClientError::Diverged(_) | ClientError::NotAwaited { .. } => None,
            })
        });
        match followed {
            Some(Ok(())) => (vec![Effect::Show], true),
            Some(Err(Some(known))) => (self.resume_from(known), false),
            Some(Err(None)) | None => (self.start_again(), false),
        }
    }

    fn acknowledged(&mut self, sequence: Sequence, revision: Revision) -> Vec<Effect> {
        let Some(content) = &mut self.content else {
            return Vec::new();
        };
        match content.client.acknowledge(sequence, revision) {
            Ok(Received::Acknowledged(next)) => {
                self.unsaved.confirm_sent();
                let mut effects = vec![Effect::Show];
                effects.extend(next.filter(|_| self.is_live).map(|next| self.submit(next)));
                effects
            }
            Ok(Received::Applied(_) | Received::AlreadyKnown) => Vec::new(),
            Err(ClientError::Gap { known, .. }) => self.resume_from(known),
            Err(ClientError::Diverged(_) | ClientError::NotAwaited { .. }) => self.start_again(),
        }
    }

    fn refused(&mut self, code: ErrorCode, message: String, sequence: Option<Sequence>) -> Vec<Effect> {
        match (code, sequence) {
            (ErrorCode::UnknownDocument, _) => vec![Effect::Missing(message)],
            (ErrorCode::Unavailable | ErrorCode::ReadOnly, Some(_)) => vec![
                Effect::ResendLater,
                Effect::Tell(Notice::new(
                    "The server can't store changes at the moment.",
                    "Your changes are kept in this tab and sent again by themselves. Leave the tab open.",
                )),
            ],
            (_, Some(_)) => {
                self.refusal = Some(message);
                self.start_again()
            }
            (ErrorCode::RevisionInFuture | ErrorCode::RevisionTooOld | ErrorCode::DocumentNotOpen, None) => {
                self.start_again()
            }
            (_, None) => vec![Effect::Tell(Notice::new(
                format!("The server reported a problem: {message}."),
                "What is marked as saved is safe. If this comes again, reload the page.",
            ))],
        }
    }
}

/// The role with its article.
fn words(role: Role) -> String {
    let name = role.name();
    let article = if name.starts_with(['e', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::protocol::{DocumentKind, UserId};
    use coval_shared::rights::Role;
    use ot_core::path;
    use serde_json::json;
    use uuid::Uuid;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const ID: DocumentId = DocumentId(Uuid::from_u128(1));
    const ME: ClientId = ClientId(Uuid::from_u128(2));
    const OTHER: ClientId = ClientId(Uuid::from_u128(3));

    fn model(sales: f64) -> Value {
        json!({
            "schema": 1,
            "currency": "USD",
            "periods": [{"id": "p1", "label": "2024A", "kind": "history"}],
            "sections": [{"id": "s", "label": "Sales", "items": [
                {"id": "sales", "name": "sales", "label": "Sales", "unit": "", "format": "number", "span": "period",
                 "values": {"p1": sales}, "note": ""},
                {"id": "cost", "name": "cost", "label": "Cost", "unit": "", "format": "number", "span": "period",
                 "values": {"p1": 1.0}, "note": ""}
            ]}],
            "outputs": []
        })
    }

    fn snapshot(revision: u64, last: u64, sales: f64) -> ServerMessage {
        ServerMessage::DocumentSnapshot {
            document: ID,
            number: 1,
            title: "Model".into(),
            kind: DocumentKind::Model,
            role: Role::Editor,
            revision: Revision(revision),
            last_sequence: Sequence(last),
            writers: Vec::new(),
            snapshot: model(sales),
        }
    }

    fn loaded() -> Document {
        let mut document = Document::new(ID, ME);
        let _ = document.open();
        let _ = document.hear(snapshot(7, 0, 10.0));
        document
    }

    fn set(item: usize, value: f64) -> JsonOp {
        JsonOp::replace(path!["sections", 0, "items", item, "values", "p1"], json!(value))
    }

    fn committed(revision: u64, client: ClientId, sequence: u64, op: JsonOp) -> Committed<JsonOp> {
        Committed { revision: Revision(revision), client, sequence: Sequence(sequence), op }
    }

    fn updated(updates: Vec<Committed<JsonOp>>) -> ServerMessage {
        ServerMessage::DocumentUpdated { document: ID, updates }
    }

    fn resumed(updates: Vec<Committed<JsonOp>>) -> ServerMessage {
        let (title, writers) = ("Model".into(), Vec::new());
        ServerMessage::DocumentResumed { document: ID, number: 1, title, role: Role::Editor, writers, updates }
    }

    fn ack(sequence: u64, revision: u64) -> ServerMessage {
        ServerMessage::DocumentAck { document: ID, sequence: Sequence(sequence), revision: Revision(revision) }
    }

    fn refusal(code: ErrorCode, sequence: u64) -> ServerMessage {
        ServerMessage::Error {
            code,
            message: "no".into(),
            document: Some(ID),
            sequence: Some(Sequence(sequence)),
            about: None,
        }
    }

    /// What was sent, as (sequence, base) of edits.
    fn edits(effects: &[Effect]) -> Vec<(u64, u64)> {
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(ClientMessage::DocumentEdit { sequence, base, .. }) => Some((sequence.0, base.0)),
                _ => None,
            })
            .collect()
    }

    /// What was asked for, as the revisions in `document_open`.
    fn opens(effects: &[Effect]) -> Vec<Option<u64>> {
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(ClientMessage::DocumentOpen { since, .. }) => Some(since.map(|revision| revision.0)),
                _ => None,
            })
            .collect()
    }

    fn lost(effects: &[Effect]) -> Vec<String> {
        effects
            .iter()
            .flat_map(|effect| match effect {
                Effect::Tell(notice) => notice.lost.clone(),
                _ => Vec::new(),
            })
            .collect()
    }

    fn sales(document: &Document) -> f64 {
        document.content().unwrap().json()["sections"][0]["items"][0]["values"]["p1"].as_f64().unwrap()
    }

    #[test]
    fn an_edit_is_sent_at_once_and_the_next_ones_wait_for_its_answer() {
        let mut document = loaded();
        assert_eq!(edits(&document.edit(set(0, 11.0), "a".into()).unwrap()), [(1, 7)]);
        assert_eq!(edits(&document.edit(set(0, 12.0), "b".into()).unwrap()), []);
        assert_eq!(edits(&document.edit(set(1, 13.0), "c".into()).unwrap()), []);
        assert_eq!(document.unsaved(), 3);
        assert_eq!(edits(&document.hear(ack(1, 8))), [(2, 8)]);
        assert_eq!(document.unsaved(), 2);
        assert_eq!(edits(&document.hear(ack(2, 9))), []);
        assert_eq!(document.unsaved(), 0);
    }

    #[test]
    fn edits_made_without_a_connection_are_kept_and_sent_after_what_others_did() {
        let mut document = loaded();
        let _ = document.disconnect();
        assert_eq!(edits(&document.edit(set(0, 11.0), "a".into()).unwrap()), []);
        let _ = document.edit(set(0, 12.0), "b".into()).unwrap();
        assert_eq!(opens(&document.open()), [Some(7)]);
        let effects = document.hear(resumed(vec![committed(8, OTHER, 1, set(1, 5.0))]));
        assert_eq!(edits(&effects), [(1, 8)]);
        assert_eq!(sales(&document), 12.0);
        assert_eq!(document.unsaved(), 2);
    }

    #[test]
    fn an_edit_that_arrived_before_the_cut_is_not_sent_again() {
        let mut document = loaded();
        let op = set(0, 11.0);
        let _ = document.edit(op.clone(), "a".into()).unwrap();
        let _ = document.edit(set(0, 12.0), "b".into()).unwrap();
        let _ = document.disconnect();
        let _ = document.open();
        let effects = document.hear(resumed(vec![committed(8, ME, 1, op)]));
        assert_eq!(edits(&effects), [(2, 8)]);
        assert_eq!(document.unsaved(), 1);
    }

    #[test]
    fn a_missing_revision_is_asked_for_and_nothing_unsent_is_dropped() {
        let mut document = loaded();
        let _ = document.edit(set(0, 11.0), "a".into()).unwrap();
        let effects = document.hear(updated(vec![committed(9, OTHER, 2, set(1, 5.0))]));
        assert_eq!(opens(&effects), [Some(7)]);
        // Until the answer is there, what comes is part of the answer.
        assert_eq!(document.hear(updated(vec![committed(10, OTHER, 3, set(1, 6.0))])), []);
        let answer = vec![
            committed(8, OTHER, 1, set(1, 4.0)),
            committed(9, OTHER, 2, set(1, 5.0)),
            committed(10, OTHER, 3, set(1, 6.0)),
        ];
        assert_eq!(edits(&document.hear(resumed(answer))), [(1, 10)]);
        assert_eq!(sales(&document), 11.0);
    }

    #[test]
    fn a_refused_edit_is_undone_and_named() {
        let mut document = loaded();
        let _ = document.edit(set(0, 11.0), "Sales, 2024A: 11".into()).unwrap();
        assert_eq!(opens(&document.hear(refusal(ErrorCode::OpInvalid, 1))), [None]);
        let effects = document.hear(snapshot(7, 0, 10.0));
        assert_eq!(lost(&effects), ["Sales, 2024A: 11"]);
        assert_eq!(sales(&document), 10.0);
        assert_eq!(document.unsaved(), 0);
        assert_eq!(edits(&document.edit(set(0, 12.0), "b".into()).unwrap()), [(1, 7)]);
    }

    #[test]
    fn an_edit_that_a_new_snapshot_contains_is_not_named_as_lost() {
        let mut document = loaded();
        let _ = document.edit(set(0, 11.0), "a".into()).unwrap();
        let _ = document.edit(set(1, 12.0), "b".into()).unwrap();
        let _ = document.disconnect();
        let _ = document.open();
        assert_eq!(lost(&document.hear(snapshot(20_000, 1, 11.0))), ["b"]);
    }

    #[test]
    fn an_edit_that_could_not_be_stored_is_sent_again_later() {
        let mut document = loaded();
        let _ = document.edit(set(0, 11.0), "a".into()).unwrap();
        for code in [ErrorCode::Unavailable, ErrorCode::ReadOnly] {
            let effects = document.hear(refusal(code, 1));
            assert!(effects.contains(&Effect::ResendLater));
            assert_eq!(edits(&document.resend()), [(1, 7)]);
            assert_eq!(document.unsaved(), 1);
        }
    }

    #[test]
    fn an_edit_that_leaves_no_model_is_refused_at_once() {
        let mut document = loaded();
        let op = JsonOp::replace(path!["periods"], json!("none"));
        assert!(document.edit(op, "a".into()).is_err());
        assert_eq!(document.unsaved(), 0);
        assert_eq!(sales(&document), 10.0);
    }

    #[test]
    fn people_come_move_and_leave_and_oneself_is_not_among_them() {
        let person = |client: ClientId, name: &str| Person {
            client,
            user: UserId(client.0),
            name: name.into(),
            colour: 0,
            cursor: None,
            selection: None,
            is_typing: false,
        };
        let update = |is_all, people, left| ServerMessage::PresenceUpdate {
            document: ID,
            revision: Revision(7),
            is_all,
            count: 2,
            people,
            left,
        };
        let mut document = loaded();
        let third = ClientId(Uuid::from_u128(9));
        let shown = |people: &[Person]| [Effect::ShowPeople(people.to_vec())];
        let (grace, emmy) = (person(OTHER, "Grace"), person(third, "Emmy"));
        assert_eq!(
            document.hear(update(true, vec![person(ME, "Ada"), grace.clone()], vec![])),
            shown(std::slice::from_ref(&grace))
        );
        assert_eq!(document.hear(update(false, vec![emmy.clone()], vec![])), shown(&[grace, emmy.clone()]));
        let renamed = person(OTHER, "G. Hopper");
        assert_eq!(document.hear(update(false, vec![renamed.clone()], vec![third])), shown(&[renamed]));
        assert_eq!(document.hear(update(true, vec![emmy.clone()], vec![])), shown(&[emmy]));
    }

    #[test]
    fn a_document_that_does_not_exist_is_said_to_be_missing() {
        let mut document = Document::new(ID, ME);
        let _ = document.open();
        let effects = document.hear(ServerMessage::Error {
            code: ErrorCode::UnknownDocument,
            message: "there is no document 1".into(),
            document: Some(ID),
            sequence: None,
            about: None,
        });
        assert_eq!(effects, [Effect::Missing("there is no document 1".into())]);
    }

    #[test]
    fn who_may_no_longer_edit_is_told_and_can_go_on_reading() {
        let mut document = Document::new(ID, ME);
        let _ = document.hear(snapshot(4, 0, 10.0));
        let effects = document.hear(ServerMessage::AccessUpdate { document: ID, role: Some(Role::Viewer) });
        let told =
            effects.iter().any(|effect| matches!(effect, Effect::Tell(notice) if notice.what.contains("Read-only")));
        assert!(told, "{effects:?}");
        let op = JsonOp::replace(path!["sections", 0, "items", 0, "values", "p1"], 1);
        assert_eq!(document.edit(op.clone(), String::new()), Err(EditRefused::ReadOnly));
        let _ = document.hear(ServerMessage::AccessUpdate { document: ID, role: Some(Role::Editor) });
        assert!(document.edit(op, String::new()).is_ok());
    }

    #[test]
    fn who_may_no_longer_read_sees_nothing_more() {
        let mut document = Document::new(ID, ME);
        let _ = document.hear(snapshot(4, 0, 10.0));
        let effects = document.hear(ServerMessage::AccessUpdate { document: ID, role: None });
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Missing(_))), "{effects:?}");
        assert!(!document.is_live());
    }

    #[test]
    fn a_memo_is_shown_as_others_write_it() {
        let mut document = Document::new(ID, ME);
        let _ = document.hear(ServerMessage::DocumentSnapshot {
            document: ID,
            number: 1,
            title: "Notes".into(),
            kind: DocumentKind::Memo,
            role: Role::Editor,
            revision: Revision(4),
            last_sequence: Sequence(0),
            writers: Vec::new(),
            snapshot: json!("Cash"),
        });
        let op = JsonOp::edit_text(path![], ot_core::text::TextOp::edit(4, 0, " flow"));
        let update = Committed { revision: Revision(5), client: OTHER, sequence: Sequence(1), op };
        let effects = document.hear(ServerMessage::DocumentUpdated { document: ID, updates: vec![update] });
        assert_eq!(effects, [Effect::Show]);
        assert_eq!(document.memo().map(Memo::text), Some("Cash flow"));
    }
}
