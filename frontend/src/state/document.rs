//! One open document: the state machine between what people do, what the server says, and what the page shows.
//!
//! - [`content`]: what has arrived, and what is made of it.
//! - `carets`: where others stand in a text.
//! - `kept`: what is kept on a device.
//! - `unsaved`: what the server has not confirmed, in words.
//!
//! Pure: it sends nothing and knows no time. Each call returns [`Effect`]s for the caller to carry out in order.

mod carets;
pub mod content;
mod kept;
mod unsaved;

use std::fmt::Display;
use std::time::Duration;

use coval_shared::history::text_op;
use coval_shared::model::{Model, ScenarioId};
use coval_shared::protocol::{ClientMessage, DocumentId, DocumentKind, ErrorCode, Person, ServerMessage};
use coval_shared::rights::{Right, Role};
use ot_core::client::{ClientError, Received};
use ot_core::json::{Json, JsonOp};
use ot_core::text::TextOp;
use ot_core::{ClientId, Committed, OtType, Revision, Sequence, Submission};
use serde_json::Value;

pub use self::carets::end_of;
use self::content::{Calculated, Kind};
pub use self::content::{Content, Step, Steps};
pub use self::kept::Record;
use self::unsaved::Unsaved;
use super::Notice;
use crate::texts::role_words;
use crate::words;

/// How long to wait before a submission is sent again that the server could not store.
pub(super) const RESEND_DELAY: Duration = Duration::from_secs(3);

/// What the caller is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this.
    Send(ClientMessage),
    /// Show the document anew: its text, its figures or its state has changed.
    Show,
    /// Show who else is here.
    ShowPeople(Vec<Person>),
    /// Show what became of the text of the memo.
    Text(TextChange),
    /// Tell the person.
    Tell(Notice),
    /// Call [`Document::resend`] after a while: the server can't store anything at the moment.
    ResendLater,
    /// There is no such document, for the reason given.
    Missing(String),
}

/// What became of the text of a memo.
#[derive(Clone, Debug, PartialEq)]
pub enum TextChange {
    /// It was edited, by the person or by somebody else.
    Edited(TextOp),
    /// It is another one.
    Replaced,
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

impl EditRefused {
    /// Why, in words for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::NotLoaded => words!(common.still_loading).to_owned(),
            Self::ReadOnly => words!(common.only_reading).to_owned(),
            Self::DoesNotFit(reason) => reason.clone(),
        }
    }

    pub(super) fn does_not_fit(error: impl Display) -> Self {
        Self::DoesNotFit(error.to_string())
    }
}

/// One document, from the page's side.
pub struct Document {
    id: DocumentId,
    client: ClientId,
    content: Option<Content>,
    /// What the person may do, once the server has said so.
    role: Option<Role>,
    is_live: bool,
    /// Who else is here, as far as the server said.
    people: Vec<Person>,
    unsaved: Unsaved,
    refusal: Option<String>,
}

impl Document {
    /// The document `id`, of which nothing is known yet, for the writer `client`.
    #[must_use]
    pub fn new(id: DocumentId, client: ClientId) -> Self {
        Self {
            id,
            client,
            content: None,
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

    /// Whether the person may change it, as far as is known.
    #[must_use]
    pub fn may_edit(&self) -> bool {
        self.role.is_none_or(|role| role.may(Right::Edit))
    }

    /// Whether the person may say something about it, as far as is known.
    #[must_use]
    pub fn may_comment(&self) -> bool {
        self.role.is_none_or(|role| role.may(Right::Comment))
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
        let since = self.content.as_ref().map(Content::revision);
        vec![self.open_since(since), Effect::Show]
    }

    /// Takes note that the connection is gone.
    #[must_use]
    pub fn disconnect(&mut self) -> Vec<Effect> {
        self.is_live = false;
        self.people.clear();
        vec![Effect::Show, Effect::ShowPeople(Vec::new())]
    }

    /// Makes a local edit at the time `now_ms`, which counts from any moment. `description` says in words what it was,
    /// in case it is lost.
    ///
    /// # Errors
    ///
    /// Returns why the edit was refused, and changes nothing, when it does not fit.
    pub fn edit(&mut self, op: JsonOp, description: String, now_ms: u64) -> Result<Vec<Effect>, EditRefused> {
        let op = Json::normalize(op);
        if Json::is_noop(&op) {
            return Ok(Vec::new());
        }
        let submission = self.editable()?.edit(op.clone(), now_ms)?;
        Ok(self.edited(&op, submission, description))
    }

    /// Takes back the person's newest work, or does again what was taken back. Does nothing when there is none.
    ///
    /// # Errors
    ///
    /// Returns why not, and changes nothing, when what it would leave does not fit.
    pub fn step(&mut self, step: Step, description: String) -> Result<Vec<Effect>, EditRefused> {
        match self.editable()?.step(step)? {
            Some((op, submission)) => Ok(self.edited(&op, submission, description)),
            None => Ok(Vec::new()),
        }
    }

    /// Shows the figures under `scenario` from now on, or those of the base case. The document stays as it is.
    #[must_use]
    pub fn look_under(&mut self, scenario: Option<ScenarioId>) -> Vec<Effect> {
        match self.content.as_mut().map(|content| content.look_under(scenario)) {
            Some(Ok(())) => vec![Effect::Show],
            _ => Vec::new(),
        }
    }

    fn editable(&mut self) -> Result<&mut Content, EditRefused> {
        if !self.may_edit() {
            return Err(EditRefused::ReadOnly);
        }
        self.content.as_mut().ok_or(EditRefused::NotLoaded)
    }

    fn edited(&mut self, op: &JsonOp, submission: Option<Submission<JsonOp>>, description: String) -> Vec<Effect> {
        let mut effects = self.text_changed(op, None);
        effects.push(Effect::Show);
        match submission {
            Some(submission) => {
                self.unsaved.sent.push(description);
                if self.is_live {
                    effects.push(self.submit(submission));
                }
            }
            None => self.unsaved.waiting.push_back(description),
        }
        effects
    }

    /// What is to be shown of `op`, an edit of `author`, if this is a memo. Carets of others go along with it.
    fn text_changed(&mut self, op: &JsonOp, author: Option<ClientId>) -> Vec<Effect> {
        let is_memo = self.content.as_ref().is_some_and(|content| content.text().is_some());
        let Some(op) = is_memo.then(|| text_op(op)).flatten() else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        if carets::carry(&mut self.people, &op, author) {
            effects.push(Effect::ShowPeople(self.people.clone()));
        }
        // The text first: carets stand in it.
        effects.insert(0, Effect::Text(TextChange::Edited(op)));
        effects
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
            ServerMessage::DocumentSnapshot { title, kind, role, revision, last_sequence, snapshot, .. } => {
                self.role = Some(role);
                self.load(title, kind, (snapshot, revision, last_sequence))
            }
            ServerMessage::DocumentResumed { title, role, last_sequence, updates, .. } => {
                self.role = Some(role);
                if let Some(content) = &mut self.content {
                    content.title = title;
                }
                self.is_live = true;
                let (mut effects, is_followed) = self.receive(&updates);
                if is_followed {
                    if let Some(content) = &mut self.content {
                        content.client.catch_up(last_sequence);
                    }
                    effects.extend(self.resend());
                }
                effects
            }
            // What arrives between asking for a document and getting it is part of what we get.
            ServerMessage::DocumentUpdated { .. } | ServerMessage::DocumentAck { .. } if !self.is_live => Vec::new(),
            ServerMessage::DocumentUpdated { updates, .. } => self.receive(&updates).0,
            ServerMessage::DocumentAck { sequence, revision, .. } => self.acknowledged(sequence, revision),
            ServerMessage::PresenceUpdate { revision, is_all, people, left, .. } => {
                self.meet(revision, is_all, people, &left)
            }
            ServerMessage::AccessUpdate { role, .. } => self.allowed(role),
            ServerMessage::Error { code, message, sequence, .. } => self.refused(code, message, sequence),
            ServerMessage::Typing { clients, .. } => {
                for person in &mut self.people {
                    person.is_typing = clients.contains(&person.client);
                }
                vec![Effect::ShowPeople(self.people.clone())]
            }
            // Others on the page listen to these.
            ServerMessage::CommentChanged { .. }
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
            return self.gone(words!(common.access_ended).to_owned());
        };
        self.role = Some(role);
        let mut effects = vec![Effect::Show];
        if could_edit && !self.may_edit() {
            let advice = words!(common.role_changed_advice, role = role_words(role));
            effects.push(Effect::Tell(Notice::new(words!(common.role_changed), advice)));
        }
        effects
    }

    /// Gives the document up, which is not there any more for this person, and tells what can't be saved of it.
    fn gone(&mut self, reason: String) -> Vec<Effect> {
        self.is_live = false;
        self.content = None;
        let lost = self.unsaved.take();
        let tell = (!lost.is_empty()).then(|| {
            Effect::Tell(Notice::new(words!(common.changes_lost), words!(common.changes_lost_advice)).with_lost(lost))
        });
        tell.into_iter().chain([Effect::Show, Effect::Missing(reason)]).collect()
    }

    /// Takes note of who came, moved or left.
    fn meet(&mut self, revision: Revision, is_all: bool, people: Vec<Person>, left: &[ClientId]) -> Vec<Effect> {
        if is_all {
            self.people.clear();
        }
        self.people.retain(|person| !left.contains(&person.client));
        for mut person in people.into_iter().filter(|person| person.client != self.client) {
            if let Some(content) = &self.content {
                carets::place(&mut person, content, revision);
            }
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

    fn load(
        &mut self,
        title: String,
        kind: DocumentKind,
        (snapshot, revision, last): (Value, Revision, Sequence),
    ) -> Vec<Effect> {
        let kind = match kind {
            DocumentKind::Memo => Kind::Memo,
            DocumentKind::Model => match Model::read(&snapshot) {
                Ok(model) => Kind::Model(Box::new(Calculated::new(model))),
                Err(error) => {
                    let reason = words!(common.not_understood, reason = error.to_string());
                    return vec![Effect::Missing(reason)];
                }
            },
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
                        Some(message) => words!(common.change_refused, reason = message),
                        None => words!(common.changes_undone).to_owned(),
                    };
                    let advice = words!(common.changes_undone_advice);
                    effects.push(Effect::Tell(Notice::new(what, advice).with_lost(lost)));
                }
                let scenario = content.scenario().cloned();
                content.kind = kind;
                if scenario.is_some() && content.look_under(scenario).is_err() {
                    return self.start_again();
                }
                content.title = title;
                // What was done before belongs to another document.
                content.undo.clear();
                effects.push(Effect::Text(TextChange::Replaced));
            }
            None => self.content = Some(Content::new(self.client, title, kind, (snapshot, revision, last))),
        }
        self.is_live = true;
        effects.push(Effect::Show);
        effects
    }

    /// Takes in committed ops. Returns also whether all of them could be followed.
    fn receive(&mut self, updates: &[Committed<JsonOp>]) -> (Vec<Effect>, bool) {
        let Some(content) = &mut self.content else {
            return (self.start_again(), false);
        };
        let (mut applied, mut failed) = (Vec::new(), None);
        for update in updates {
            match content.client.receive(update) {
                // What is to be submitted next is sent by the caller, after the last update.
                Ok(Received::Acknowledged(_)) => self.unsaved.confirm_sent(),
                Ok(Received::Applied(op)) => {
                    content.undo.remote(&op);
                    applied.push((op, update.client));
                }
                Ok(Received::AlreadyKnown) => {}
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let (ops, authors): (Vec<JsonOp>, Vec<ClientId>) = applied.into_iter().unzip();
        // The server takes only models, so where none is left it is our own unsent edit that does not go with theirs.
        let is_readable = content.recalculate(&ops).is_ok();
        let mut effects: Vec<_> =
            ops.iter().zip(authors).flat_map(|(op, author)| self.text_changed(op, Some(author))).collect();
        let (rest, is_followed) = match failed {
            Some(ClientError::Gap { known, .. }) => (self.resume_from(known), false),
            Some(ClientError::Diverged(_) | ClientError::NotAwaited { .. }) => (self.start_again(), false),
            None if !is_readable => (self.start_again(), false),
            None => (vec![Effect::Show], true),
        };
        effects.extend(rest);
        (effects, is_followed)
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
            (ErrorCode::UnknownDocument, _) => self.gone(words!(common.unknown_document).to_owned()),
            (ErrorCode::Unavailable | ErrorCode::ReadOnly, Some(_)) => vec![
                Effect::ResendLater,
                Effect::Tell(Notice::new(words!(common.not_stored), words!(common.not_stored_advice))),
            ],
            (_, Some(_)) => {
                self.refusal = Some(message);
                self.start_again()
            }
            (ErrorCode::RevisionInFuture | ErrorCode::RevisionTooOld | ErrorCode::DocumentNotOpen, None) => {
                self.start_again()
            }
            (_, None) => vec![Effect::Tell(Notice::new(
                words!(common.server_problem, reason = message),
                words!(common.server_problem_advice),
            ))],
        }
    }
}

#[cfg(test)]
mod tests;
