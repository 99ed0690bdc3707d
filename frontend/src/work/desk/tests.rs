use coval_shared::model::{CellRef, ItemId};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::work::message::Task;

fn job() -> Job {
    let output = CellRef::single(ItemId("price".into()));
    Job { document: json!({}), scenario: None, task: Task::Tornado { output, share: None } }
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn said(answer: &Answer) -> String {
    serde_json::to_string(answer).unwrap()
}

fn ready() -> String {
    said(&Answer::Ready { version: VERSION })
}

fn tell(number: u64, news: News) -> Effect {
    Effect::Tell(number, Box::new(news))
}

/// Looks every second, as a page does, until something has to be done or `end` has come.
fn looks(desk: &mut Desk, from: u64, end: u64) -> (u64, Vec<Effect>) {
    for second in from..=end {
        let effects = desk.look(at(second));
        if !effects.is_empty() {
            return (second, effects);
        }
    }
    (end, Vec::new())
}

#[test]
fn a_worker_starts_with_the_first_job_is_told_of_all_when_it_listens_and_ends_when_idle() {
    let mut desk = Desk::default();
    let (first, effects) = desk.begin(at(0), job());
    assert_eq!(effects, [Effect::Start]);
    let (second, effects) = desk.begin(at(1), job());
    assert_eq!(effects, []);
    let effects = desk.hear(at(2), &ready());
    assert!(matches!(effects.as_slice(), [Effect::Post(_), Effect::Post(_)]), "{effects:?}");
    let (_, effects) = desk.begin(at(3), job());
    assert!(matches!(effects.as_slice(), [Effect::Post(_)]), "{effects:?}");

    let under = said(&Answer::Under { number: second, share: 0.5, found: None });
    assert_eq!(desk.hear(at(4), &under), [tell(second, News::Under(0.5, None))]);
    for number in 1..=3 {
        let failure = Failure::Refused("no such cell".to_owned());
        let failed = said(&Answer::Failed { number, failure: failure.clone() });
        assert_eq!(desk.hear(at(5), &failed), [tell(number, News::Failed(failure))]);
    }
    assert_eq!(desk.hear(at(5), &said(&Answer::Under { number: first, share: 1.0, found: None })), []);
    assert_eq!(looks(&mut desk, 3, 500), (65, vec![Effect::End]));
    assert!(!desk.has_worker());
    assert_eq!(desk.begin(at(70), job()).1, [Effect::Start]);
}

#[test]
fn a_worker_that_does_not_give_up_is_ended_and_the_next_does_the_rest() {
    let mut desk = Desk::default();
    let (unwanted, _) = desk.begin(at(0), job());
    let (wanted, _) = desk.begin(at(0), job());
    desk.hear(at(0), &ready());
    let effects = desk.cancel(at(1), unwanted);
    assert!(matches!(effects.as_slice(), [Effect::Post(_)]), "{effects:?}");
    assert_eq!(looks(&mut desk, 1, 100), (2, vec![Effect::End, Effect::Start]));
    let effects = desk.hear(at(3), &ready());
    assert!(matches!(effects.as_slice(), [Effect::Post(text)] if text.contains(&format!("\"number\":{wanted}"))));

    // One that does is kept.
    desk.cancel(at(4), wanted);
    assert_eq!(desk.hear(at(4), &said(&Answer::Cancelled { number: wanted })), []);
    assert_eq!(looks(&mut desk, 5, 20), (20, vec![]));
}

#[test]
fn what_is_given_up_before_anybody_listens_is_never_asked_for() {
    let mut desk = Desk::default();
    let (number, _) = desk.begin(at(0), job());
    assert_eq!(desk.cancel(at(0), number), []);
    assert_eq!(desk.hear(at(1), &ready()), []);
}

#[test]
fn a_worker_that_dies_falls_silent_or_never_comes_is_told_as_what_it_is() {
    let failed = |number, failure| vec![Effect::End, tell(number, News::Failed(failure))];
    let mut desk = Desk::default();
    let (number, _) = desk.begin(at(0), job());
    assert_eq!(desk.lost(), failed(number, Failure::NotStarted));
    let (number, _) = desk.begin(at(1), job());
    assert_eq!(looks(&mut desk, 2, 500), (31, failed(number, Failure::NotStarted)));

    let (number, _) = desk.begin(at(40), job());
    desk.hear(at(40), &ready());
    assert_eq!(desk.hear(at(41), "\"broken\""), failed(number, Failure::Died));
    assert_eq!(super::super::worker::BROKEN, said(&Answer::Broken));

    let (number, _) = desk.begin(at(50), job());
    desk.hear(at(50), &ready());
    assert_eq!(looks(&mut desk, 51, 500), (65, failed(number, Failure::Silent)));

    let (number, _) = desk.begin(at(70), job());
    let other = said(&Answer::Ready { version: VERSION + 1 });
    assert_eq!(desk.hear(at(71), &other), failed(number, Failure::NotUnderstood));
}

#[test]
fn a_page_that_was_asleep_does_not_take_that_for_silence() {
    let mut desk = Desk::default();
    desk.begin(at(0), job());
    desk.hear(at(0), &ready());
    desk.look(at(1));
    assert_eq!(desk.look(at(3_600)), []);
    let (when, effects) = looks(&mut desk, 3_601, 4_000);
    assert_eq!((when, effects.len()), (3_615, 2));
}
