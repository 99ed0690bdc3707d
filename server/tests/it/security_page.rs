//! `docs/SECURITY.md` names tests that there are.

use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/SECURITY.md");

/// How many things there are to hold.
const ITEMS: usize = 30;

/// Adds the names of all functions in the sources below `folder`.
fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules"].contains(&name.as_str()) && !name.starts_with('.') {
            collect(&path, found);
        } else if name.ends_with(".rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let begins = source.match_indices("fn ").map(|(index, word)| &source[index + word.len()..]);
            let names = begins.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap());
            found.extend(names.map(str::to_owned));
        }
    }
}

/// What stands in backticks and has the form of a test's name.
fn named(text: &str) -> BTreeSet<&str> {
    let is_test = |name: &&str| {
        name.matches('_').count() > 2 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    text.split('`').skip(1).step_by(2).filter(is_test).collect()
}

#[test]
fn each_of_the_thirty_items_names_tests_that_there_are() {
    let mut functions = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in ["server", "shared", "ot-core", "tests", "xtask"] {
        collect(&root.join(folder), &mut functions);
    }
    let (items, _) = PAGE.split_once("## Not held yet").unwrap();
    for number in 1..=ITEMS {
        let (_, rest) =
            items.split_once(&format!("\n{number}. ")).unwrap_or_else(|| panic!("item {number} is missing"));
        let item = rest.split_once(&format!("\n{}. ", number + 1)).map_or(rest, |(item, _)| item);
        let tests = named(item);
        assert!(!tests.is_empty(), "item {number} names no test");
        for test in tests {
            assert!(functions.contains(test), "item {number} names {test}, which there is not");
        }
    }
}
