//! From an op to a JSON Patch.
//!
//! The operations of a patch follow one another, the parts of an op don't. So the places that the op touches are laid
//! out, each with whether its value is there by now, and whatever can be done next is done: a value goes when nothing
//! has to move out of it any more, and comes when its place is free. Where values wait for each other, as two that
//! change places, one is taken away and added again later.

mod layout;

use serde_json::{Value, json};

use self::layout::{Action, Layout};
use super::{pointer, put, take};
use crate::json::builder::value_at;
use crate::json::op::JsonOp;
use crate::json::path::{Path, PathSegment};
use crate::json::{Change, Json};
use crate::{OpError, OtType};

/// The operations, on a document that the op fits.
pub(super) fn write(op: &JsonOp, document: &Value) -> Result<Vec<Value>, OpError> {
    let op = op.normalized();
    let mut after = document.clone();
    Json::apply(&mut after, &op)?;

    let (layout, actions) = Layout::of(&op);
    let mut writer = Writer { layout, document: document.clone(), operations: Vec::new(), held: vec![None; op.slots] };
    writer.run(actions);
    let mut operations = writer.operations;
    operations.extend(op.changes().filter_map(|change| {
        let at = edited(change)?;
        let value = value_at(&after, &at.0)?;
        Some(json!({"op": "replace", "path": pointer::write(&at), "value": value}))
    }));
    Ok(operations)
}

fn edited(change: Change<'_>) -> Option<Path> {
    match change {
        Change::EditText { at, .. } | Change::AddNumber { at, .. } => Some(at),
        #[cfg(feature = "rich-in-json")]
        Change::EditRich { at, .. } => Some(at),
        Change::Remove { .. } | Change::Move { .. } | Change::Insert { .. } => None,
    }
}

struct Writer<'a> {
    layout: Layout<'a>,
    /// The document as the operations so far leave it.
    document: Value,
    operations: Vec<Value>,
    /// What is taken away to be added again, by slot.
    held: Vec<Option<Value>>,
}

impl Writer<'_> {
    fn run(&mut self, mut actions: Vec<Action>) {
        while !actions.is_empty() {
            let count = actions.len();
            actions.retain(|action| !self.try_to(*action));
            if actions.len() == count && !self.take_one(&actions) {
                return;
            }
        }
    }

    /// Does something if it can be done by now.
    fn try_to(&mut self, action: Action) -> bool {
        match action {
            Action::Leave { cell, replaced } => {
                let Some(from) = self.layout.path(cell).filter(|_| !self.layout.holds_moves(cell)) else {
                    return false;
                };
                self.layout.set_present(cell, false);
                if !from.0.is_empty() {
                    self.remove(&from);
                } else if !replaced {
                    self.operations.push(json!({"op": "replace", "path": "", "value": null}));
                }
                true
            }
            Action::Come(cell) => {
                let Some((to, value)) = self.layout.free_place(cell).zip(self.layout.value(cell)) else {
                    return false;
                };
                self.layout.set_present(cell, true);
                self.add(&to, value.clone());
                true
            }
            Action::Move { slot, from, to } => {
                if let Some(held) = self.held.get_mut(slot)
                    && held.is_some()
                {
                    let Some(place) = self.layout.free_place(to) else { return false };
                    let value = held.take().unwrap_or_default();
                    self.layout.set_present(to, true);
                    self.add(&place, value);
                    return true;
                }
                let Some(source) = self.layout.path(from).filter(|path| !path.0.is_empty()) else { return false };
                self.layout.set_present(from, false);
                let Some(target) = self.layout.free_place(to) else {
                    self.layout.set_present(from, true);
                    return false;
                };
                self.layout.set_present(to, true);
                self.shift(&source, &target);
                true
            }
        }
    }

    /// Takes away one of the values that wait for each other. Nothing moves out of it, so that it is all there.
    fn take_one(&mut self, actions: &[Action]) -> bool {
        for action in actions {
            if let Action::Move { slot, from, .. } = action
                && let Some(source) = self.layout.path(*from)
                && !self.layout.holds_moves(*from)
                && let Some(held) = self.held.get_mut(*slot)
            {
                self.layout.set_present(*from, false);
                *held = Some(value_at(&self.document, &source.0).cloned().unwrap_or_default());
                if !source.0.is_empty() {
                    self.remove(&source);
                }
                return true;
            }
        }
        false
    }

    fn shift(&mut self, source: &Path, target: &Path) {
        let value = take(&mut self.document, &source.0);
        let (from, path) = (pointer::write(source), pointer::write(target));
        if path.strip_prefix(&from).is_some_and(|rest| rest.starts_with('/')) {
            // The standard takes this for a value that moves into itself, though another is there by then.
            self.operations.push(json!({"op": "remove", "path": from}));
            self.operations.push(json!({"op": "add", "path": path, "value": value}));
        } else if from != path {
            self.operations.push(json!({"op": "move", "from": from, "path": path}));
        }
        put(&mut self.document, &target.0, value);
    }

    fn remove(&mut self, from: &Path) {
        take(&mut self.document, &from.0);
        let path = pointer::write(from);
        // An item that is removed behind the one that came for it is replaced.
        if let Some(last) = self.operations.last_mut()
            && let Some((PathSegment::Index(index), around)) = from.0.split_last()
            && let Some(before) = index.checked_sub(1)
            && last.get("op") == Some(&Value::from("add"))
        {
            let mut replaced = Path::from(around);
            replaced.0.push(PathSegment::Index(before));
            if last.get("path") == Some(&Value::from(pointer::write(&replaced))) {
                set_name(last, "replace");
                return;
            }
        }
        self.operations.push(json!({"op": "remove", "path": path}));
    }

    fn add(&mut self, to: &Path, value: Value) {
        put(&mut self.document, &to.0, value.clone());
        let path = pointer::write(to);
        if let Some(last) = self.operations.last()
            && last.get("op") == Some(&Value::from("remove"))
            && last.get("path") == Some(&Value::from(path.as_str()))
        {
            self.operations.pop();
            self.operations.push(json!({"op": "replace", "path": path, "value": value}));
        } else {
            self.operations.push(json!({"op": "add", "path": path, "value": value}));
        }
    }
}

fn set_name(operation: &mut Value, name: &str) {
    if let Some(field) = operation.get_mut("op") {
        *field = Value::from(name);
    }
}
