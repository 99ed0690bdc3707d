//! What ops do to the places of a text, with the revision that each insert comes from.
//!
//! Such changes compose as ops do, so that the origin of every character after many ops is found in a balanced order
//! instead of walking the whole text for each op.

use crate::Revision;
use crate::compose_all::fold_balanced;
use crate::history::TextSpan;

/// One step of an op through a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Retain(usize),
    Insert(TextSpan),
    Delete(usize),
}

/// The spans of a text that had `length` places at revision `oldest` and then went through `changes`.
pub(crate) fn spans_after(length: usize, oldest: Revision, changes: impl Iterator<Item = Vec<Step>>) -> Vec<TextSpan> {
    let all = fold_balanced(changes, |first, second| Ok::<_, std::convert::Infallible>(compose(first, second)));
    let Ok(all) = all;
    spans_behind(one_span(length, oldest), &all.unwrap_or_default())
}

/// The spans of a text of `length` places that came as a whole.
pub(crate) fn one_span(length: usize, revision: Revision) -> Vec<TextSpan> {
    if length > 0 { vec![TextSpan { length, revision }] } else { Vec::new() }
}

/// The spans of a text that had `spans` and then went through `change`.
pub(crate) fn spans_behind(spans: Vec<TextSpan>, change: &[Step]) -> Vec<TextSpan> {
    let start: Vec<Step> = spans.into_iter().map(Step::Insert).collect();
    let steps = compose(&start, change).into_iter();
    steps.filter_map(|step| if let Step::Insert(span) = step { Some(span) } else { None }).collect()
}

/// What `first` and then `second` do.
fn compose(first: &[Step], second: &[Step]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (Rest::new(first), Rest::new(second));
    loop {
        match (first.step, second.step) {
            (_, Some(insert @ Step::Insert(_))) => {
                push(&mut steps, insert);
                second.advance();
            }
            (Some(delete @ Step::Delete(_)), _) => {
                push(&mut steps, delete);
                first.advance();
            }
            (Some(before), Some(after)) => {
                let shared = length(before).min(length(after));
                match (before, after) {
                    (before, Step::Retain(_)) => push(&mut steps, with_length(before, shared)),
                    (Step::Retain(_), after) => push(&mut steps, with_length(after, shared)),
                    // What was inserted is deleted.
                    _ => {}
                }
                first.take(shared);
                second.take(shared);
            }
            (Some(step), None) => {
                push(&mut steps, step);
                first.advance();
            }
            (None, Some(step)) => {
                push(&mut steps, step);
                second.advance();
            }
            (None, None) => return steps,
        }
    }
}

/// The steps from some place on.
struct Rest<'a> {
    step: Option<Step>,
    after: std::slice::Iter<'a, Step>,
}

impl<'a> Rest<'a> {
    fn new(steps: &'a [Step]) -> Self {
        let mut rest = Self { step: None, after: steps.iter() };
        rest.advance();
        rest
    }

    fn advance(&mut self) {
        self.step = self.after.find(|step| length(**step) > 0).copied();
    }

    /// Goes on by `count`, at most to the next step.
    fn take(&mut self, count: usize) {
        match self.step {
            Some(step) if length(step) > count => self.step = Some(with_length(step, length(step) - count)),
            _ => self.advance(),
        }
    }
}

fn push(steps: &mut Vec<Step>, step: Step) {
    match (steps.last_mut(), step) {
        (Some(Step::Retain(before)), Step::Retain(more)) | (Some(Step::Delete(before)), Step::Delete(more)) => {
            *before = before.saturating_add(more);
        }
        (Some(Step::Insert(before)), Step::Insert(more)) if before.revision == more.revision => {
            before.length = before.length.saturating_add(more.length);
        }
        _ => steps.push(step),
    }
}

fn length(step: Step) -> usize {
    match step {
        Step::Retain(count) | Step::Delete(count) => count,
        Step::Insert(span) => span.length,
    }
}

fn with_length(step: Step, length: usize) -> Step {
    match step {
        Step::Retain(_) => Step::Retain(length),
        Step::Delete(_) => Step::Delete(length),
        Step::Insert(span) => Step::Insert(TextSpan { length, ..span }),
    }
}
