//! The page's side: which jobs are open, when a worker is needed, and what is wrong when it does not answer.

use std::collections::BTreeMap;
use std::time::Duration;

use super::message::{Answer, Failure, Found, Job, Request, VERSION, What};

/// How long a worker may take to load its code.
const START: Duration = Duration::from_secs(30);

/// How long a worker that has something to do may say nothing.
const SILENCE: Duration = Duration::from_secs(15);

/// How long a worker may go on with a job that is not wanted any more.
const CANCEL: Duration = Duration::from_secs(1);

/// How long a worker without anything to do is kept.
const IDLE: Duration = Duration::from_secs(60);

/// Who was not asked for so long was asleep, and can't tell whether others were silent.
const ASLEEP: Duration = Duration::from_secs(5);

/// The jobs of a page.
#[derive(Default)]
pub struct Desk {
    open: BTreeMap<u64, Open>,
    last: u64,
    worker: Worker,
    /// When the worker was last heard of, or was given something to do.
    heard: Duration,
    asked: Duration,
}

/// A job that somebody waits for, or that is being given up.
struct Open {
    request: String,
    given_up: Option<Duration>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Worker {
    #[default]
    None,
    Starting,
    Ready,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A worker is to be started.
    Start,
    /// The worker is to be ended, whatever it does.
    End,
    /// The worker is to be told this.
    Post(String),
    /// Whoever waits for the job is to be told this.
    Tell(u64, Box<News>),
}

/// What whoever waits for a job hears.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The share that is done, and what is known already.
    Under(f64, Option<Found>),
    /// What was found.
    Done(Found),
    /// There is no outcome.
    Failed(Failure),
}

impl Desk {
    /// Asks for `job`. Returns its number.
    pub fn begin(&mut self, now: Duration, job: Job) -> (u64, Vec<Effect>) {
        self.last += 1;
        let number = self.last;
        let request = Request { version: VERSION, number, what: What::Begin(Box::new(job)) };
        let Ok(request) = serde_json::to_string(&request) else {
            return (number, vec![Effect::Tell(number, Box::new(News::Failed(Failure::NotUnderstood)))]);
        };
        let mut effects = Vec::new();
        if self.open.is_empty() {
            self.heard = now;
        }
        match self.worker {
            Worker::None => effects.push(self.start(now)),
            Worker::Starting => {}
            Worker::Ready => effects.push(Effect::Post(request.clone())),
        }
        self.open.insert(number, Open { request, given_up: None });
        (number, effects)
    }

    /// Gives the job up: nobody waits for it any more.
    pub fn cancel(&mut self, now: Duration, number: u64) -> Vec<Effect> {
        if self.worker != Worker::Ready {
            self.open.remove(&number);
            return Vec::new();
        }
        let request = Request { version: VERSION, number, what: What::Cancel };
        match (self.open.get_mut(&number), serde_json::to_string(&request)) {
            (Some(open), Ok(request)) if open.given_up.is_none() => {
                open.given_up = Some(now);
                vec![Effect::Post(request)]
            }
            _ => Vec::new(),
        }
    }

    /// Takes in what the worker said.
    pub fn hear(&mut self, now: Duration, text: &str) -> Vec<Effect> {
        self.heard = now;
        match serde_json::from_str(text) {
            Ok(Answer::Ready { version: VERSION }) => {
                self.worker = Worker::Ready;
                self.open.values().map(|open| Effect::Post(open.request.clone())).collect()
            }
            Ok(Answer::Under { number, share, found }) => self.tell(number, News::Under(share, found)),
            Ok(Answer::Done { number, found }) => self.close(number, News::Done(found)),
            Ok(Answer::Failed { number, failure }) => self.close(number, News::Failed(failure)),
            Ok(Answer::Cancelled { number }) => {
                self.open.remove(&number);
                Vec::new()
            }
            Ok(Answer::Broken) => self.fail(self.broken()),
            Ok(Answer::Ready { .. }) | Err(_) => self.fail(Failure::NotUnderstood),
        }
    }

    /// The worker is gone: it has failed, or could not be started.
    pub fn lost(&mut self) -> Vec<Effect> {
        self.fail(self.broken())
    }

    /// Looks whether somebody has waited for too long. To be called every second while there is a worker.
    pub fn look(&mut self, now: Duration) -> Vec<Effect> {
        if now.saturating_sub(self.asked) > ASLEEP {
            self.heard = now;
        }
        self.asked = now;
        let silent_for = now.saturating_sub(self.heard);
        let is_stuck = |open: &Open| open.given_up.is_some_and(|since| now.saturating_sub(since) >= CANCEL);
        match self.worker {
            Worker::None => Vec::new(),
            Worker::Starting if silent_for >= START => self.fail(Failure::NotStarted),
            Worker::Ready if self.open.is_empty() && silent_for >= IDLE => {
                self.worker = Worker::None;
                vec![Effect::End]
            }
            Worker::Ready if self.open.values().any(is_stuck) => self.restart(now),
            Worker::Ready if !self.open.is_empty() && silent_for >= SILENCE => self.fail(Failure::Silent),
            Worker::Starting | Worker::Ready => Vec::new(),
        }
    }

    /// Whether there is a worker, which [`Desk::look`] looks after.
    #[must_use]
    pub fn has_worker(&self) -> bool {
        self.worker != Worker::None
    }

    fn start(&mut self, now: Duration) -> Effect {
        self.worker = Worker::Starting;
        (self.heard, self.asked) = (now, now);
        Effect::Start
    }

    /// A worker that does not give up what is not wanted any more makes room for another one, which does the rest.
    fn restart(&mut self, now: Duration) -> Vec<Effect> {
        self.open.retain(|_, open| open.given_up.is_none());
        self.worker = Worker::None;
        let mut effects = vec![Effect::End];
        if !self.open.is_empty() {
            effects.push(self.start(now));
        }
        effects
    }

    fn broken(&self) -> Failure {
        if self.worker == Worker::Ready { Failure::Died } else { Failure::NotStarted }
    }

    fn fail(&mut self, failure: Failure) -> Vec<Effect> {
        self.worker = Worker::None;
        let open = std::mem::take(&mut self.open).into_iter().filter(|(_, open)| open.given_up.is_none());
        let tell = open.map(|(number, _)| Effect::Tell(number, Box::new(News::Failed(failure.clone()))));
        [Effect::End].into_iter().chain(tell).collect()
    }

    fn tell(&self, number: u64, news: News) -> Vec<Effect> {
        let is_awaited = self.open.get(&number).is_some_and(|open| open.given_up.is_none());
        if is_awaited { vec![Effect::Tell(number, Box::new(news))] } else { Vec::new() }
    }

    fn close(&mut self, number: u64, news: News) -> Vec<Effect> {
        let effects = self.tell(number, news);
        self.open.remove(&number);
        effects
    }
}

#[cfg(test)]
mod tests;
