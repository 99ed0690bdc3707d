//! Which crates may depend on which.

use std::fs;

use crate::failure::{Context, Outcome};
use crate::invariants::Violation;
use crate::shell::{command, read};
use crate::workspace::Workspace;

/// Each crate of the workspace: its folder, its package, and the other packages of the workspace that it may name.
const DIRECTION: &[(&str, &str, &[&str])] = &[
    ("ot-core", "ot-core", &[]),
    ("shared", "coval-shared", &["ot-core"]),
    ("server", "coval-server", &["ot-core", "coval-shared"]),
    ("frontend", "coval-frontend", &["ot-core", "coval-shared"]),
    ("tests", "coval-tests", &["ot-core", "coval-shared", "coval-server", "coval-frontend"]),
    ("xtask", "xtask", &[]),
];

/// All that `ot-core` may bring along: what serde, thiserror, uuid, ropey, miniz_oxide and crc32fast are made of, and
/// short lists and texts in place.
const ALLOWED_IN_OT_CORE: &[&str] = &[
    "adler2",
    "arrayvec",
    "cfg-if",
    "crc32fast",
    "itoa",
    "memchr",
    "miniz_oxide",
    "ot-core",
    "proc-macro2",
    "quote",
    "ropey",
    "ryu",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "smallvec",
    "smol_str",
    "str_indices",
    "syn",
    "thiserror",
    "thiserror-impl",
    "unicode-ident",
    "uuid",
    "zmij",
];

/// What reads clocks, draws random numbers, or talks to the world; a name that ends in `*` stands for all that start
/// so.
const IMPURE: &[&str] = &[
    "actix*",
    "chrono",
    "diesel*",
    "getrandom",
    "gloo*",
    "js-sys",
    "mio",
    "rand*",
    "redis",
    "reqwest",
    "socket2",
    "time",
    "tokio*",
    "wasm-bindgen*",
    "web-sys",
];

/// The manifests that break a rule.
///
/// # Errors
/// When cargo can't list the dependencies.
pub(super) fn check(workspace: &Workspace) -> Outcome<Vec<Violation>> {
    let mut violations = Vec::new();
    for (folder, _, allowed) in DIRECTION {
        let file = format!("{folder}/Cargo.toml");
        let manifest = fs::read_to_string(workspace.path(&file)).context(|| format!("can't read {file}"))?;
        violations.extend(check_direction(&file, &manifest, allowed));
    }
    for (folder, package) in [("ot-core", "ot-core"), ("shared", "coval-shared")] {
        let tree = read(
            command("cargo")
                .args(["tree", "--package", package, "--edges", "normal"])
                .args(["--target", "all", "--prefix", "none", "--format", "{p}"]),
        )?;
        let file = format!("{folder}/Cargo.toml");
        if package == "ot-core" {
            violations.extend(check_tree(&file, &tree, "ot-core depends on small well-known crates only", |name| {
                ALLOWED_IN_OT_CORE.contains(&name)
            }));
        }
        violations.extend(check_tree(&file, &tree, "ot-core and shared know no clock, no chance and no I/O", |name| {
            !is_impure(name)
        }));
    }
    Ok(violations)
}

fn check_direction(file: &str, manifest: &str, allowed: &[&str]) -> Vec<Violation> {
    let mut is_dependencies = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(manifest.lines()) {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            is_dependencies = section.trim_end_matches(']').ends_with("dependencies");
            continue;
        }
        let name = line.split(['=', '.', ' ']).next().unwrap_or_default().trim_matches('"');
        let is_ours = DIRECTION.iter().any(|(_, package, _)| *package == name);
        if is_dependencies && is_ours && !allowed.contains(&name) {
            found.push(Violation {
                rule: "dependencies point one way: ot-core, shared, server and frontend, tests".to_owned(),
                file: file.to_owned(),
                line: Some(number),
                found: name.to_owned(),
            });
        }
    }
    found
}

fn check_tree(file: &str, tree: &str, rule: &str, is_fine: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut names: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|name| !is_fine(name))
        .map(|name| Violation { rule: rule.to_owned(), file: file.to_owned(), line: None, found: name.to_owned() })
        .collect()
}

fn is_impure(name: &str) -> bool {
    IMPURE.iter().any(|known| known.strip_suffix('*').map_or(name == *known, |start| name.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_against_the_direction_is_found_with_its_line() {
        let manifest = "[package]\nname = \"ot-core\"\n\n[dependencies]\nserde = { workspace = true }\n\
                        coval-shared = { workspace = true }\n";
        let found = check_direction("ot-core/Cargo.toml", manifest, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].found.as_str()), (Some(6), "coval-shared"));
    }

    #[test]
    fn dependencies_of_tests_and_of_targets_count_and_other_sections_do_not() {
        let dev = "[target.'cfg(unix)'.dev-dependencies]\ncoval-server.workspace = true\n";
        assert_eq!(check_direction("shared/Cargo.toml", dev, &["ot-core"]).len(), 1);
        assert_eq!(check_direction("shared/Cargo.toml", "[features]\ncoval-server = []\n", &["ot-core"]).len(), 0);
        assert_eq!(check_direction("shared/Cargo.toml", "[dependencies]\not-core = \"1\"\n", &["ot-core"]).len(), 0);
    }

    #[test]
    fn a_crate_that_is_not_allowed_is_found_once_in_the_tree() {
        let tree = "ot-core v0.1.0 (/x)\nserde v1.0.0\nleft-pad v1.0.0\nleft-pad v1.0.0 (*)\n";
        let found = check_tree("ot-core/Cargo.toml", tree, "rule", |name| ALLOWED_IN_OT_CORE.contains(&name));
        assert_eq!(found.iter().map(|violation| violation.found.as_str()).collect::<Vec<_>>(), ["left-pad"]);
    }

    #[test]
    fn crates_that_talk_to_the_world_are_known_by_name_and_by_start() {
        assert!(is_impure("tokio-util") && is_impure("getrandom") && is_impure("rand_core"));
        assert!(!is_impure("serde") && !is_impure("timely"));
    }
}
