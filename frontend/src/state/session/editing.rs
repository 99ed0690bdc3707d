//! What the person does to an open document.

use coval_shared::model::edit::{self, EditError};
use coval_shared::model::{CellRef, ItemId, Model};
use leptos::prelude::*;
use ot_core::json::JsonOp;
use ot_core::text::{Text, TextOp, apply_to_string};
use ot_core::{OtType, Side};
use serde_json::Value;
use uuid::Uuid;

use super::DocumentSession;
use crate::platform::clock;
use crate::state::Notice;
use crate::state::document::{EditRefused, Step};
use crate::words;

impl DocumentSession {
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

    pub(super) fn edit(&self, description: String, op: Result<JsonOp, EditRefused>) -> bool {
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
