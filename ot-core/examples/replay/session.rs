//! A concurrent trace as one sequence of ops, each transformed to follow all before it.

use std::collections::BinaryHeap;

use ot_core::text::TextOp;

use crate::trace::Trace;
use crate::weave::{Edit, Place, Weave};

/// Calls `visit` with the op of each patch, as it follows the patches before it in the file.
///
/// # Errors
///
/// Returns what is wrong when a transaction names one that does not come before it, or reaches past the end of the text
/// that its author had.
pub(crate) fn in_one_order(trace: &Trace, mut visit: impl FnMut(TextOp) -> Result<(), String>) -> Result<(), String> {
    let mut weave = Weave::new(trace.start_content.chars().count());
    let mut edits: Vec<Vec<Edit>> = Vec::with_capacity(trace.txns.len());
    let mut version = Vec::new();
    for (number, transaction) in trace.txns.iter().enumerate() {
        let parents: Vec<usize> = match &transaction.parents {
            Some(parents) => parents.clone(),
            None => number.checked_sub(1).into_iter().collect(),
        };
        if parents.iter().any(|parent| *parent >= number) {
            return Err(format!("transaction {number} knows one that comes later"));
        }
        if parents != version {
            let (forget, learn) = difference(trace, &version, &parents);
            for edit in forget.iter().flat_map(|number| edits[*number].iter().rev()) {
                weave.retreat(edit);
            }
            for edit in learn.iter().rev().flat_map(|number| &edits[*number]) {
                weave.advance(edit);
            }
        }
        let mut made = Vec::new();
        for patch in trace.patches_of(transaction) {
            let inserted = patch.2.chars().count();
            let (edit, place) = weave
                .edit(patch.0, patch.1, inserted, transaction.agent)
                .ok_or_else(|| format!("transaction {number} reaches past the end of the text"))?;
            made.push(edit);
            visit(op(&place, patch.2))?;
        }
        edits.push(made);
        version = vec![number];
    }
    Ok(())
}

/// What only the ancestors of `from` know, and what only those of `to` know, the newest first.
fn difference(trace: &Trace, from: &[usize], to: &[usize]) -> (Vec<usize>, Vec<usize>) {
    const FROM: u8 = 1;
    const BOTH: u8 = 3;
    let mut open: BinaryHeap<(usize, u8)> = from.iter().map(|number| (*number, FROM)).collect();
    open.extend(to.iter().map(|number| (*number, 2)));
    let mut one_sided = open.len();
    let (mut forget, mut learn) = (Vec::new(), Vec::new());
    while one_sided > 0 {
        let Some((number, mut side)) = open.pop() else { break };
        one_sided -= usize::from(side != BOTH);
        while let Some((_, other)) = open.peek().copied().filter(|(other, _)| *other == number) {
            open.pop();
            one_sided -= usize::from(other != BOTH);
            side |= other;
        }
        match side {
            BOTH => {}
            FROM => forget.push(number),
            _ => learn.push(number),
        }
        match &trace.txns[number].parents {
            Some(parents) => {
                open.extend(parents.iter().map(|parent| (*parent, side)));
                one_sided += if side == BOTH { 0 } else { parents.len() };
            }
            None => {
                open.extend(number.checked_sub(1).map(|parent| (parent, side)));
                one_sided += usize::from(side != BOTH && number > 0);
            }
        }
    }
    (forget, learn)
}

fn op(place: &Place, insert: &str) -> TextOp {
    let mut op = TextOp::new();
    let mut reached = 0;
    if !insert.is_empty() {
        op = op.retain(place.insert).insert(insert);
        reached = place.insert;
    }
    for position in &place.delete {
        op = op.retain(position - reached).delete(1);
        reached = position + 1;
    }
    op
}
