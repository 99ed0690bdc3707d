//! The desk of this page, with the worker that it starts when it is first needed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::desk::{Desk, Effect, News};
use super::message::Job;
use crate::platform::clock;
use crate::platform::worker::Worker;

/// How often it is looked after the worker.
const LOOK: Duration = Duration::from_secs(1);

/// A job that was asked for. It is given up when this is dropped.
#[derive(Debug)]
pub struct Asked {
    number: u64,
}

/// Asks for `job`; `tell` hears how it goes.
pub fn ask(job: Job, tell: impl Fn(News) + 'static) -> Asked {
    let number = PAGE.with(|page| {
        let mut page = page.borrow_mut();
        let (number, effects) = page.desk.begin(clock::since_start(), job);
        page.listeners.insert(number, Rc::new(tell));
        page.queue.extend(effects);
        number
    });
    // Whoever asks can't be told before they know what they have asked for.
    clock::after(Duration::ZERO, act);
    Asked { number }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let number = self.number;
        // What is dropped may be dropped while the page is told something.
        clock::after(Duration::ZERO, move || {
            change(|page| {
                page.listeners.remove(&number);
                page.desk.cancel(clock::since_start(), number)
            });
        });
    }
}

#[derive(Default)]
struct Page {
    desk: Desk,
    worker: Option<Worker>,
    listeners: BTreeMap<u64, Rc<dyn Fn(News)>>,
    queue: Vec<Effect>,
    is_looked_after: bool,
}

thread_local! {
    static PAGE: RefCell<Page> = RefCell::default();
}

fn change(what: impl FnOnce(&mut Page) -> Vec<Effect>) {
    PAGE.with(|page| {
        let effects = what(&mut page.borrow_mut());
        page.borrow_mut().queue.extend(effects);
    });
    act();
}

/// Does what is to be done. Whoever is told something may ask for the next job meanwhile.
fn act() {
    loop {
        let effects = PAGE.with(|page| std::mem::take(&mut page.borrow_mut().queue));
        if effects.is_empty() {
            break;
        }
        for effect in effects {
            match effect {
                Effect::Start => start(),
                Effect::End => {
                    if let Some(worker) = PAGE.with(|page| page.borrow_mut().worker.take()) {
                        worker.end();
                        // It may be the worker's own message that is being heard.
                        clock::after(Duration::ZERO, move || drop(worker));
                    }
                }
                Effect::Post(text) => {
                    PAGE.with(|page| page.borrow().worker.iter().for_each(|worker| worker.post(&text)));
                }
                Effect::Tell(number, news) => {
                    let is_last = !matches!(*news, News::Under(..));
                    let listener = PAGE.with(|page| {
                        let mut page = page.borrow_mut();
                        if is_last { page.listeners.remove(&number) } else { page.listeners.get(&number).cloned() }
                    });
                    if let Some(listener) = listener {
                        listener(*news);
                    }
                }
            }
        }
    }
}

fn start() {
    let worker = Worker::start(
        |text| change(|page| page.desk.hear(clock::since_start(), &text)),
        || change(|page| page.desk.lost()),
    );
    let is_started = worker.is_some();
    PAGE.with(|page| page.borrow_mut().worker = worker);
    if !is_started {
        change(|page| page.desk.lost());
    }
    look_after();
}

fn look_after() {
    let begins = PAGE.with(|page| {
        let mut page = page.borrow_mut();
        let begins = page.desk.has_worker() && !page.is_looked_after;
        page.is_looked_after = page.desk.has_worker();
        begins
    });
    if begins {
        clock::after(LOOK, || {
            PAGE.with(|page| page.borrow_mut().is_looked_after = false);
            change(|page| page.desk.look(clock::since_start()));
            look_after();
        });
    }
}
