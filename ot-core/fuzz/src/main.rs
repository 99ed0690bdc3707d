//! The laws of `ot-core` under libFuzzer. `OT_FUZZ_TARGET` names the law, or is `list`, which prints the names.

#![no_main]

#[allow(dead_code, reason = "the tests draw from more sources than these targets do")]
#[path = "../../tests/it/generate.rs"]
mod generate;
#[allow(dead_code, reason = "the tests try laws one by one, too")]
#[path = "../../tests/it/targets.rs"]
mod targets;

use std::sync::LazyLock;
use std::{env, process};

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let wanted = env::var("OT_FUZZ_TARGET").unwrap_or_else(|_| "list".to_owned());
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
