//! An open document as signals: the page follows them, and nothing is drawn twice.

mod hearing;
mod keeping;
mod telling;
mod text;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use coval_shared::model::edit::EditError;
use coval_shared::model::{
    Calculation, CellRef, ItemId, LineItem, Model, Output, PeriodId, Scenario, ScenarioId, Span, edit, outputs,
};
use coval_shared::protocol::{ClientMessage, DocumentId, DocumentKind, Person, Selection, ServerMessage};
use coval_shared::rights::Role;
use leptos::prelude::*;
use ot_core::json::JsonOp;
use ot_core::text::{Text, TextOp, apply_to_string};
use ot_core::{ClientId, OtType, Revision, Sequence, Side};
use serde_json::Value;
use uuid::Uuid;

use self::hearing::Burst;
use self::keeping::Keeping;
use self::telling::Told;
pub use self::text::Caret;
use super::Notice;
use super::digest;
use super::document::{Content, Document, EditRefused, Effect, RESEND_DELAY, Step, Steps, TextChange};
use super::listeners::Listeners;
use super::view::{CellView, ItemView, Layout, PersonView, RowView, ScenarioView};
use super::watched::{Watched, becomes};
use super::workspace::{OpenDocument, Workspace};
use crate::connection::Connection;
use crate::platform::clock;
use crate::words;

/// Up to how many cells a document's fingerprint follows each change at once.
const CELLS_AT_ONCE: usize = 3_000;

/// And up to how many bytes of a memo.
const BYTES_AT_ONCE: usize = 50_000;

/// How long nothing has to happen in a larger one.
const QUIET: Duration = Duration::from_millis(250);

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

    /// How a row looks, now and whenever that changes, for as long as the caller's owner lives. Of its cells there are
    /// those that somebody [looks at](Self::look_at).
    pub fn row(&self, item: &ItemId) -> ArcRwSignal<RowView> {
        self.rows.look_at(item, || {
            let words = self.with_model(|model| model.item(item).map(ItemView::of)).flatten().unwrap_or_default();
            RowView { words, cells: HashMap::new() }
        })
    }

    /// Has `row`, the one of `item`, show its cells in these periods from now on, and no others. Nobody is told: whoever
    /// looks at them is about to read them.
    pub fn look_at(&self, item: &ItemId, row: &ArcRwSignal<RowView>, periods: Vec<Option<PeriodId>>) {
        let looks = self.with_calculation(|model, calculation| {
            let line = model.item(item)?;
            row.update_untracked(|row| {
                let mut known = std::mem::take(&mut row.cells);
                let look = |period: Option<PeriodId>| {
                    let look = known.remove(&period).unwrap_or_else(|| {
                        let cell = CellRef { item: item.clone(), period: period.clone() };
                        self.look_of(model, line, calculation, &cell)
                    });
                    (period, look)
                };
                row.cells = periods.into_iter().map(look).collect();
            });
            Some(())
        });
        if looks.flatten().is_none() {
            row.update_untracked(|row| row.cells.clear());
        }
    }

    /// Why a cell has no value, followed.
    pub fn error_of(&self, cell: &CellRef) -> Option<String> {
        self.changes.track();
        self.with_calculation(|model, calculation| CellView::of(model, calculation, cell).error).flatten()
    }

    /// Who else is in the cells of a row, now and whenever that changes, for as long as the caller's owner lives.
    pub fn people_in(&self, item: &ItemId) -> ArcRwSignal<Vec<PersonView>> {
        let is_here = |person: &&PersonView| person.at.as_ref().is_some_and(|at| at.item == *item);
        self.present
            .look_at(item, || self.people.with_untracked(|people| people.iter().filter(is_here).cloned().collect()))
    }

    /// What the formula bar shows for `cell`.
    pub fn entry_text(&self, cell: &CellRef) -> String {
        self.with_model(|model| edit::entry_text(model, cell)).unwrap_or_default()
    }

    /// The label of `item`.
    pub fn label(&self, item: &ItemId) -> Option<String> {
        self.with_model(|model| model.item(item).map(|item| item.label.clone())).flatten()
    }

    /// Whether `item` has one value and not one for each period.
    pub fn has_one_value(&self, item: &ItemId) -> bool {
        self.with_model(|model| model.item(item).is_some_and(|item| item.span == Span::Single)).unwrap_or(false)
    }

    /// `cell` in words, for people.
    pub fn cell_words(&self, cell: &CellRef) -> String {
        self.with_model(|model| cell_words(model, cell)).unwrap_or_default()
    }

    /// Enters `input` into `cell`, as a person typed it: in the chosen scenario, if there is one.
    pub fn enter(&self, cell: &CellRef, input: &str) {
        let description = format!("{}: {input}", self.cell_words(cell));
        let op = match self.scenario.get_untracked() {
            None => self.model_op(|document, model| edit::enter_known(document, model, cell, input)),
            // What already stands there, from the base case too, is no reason for an entry of the scenario.
            Some(_) if input.trim() == self.entry_text(cell) => return,
            Some(scenario) => self.op(|document| edit::enter_in_scenario(document, &scenario, cell, input)),
        };
        self.edit(description, op);
    }

    /// Enters many inputs, each into a cell of its own, as one step: in the chosen scenario, if there is one. Returns
    /// whether it was done.
    pub fn enter_many(&self, description: String, inputs: &[(CellRef, String)]) -> bool {
        let op = match self.scenario.get_untracked() {
            None => self.model_op(|document, model| edit::enter_many(document, model, inputs)),
            Some(scenario) => self.op(|document| edit::enter_many_in_scenario(document, &scenario, inputs)),
        };
        self.edit(description, op)
    }

    /// Shows the figures under `scenario` from now on, or those of the base case. Only this page does.
    pub fn look_under(&self, scenario: Option<ScenarioId>) {
        let effects = self.change(|document| document.look_under(scenario));
        self.carry_out(effects);
    }

    /// Shows these cells as changed, and no others.
    pub fn mark(&self, cells: HashSet<CellRef>) {
        self.marked.set_value(cells);
        self.show();
    }

    /// The model as it is stored, which is the base case.
    pub fn base_model(&self) -> Option<Model> {
        self.document.with_value(|document| Model::read(document.content()?.json()).ok())
    }

    /// The document as JSON, with all local edits.
    pub fn json(&self) -> Option<Value> {
        self.with_json(Value::clone)
    }

    /// Changes the label of `item`, which was `before` when the person began, to `after`. What others did to it
    /// meanwhile stays.
    pub fn set_label(&self, item: &ItemId, before: &str, after: &str) {
        let now = self.label(item).unwrap_or_default();
        let label = merge_text(before, &now, after);
        self.edit(
            words!(sheet.labelling, label = after.to_owned()),
            self.op(|document| edit::set_label(document, item, &label)),
        );
    }

    /// Inserts a row below `item`. Returns the new one.
    pub fn insert_below(&self, item: &ItemId) -> Option<ItemId> {
        let new = ItemId(short_id("row"));
        let is_done = self.edit(
            words!(sheet.adding_row).to_owned(),
            self.op(|document| edit::insert_item_after(document, item, new.clone(), words!(sheet.new_row))),
        );
        is_done.then_some(new)
    }

    /// Removes the row `item`.
    pub fn remove(&self, item: &ItemId) {
        let label = self.label(item).unwrap_or_default();
        self.edit(words!(sheet.removing_row, label = label), self.op(|document| edit::remove_item(document, item)));
    }

    /// Changes the model by the op that `make` makes of its JSON, as one step. `description` says in words what it is,
    /// in case it is lost. Returns whether it was done; if not, the person has been told why.
    pub fn change_model(&self, description: String, make: impl FnOnce(&Value) -> Result<JsonOp, EditError>) -> bool {
        self.edit(description, self.op(make))
    }

    /// Takes back the person's newest work, or does again what was taken back.
    pub fn step(&self, step: Step) {
        let words = match step {
            Step::Undo => words!(common.undoing),
            Step::Redo => words!(common.redoing),
        };
        let done = self.document.try_update_value(|document| document.step(step, words.to_owned()));
        match done.unwrap_or(Err(EditRefused::NotLoaded)) {
            Ok(effects) => self.carry_out(effects),
            Err(refused) => {
                let what = words!(common.not_taken_back, reason = refused.words());
                self.tell(Notice::new(what, words!(common.unchanged)));
            }
        }
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

    fn op(&self, make: impl FnOnce(&Value) -> Result<JsonOp, EditError>) -> Result<JsonOp, EditRefused> {
        self.document.with_value(|document| {
            let content = document.content().ok_or(EditRefused::NotLoaded)?;
            make(content.json()).map_err(EditRefused::does_not_fit)
        })
    }

    fn model_op(&self, make: impl FnOnce(&Value, &Model) -> Result<JsonOp, EditError>) -> Result<JsonOp, EditRefused> {
        self.document.with_value(|document| {
            let content = document.content().ok_or(EditRefused::NotLoaded)?;
            let model = content.model().ok_or(EditRefused::NotLoaded)?;
            make(content.json(), model).map_err(EditRefused::does_not_fit)
        })
    }

    fn edit(&self, description: String, op: Result<JsonOp, EditRefused>) -> bool {
        let lost = vec![description.clone()];
        let outcome = op.and_then(|op| {
            let now_ms = u64::try_from(clock::since_start().as_millis()).unwrap_or(u64::MAX);
            let edited = self.document.try_update_value(|document| document.edit(op, description, now_ms));
            edited.unwrap_or(Err(EditRefused::NotLoaded))
        });
        match outcome {
            Ok(effects) => {
                self.carry_out(effects);
                true
            }
            Err(refused) => {
                let what = words!(common.not_entered, reason = refused.words());
                self.tell(Notice::new(what, words!(common.unchanged)).with_lost(lost));
                false
            }
        }
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

    fn show_saving(&self) -> Saving {
        let saving = self.document.with_value(|document| {
            let unsaved = document.unsaved();
            let is_kept = unsaved > 0 && self.keeping.with_value(|keeping| keeping.holds(unsaved));
            Saving { unsaved, is_live: document.is_live(), is_kept }
        });
        set_if_changed(self.saving, saving);
        saving
    }

    fn show(&self) {
        let saving = self.show_saving();
        self.keep_soon();
        if saving.unsaved == 0 && self.selection.with_value(Told::is_due) {
            self.tell_selection();
        }
        self.document.with_value(|document| {
            set_if_changed(self.may_edit, document.may_edit());
            set_if_changed(self.may_comment, document.may_comment());
            let Some(content) = document.content() else {
                return;
            };
            set_if_changed(self.title, content.title.clone());
            set_if_changed(self.steps, content.steps());
            self.changes.update(|count| *count = count.wrapping_add(1));
            let cells = content.model().map_or(0, |model| model.items().count().saturating_mul(model.periods.len()));
            if cells <= CELLS_AT_ONCE && content.text().is_none_or(|text| text.len() <= BYTES_AT_ONCE) {
                set_if_changed(self.fingerprint, fingerprint(content));
            } else {
                self.show_fingerprint_later();
            }
            set_if_changed(self.kind, Some(content.kind()));
            let (Some(model), Some(calculation)) = (content.model(), content.calculation()) else {
                return set_if_changed(self.availability, Availability::Ready);
            };
            set_if_changed(self.layout, Layout::of(model));
            let scenario = content.scenario();
            let view = |known: &Scenario| ScenarioView { id: known.id.clone(), label: known.label.clone() };
            set_if_changed(self.scenarios, model.scenarios.iter().map(view).collect());
            set_if_changed(self.scenario, scenario.cloned());
            let rows: HashMap<&ItemId, &LineItem> = model.items().map(|item| (&item.id, item)).collect();
            self.rows.refresh(|id, row| {
                let Some(item) = rows.get(id) else { return false };
                let mut cell = CellRef { item: id.clone(), period: None };
                let mut has_changed = becomes(&mut row.words, ItemView::of(item));
                for (period, look) in &mut row.cells {
                    cell.period.clone_from(period);
                    has_changed |= becomes(look, self.look_of(model, item, calculation, &cell));
                }
                has_changed
            });
            self.show_outputs(outputs(model, calculation));
            set_if_changed(self.availability, Availability::Ready);
        });
    }

    /// Works out the fingerprint once nothing has changed for a while: reading all of a large document would make each
    /// key wait.
    fn show_fingerprint_later(&self) {
        let session = *self;
        let seen = self.changes.get_untracked();
        clock::after(QUIET, move || {
            if session.changes.try_get_untracked() != Some(seen) {
                return;
            }
            let print = session.document.try_with_value(|document| document.content().map(fingerprint)).flatten();
            if let Some(print) = print {
                set_if_changed(session.fingerprint, print);
            }
        });
    }

    fn look_of(&self, model: &Model, item: &LineItem, calculation: &Calculation, cell: &CellRef) -> CellView {
        let look = CellView::in_row(model, item, calculation, cell);
        let is_changed = self.marked.with_value(|marked| marked.contains(cell));
        self.scenario.with_untracked(|scenario| CellView { is_changed, ..look.under(model, scenario.as_ref(), cell) })
    }

    fn show_outputs(&self, outputs: Vec<Output>) {
        // Each case has a beginning of its own.
        let scenario = self.scenario.get_untracked();
        let views = outputs
            .into_iter()
            .map(|output| {
                let known = self.baseline.with_value(|baseline| {
                    let is_same = |(under, item, _): &&(_, ItemId, _)| *under == scenario && *item == output.item;
                    baseline.iter().find(is_same).map(|(_, _, before)| *before)
                });
                if let (None, Some(value)) = (known, output.value) {
                    let new = (scenario.clone(), output.item.clone(), value);
                    self.baseline.update_value(|baseline| baseline.push(new));
                }
                let before = known.or(output.value);
                OutputView { output, before }
            })
            .collect();
        set_if_changed(self.outputs, views);
    }

    fn show_people(&self, people: &[Person]) {
        let views: Vec<PersonView> = people.iter().map(PersonView::of).collect();
        let mut by_row: HashMap<&ItemId, Vec<PersonView>> = HashMap::new();
        for view in &views {
            if let Some(cell) = &view.at {
                by_row.entry(&cell.item).or_default().push(view.clone());
            }
        }
        self.present.refresh(|item, here| becomes(here, by_row.get(item).cloned().unwrap_or_default()));
        set_if_changed(self.carets, people.iter().filter_map(Caret::of).collect());
        set_if_changed(self.people, views);
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

fn fingerprint(content: &Content) -> Fingerprint {
    Fingerprint { revision: content.revision().0, digest: digest::of_document(content.json()) }
}

/// `mine` and `theirs` are both made from `before`: the text with what either of them changed.
fn merge_text(before: &str, theirs: &str, mine: &str) -> String {
    let my_edit = TextOp::diff(before, mine);
    let their_edit = TextOp::diff(before, theirs);
    let mut merged = theirs.to_owned();
    match apply_to_string(&mut merged, &Text::transform(&my_edit, &their_edit, Side::Left)) {
        Ok(()) => merged,
        Err(_) => mine.to_owned(),
    }
}

/// A short identity for something new, that begins with `what`.
#[must_use]
pub fn short_id(what: &str) -> String {
    short_id_from(what, clock::new_uuid())
}

/// Unlikely to meet another one, and bearable where it shows up in a formula.
fn short_id_from(what: &str, random: Uuid) -> String {
    let digits = random.simple().to_string();
    let tail: String = digits.chars().skip(20).collect();
    format!("{what}_{tail}")
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

fn set_if_changed<T: PartialEq + Clone + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_label_that_two_people_changed_keeps_what_both_wrote() {
        assert_eq!(merge_text("Net sales", "Total net sales", "Net sales, all"), "Total net sales, all");
        assert_eq!(merge_text("Net sales", "Net sales", "Revenue"), "Revenue");
        assert_eq!(merge_text("Net sales", "Revenue", "Net sales"), "Revenue");
    }

    #[test]
    fn a_new_row_has_a_short_name_that_formulas_can_use() {
        let id = short_id_from("row", Uuid::from_u128(0x0199_b1f0_5a5e_7c0e_9f62_8a4f_0c1d_2e3f));
        assert_eq!(id, "row_8a4f0c1d2e3f");
    }
}
