//! The REST interface against its own description: Schemathesis sends a real server what fits the description and what
//! does not, and every answer has to be one of those described.

mod demo;

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::debian;
use crate::failure::{Context, Outcome};
use crate::python;
use crate::rest::demo::Demo;
use crate::server::{PASSWORD, Server};
use crate::shell::{command, run, step};
use crate::workspace::Workspace;

/// The program that sends and compares.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// The people, what they do, and their parts of the time. Who ends sign-ins does nothing else, since it may be the own
/// one, and a token of it is then of no use to others.
const RUNS: [(&str, What, u64); 3] =
    [("ada", What::AllButSessions, 6), ("vera", What::AllButSessions, 3), ("grace", What::Sessions, 1)];

/// The operations that end sign-ins, and change the password by which the next one begins.
const SESSIONS: &str = "/session/|/me/password$";

/// What `cargo xtask rest` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long to go on, in seconds
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// The most cases of each kind for one operation
    #[arg(long, default_value_t = 100)]
    examples: u64,
    /// What the cases are drawn from; another one each time when it is not given
    #[arg(long)]
    seed: Option<u64>,
    /// Only operations whose path matches this regular expression
    #[arg(long)]
    path: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    AllButSessions,
    Sessions,
}

/// Builds the server and tries it.
///
/// # Errors
/// When something can't be built or installed, or an answer is not as described.
pub(crate) fn alone(workspace: &Workspace, options: &Options) -> Outcome {
    debian::ensure_libpq()?;
    step("building the server", "about 6 min the first time", || {
        run(command("cargo").args(["build", "--package", "coval-server", "--bin", "coval"]))
    })?;
    all(workspace, options)
}

/// Tries the server, which is built, as a part of a test run: with the same cases each time, and not for long.
///
/// # Errors
/// When something can't be installed, or an answer is not as described.
pub(crate) fn briefly(workspace: &Workspace) -> Outcome {
    all(workspace, &Options { seconds: 60, examples: 6, seed: Some(1), path: None })
}

fn all(workspace: &Workspace, options: &Options) -> Outcome {
    let schemathesis = python::ensure(workspace, SCHEMATHESIS)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = options.seed.unwrap_or(now.as_secs());
    let parts: u64 = RUNS.iter().map(|(_, _, part)| part).sum();
    for (name, what, part) in RUNS {
        // A server of one's own, since each leaves a lot behind.
        let folder = workspace.target().join("rest").join(name);
        let server = Server::start(workspace, "debug", &folder)?;
        let settings = folder.join("schemathesis.toml");
        let text = settings_of(name, what, &Demo::of(&server)?);
        fs::write(&settings, text).context(|| format!("can't write {}", settings.display()))?;
        let seconds = (options.seconds * part / parts).max(5);
        step(&format!("asking for everything as {name}, from seed {seed}"), &format!("about {seconds} s"), || {
            let mut tries = python::module(&schemathesis, "schemathesis.cli");
            tries.arg("--config-file").arg(&settings).args(["run", "--continue-on-failure"]);
            tries.args(["--max-time", &seconds.to_string(), "--max-examples", &options.examples.to_string()]);
            tries.args(["--seed", &seed.to_string(), "--url", server.origin()]);
            tries.args(options.path.iter().flat_map(|path| ["--include-path-regex", path]));
            run(tries.arg(format!("{}/api/openapi.json", server.origin())).current_dir(&folder))
        })?;
    }
    Ok(())
}

/// How Schemathesis is to try the server as `name`.
fn settings_of(name: &str, what: What, demo: &Demo) -> String {
    let left_out = match what {
        // Server-sent events have no end; `server/tests/it/events.rs` tries them.
        What::AllButSessions => format!("include-path-regex = '{SESSIONS}|/stream$'"),
        What::Sessions => format!("exclude-path-regex = '{SESSIONS}'"),
    };
    let mut text = format!(
        "\
[auth.dynamic.openapi.bearer]
path = '/api/sign-in'
payload = {{ email = '{name}@example.com', password = '{PASSWORD}' }}
extract_selector = '/token'

[generation]
allow-x00 = true
database = 'none'

# The description can't say everything: 422 names the field whose value is none.
[checks.positive_data_acceptance]
expected-statuses = ['2xx', 401, 403, 404, 409, 413, 422]

[[operations]]
{left_out}
enabled = false

# Every text is a memo.
[[operations]]
include-operation-id = 'post_workspace_import'
checks = {{ negative_data_rejection = {{ enabled = false }} }}
"
    );
    for (kind, id) in demo.ids() {
        // What is deleted is gone for those who come after: only what the run itself has made.
        text.push_str(&format!(
            "
[dictionaries.{kind}]
values = [{}]

[[operations]]
include-path-regex = '^/api/{kind}/[{{]id[}}]'
exclude-method = 'DELETE'
parameters = {{ 'path.id' = {{ dictionary = '{kind}', probability = 0.8 }} }}
",
            json!(id)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_ends_sign_ins_does_nothing_else() {
        let demo = Demo::default();
        let ends = |what| settings_of("ada", what, &demo).contains(&format!("exclude-path-regex = '{SESSIONS}'"));
        assert!(ends(What::Sessions) && !ends(What::AllButSessions));
        assert_eq!(RUNS.iter().filter(|(_, what, _)| *what == What::Sessions).count(), 1);
    }
}
