//! Random cases for the laws: what the fuzzers found, and a plain generator that tries many. `COVAL_CASES` says how
//! many; `cargo xtask fuzz` runs these in release.

use std::num::NonZero;
use std::path::Path;
use std::{env, fs, panic, thread};

use ot_core::json::Json;
use ot_core::rich::Rich;
use ot_core::text::Text;

use crate::generate::{Source, SplitMix64};
use crate::targets::{self, Lawful, TARGETS};

/// The name of the variable that says how many cases to try.
const CASES: &str = "COVAL_CASES";

#[test]
fn crashes_that_a_fuzzer_found_stay_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/crashes");
    for entry in fs::read_dir(folder).unwrap() {
        let crashes = entry.unwrap();
        let name = crashes.file_name().into_string().unwrap();
        if !crashes.file_type().unwrap().is_dir() {
            continue;
        }
        let (_, target) =
            TARGETS.iter().find(|(known, _)| **known == *name).unwrap_or_else(|| panic!("no target {name}"));
        for crash in fs::read_dir(crashes.path()).unwrap() {
            let path = crash.unwrap().path();
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
        }
    }
}

#[test]
fn every_target_holds_on_random_bytes() {
    for (name, target) in TARGETS {
        let mut source = SplitMix64::new(1);
        for case in 0..150 {
            let bytes: Vec<u8> = (0..source.below(200)).map(|_| u8::try_from(source.below(256)).unwrap()).collect();
            println!("{name}, case {case}: {bytes:?}");
            target(&bytes);
        }
    }
}

#[test]
fn random_text_cases_hold() {
    random_cases::<Text>();
}

#[test]
fn random_rich_text_cases_hold() {
    random_cases::<Rich>();
}

#[test]
fn random_json_cases_hold() {
    random_cases::<Json>();
}

/// Tries the laws of ops on many cases, each from a seed of its own, on all processors.
fn random_cases<T: Lawful>() {
    let cases = env::var(CASES).map_or(500, |cases| cases.parse::<u64>().unwrap());
    let threads = u64::try_from(thread::available_parallelism().map_or(1, NonZero::get)).unwrap();
    thread::scope(|scope| {
        let trials: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn(move || {
                    (first..cases)
                        .step_by(usize::try_from(threads).unwrap())
                        .filter(|seed| panic::catch_unwind(|| one_case::<T>(*seed)).is_err())
                        .take(3)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let broken: Vec<_> = trials.into_iter().flat_map(|trial| trial.join().unwrap()).collect();
        assert!(broken.is_empty(), "seeds {broken:?} of {cases} cases break a law");
    });
    println!("{cases} cases hold");
}

fn one_case<T: Lawful>(seed: u64) {
    let laws = [
        targets::transform_property_1::<T>,
        targets::transform_property_1_of_lists::<T>,
        targets::composition::<T>,
        targets::inversion::<T>,
        targets::cursors::<T>,
    ];
    for law in laws {
        // All laws meet the same document, and most of them the same op.
        law(&mut SplitMix64::new(seed));
    }
}
