use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use super::*;
use coval_shared::protocol::CalculationEnd;
use coval_shared::rest::CalculationErrorCode;
use coval_shared::template::apple_dcf;
use serde_json::{Value, json};

use crate::store::DatabaseUrl;

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));
const ADA: UserId = UserId(Uuid::from_u128(2));
const PATIENCE: Duration = Duration::from_secs(60);

struct Bench {
    store: Store,
    jobs: Jobs,
    told: Arc<Mutex<Vec<(Instant, UserId, ServerMessage)>>>,
    folder: tempfile::TempDir,
}

fn limits() -> JobLimits {
    JobLimits { threads: 2, time: PATIENCE, per_person: 3, is_alone: true }
}

fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).unwrap()
}

impl Bench {
    fn new(limits: JobLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        store(&folder).create_for_a_test(DOCUMENT, &apple_dcf().unwrap());
        Self::on(folder, limits)
    }

    fn on(folder: tempfile::TempDir, limits: JobLimits) -> Self {
        Self::with(folder, limits, || 1_000)
    }

    fn with(folder: tempfile::TempDir, limits: JobLimits, clock: Clock) -> Self {
        let store = store(&folder);
        let told: Arc<Mutex<Vec<_>>> = Arc::default();
        let hears = told.clone();
        let tell: Tell = Box::new(move |user, message| hears.lock().unwrap().push((Instant::now(), user, message)));
        let jobs = Jobs::new(store.clone(), clock, Handle::current(), limits, tell, Box::new(|_| {}));
        Self { store, jobs, told, folder }
    }

    async fn start(&self, kind: &str, parameters: Value) -> Result<Calculation, Refusal> {
        let request = serde_json::from_value(json!({"kind": kind, "parameters": parameters})).unwrap();
        self.jobs.start(ADA, DOCUMENT, None, None, request).await
    }

    async fn ended(&self, id: JobId) -> Calculation {
        let begun = Instant::now();
        loop {
            let calculation = self.jobs.calculation(id).await.unwrap();
            if calculation.finished_at_ms.is_some() {
                return calculation;
            }
            assert!(begun.elapsed() < PATIENCE, "{calculation:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The ends that Ada is told of, once she is told of one.
    async fn ends(&self) -> Vec<(JobId, CalculationEnd)> {
        let begun = Instant::now();
        while self.told_ends().is_empty() && begun.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.told_ends()
    }

    fn told_ends(&self) -> Vec<(JobId, CalculationEnd)> {
        let told = self.told.lock().unwrap();
        let end = |message: &ServerMessage| match message {
            ServerMessage::CalculationFinished { calculation, end, .. } => Some((*calculation, *end)),
            _ => None,
        };
        told.iter().filter_map(|(_, user, message)| end(message).filter(|_| *user == ADA)).collect()
    }
}

/// Takes long enough to be stopped.
fn long() -> Value {
    json!({"outputs": ["value_per_share"], "trials": 2_000_000, "seed": 3})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_has_the_bits_of_the_command_line() {
    let bench = Bench::new(limits());
    let started = bench
        .start("monte_carlo", json!({"outputs": ["value_per_share"], "trials": 5_000, "seed": 7, "above": 250.0}))
        .await
        .unwrap();
    assert_eq!((started.state, started.revision), (CalculationState::Waiting, Revision(0)));
    let ended = bench.ended(started.id).await;
    assert_eq!((ended.state, ended.progress), (CalculationState::Done, 1.0), "{ended:?}");
    let (json, file) = bench.store.calculation_result(started.id).unwrap();
    let summary: Value = serde_json::from_str(&json.unwrap()).unwrap();
    assert_eq!(file, None);
    let model = coval_shared::model::Model::read(&apple_dcf().unwrap()).unwrap();
    let cell = model.cell_named("value_per_share").unwrap();
    let simulation = coval_shared::analysis::simulation::Simulation::new(&model, &[cell], 7, 5_000).unwrap();
    let blocks = (0..simulation.blocks()).rev().map(|block| simulation.run_block(block)).collect();
    let expected = json!(simulation.summary(&simulation.finish(blocks)));
    assert_eq!(summary["outputs"][0]["spread"], expected["outputs"][0]["spread"]);
    assert!(summary["outputs"][0]["above"]["probability"].is_f64());
    assert_eq!(bench.ends().await, [(started.id, CalculationEnd::Done)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_away_finds_a_note_of_the_end() {
    static NOW: AtomicI64 = AtomicI64::new(0);
    let quick = Bench::new(limits());
    let slow = Bench::new(limits());
    let slow = Bench::with(slow.folder, limits(), || NOW.fetch_add(10_000, Ordering::Relaxed));
    for (bench, expected) in [(quick, 0), (slow, 1)] {
        let parameters = json!({"outputs": ["value_per_share"], "trials": 1_000, "seed": 7});
        let started = bench.start("monte_carlo", parameters).await.unwrap();
        bench.ends().await;
        let begun = Instant::now();
        let notes = loop {
            let notes = bench.store.notifications(ADA, None, 10).unwrap();
            if notes.len() == expected || begun.elapsed() > PATIENCE {
                break notes;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let calculations: Vec<_> = notes.iter().map(|note| note.calculation).collect();
        assert_eq!(calculations, vec![Some(started.id); expected]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_that_is_cancelled_ends_at_once() {
    let bench = Bench::new(limits());
    let started = bench.start("monte_carlo", long()).await.unwrap();
    let begun = Instant::now();
    while bench.jobs.calculation(started.id).await.unwrap().progress == 0.0 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let cancelled = Instant::now();
    assert!(bench.jobs.cancel(started.id).await.unwrap());
    while bench.jobs.0.queue.holds(started.id) {
        assert!(cancelled.elapsed() < Duration::from_millis(400), "its thread goes on");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let ended = bench.ended(started.id).await;
    assert_eq!((ended.state, ended.error), (CalculationState::Cancelled, None));
    assert!(!bench.jobs.cancel(started.id).await.unwrap(), "it has ended");
    assert_eq!(bench.ends().await, [(started.id, CalculationEnd::Cancelled)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_ten_times_a_second_at_most() {
    let bench = Bench::new(limits());
    let started = bench.start("monte_carlo", long()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    bench.jobs.cancel(started.id).await.unwrap();
    let told = bench.told.lock().unwrap();
    let progress: Vec<(Instant, f64)> = told
        .iter()
        .filter_map(|(when, _, message)| match message {
            ServerMessage::CalculationProgress { progress, .. } => Some((*when, *progress)),
            _ => None,
        })
        .collect();
    assert!(!progress.is_empty());
    for pair in progress.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= Duration::from_millis(90), "{progress:?}");
        assert!(pair[1].1 > pair[0].1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_so_many_at_once_and_the_same_id_is_the_same_one() {
    let bench = Bench::new(limits());
    let mut started = Vec::new();
    for _ in 0..3 {
        started.push(bench.start("monte_carlo", long()).await.unwrap().id);
    }
    let refused = bench.start("monte_carlo", long()).await.unwrap_err();
    assert!(refused.to_string().contains("3 calculations"), "{refused}");
    let request = serde_json::from_value(json!({"kind": "monte_carlo", "parameters": long()})).unwrap();
    let again = bench.jobs.start(ADA, DOCUMENT, None, Some(started[0]), request).await.unwrap();
    assert_eq!(again.id, started[0]);
    for id in started {
        bench.jobs.cancel(id).await.unwrap();
    }
    let after = bench.start("tornado", json!({"output": "value_per_share", "share": 0.1})).await.unwrap();
    assert_eq!(bench.ended(after.id).await.state, CalculationState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_that_takes_too_long_fails_by_name() {
    let bench = Bench::new(JobLimits { time: Duration::from_millis(50), ..limits() });
    let started = bench.start("monte_carlo", long()).await.unwrap();
    let ended = bench.ended(started.id).await;
    assert_eq!(ended.state, CalculationState::Failed);
    assert_eq!(ended.error.unwrap().code, CalculationErrorCode::TooLong);
    assert_eq!(bench.ends().await, [(started.id, CalculationEnd::Failed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_and_the_next_one_runs() {
    let bench = Bench::new(JobLimits { threads: 1, ..limits() });
    let wrong = bench.start("tornado", json!({"output": "nothing"})).await.unwrap();
    let right = bench.start("export", json!({"format": "xlsx"})).await.unwrap();
    let ended = bench.ended(wrong.id).await;
    assert_eq!(ended.error.map(|error| error.code), Some(CalculationErrorCode::Invalid));
    assert_eq!(bench.ended(right.id).await.state, CalculationState::Done);
    let (_, file) = bench.store.calculation_result(right.id).unwrap();
    assert!(file.unwrap().starts_with(b"PK"));
    assert!(bench.start("sensitivity", json!({"outputs": [], "down": {"cell": "wacc", "values": [1]}})).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_leaves_the_next_one_does() {
    let bench = Bench::new(JobLimits { threads: 1, ..limits() });
    let runs = bench.start("monte_carlo", long()).await.unwrap();
    while bench.store.calculation(runs.id).unwrap().state != CalculationState::Running {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let waits = bench.start("tornado", json!({"output": "value_per_share", "share": 0.1})).await.unwrap();
    bench.jobs.stop_all();
    let next = Bench::on(bench.folder, limits());
    let watching = tokio::spawn(next.jobs.clone().watch());
    assert_eq!(next.ended(waits.id).await.state, CalculationState::Done);
    let begun = Instant::now();
    while next.store.calculation(runs.id).unwrap().attempts < 2 {
        assert!(begun.elapsed() < PATIENCE, "nobody takes it up");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(next.jobs.cancel(runs.id).await.unwrap());
    watching.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_leaves_that_ends_as_it_should_another_one_does_at_once() {
    let together = JobLimits { is_alone: false, ..limits() };
    let bench = Bench::new(together);
    let runs = bench.start("monte_carlo", long()).await.unwrap();
    while bench.store.calculation(runs.id).unwrap().state != CalculationState::Running {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let ended = Instant::now();
    bench.jobs.end().await;
    assert_eq!(bench.store.calculation(runs.id).unwrap().attempts, 0, "a stop is no failure");
    let next = Bench::on(bench.folder, together);
    let watching = tokio::spawn(next.jobs.clone().watch());
    while next.store.calculation(runs.id).unwrap().attempts < 1 {
        assert!(ended.elapsed() < Duration::from_secs(10), "it waits as for a node that may still live");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(next.jobs.cancel(runs.id).await.unwrap());
    watching.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_node_survives_is_given_up() {
    let bench = Bench::new(limits());
    let stored = StoredCalculation {
        id: JobId(Uuid::from_u128(9)),
        document: DOCUMENT,
        revision: Revision(0),
        user: ADA,
        kind: "export".to_owned(),
        parameters: json!({"format": "csv"}).to_string(),
        state: CalculationState::Waiting,
        progress: 0,
        error: None,
        created_at_ms: 0,
        started_at_ms: None,
        finished_at_ms: None,
        attempts: 0,
    };
    bench.store.queue_calculation(&stored, "gone", 9).unwrap();
    for attempt in 0..3 {
        let node = if attempt == 0 { "gone".to_owned() } else { format!("gone {attempt}") };
        assert!(bench.store.begin_calculation(stored.id, &node, 0).unwrap());
        let left = bench.store.unfinished_calculations().unwrap().pop().unwrap();
        if attempt < 2 {
            bench.store.take_over_calculation(&left, &format!("gone {}", attempt + 1)).unwrap().unwrap();
        }
    }
    let watching = tokio::spawn(bench.jobs.clone().watch());
    let ended = bench.ended(stored.id).await;
    assert_eq!(ended.error.unwrap().code, CalculationErrorCode::Interrupted);
    watching.abort();
}
