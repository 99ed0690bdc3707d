//! `docs/MODEL.md` and the functions tell the same.

use std::collections::BTreeSet;

use coval_shared::model::functions;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn every_function_is_documented_with_its_parameters() {
    let chapter = include_str!("../../../docs/MODEL.md");
    let chapter = &chapter[chapter.find("### Functions").unwrap()..chapter.find("## Entering").unwrap()];
    let documented: BTreeSet<String> = chapter
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(call, _)| call.to_owned())
        .collect();
    let known: BTreeSet<String> =
        functions().map(|function| format!("{}({})", function.name, function.parameters)).collect();
    let missing: Vec<_> = known.difference(&documented).collect();
    let unknown: Vec<_> = documented.difference(&known).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing: {missing:?}, unknown: {unknown:?}");
    assert!(known.len() > 120);
}
