//! The valuation engine under libFuzzer. `COVAL_FUZZ_TARGET` names what to try, or is `list`, which prints the names.

#![no_main]

#[path = "../../tests/it/bodies.rs"]
mod bodies;
#[allow(dead_code, reason = "the tests make more documents than these targets do")]
#[path = "../../tests/it/documents.rs"]
mod documents;
#[path = "../../tests/it/targets.rs"]
mod targets;

use std::sync::LazyLock;
use std::{env, process};

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let wanted = env::var("COVAL_FUZZ_TARGET").unwrap_or_else(|_| "list".to_owned());
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    match found {
        Some((_, target)) => *target,
        None => {
            TARGETS.iter().for_each(|(name, _)| println!("{name}"));
            process::exit(i32::from(wanted != "list"));
        }
    }
});

fuzz_target!(
    init: {
        LazyLock::force(&TARGET);
    },
    |bytes: &[u8]| {
        (*TARGET)(bytes);
    }
);
