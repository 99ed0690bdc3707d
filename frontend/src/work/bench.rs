//! The worker's side: jobs one after the other, in slices, so that it hears what the page says meanwhile.

mod steps;

use std::collections::VecDeque;
use std::time::Duration;

use serde::Deserialize;

use super::message::{Answer, Failure, Job, Request, VERSION, What};
use steps::{Steps, begun};

/// How long what is known of a job stands at least.
const LOOK: Duration = Duration::from_millis(300);

/// The most jobs that wait.
const WAITING: usize = 100;

/// The jobs of a worker.
#[derive(Default)]
pub struct Bench {
    waiting: VecDeque<(u64, Box<Job>)>,
    under: Option<Under>,
}

/// The job that is being done.
struct Under {
    number: u64,
    steps: Box<dyn Steps>,
    /// When the page is to hear of it next.
    look_at: Duration,
}

impl Bench {
    /// Takes in what the page said, and answers what can be answered at once.
    pub fn hear(&mut self, text: &str) -> Option<Answer> {
        match serde_json::from_str::<Request>(text) {
            Ok(Request { version: VERSION, number, what: What::Begin(job) }) => {
                if self.waiting.len() >= WAITING {
                    return Some(Answer::Failed { number, failure: Failure::Silent });
                }
                self.waiting.push_back((number, job));
                None
            }
            Ok(Request { version: VERSION, number, what: What::Cancel }) => {
                self.waiting.retain(|(waiting, _)| *waiting != number);
                if self.under.as_ref().is_some_and(|under| under.number == number) {
                    self.under = None;
                }
                Some(Answer::Cancelled { number })
            }
            Ok(Request { number, .. }) => Some(Answer::Failed { number, failure: Failure::NotUnderstood }),
            Err(_) => match serde_json::from_str::<Head>(text) {
                Ok(Head { number }) => Some(Answer::Failed { number, failure: Failure::NotUnderstood }),
                Err(_) => Some(Answer::Broken),
            },
        }
    }

    /// Whether there is something to do.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.under.is_some() || !self.waiting.is_empty()
    }

    /// Goes on for `slice`, as `clock` tells the time. Returns what the page is to hear.
    pub fn go_on(&mut self, slice: Duration, clock: &dyn Fn() -> Duration) -> Option<Answer> {
        let until = clock().saturating_add(slice);
        let mut under = match self.under.take() {
            Some(under) => under,
            None => {
                let (number, job) = self.waiting.pop_front()?;
                match begun(&job) {
                    Ok(steps) => Under { number, steps, look_at: clock().saturating_add(LOOK) },
                    Err(reason) => return Some(Answer::Failed { number, failure: Failure::Refused(reason) }),
                }
            }
        };
        let number = under.number;
        loop {
            if !under.steps.step() {
                return Some(match under.steps.found() {
                    Some(found) => Answer::Done { number, found },
                    None => Answer::Failed { number, failure: Failure::Died },
                });
            }
            if clock() >= until {
                break;
            }
        }
        let before = clock();
        let answer = (before >= under.look_at).then(|| {
            let found = under.steps.known();
            // Most of the time is for the job itself.
            let now = clock();
            under.look_at = now.saturating_add(LOOK.max(now.saturating_sub(before).saturating_mul(4)));
            Answer::Under { number, share: under.steps.share(), found }
        });
        self.under = Some(under);
        answer
    }
}

/// What is read of a message that is not understood.
#[derive(Deserialize)]
struct Head {
    number: u64,
}

#[cfg(test)]
mod tests;
