//! Sessions of 2 to 8 clients and a server under faults, played from plans.
//!
//! A seed draws the whole plan: edits, undo and redo, cuts, restarts of clients and of the server, refusals, a branch
//! that is merged, and history that is squashed. The network delays, reorders and doubles messages on its own.
//! `COVAL_SEED=17 cargo test -p ot-core --test it simulation` plays one seed again, and `COVAL_SEED=100..2000`
//! many. With `COVAL_KEEP=name` the plan of a seed is kept in `tests/data/plans`, and played from there ever after.

mod broken;
mod following;
mod message;
mod peer;
mod plan;
mod serving;
mod session;
mod storage;
mod world;

use std::fmt;
use std::path::PathBuf;

use ot_core::json::Json;
use ot_core::rich::Rich;
use ot_core::text::Text;

use self::plan::Plan;
use self::session::{Played, play};

/// A session that went wrong, with all that happened up to there.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    pub(crate) trace: Vec<String>,
    pub(crate) plan: Plan,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.trace {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "{}", self.reason)?;
        write!(f, "the plan: {}", serde_json::to_string(&self.plan).unwrap())
    }
}

/// Thirty, or those that `COVAL_SEED` names: one, or a range as `100..2000`.
fn seeds() -> std::ops::Range<u64> {
    let Ok(named) = std::env::var("COVAL_SEED") else {
        return 0..30;
    };
    let number =
        |text: &str| text.parse().unwrap_or_else(|error| panic!("COVAL_SEED has no seed in \"{text}\": {error}"));
    match named.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&named)..number(&named) + 1,
    }
}

/// The plan, and everything that leads to the same failure with fewer steps.
fn shortest(failure: Failure, play: impl Fn(&Plan) -> Result<Vec<String>, Failure>) -> Failure {
    let plan = failure.plan.shrunk(|plan| play(plan).is_err());
    play(&plan).err().unwrap_or(failure)
}

fn converges_and_plays_alike_twice<T: Played>(name: &str, plan: &Plan) {
    let trace = match play::<T>(plan) {
        Ok(trace) => trace,
        Err(failure) => panic!("{name}: {}", shortest(failure, play::<T>)),
    };
    let again = play::<T>(plan).unwrap_or_else(|failure| panic!("{name}, the second time only: {failure}"));
    assert_eq!(trace, again, "{name} plays differently the second time");
}

fn all_converge<T: Played>() {
    for seed in seeds() {
        converges_and_plays_alike_twice::<T>(&format!("seed {seed}"), &Plan::drawn(seed));
    }
}

#[test]
fn text_sessions_converge_and_play_alike_twice() {
    all_converge::<Text>();
}

#[test]
fn rich_text_sessions_converge_and_play_alike_twice() {
    all_converge::<Rich>();
}

#[test]
fn json_sessions_converge_and_play_alike_twice() {
    all_converge::<Json>();
}

fn kept_plans() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/plans")
}

#[test]
fn kept_plans_converge_with_every_type() {
    if let (Ok(name), Ok(_)) = (std::env::var("COVAL_KEEP"), std::env::var("COVAL_SEED")) {
        let plan = serde_json::to_string(&Plan::drawn(seeds().start)).unwrap();
        std::fs::write(kept_plans().join(name).with_extension("json"), plan + "\n").unwrap();
    }
    let mut count = 0;
    for file in std::fs::read_dir(kept_plans()).unwrap() {
        let path = file.unwrap().path();
        let name = path.display().to_string();
        let plan: Plan = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        converges_and_plays_alike_twice::<Text>(&name, &plan);
        converges_and_plays_alike_twice::<Rich>(&name, &plan);
        converges_and_plays_alike_twice::<Json>(&name, &plan);
        count += 1;
    }
    assert!(count > 0, "no plan is kept");
}

#[test]
fn everything_that_can_happen_happens() {
    let traces: Vec<String> = (0..30).map(|seed| play::<Text>(&Plan::drawn(seed)).unwrap().join("\n")).collect();
    for event in [
        "edits offline",
        "undoes",
        "redoes",
        "sees where",
        "twice",
        "is lost",
        "is cut off",
        "resends",
        "misses revisions",
        "committed already",
        "an old copy",
        "reads history",
        "is known already",
        "stops before it acknowledges",
        "the server restarts",
        "is another one",
        "takes back",
        "and loses edits",
        "and loses nothing",
        "is squashed",
        "a branch begins",
        "the branch becomes",
        "the branch takes in",
    ] {
        let count = traces.iter().filter(|trace| trace.contains(event)).count();
        assert!(count >= 3, "\"{event}\" happens for {count} seeds only");
    }
}

#[test]
fn a_plan_is_a_value_that_can_be_kept() {
    let plan = Plan::drawn(7);
    let kept = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&kept).unwrap(), plan);
}

#[test]
fn a_failing_plan_is_shown_with_the_steps_that_matter() {
    let failure = (0..30).find_map(|seed| play::<broken::AlwaysLeft<Text>>(&Plan::drawn(seed)).err()).unwrap();
    let shorter = shortest(failure, play::<broken::AlwaysLeft<Text>>);
    assert!(shorter.plan.steps.len() < 10, "{shorter}");
}
