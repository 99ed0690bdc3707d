//! An open document as signals.
//!
//! - `showing`: what the page shows of it.
//! - `editing`: what the person does to it.
//! - `hearing`: what the server says, once a frame.
//! - `telling`: where the person is, as others are told.
//! - `keeping`: what is kept on the device.
//! - `text`: what memos have and models have not.

mod editing;
mod hearing;
mod keeping;
mod showing;
mod telling;
mod text;

use std::collections::HashSet;
use std::rc::Rc;

use coval_shared::model::{Calculation, CellRef, ItemId, Model, Output, PeriodId, ScenarioId, edit};
use coval_shared::protocol::{ClientMessage, DocumentId, DocumentKind, Selection, ServerMessage};
use coval_shared::rights::Role;
use leptos::prelude::*;
use ot_core::{ClientId, Revision, Sequence};
use serde_json::Value;

pub use self::editing::short_id;
use self::hearing::Burst;
use self::keeping::Keeping;
use self::telling::Told;
pub use self::text::Caret;
use super::Notice;
use super::document::{Content, Document, Effect, RESEND_DELAY, Steps, TextChange};
use super::listeners::Listeners;
use super::view::{Layout, PersonView, RowView, ScenarioView};
use super::watched::Watched;
use super::workspace::{OpenDocument, Workspace};
use crate::connection::Connection;
use crate::platform::clock;

/// Whether the page can show the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It has not arrived yet.
    Loading,
    /// It is there.
    Ready,
    /// There is no such document, for this reason.
    Missing(String),
}

/// How the document relates to what the server has stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saving {
    /// How many edits the server has not confirmed.
    pub unsaved: usize,
    /// Whether the server follows this document with us at the moment.
    pub is_live: bool,
    /// Whether those edits outlive the page: they are kept on this device.
    pub is_kept: bool,
}

/// A key figure and what it was when the page was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputView {
    /// The figure now.
    pub output: Output,
    /// Its value when the page was opened.
    pub before: Option<f64>,
}

/// What identifies the state of a document: shown in the page for those who compare two windows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// The newest revision received.
    pub revision: u64,
    /// The digest of the document with all local edits.
    pub digest: String,
}

/// One open document. Cheap to copy.
#[derive(Clone, Copy)]
pub struct DocumentSession {
    id: DocumentId,
    document: StoredValue<Document, LocalStorage>,
    /// None where the server is not asked: what is shown is past.
    connection: StoredValue<Option<Rc<Connection>>, LocalStorage>,
    rows: Watched<ItemId, RowView>,
    present: Watched<ItemId, Vec<PersonView>>,
    /// The cells that are shown as changed.
    marked: StoredValue<HashSet<CellRef>>,
    baseline: StoredValue<Vec<(Option<ScenarioId>, ItemId, f64)>>,
    cursor: StoredValue<Told<CellRef>>,
    selection: StoredValue<Told<Selection>>,
    /// Whether a page shows the document.
    followed: StoredValue<bool>,
    listeners: Listeners<ServerMessage>,
    keeping: StoredValue<Keeping, LocalStorage>,
    burst: StoredValue<Burst, LocalStorage>,
    text_listeners: Listeners<TextChange>,
    /// The cell in which the person is.
    pub at: RwSignal<Option<CellRef>>,
    /// The cell to which a panel wants to lead the person. Whoever leads them there takes it.
    pub wanted: RwSignal<Option<CellRef>>,
    /// What can be taken back and what can be done again: whether there is any.
    pub steps: RwSignal<Steps>,
    /// Whether the document can be shown.
    pub availability: RwSignal<Availability>,
    /// What people call it.
    pub title: RwSignal<String>,
    /// Whether the person may change it.
    pub may_edit: RwSignal<bool>,
    /// Whether the person may say something about it.
    pub may_comment: RwSignal<bool>,
    /// What it is, once it is known.
    pub kind: RwSignal<Option<DocumentKind>>,
    /// Where others stand in the text of a memo.
    pub carets: RwSignal<Vec<Caret>>,
    /// The place in the text to which the person wants to be led, in code points. Whoever leads them there takes it.
    pub wanted_text: RwSignal<Option<usize>>,
    /// Its rows and columns.
    pub layout: RwSignal<Layout>,
    /// The scenario under which the page shows the figures; none for the base case. Entries go into it.
    pub scenario: RwSignal<Option<ScenarioId>>,
    /// All scenarios.
    pub scenarios: RwSignal<Vec<ScenarioView>>,
    /// Its key figures.
    pub outputs: RwSignal<Vec<OutputView>>,
    /// Everybody else who has it open.
    pub people: RwSignal<Vec<PersonView>>,
    /// What went wrong and has not been read yet.
    pub notices: RwSignal<Vec<Notice>>,
    /// What is saved.
    pub saving: RwSignal<Saving>,
    /// The state of the document. In a large one it is worked out when nothing has happened for a while.
    pub fingerprint: RwSignal<Fingerprint>,
    /// Counts the changes of the document.
    pub changes: RwSignal<u64>,
}

impl DocumentSession {
    /// The document `id` of `workspace`, which is opened if it was not.
    pub fn in_workspace(workspace: Workspace, id: DocumentId) -> Self {
        workspace.document(id, |keeper, connection| {
            let session = Self::new(id, keeper.client(), Some(connection));
            session.restore(keeper);
            session
        })
    }

    /// The document `id` as it once was, to be read. Lives as long as whatever shows it.
    pub fn of_the_past(
        id: DocumentId,
        (title, kind): (String, DocumentKind),
        (revision, snapshot): (Revision, Value),
    ) -> Self {
        let session = Self::new(id, ClientId(clock::new_uuid()), None);
        session.hear(ServerMessage::DocumentSnapshot {
            document: id,
            number: 0,
            title,
            kind,
            role: Role::Viewer,
            revision,
            last_sequence: Sequence::default(),
            writers: Vec::new(),
            snapshot,
        });
        session
    }

    /// The document `id`, for the writer `client`, over `connection`. Has to be called where its signals may live as
    /// long as the page.
    fn new(id: DocumentId, client: ClientId, connection: Option<Rc<Connection>>) -> Self {
        Self {
            id,
            document: StoredValue::new_local(Document::new(id, client)),
            connection: StoredValue::new_local(connection),
            rows: Watched::default(),
            present: Watched::default(),
            marked: StoredValue::default(),
            baseline: StoredValue::default(),
            cursor: StoredValue::default(),
            selection: StoredValue::default(),
            followed: StoredValue::new(false),
            listeners: Listeners::default(),
            keeping: StoredValue::default(),
            burst: StoredValue::default(),
            text_listeners: Listeners::default(),
            at: RwSignal::new(None),
            wanted: RwSignal::new(None),
            steps: RwSignal::default(),
            availability: RwSignal::new(Availability::Loading),
            title: RwSignal::default(),
            may_edit: RwSignal::new(true),
            may_comment: RwSignal::new(true),
            kind: RwSignal::new(None),
            carets: RwSignal::default(),
            wanted_text: RwSignal::default(),
            layout: RwSignal::default(),
            scenario: RwSignal::default(),
            scenarios: RwSignal::default(),
            outputs: RwSignal::default(),
            people: RwSignal::default(),
            notices: RwSignal::default(),
            saving: RwSignal::new(Saving { unsaved: 0, is_live: false, is_kept: false }),
            fingerprint: RwSignal::default(),
            changes: RwSignal::new(0),
        }
    }

    /// What the formula bar shows for `cell`.
    pub fn entry_text(&self, cell: &CellRef) -> String {
        self.with_model(|model| edit::entry_text(model, cell)).unwrap_or_default()
    }

    /// The label of `item`.
    pub fn label(&self, item: &ItemId) -> Option<String> {
        self.with_model(|model| model.item(item).map(|item| item.label.clone())).flatten()
    }

    /// `cell` in words, for people.
    pub fn cell_words(&self, cell: &CellRef) -> String {
        self.with_model(|model| cell_words(model, cell)).unwrap_or_default()
    }

    /// Shows the figures under `scenario` from now on, or those of the base case. Only this page does.
    pub fn look_under(&self, scenario: Option<ScenarioId>) {
        let effects = self.change(|document| document.look_under(scenario));
        self.carry_out(effects);
    }

    /// The model as it is stored, which is the base case.
    pub fn base_model(&self) -> Option<Model> {
        self.document.with_value(|document| Model::read(document.content()?.json()).ok())
    }

    /// The document as JSON, with all local edits.
    pub fn json(&self) -> Option<Value> {
        self.with_json(Value::clone)
    }

    /// Reads something from the model, if it is one and is there.
    pub fn with_model<T>(&self, read: impl FnOnce(&Model) -> T) -> Option<T> {
        self.document.with_value(|document| document.content().and_then(Content::model).map(read))
    }

    /// The same with its figures.
    pub fn with_calculation<T>(&self, read: impl FnOnce(&Model, &Calculation) -> T) -> Option<T> {
        self.document.with_value(|document| {
            let content = document.content()?;
            Some(read(content.model()?, content.calculation()?))
        })
    }

    /// Reads something from the document as JSON, if it is there.
    pub fn with_json<T>(&self, read: impl FnOnce(&Value) -> T) -> Option<T> {
        self.document.with_value(|document| document.content().map(|content| read(content.json())))
    }

    /// Which document it is.
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// Calls `listener` with everything that the server says about the document, until whoever asks for it is gone from
    /// the page.
    pub fn listen(&self, listener: impl Fn(&ServerMessage) + 'static) {
        self.listeners.add(listener);
    }

    /// Sends a message about the document. Without a connection it is lost: what must not be is an edit.
    pub fn send(&self, message: &ClientMessage) {
        self.connection.with_value(|connection| connection.iter().for_each(|connection| connection.send(message)));
    }

    /// Closes a notice.
    pub fn dismiss(&self, index: usize) {
        self.notices.update(|notices| {
            if index < notices.len() {
                notices.remove(index);
            }
        });
    }

    /// Tells the person something.
    pub fn tell(&self, notice: Notice) {
        self.notices.update(|notices| {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        });
    }

    /// A page shows the document from now on.
    pub fn follow(&self) {
        let was_followed = self.followed.get_value();
        self.followed.set_value(true);
        let is_live = self.document.with_value(Document::is_live);
        if !was_followed
            && !is_live
            && self
                .connection
                .with_value(|connection| connection.as_ref().is_some_and(|connection| connection.is_open()))
        {
            self.open();
        }
    }

    /// No page shows the document any more. It stays open until everything is saved.
    pub fn unfollow(&self) {
        self.followed.set_value(false);
        self.close_if_done();
    }

    fn change(&self, action: impl FnOnce(&mut Document) -> Vec<Effect>) -> Vec<Effect> {
        self.document.try_update_value(action).unwrap_or_default()
    }

    fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(message) => self.send(&message),
                Effect::Show => self.show(),
                Effect::Text(change) => self.text_listeners.tell(&change),
                Effect::ShowPeople(people) => self.show_people(&people),
                Effect::Tell(notice) => self.tell(notice),
                Effect::Missing(reason) => {
                    self.forget();
                    self.availability.set(Availability::Missing(reason));
                }
                Effect::ResendLater => {
                    let session = *self;
                    clock::after(RESEND_DELAY, move || {
                        let effects = session.document.with_value(Document::resend);
                        session.carry_out(effects);
                    });
                }
            }
        }
    }

    fn close_if_done(&self) {
        let is_live = self.document.with_value(Document::is_live);
        if is_live && !self.followed.get_value() && !self.is_unsaved() {
            self.send(&ClientMessage::DocumentClose { document: self.id });
            self.disconnect();
        }
    }
}

impl OpenDocument for DocumentSession {
    fn id(&self) -> DocumentId {
        self.id
    }

    fn open(&self) {
        // What is kept on this device comes first: only what is missing is then asked for.
        let is_restored = self.keeping.with_value(Keeping::is_restored);
        if !is_restored || !self.followed.get_value() && !self.is_unsaved() {
            return;
        }
        self.take_in_held();
        let effects = self.change(Document::open);
        self.cursor.update_value(Told::begin_anew);
        self.selection.update_value(Told::begin_anew);
        self.carry_out(effects);
        self.tell_cursor();
    }

    fn disconnect(&self) {
        self.take_in_held();
        let effects = self.change(Document::disconnect);
        self.carry_out(effects);
    }

    fn hear(&self, message: ServerMessage) {
        self.take_in(message);
    }

    fn is_unsaved(&self) -> bool {
        self.document.with_value(|document| document.unsaved() > 0)
    }

    fn keep(&self) {
        self.keep_now();
    }
}

fn cell_words(model: &Model, cell: &CellRef) -> String {
    let label = model.item(&cell.item).map_or_else(|| cell.item.0.clone(), |item| item.label.clone());
    match cell.period.as_ref().and_then(|id| period_label(model, id)) {
        Some(period) => format!("{label}, {period}"),
        None => label,
    }
}

fn period_label(model: &Model, id: &PeriodId) -> Option<String> {
    model.periods.iter().find(|period| period.id == *id).map(|period| period.label.clone())
}
