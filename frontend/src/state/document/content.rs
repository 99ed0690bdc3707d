//! What a loaded document consists of.

use coval_shared::model::{Calculation, ChangedRows, Model, ModelCheck, ModelError, ScenarioId};
use coval_shared::protocol::DocumentKind;
use ot_core::json::{Json, JsonCursor, JsonOp, Path};
use ot_core::{Client, ClientId, OtType, Revision, Sequence, Submission, UndoManager};
use serde_json::Value;

use super::EditRefused;

/// A document that has arrived: what the person sees, what is unsent, and what they can take back.
pub struct Content {
    /// What people call it.
    pub title: String,
    pub(super) kind: Kind,
    pub(super) client: Client<Json>,
    pub(super) undo: UndoManager<Json>,
}

/// An op that takes something back, and what is to be sent of it now.
type Undone = (JsonOp, Option<Submission<JsonOp>>);

/// What is made of the document.
pub(super) enum Kind {
    /// A model and its figures.
    Model(Box<Calculated>),
    /// A text.
    Memo,
}

/// A model with its figures, under the scenario that the person looks at.
pub(super) struct Calculated {
    pub(super) model: Model,
    pub(super) calculation: Calculation,
    scenario: Option<ScenarioId>,
    check: ModelCheck,
}

/// What an op makes of a model.
enum After {
    /// It changes these rows; with what is known then.
    Rows(ChangedRows, ModelCheck),
    /// It makes this of it.
    Whole(Box<Model>),
}

impl Content {
    /// The document `snapshot` at `revision`, in which `last` is the newest submission of the writer `client`.
    pub(super) fn new(
        client: ClientId,
        title: String,
        kind: Kind,
        (snapshot, revision, last): (Value, Revision, Sequence),
    ) -> Self {
        let mut client = Client::new(client, Value::Null, Revision::ZERO);
        client.reset(snapshot, revision, last);
        Self { title, kind, client, undo: UndoManager::default() }
    }

    /// The document of `client`, which goes on from what was kept.
    pub(super) fn resumed(title: String, kind: Kind, client: Client<Json>) -> Self {
        Self { title, kind, client, undo: UndoManager::default() }
    }

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

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        match self.kind {
            Kind::Model(_) => DocumentKind::Model,
            Kind::Memo => DocumentKind::Memo,
        }
    }

    /// The document as a model, if it is one, under the chosen scenario.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        self.calculated().map(|calculated| &calculated.model)
    }

    /// The figures of the model, if it is one.
    #[must_use]
    pub fn calculation(&self) -> Option<&Calculation> {
        self.calculated().map(|calculated| &calculated.calculation)
    }

    /// The scenario under which the figures are. None for the base case, which is the model itself; also where the
    /// scenario was removed.
    #[must_use]
    pub fn scenario(&self) -> Option<&ScenarioId> {
        let Calculated { model, scenario, .. } = self.calculated()?;
        scenario.as_ref().filter(|id| model.scenarios.iter().any(|known| known.id == **id))
    }

    /// Shows the figures under `scenario` from now on, or those of the base case.
    pub(super) fn look_under(&mut self, scenario: Option<ScenarioId>) -> Result<(), ModelError> {
        if let Kind::Model(calculated) = &mut self.kind {
            calculated.scenario = scenario;
        }
        self.read_again()
    }

    /// The text, if it is a memo.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.kind {
            Kind::Memo => self.json().as_str(),
            Kind::Model(_) => None,
        }
    }

    /// Whether there is something to take back or to do again.
    #[must_use]
    pub fn steps(&self) -> Steps {
        Steps { can_undo: self.undo.can_undo(), can_redo: self.undo.can_redo() }
    }

    /// Where `offset`, in the text at `revision`, stands in [`Content::text`]; nothing while what lies between is not
    /// known.
    #[must_use]
    pub fn offset_now(&self, offset: usize, revision: Revision) -> Option<usize> {
        let cursor = JsonCursor { path: Path::default(), offset: Some(offset) };
        self.client.place(&cursor, revision)?.offset
    }

    /// Makes an edit at the time `now_ms`. Returns what is to be sent now.
    pub(super) fn edit(&mut self, op: JsonOp, now_ms: u64) -> Result<Option<Submission<JsonOp>>, EditRefused> {
        let after = self.model_after(&op)?;
        self.undo.edited(&op, self.client.document(), Vec::new(), now_ms).map_err(EditRefused::does_not_fit)?;
        if matches!(self.kind, Kind::Model(_)) {
            // In a grid, each entry is one step back; typing in a text is joined.
            self.undo.close_group();
        }
        self.commit(op, after)
    }

    /// Takes back the person's newest work, or does again what was taken back. Returns nothing when there is none;
    /// otherwise the op, and what is to be sent now.
    pub(super) fn step(&mut self, step: Step) -> Result<Option<Undone>, EditRefused> {
        let kept = self.undo.clone();
        let undone = match step {
            Step::Undo => self.undo.undo(self.client.document(), Vec::new()),
            Step::Redo => self.undo.redo(self.client.document(), Vec::new()),
        };
        let Some(undone) = undone.map_err(EditRefused::does_not_fit)? else {
            return Ok(None);
        };
        let op = undone.op;
        let submission = self.model_after(&op).and_then(|after| self.commit(op.clone(), after));
        if submission.is_err() {
            // What can't be taken back now may be when others have gone on.
            self.undo = kept;
        }
        submission.map(|submission| Some((op, submission)))
    }

    /// Follows `ops`, which somebody else's edits have just done to the document.
    pub(super) fn recalculate(&mut self, ops: &[JsonOp]) -> Result<(), ModelError> {
        let document = self.client.document();
        let Kind::Model(calculated) = &mut self.kind else {
            return Ok(());
        };
        if let Some(mut check) = calculated.known()
            && let Some(rows) = check.changed_rows(document, ops)?
            && calculated.update(After::Rows(rows, check))
        {
            return Ok(());
        }
        self.read_again()
    }

    fn read_again(&mut self) -> Result<(), ModelError> {
        if let Kind::Model(calculated) = &mut self.kind {
            calculated.update(After::Whole(Box::new(Model::read(self.client.document())?)));
        }
        Ok(())
    }

    fn calculated(&self) -> Option<&Calculated> {
        match &self.kind {
            Kind::Model(calculated) => Some(calculated),
            Kind::Memo => None,
        }
    }

    /// What `op` makes of the model, which is nothing in a memo. An op that leaves no model is refused here.
    fn model_after(&self, op: &JsonOp) -> Result<Option<After>, EditRefused> {
        let Kind::Model(calculated) = &self.kind else {
            return Ok(None);
        };
        if let Some(mut check) = calculated.known()
            && let Some(rows) = check.foresee(self.json(), op).map_err(EditRefused::does_not_fit)?
        {
            return Ok(Some(After::Rows(rows, check)));
        }
        let mut edited = self.json().clone();
        Json::apply(&mut edited, op).map_err(EditRefused::does_not_fit)?;
        let model = Model::read(&edited).map_err(EditRefused::does_not_fit)?;
        Ok(Some(After::Whole(Box::new(model))))
    }

    fn commit(&mut self, op: JsonOp, after: Option<After>) -> Result<Option<Submission<JsonOp>>, EditRefused> {
        let submission = self.client.edit(op).map_err(EditRefused::does_not_fit)?;
        if let (Kind::Model(calculated), Some(after)) = (&mut self.kind, after) {
            calculated.update(after);
        }
        Ok(submission)
    }
}

impl Calculated {
    pub(super) fn new(model: Model) -> Self {
        Self { calculation: Calculation::new(&model), check: ModelCheck::new(&model), model, scenario: None }
    }

    /// What is known of the stored model, where the figures are those of it as it is.
    fn known(&self) -> Option<ModelCheck> {
        self.scenario.is_none().then(|| self.check.clone())
    }

    /// Returns whether the model is now what the op made of it.
    fn update(&mut self, after: After) -> bool {
        let is_done = match after {
            After::Rows(rows, check) => {
                self.check = check;
                rows.put_in(&mut self.model)
            }
            After::Whole(model) => {
                self.check = ModelCheck::new(&model);
                self.model = self.scenario.as_ref().map(|scenario| model.under(scenario)).unwrap_or(*model);
                true
            }
        };
        self.calculation.update(&self.model);
        is_done
    }
}

/// What can be taken back and what can be done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Whether there is something to take back.
    pub can_undo: bool,
    /// Whether there is something to do again.
    pub can_redo: bool,
}

impl Steps {
    /// Whether there is something for `step`.
    #[must_use]
    pub fn allow(self, step: Step) -> bool {
        match step {
            Step::Undo => self.can_undo,
            Step::Redo => self.can_redo,
        }
    }
}

/// Which way through what the person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Takes the newest work back.
    Undo,
    /// Does again what was taken back last.
    Redo,
}
