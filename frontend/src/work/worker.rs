//! The bench, in the worker.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use wasm_split_helpers::wasm_split;

use super::bench::Bench;
use super::message::{Answer, VERSION};
use crate::chunk::SplitLoaderError;
use crate::platform::{clock, worker};

/// How long the worker does not listen.
const SLICE: Duration = Duration::from_millis(40);

/// What a worker says that can't go on: [`Answer::Broken`], in words that need no code of the chunk.
pub const BROKEN: &str = "\"broken\"";

/// Listens to the page, as long as the worker lives.
///
/// # Errors
/// When the code can't be loaded.
#[wasm_split(beside, fallible)]
pub fn listen() -> Result<(), SplitLoaderError> {
    let bench = Rc::new(RefCell::new(Bench::default()));
    let is_going = Rc::new(RefCell::new(false));
    worker::listen(move |text| {
        let answer = bench.borrow_mut().hear(&text);
        answer.iter().for_each(say);
        if bench.borrow().is_busy() && !is_going.replace(true) {
            go_on(Rc::clone(&bench), Rc::clone(&is_going));
        }
    });
    say(&Answer::Ready { version: VERSION });
    Ok(())
}

fn go_on(bench: Rc<RefCell<Bench>>, is_going: Rc<RefCell<bool>>) {
    clock::after(Duration::ZERO, move || {
        let answer = bench.borrow_mut().go_on(SLICE, &clock::since_start);
        answer.iter().for_each(say);
        if bench.borrow().is_busy() {
            go_on(bench, is_going);
        } else {
            is_going.replace(false);
        }
    });
}

fn say(answer: &Answer) {
    match serde_json::to_string(answer) {
        Ok(text) => worker::post(&text),
        Err(_) => worker::post(BROKEN),
    }
}
