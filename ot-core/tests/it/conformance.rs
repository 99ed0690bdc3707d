//! The vectors of `tests/data`, computed by other implementations.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::vectors::{self, Outcome};

#[test]
fn text_applies_as_text_unicode_does() {
    all_pass(include_str!("../data/text-unicode-apply.jsonl"), vectors::text_apply);
}

#[test]
fn text_composes_as_text_unicode_does() {
    all_pass(include_str!("../data/text-unicode-compose.jsonl"), vectors::text_compose);
}

#[test]
fn text_transforms_as_text_unicode_does() {
    all_pass(include_str!("../data/text-unicode-transform.jsonl"), vectors::text_transform);
}

#[test]
fn json_does_all_that_json1_does() {
    all_pass(include_str!("../data/json1.jsonl"), vectors::json1);
}

#[test]
fn rich_text_does_as_quill_does() {
    all_pass(include_str!("../data/rich-delta.jsonl"), vectors::rich);
}

fn all_pass(file: &str, check: fn(&str) -> Outcome) {
    assert!(file.lines().count() > 50, "the file has hardly any cases");
    for (index, line) in file.lines().enumerate() {
        check(line).unwrap_or_else(|error| panic!("line {}: {error}", index + 1));
    }
}
