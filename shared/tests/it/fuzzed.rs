//! What the fuzzers try, on random bytes and on what they found. `cargo xtask fuzz` looks further.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::targets::TARGETS;

#[test]
fn what_a_fuzzer_found_stays_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/crashes");
    for entry in fs::read_dir(folder).unwrap() {
        let crashes = entry.unwrap();
        if !crashes.file_type().unwrap().is_dir() {
            continue;
        }
        let name = crashes.file_name().into_string().unwrap();
        let (_, target) = TARGETS.iter().find(|(known, _)| **known == *name).unwrap_or_else(|| panic!("no {name}"));
        for crash in fs::read_dir(crashes.path()).unwrap() {
            let path = crash.unwrap().path();
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_target_holds_on_random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for (_, target) in TARGETS {
            target(&bytes);
        }
    }
}
