use std::cell::Cell;

use coval_shared::analysis::simulation::Simulation;
use coval_shared::analysis::tornado::TornadoAnalysis;
use coval_shared::analysis::{Analysis, Subject};
use coval_shared::model::{CellRef, ItemId, Model};
use coval_shared::template::apple_dcf;
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::work::message::{Found, Task};

const SLICE: Duration = Duration::from_millis(40);

fn apple() -> (Value, Model, CellRef) {
    let document = apple_dcf().unwrap();
    let model = Model::read(&document).unwrap();
    let output = CellRef::single(model.outputs[0].clone());
    (document, model, output)
}

fn begin(number: u64, task: Task) -> String {
    let job = Job { document: apple().0, scenario: None, task };
    serde_json::to_string(&Request { version: VERSION, number, what: What::Begin(Box::new(job)) }).unwrap()
}

/// Each look at the clock takes a quarter of a second.
fn ticking() -> impl Fn() -> Duration {
    let now = Cell::new(0);
    move || {
        now.set(now.get() + 250);
        Duration::from_millis(now.get())
    }
}

fn all(bench: &mut Bench) -> Vec<Answer> {
    let clock = ticking();
    let mut answers = Vec::new();
    while bench.is_busy() {
        answers.extend(bench.go_on(SLICE, &clock));
    }
    answers
}

#[test]
fn a_simulation_tells_how_far_it_is_and_comes_to_the_bits_of_the_engine() {
    let (_, model, output) = apple();
    let mut bench = Bench::default();
    let outputs = std::slice::from_ref(&output);
    // Two blocks of trials, and one trial.
    let trials = Simulation::new(&model, outputs, 7, 1_000_000).unwrap().block_trials(1).end + 1;
    let task = Task::Simulation { output: output.clone(), seed: 7, trials, above: Some(120.0) };
    assert_eq!(bench.hear(&begin(1, task)), None);
    let answers = all(&mut bench);
    let shares = answers.iter().filter_map(|answer| match answer {
        Answer::Under { number: 1, share, found: Some(Found::Simulation(known)) } => {
            assert!(known.trials > 0 && known.trials < trials);
            Some(*share)
        }
        _ => None,
    });
    let shares: Vec<f64> = shares.collect();
    assert!(!shares.is_empty() && shares.is_sorted(), "{shares:?}");

    let simulation = Simulation::new(&model, outputs, 7, trials).unwrap();
    let result = simulation.finish((0..simulation.blocks()).map(|block| simulation.run_block(block)).collect());
    let summary = simulation.summary(&result);
    let Some(Answer::Done { number: 1, found: Found::Simulation(found) }) = answers.last() else {
        panic!("{:?}", answers.last());
    };
    assert_eq!((found.trials, &found.summary), (trials, &summary.outputs[0]));
    assert_eq!(found.above, result.probability_above(0, 120.0).map(|share| (120.0, share)));
    assert_eq!(found.subject, Subject::new(&model, &output).unwrap());
    // The way to the page changes no bit.
    let text = serde_json::to_string(answers.last().unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), *answers.last().unwrap());
}

#[test]
fn jobs_are_done_one_after_the_other() {
    let (_, model, output) = apple();
    let mut bench = Bench::default();
    for number in 1..=2 {
        bench.hear(&begin(number, Task::Tornado { output: output.clone(), share: Some(0.1) }));
    }
    let tornado = TornadoAnalysis::of_all(&model, &output, 0.1).unwrap().finish();
    let done = |number| Answer::Done { number, found: Found::Tornado(tornado.clone()) };
    let mut answers = all(&mut bench);
    answers.retain(|answer| !matches!(answer, Answer::Under { .. }));
    assert_eq!(answers, [done(1), done(2)]);
}

#[test]
fn a_job_that_is_given_up_goes_no_further() {
    let (_, _, output) = apple();
    let mut bench = Bench::default();
    for number in 1..=2 {
        let task = Task::Simulation { output: output.clone(), seed: 1, trials: 10_000_000, above: None };
        bench.hear(&begin(number, task));
    }
    bench.go_on(Duration::ZERO, &ticking());
    for number in [2, 1] {
        let cancel = serde_json::to_string(&Request { version: VERSION, number, what: What::Cancel }).unwrap();
        assert!(bench.is_busy());
        assert_eq!(bench.hear(&cancel), Some(Answer::Cancelled { number }));
    }
    assert!(!bench.is_busy());
}

#[test]
fn what_is_of_another_version_is_not_understood_and_says_so() {
    let mut bench = Bench::default();
    let not_understood = |number| Some(Answer::Failed { number, failure: Failure::NotUnderstood });
    let later = json!({ "version": VERSION + 1, "number": 3, "what": "cancel" });
    assert_eq!(bench.hear(&later.to_string()), not_understood(3));
    let unknown = json!({ "version": VERSION + 1, "number": 4, "what": { "dream": {} } });
    assert_eq!(bench.hear(&unknown.to_string()), not_understood(4));
    assert_eq!(bench.hear("\u{0}"), Some(Answer::Broken));
    assert!(!bench.is_busy());
}

#[test]
fn a_job_that_can_not_be_done_says_why() {
    let mut bench = Bench::default();
    let nowhere = CellRef::single(ItemId("nowhere".into()));
    bench.hear(&begin(1, Task::Tornado { output: nowhere, share: None }));
    let job = Job { document: json!(1), scenario: None, task: Task::Tornado { output: apple().2, share: None } };
    let request = Request { version: VERSION, number: 2, what: What::Begin(Box::new(job)) };
    bench.hear(&serde_json::to_string(&request).unwrap());
    let answers = all(&mut bench);
    let reasons = answers.iter().map(|answer| match answer {
        Answer::Failed { failure: Failure::Refused(reason), .. } => reason.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(reasons.filter(|reason| !reason.is_empty()).count(), 2);
}
