//! Sessions of two clients and a server under faults, played from a seed.
//!
//! A seed draws the whole plan: edits, delays, messages that arrive twice or not at all, cuts, restarts of the server.
//! `COVAL_SEED=17 cargo test -p ot-core --test it simulation` plays one seed again.

mod broken;
mod session;
mod world;

use std::fmt;

use ot_core::json::Json;
use ot_core::text::Text;

use self::broken::{AlwaysLeft, Swapped};
use self::session::{Played, play};

/// A session that went wrong, with all that happened up to there.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) reason: String,
    pub(crate) plan: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.plan {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "seed {}: {}", self.seed, self.reason)?;
        write!(f, "again: COVAL_SEED={} cargo test -p ot-core --test it simulation", self.seed)
    }
}

/// A hundred, or the one that `COVAL_SEED` names.
fn seeds() -> std::ops::Range<u64> {
    match std::env::var("COVAL_SEED") {
        Ok(seed) => {
            let seed = seed.parse().unwrap_or_else(|error| panic!("COVAL_SEED is not a seed: {error}"));
            seed..seed + 1
        }
        Err(_) => 0..100,
    }
}

fn all_converge<T: Played>() {
    for seed in seeds() {
        let plan = play::<T>(seed).unwrap_or_else(|failure| panic!("{failure}"));
        let again = play::<T>(seed).unwrap_or_else(|failure| panic!("the second time only: {failure}"));
        assert_eq!(plan, again, "seed {seed} plays differently the second time");
    }
}

#[test]
fn text_sessions_converge_and_play_alike_twice() {
    all_converge::<Text>();
}

#[test]
fn json_sessions_converge_and_play_alike_twice() {
    all_converge::<Json>();
}

#[test]
fn every_kind_of_fault_happens() {
    let plans: Vec<String> = (0..100).map(|seed| play::<Text>(seed).unwrap().join("\n")).collect();
    for event in [
        "edits offline",
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
        "restarts",
    ] {
        let count = plans.iter().filter(|plan| plan.contains(event)).count();
        assert!(count >= 10, "\"{event}\" happens for {count} seeds only");
    }
}

#[test]
fn a_tie_that_both_win_is_found() {
    assert!((0..100).any(|seed| play::<AlwaysLeft<Text>>(seed).is_err()));
    assert!((0..100).any(|seed| play::<AlwaysLeft<Json>>(seed).is_err()));
}

/// Everyone still ends with the same document, but not with the one that is documented.
#[test]
fn a_tie_that_the_wrong_one_wins_is_found() {
    for seed in 0..100 {
        let failure = play::<Swapped<Text>>(seed).unwrap_err();
        assert!(failure.reason.contains("the tie"), "{failure}");
        let failure = play::<Swapped<Json>>(seed).unwrap_err();
        assert!(failure.reason.contains("the tie"), "{failure}");
    }
}
