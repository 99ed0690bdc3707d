//! The laws of `ot-core` and the valuation engine under a fuzzer that looks for new ways through the code, and the laws
//! under many random cases.

use std::fs;
use std::path::Path;

use crate::debian;
use crate::failure::{Context, Failure, Outcome};
use crate::shell::{command, find_program, make_directory, read, run, step};
use crate::workspace::Workspace;

/// What `cargo xtask fuzz` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What to try, such as `tp1-json` or `calc-text`, or `json-cases`, `rich-cases`, `text-cases` for random cases without a fuzzer;
    /// all targets when none is named
    targets: Vec<String>,
    /// Stop each target after this many runs
    #[arg(long)]
    runs: Option<u64>,
    /// Stop each target after this many seconds; 10 unless `--runs` is given
    #[arg(long)]
    seconds: Option<u64>,
    /// How many random cases to try
    #[arg(long, default_value_t = 1_000_000)]
    cases: u64,
    /// List the targets and do nothing else
    #[arg(long)]
    list: bool,
}

/// A crate of fuzz targets. It is no member of the workspace, since it is built with flags of its own.
struct Targets {
    directory: &'static str,
    program: &'static str,
    /// The variable that names the target to the program.
    variable: &'static str,
    /// The test that tries again what broke a target.
    test: &'static str,
}

const CRATES: [Targets; 2] = [
    Targets {
        directory: "ot-core/fuzz",
        program: "ot-core-fuzz",
        variable: "OT_FUZZ_TARGET",
        test: "cargo test -p ot-core --test it crashes",
    },
    Targets {
        directory: "shared/fuzz",
        program: "coval-shared-fuzz",
        variable: "COVAL_FUZZ_TARGET",
        test: "cargo test -p coval-shared --test it fuzzed",
    },
];

/// Makes the compiler count which ways through the code a run takes, as libFuzzer asks. These are flags of LLVM that a
/// stable compiler passes on; only the sanitizers themselves need another one.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// The targets that need no fuzzer, with their tests.
const CASES: [(&str, &str); 3] = [
    ("json-cases", "cases::random_json_cases_hold"),
    ("rich-cases", "cases::random_rich_text_cases_hold"),
    ("text-cases", "cases::random_text_cases_hold"),
];

/// Tries the targets one after the other. What breaks one is kept in the folder `crashes` of its crate.
///
/// # Errors
/// When a target is broken, a build fails, or there is no such target.
pub(crate) fn all(workspace: &Workspace, options: &Options) -> Outcome {
    let (cases, names): (Vec<_>, Vec<_>) = options.targets.iter().partition(|name| test_of(name).is_some());
    for test in cases.into_iter().filter_map(|name| test_of(name)) {
        try_cases(test, options.cases)?;
    }
    if names.is_empty() && !options.targets.is_empty() {
        return Ok(());
    }
    let mut fuzzers = Vec::new();
    for targets in &CRATES {
        let fuzzer = Fuzzer::build(workspace, targets)?;
        let known = fuzzer.targets()?;
        fuzzers.push((fuzzer, known));
    }
    let known = fuzzers.iter().flat_map(|(_, known)| known);
    if options.list {
        CASES.iter().map(|(name, _)| *name).chain(known.map(String::as_str)).for_each(|name| println!("{name}"));
        return Ok(());
    }
    for name in &names {
        if !known.clone().any(|known| known == *name) {
            return Err(
                Failure::new(format!("there is no target `{name}`")).hint("`cargo xtask fuzz --list` lists them")
            );
        }
    }
    let is_chosen = |name: &String| names.is_empty() || names.contains(&name);
    let mut broken = Vec::new();
    let mut hints = Vec::new();
    for (fuzzer, known) in &fuzzers {
        let before = broken.len();
        for name in known.iter().filter(|name| is_chosen(name)) {
            if fuzzer.run(workspace, name, options).is_err() {
                broken.push(name.as_str());
            }
        }
        if broken.len() > before {
            let Targets { directory, test, .. } = fuzzer.targets;
            hints.push(format!("what broke them is in {directory}/crashes, and `{test}` tries it again"));
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("broken: {}", broken.join(", "))).hint(hints.join("; ")))
}

fn test_of(name: &str) -> Option<&'static str> {
    CASES.iter().find(|(known, _)| *known == name).map(|(_, test)| *test)
}

fn try_cases(test: &str, cases: u64) -> Outcome {
    step(&format!("trying {cases} random cases: {test}"), "a minute to build, then some minutes a million", || {
        let mut tests = command("cargo");
        tests.args(["test", "--release", "--package", "ot-core", "--test", "it", "--", "--exact", "--nocapture", test]);
        run(tests.env("COVAL_CASES", cases.to_string()))
    })
}

/// The program that holds all targets of a crate.
struct Fuzzer {
    targets: &'static Targets,
    program: std::path::PathBuf,
}

impl Fuzzer {
    fn build(workspace: &Workspace, targets: &'static Targets) -> Outcome<Self> {
        if find_program("g++").is_none() {
            debian::install("a C++ compiler for libFuzzer", &["g++"])?;
        }
        let host = host()?;
        let target = workspace.target().join("fuzz");
        step(&format!("building the fuzz targets of {}", targets.directory), "a minute the first time", || {
            let mut build = command("cargo");
            build
                .args(["build", "--release", "--manifest-path"])
                .arg(workspace.path(targets.directory).join("Cargo.toml"));
            // Where the target is named, the flags are not for what runs during the build.
            build.args(["--target", &host, "--target-dir"]).arg(&target);
            run(build.env("RUSTFLAGS", FLAGS))
        })?;
        Ok(Self { targets, program: target.join(host).join("release").join(targets.program) })
    }

    fn targets(&self) -> Outcome<Vec<String>> {
        let list = read(command(&self.program).env(self.targets.variable, "list"))?;
        Ok(list.lines().map(str::to_owned).collect())
    }

    fn run(&self, workspace: &Workspace, name: &str, options: &Options) -> Outcome {
        let corpus = workspace.target().join("fuzz/corpus").join(name);
        let crashes = workspace.path(self.targets.directory).join("crashes").join(name);
        make_directory(&corpus)?;
        make_directory(&crashes)?;
        let mut fuzzer = command(&self.program);
        fuzzer.env(self.targets.variable, name);
        fuzzer.arg(format!("-artifact_prefix={}/", crashes.display()));
        fuzzer.args(["-max_len=1024", "-timeout=10", "-verbosity=0", "-print_final_stats=1"]);
        let seconds = options.seconds.or(options.runs.is_none().then_some(10));
        fuzzer.args(options.runs.map(|runs| format!("-runs={runs}")));
        fuzzer.args(seconds.map(|seconds| format!("-max_total_time={seconds}")));
        fuzzer.arg(&corpus);
        let outcome = step(&format!("fuzzing {name}"), "as long as it is told to", || {
            let said = read(&mut fuzzer);
            if let Err(failure) = &said {
                println!("{failure}");
            }
            said.map(drop)
        });
        remove_if_empty(&crashes)?;
        outcome
    }
}

fn remove_if_empty(directory: &Path) -> Outcome {
    let mut entries = fs::read_dir(directory).context(|| format!("can't read {}", directory.display()))?;
    if entries.next().is_some() {
        return Ok(());
    }
    fs::remove_dir(directory).context(|| format!("can't remove {}", directory.display()))
}

/// The compiler's name for this kind of machine.
fn host() -> Outcome<String> {
    let version = read(command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("`rustc -vV` does not name the host"))
}
