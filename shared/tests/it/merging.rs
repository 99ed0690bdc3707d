//! However a model and its branch are edited and merged, they meet as histories and branches of `ot-core` do.

use coval_shared::history::{Choice, Choices, Direction, Sides, model_conflicts, with_choices};
use coval_shared::model::Model;
use ot_core::history::{History, Stamp};
use ot_core::json::{Json, JsonOp};
use ot_core::{Branch, ClientId, OtType, Revision, compose_all};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::convergence::{Step, edited, step};
use crate::documents::full;

/// What both sides do until they meet, and how.
#[derive(Clone, Debug)]
struct Round {
    parent: Vec<Step>,
    branch: Vec<Step>,
    is_into_parent: bool,
    choice: Option<bool>,
}

fn round() -> impl Strategy<Value = Round> {
    (vec(step(), 0..4), vec(step(), 0..4), any::<bool>(), any::<Option<bool>>())
        .prop_map(|(parent, branch, is_into_parent, choice)| Round { parent, branch, is_into_parent, choice })
}

/// A model and its branch with no more than what the server keeps of them.
struct Pair {
    base: Value,
    parent: Value,
    branch: Value,
    /// What each did since they met, what it was ahead by first.
    did: Sides<Vec<JsonOp>>,
}

impl Pair {
    fn new(document: &Value) -> Self {
        let [base, parent, branch] = [(); 3].map(|()| document.clone());
        Self { base, parent, branch, did: Sides { parent: Vec::new(), branch: Vec::new() } }
    }

    fn edit_parent(&mut self, op: &JsonOp) {
        Json::apply(&mut self.parent, op).unwrap();
        self.did.parent.push(op.clone());
    }

    fn edit_branch(&mut self, op: &JsonOp) {
        Json::apply(&mut self.branch, op).unwrap();
        self.did.branch.push(op.clone());
    }

    /// Merges, with all conflicts ended as `choice` says, and returns the op.
    fn merge(&mut self, direction: Direction, choice: Option<Choice>) -> JsonOp {
        let composed = |ops: &[JsonOp]| compose_all::<Json>(ops.iter().cloned()).unwrap();
        let sides = Sides { parent: composed(&self.did.parent), branch: composed(&self.did.branch) };
        let mut merged = sides.merge::<Json>(direction);
        let target = match direction {
            Direction::IntoParent => &mut self.parent,
            Direction::FromParent => &mut self.branch,
        };
        let before = target.clone();
        let mut after = before.clone();
        Json::apply(&mut after, &merged.op).unwrap();
        if let Some(choice) = choice {
            let (ours, theirs) = match direction {
                Direction::IntoParent => (&self.branch, &before),
                Direction::FromParent => (&before, &self.parent),
            };
            let (conflicts, is_complete) = model_conflicts(&self.base, ours, theirs, &after);
            assert!(is_complete);
            let choices: Choices = conflicts.into_iter().map(|conflict| (conflict.path, choice)).collect();
            let chosen = with_choices(&after, ours, theirs, &choices);
            merged = merged.then::<Json>(&Json::diff(&after, &chosen).unwrap()).unwrap();
            after = chosen;
        }
        let target = match direction {
            Direction::IntoParent => &mut self.parent,
            Direction::FromParent => &mut self.branch,
        };
        Json::apply(target, &merged.op).unwrap();
        assert_eq!(*target, after);
        let ahead = vec![merged.ahead];
        (self.base, self.did) = match direction {
            Direction::IntoParent => (self.branch.clone(), Sides { parent: ahead, branch: Vec::new() }),
            Direction::FromParent => (self.parent.clone(), Sides { parent: Vec::new(), branch: ahead }),
        };
        merged.op
    }
}

/// The op of the step on `document`, if there is something to do it to.
fn op(document: &Value, step: &Step, who: &str, number: usize) -> Option<JsonOp> {
    // What was merged may be no model, and nobody edits that.
    Model::read(document).ok()?;
    edited(document, step, who, number)?.ok()
}

fn direction(round: &Round) -> Direction {
    if round.is_into_parent { Direction::IntoParent } else { Direction::FromParent }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn merges_are_those_of_a_branch_and_both_ways_make_both_the_same(rounds in vec(round(), 1..5)) {
        let stamp = Stamp::new(ClientId::default(), 0);
        let mut pair = Pair::new(&full());
        let mut parent = History::<Json>::new(full(), Revision::ZERO);
        let mut branch = Branch::fork(&parent, Revision::ZERO).unwrap();
        for (number, round) in rounds.iter().enumerate() {
            for (index, step) in round.parent.iter().enumerate() {
                if let Some(op) = op(&pair.parent, step, "p", number * 10 + index) {
                    pair.edit_parent(&op);
                    parent.push(&op, stamp).unwrap();
                }
            }
            for (index, step) in round.branch.iter().enumerate() {
                if let Some(op) = op(&pair.branch, step, "b", number * 10 + index) {
                    pair.edit_branch(&op);
                    branch.push(&op, stamp).unwrap();
                }
            }
            let merged = pair.merge(direction(round), None);
            let expected = match direction(round) {
                Direction::IntoParent => branch.merge_into(&mut parent, stamp),
                Direction::FromParent => branch.update_from(&parent, stamp),
            };
            prop_assert_eq!(Json::normalize(merged), Json::normalize(expected.unwrap().op));
            prop_assert_eq!(&pair.parent, parent.document());
            prop_assert_eq!(&pair.branch, branch.document());
        }
        pair.merge(Direction::IntoParent, None);
        pair.merge(Direction::FromParent, None);
        prop_assert_eq!(pair.parent, pair.branch);
    }

    #[test]
    fn whatever_is_chosen_both_ways_make_both_the_same(rounds in vec(round(), 1..5)) {
        let mut pair = Pair::new(&full());
        for (number, round) in rounds.iter().enumerate() {
            for (index, step) in round.parent.iter().enumerate() {
                if let Some(op) = op(&pair.parent, step, "p", number * 10 + index) {
                    pair.edit_parent(&op);
                }
            }
            for (index, step) in round.branch.iter().enumerate() {
                if let Some(op) = op(&pair.branch, step, "b", number * 10 + index) {
                    pair.edit_branch(&op);
                }
            }
            let choice = round.choice.map(|is_ours| if is_ours { Choice::Ours } else { Choice::Theirs });
            pair.merge(direction(round), choice);
        }
        pair.merge(Direction::FromParent, Some(Choice::Theirs));
        pair.merge(Direction::IntoParent, None);
        prop_assert_eq!(pair.parent, pair.branch);
    }
}
