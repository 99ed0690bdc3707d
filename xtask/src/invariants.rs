//! The invariants of `ARCHITECTURE.md`, held by reading the sources and the dependency tree.
//!
//! [`source`] turns Rust text into the paths it names, so that comments, strings and tests don't count and grouped
//! imports do. [`rules`] says which names may stand where, [`dependencies`] which crates may depend on which.

use std::fmt;
use std::fs;

use crate::failure::{Context, Failure, Outcome};
use crate::invariants::source::Source;
use crate::workspace::{Workspace, files_below};

mod dependencies;
mod rules;
mod source;

/// The folders of the workspace's crates.
const CRATES: &[&str] = &["ot-core", "shared", "server", "frontend", "tests", "xtask"];

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Violation {
    /// The rule, as a sentence.
    rule: String,
    /// The file, relative to the workspace.
    file: String,
    /// The line, counted from one; a whole file or manifest has none.
    line: Option<usize>,
    /// What stands there.
    found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, ": {}: {}", self.rule, self.found)
    }
}

/// Checks every invariant and prints each place that breaks one.
///
/// # Errors
/// When a place does, or the sources can't be read.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let mut violations = dependencies::check(workspace)?;
    for folder in CRATES {
        for file in files_below(&workspace.path(folder))? {
            if file.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = fs::read_to_string(&file).context(|| format!("can't read {}", file.display()))?;
            let name = file.strip_prefix(workspace.root()).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            violations.extend(rules::check(&Source::read(name, &text)));
        }
    }
    for violation in &violations {
        eprintln!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        1 => Err(Failure::new("an invariant of the architecture is broken")),
        count => Err(Failure::new(format!("invariants of the architecture are broken in {count} places"))),
    }
}
