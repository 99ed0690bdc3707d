//! A branch and its parent, as they are when they meet.

use coval_shared::history::{
    Choices, Comparison, Direction, MergeConflict, Merged, Sides, changes, memo_choices, memo_conflicts, memo_op,
    model_conflicts, text_op, text_spans, with_choices,
};
use coval_shared::protocol::{DocumentId, ErrorCode};
use coval_shared::rest::MergePreview;
use ot_core::json::{Json, JsonOp};
use ot_core::text::{Text, TextOp};
use ot_core::{OpError, OtType, Revision, compose_all};
use serde_json::Value;

use super::{OPS, OPS_BYTES};
use crate::error::Refusal;
use crate::store::{Store, StoreError};

/// Both sides since they last met.
pub(super) struct Meeting {
    pub(super) parent: DocumentId,
    /// The number that the merge will have.
    pub(super) number: u64,
    direction: Direction,
    parent_revision: Revision,
    branch_revision: Revision,
    /// The last document that both had.
    base: Value,
    /// The branch.
    ours: Value,
    /// The parent.
    theirs: Value,
    sides: Kind,
}

enum Kind {
    Model(Sides<JsonOp>),
    Memo(Sides<TextOp>),
}

impl Meeting {
    /// The two sides at these revisions, the parent's and the branch's; at their newest if none are given.
    pub(super) fn load(
        store: &Store,
        branch_id: DocumentId,
        direction: Direction,
        at: Option<(Revision, Revision)>,
    ) -> Result<Self, Refusal> {
        let branch = store.branch(branch_id).map_err(|error| match error {
            StoreError::NotFound => {
                Refusal::new(ErrorCode::Invalid, "the document is no branch; merge one of its branches")
            }
            error => error.into(),
        })?;
        let last = store.last_merge(branch_id)?;
        let number = last.as_ref().map_or(0, |last| last.number).saturating_add(1);
        let (parent_met, branch_met, ahead, base) = match last {
            None => (branch.forked_at, Revision::ZERO, None, store.document_at(branch_id, Revision::ZERO)?.1),
            Some(last) => {
                let committed = last.revision.ok_or_else(|| {
                    Refusal::new(ErrorCode::Conflict, "somebody merges this branch at this moment; look at it again")
                })?;
                match last.direction {
                    Direction::IntoParent => {
                        let base = store.document_at(branch_id, last.branch_revision)?.1;
                        (committed, last.branch_revision, Some(last.ahead), base)
                    }
                    Direction::FromParent => {
                        let base = store.document_at(branch.parent, last.parent_revision)?.1;
                        (last.parent_revision, committed, Some(last.ahead), base)
                    }
                }
            }
        };
        let last_direction = store.last_merge(branch_id)?.map(|last| last.direction);
        let (parent_revision, branch_revision) = at.unwrap_or((branch.parent_revision, branch.revision));
        if parent_revision < parent_met || branch_revision < branch_met {
            let message = "the branch was merged since you looked at it; look at it again";
            return Err(Refusal::new(ErrorCode::Conflict, message));
        }
        if parent_revision > branch.parent_revision || branch_revision > branch.revision {
            let message = format!(
                "there is no such revision: the newest are {} of the parent and {} of the branch",
                branch.parent_revision, branch.revision
            );
            return Err(Refusal::new(ErrorCode::Invalid, message));
        }
        let (_, theirs) = store.document_at(branch.parent, parent_revision)?;
        let (_, ours) = store.document_at(branch_id, branch_revision)?;
        let (parent_ahead, branch_ahead) = match last_direction {
            Some(Direction::IntoParent) => (ahead, None),
            Some(Direction::FromParent) => (None, ahead),
            None => (None, None),
        };
        let parent_ops = ops(store, branch.parent, parent_met, parent_revision, parent_ahead)?;
        let branch_ops = ops(store, branch_id, branch_met, branch_revision, branch_ahead)?;
        let sides = match (&base, &ours, &theirs) {
            (Value::String(base), Value::String(ours), Value::String(theirs)) if branch.is_memo => Kind::Memo(Sides {
                parent: composed_text(parent_ops, base, theirs),
                branch: composed_text(branch_ops, base, ours),
            }),
            _ => Kind::Model(Sides {
                parent: composed(parent_ops, &base, &theirs)?,
                branch: composed(branch_ops, &base, &ours)?,
            }),
        };
        Ok(Self {
            parent: branch.parent,
            number,
            direction,
            parent_revision,
            branch_revision,
            base,
            ours,
            theirs,
            sides,
        })
    }

    /// What the merge would do if nobody chooses.
    pub(super) fn preview(&self) -> Result<MergePreview, Refusal> {
        let target = self.target();
        let (comparison, conflicts, has_all_conflicts) = match &self.sides {
            Kind::Model(sides) => {
                let merged = self.applied(&sides.merge::<Json>(self.direction).op)?;
                let (conflicts, has_all) = model_conflicts(&self.base, &self.ours, &self.theirs, &merged);
                (changes(target, &merged), conflicts, has_all)
            }
            Kind::Memo(sides) => {
                let merged = sides.merge::<Text>(self.direction);
                let (conflicts, has_all) = memo_conflicts(self.base.as_str().unwrap_or_default(), sides);
                let (spans, is_complete) = text_spans(target.as_str().unwrap_or_default(), &merged.op);
                (Comparison { changes: Vec::new(), spans, is_complete }, conflicts, has_all)
            }
        };
        Ok(MergePreview {
            direction: self.direction,
            parent: self.parent,
            parent_revision: self.parent_revision,
            branch_revision: self.branch_revision,
            comparison,
            conflicts,
            has_all_conflicts,
        })
    }

    /// The merge with the choices made.
    pub(super) fn merged(&self, choices: &Choices) -> Result<Merged<JsonOp>, Refusal> {
        match &self.sides {
            Kind::Model(sides) => {
                let merged = sides.merge::<Json>(self.direction);
                if choices.is_empty() {
                    return Ok(merged);
                }
                let document = self.applied(&merged.op)?;
                let (conflicts, _) = model_conflicts(&self.base, &self.ours, &self.theirs, &document);
                check(choices, &conflicts)?;
                let chosen = with_choices(&document, &self.ours, &self.theirs, choices);
                let fix = Json::diff(&document, &chosen).map_err(misfit)?;
                merged.then::<Json>(&fix).map_err(misfit)
            }
            Kind::Memo(sides) => {
                let base = self.base.as_str().unwrap_or_default();
                check(choices, &memo_conflicts(base, sides).0)?;
                let fix = memo_choices(base, sides, choices).map_err(misfit)?;
                let merged = sides.merge::<Text>(self.direction).then::<Text>(&fix).map_err(misfit)?;
                Ok(Merged { op: memo_op(merged.op), ahead: memo_op(merged.ahead) })
            }
        }
    }

    fn target(&self) -> &Value {
        match self.direction {
            Direction::IntoParent => &self.theirs,
            Direction::FromParent => &self.ours,
        }
    }

    fn applied(&self, op: &JsonOp) -> Result<Value, Refusal> {
        let mut document = self.target().clone();
        Json::apply(&mut document, op).map_err(misfit)?;
        Ok(document)
    }
}

/// What one side did, op by op: what it was ahead by, and what came since. None where that is too much.
fn ops(
    store: &Store,
    id: DocumentId,
    met: Revision,
    until: Revision,
    ahead: Option<JsonOp>,
) -> Result<Option<Vec<JsonOp>>, StoreError> {
    if until.0.saturating_sub(met.0) > OPS {
        return Ok(None);
    }
    let since = store.operations(id, met, until, OPS_BYTES)?;
    Ok(since.map(|since| ahead.into_iter().chain(since.into_iter().map(|committed| committed.op)).collect()))
}

fn composed(ops: Option<Vec<JsonOp>>, base: &Value, side: &Value) -> Result<JsonOp, Refusal> {
    match ops.map(compose_all::<Json>) {
        Some(Ok(op)) => Ok(op),
        Some(Err(_)) | None => Json::diff(base, side).map_err(misfit),
    }
}

fn composed_text(ops: Option<Vec<JsonOp>>, base: &str, side: &str) -> TextOp {
    let texts: Option<Vec<TextOp>> = ops.and_then(|ops| ops.iter().map(text_op).collect());
    match texts.map(compose_all::<Text>) {
        Some(Ok(op)) => op,
        Some(Err(_)) | None => TextOp::diff(base, side),
    }
}

fn check(choices: &Choices, conflicts: &[MergeConflict]) -> Result<(), Refusal> {
    match choices.keys().find(|path| !conflicts.iter().any(|conflict| conflict.path == **path)) {
        None => Ok(()),
        Some(path) => {
            let message =
                format!("there is no conflict at \"{path}\" between these revisions; look at the merge again");
            Err(Refusal::new(ErrorCode::Invalid, message))
        }
    }
}

fn misfit(error: OpError) -> Refusal {
    let message = format!("what both sides did does not fit one document: {error}; make one of the changes by hand");
    Refusal::new(ErrorCode::Conflict, message)
}
