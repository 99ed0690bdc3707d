//! What an op picks up, by slot.

use super::op::{Children, Entry, JsonOp, New, Node, Old, Step};

/// For each value that an op moves, what changes inside it.
pub(super) struct Slots<'a>(Vec<&'a Node>);

impl<'a> Slots<'a> {
    pub(super) fn of(op: &'a JsonOp) -> Self {
        let mut slots = vec![Node::EMPTY; op.slots];
        if op.slots > 0 {
            each_pick(&op.root.old, &mut |slot, node| {
                if let Some(place) = slots.get_mut(slot) {
                    *place = node;
                }
            });
        }
        Self(slots)
    }

    /// What changes inside the value of `slot`.
    pub(super) fn picked(&self, slot: usize) -> &'a Node {
        self.0.get(slot).copied().unwrap_or(Node::EMPTY)
    }
}

fn each_pick<'a>(old: &'a Old, found: &mut dyn FnMut(usize, &'a Node)) {
    if let Old::Pick(slot, node) = old {
        found(*slot, node);
    }
    match &old.node().children {
        Children::None => {}
        Children::Object(entries) => entries.iter().for_each(|(_, entry)| each_pick(&entry.old, found)),
        Children::List(steps) => {
            for step in steps {
                if let Step::Item(old) = step {
                    each_pick(old, found);
                }
            }
        }
    }
}

/// The op of a tree whose slots are numbered below `bound` in any way: they are numbered anew, in the order of the
/// document before.
pub(super) fn numbered(mut root: Entry, bound: usize) -> JsonOp {
    let mut numbers = vec![0; bound];
    let mut slots = 0_usize;
    if bound > 0 {
        each_pick(&root.old, &mut |slot, _| {
            if let Some(number) = numbers.get_mut(slot) {
                *number = slots;
                slots += 1;
            }
        });
        renumber(&mut root, &numbers);
    }
    JsonOp { root, slots, as_written: false }
}

fn renumber(entry: &mut Entry, numbers: &[usize]) {
    renumber_old(&mut entry.old, numbers);
    if let Some(new) = &mut entry.new {
        renumber_new(new, numbers);
    }
}

fn renumber_old(old: &mut Old, numbers: &[usize]) {
    match old {
        Old::Pick(slot, node) => {
            renumber_slot(slot, numbers);
            renumber_node(node, numbers);
        }
        Old::Stay(node) | Old::Remove(node) => renumber_node(node, numbers),
    }
}

fn renumber_new(new: &mut New, numbers: &[usize]) {
    match new {
        New::Drop(slot) => renumber_slot(slot, numbers),
        New::Insert(_, node) => renumber_node(node, numbers),
    }
}

fn renumber_node(node: &mut Node, numbers: &[usize]) {
    match &mut node.children {
        Children::None => {}
        Children::Object(entries) => entries.iter_mut().for_each(|(_, entry)| renumber(entry, numbers)),
        Children::List(steps) => {
            for step in steps {
                match step {
                    Step::Keep(_) => {}
                    Step::Item(old) => renumber_old(old, numbers),
                    Step::New(new) => renumber_new(new, numbers),
                }
            }
        }
    }
}

fn renumber_slot(slot: &mut usize, numbers: &[usize]) {
    if let Some(number) = numbers.get(*slot) {
        *slot = *number;
    }
}
