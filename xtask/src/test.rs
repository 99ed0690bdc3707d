//! Every test of the project, on the real things: PostgreSQL, Redis, Chromium, Node, LibreOffice.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::app;
use crate::debian;
use crate::failure::{Context, Failure, Outcome};
use crate::npm;
use crate::python;
use crate::rest;
use crate::shell::{command, find_program, run, step};
use crate::toolchain::{TARGET, Wasm};
use crate::workspace::Workspace;

/// The crates that run natively: the app itself is for browsers only.
pub(crate) const NATIVE: &[&str] = &["--workspace", "--exclude", "coval-frontend", "--exclude", "ot-core-npm"];

/// The crates that go into the app, with their folders.
pub(crate) const BROWSER: &[(&str, &str)] =
    &[("ot-core", "ot-core"), ("coval-shared", "shared"), ("coval-frontend", "frontend")];

/// Runs the tests whose name contains one of `filters`, or all of them.
///
/// # Errors
/// When something that a test needs is missing and can't be installed, a build fails, or a test does.
pub(crate) fn all(workspace: &Workspace, filters: &[String]) -> Outcome {
    let programs = Programs::ensure(workspace)?;
    let wasm = Wasm::ensure(workspace)?;
    app::build(workspace, &wasm)?;
    step("building the server and the tests", "about 6 min the first time", || {
        run(command("cargo").arg("build").args(NATIVE).args(["--bins", "--tests"]))
    })?;
    let mut sum = Sum::default();
    let mut failures = Vec::new();
    let mut note = |what: &str, outcome: Outcome<bool>| -> Outcome {
        if !outcome? {
            failures.push(what.to_owned());
        }
        Ok(())
    };
    let outcome = step("running the native tests, with a server and a browser", "about 5 min", || {
        let mut tests = command("cargo");
        tests.args(["test", "--no-fail-fast"]).args(NATIVE).arg("--").args(filters);
        tests.envs(programs.environment(workspace));
        count(&mut tests, &mut sum)
    });
    note("native tests", outcome)?;
    for (package, arguments) in wasm_tests(workspace)? {
        let outcome =
            step(&format!("running the wasm tests of {package} on Node"), "about 2 min the first time", || {
                let mut tests = wasm.command("cargo")?;
                tests.args(["test", "--no-fail-fast", "--target", TARGET, "--package", package]).args(&arguments);
                tests.arg("--").args(filters);
                tests.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
                tests.env("NODE_PATH", workspace.path("frontend/tests/chunks"));
                count(&mut tests, &mut sum)
            });
        note(&format!("wasm tests of {package}"), outcome)?;
    }
    let mut tests = npm::protocol_tests(workspace, filters)?;
    let outcome =
        step("testing the protocol with a client in JavaScript", "about 10 s", || count(&mut tests, &mut sum));
    note("the tests of the JavaScript client", outcome)?;
    if filters.is_empty() {
        let outcome = rest::briefly(workspace).map(|()| true).or_else(|failure| {
            println!("{failure}");
            Ok(false)
        });
        note("the answers as they are described", outcome)?;
    }
    npm::build(workspace, &wasm)?;
    let mut tests = npm::tests(workspace, filters)?;
    note("the npm package's tests", step("testing the npm package", "about 20 s", || count(&mut tests, &mut sum)))?;
    println!("\n{} passed, {} failed, {} ignored", sum.passed, sum.failed, sum.ignored);
    if !failures.is_empty() {
        return Err(Failure::new(format!("failed: {}", failures.join(", "))));
    }
    if sum.passed == 0 {
        return Err(Failure::new("no test ran").hint("no test's name contains what was asked for"));
    }
    Ok(())
}

/// The packages with tests made for wasm, and which of their test targets these are. In the libraries they stand in
/// `tests/wasm.rs`, since their other tests draw random numbers, which wasm alone can't; in the app all tests are.
fn wasm_tests(workspace: &Workspace) -> Outcome<Vec<(&'static str, Vec<&'static str>)>> {
    let mut found = Vec::new();
    for &(package, folder) in BROWSER {
        if workspace.path(folder).join("tests/wasm.rs").is_file() {
            found.push((package, vec!["--test", "wasm"]));
        } else if package == "coval-frontend" {
            found.push((package, vec!["--all-targets"]));
        } else {
            return Err(Failure::new(format!("{folder}/tests/wasm.rs is missing: nothing tests {package} on wasm")));
        }
    }
    Ok(found)
}

/// What the runners' result lines add up to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Sum {
    /// Adds a line like `test result: ok. 3 passed; 0 failed; 1 ignored; …`, or like Node's `# pass 3`; any other line
    /// adds nothing.
    fn add(&mut self, line: &str) {
        if let Some((name, number)) = line.trim_end().strip_prefix("# ").and_then(|words| words.split_once(' '))
            && let Ok(number) = number.parse::<u64>()
        {
            match name {
                "pass" => self.passed += number,
                "fail" | "cancelled" => self.failed += number,
                "skipped" | "todo" => self.ignored += number,
                _ => {}
            }
        }
        if !line.starts_with("test result:") {
            return;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let [number, name] = pair else { continue };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match name.trim_end_matches(';') {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

/// Runs test binaries, shows what they print, and adds up their results. Says whether all went well.
fn count(tests: &mut Command, sum: &mut Sum) -> Outcome<bool> {
    let before = sum.failed;
    let mut child = tests.stdout(Stdio::piped()).spawn().context(|| "can't start cargo".to_owned())?;
    let output = child.stdout.take().ok_or_else(|| Failure::new("cargo's output can't be read"))?;
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    // Bytes rather than text: a test may print what is not UTF-8.
    while reader.read_until(b'\n', &mut line).context(|| "can't read cargo's output".to_owned())? > 0 {
        let mut out = std::io::stdout().lock();
        out.write_all(&line).and_then(|()| out.flush()).context(|| "can't print".to_owned())?;
        sum.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    let status = child.wait().context(|| "can't wait for cargo".to_owned())?;
    Ok(status.success() && sum.failed == before)
}

/// The programs that tests run.
#[derive(Debug)]
pub(crate) struct Programs {
    chromium: PathBuf,
    chromedriver: PathBuf,
    redis: PathBuf,
    soffice: PathBuf,
    /// Where `initdb`, `pg_ctl` and `postgres` are.
    postgres: PathBuf,
    /// The script that finds what keeps people out of a page.
    axe: PathBuf,
}

impl Programs {
    /// Finds them all, after installing what is missing.
    ///
    /// # Errors
    /// When one is missing and can't be installed.
    pub(crate) fn ensure(workspace: &Workspace) -> Outcome<Self> {
        bring(|_| true)?;
        Ok(Self {
            chromium: require("Chromium", find_chromium())?,
            chromedriver: require("ChromeDriver", find_program("chromedriver"))?,
            redis: require("Redis", find_program("redis-server"))?,
            soffice: require("LibreOffice", find_program("soffice"))?,
            postgres: require("PostgreSQL", find_postgres())?,
            axe: npm::audit(workspace, "axe")?.join("node_modules/axe-core/axe.min.js"),
        })
    }

    /// How the tests learn where everything is.
    pub(crate) fn environment(&self, workspace: &Workspace) -> Vec<(&'static str, OsString)> {
        let binary = workspace.target().join("debug").join(format!("coval{}", std::env::consts::EXE_SUFFIX));
        vec![
            ("COVAL_BIN", binary.into()),
            ("COVAL_CHROMIUM", self.chromium.clone().into()),
            ("COVAL_CHROMEDRIVER", self.chromedriver.clone().into()),
            ("COVAL_REDIS_SERVER", self.redis.clone().into()),
            ("COVAL_SOFFICE", self.soffice.clone().into()),
            ("COVAL_POSTGRES_BIN", self.postgres.clone().into()),
            ("COVAL_AXE", self.axe.clone().into()),
        ]
    }
}

/// Something a test needs, and the packages of Debian that hold it.
struct Need {
    name: &'static str,
    is_here: fn() -> bool,
    packages: &'static [&'static str],
}

const NEEDS: &[Need] = &[
    Need { name: "a C compiler", is_here: || find_program("cc").is_some(), packages: &["gcc", "libc6-dev"] },
    Need { name: "make", is_here: || find_program("make").is_some(), packages: &["make"] },
    Need { name: "libpq", is_here: debian::has_libpq, packages: debian::LIBPQ },
    Need { name: "Node", is_here: || find_program("node").is_some(), packages: &["nodejs"] },
    Need { name: "npm", is_here: npm::has_npm, packages: &["npm"] },
    Need { name: "pip", is_here: python::has_pip, packages: &["python3", "python3-pip"] },
    // Without a font the screenshots have no text.
    Need { name: "Chromium", is_here: || find_chromium().is_some(), packages: &["chromium", "fonts-dejavu-core"] },
    Need { name: "ChromeDriver", is_here: || find_program("chromedriver").is_some(), packages: &["chromium-driver"] },
    Need { name: "Redis", is_here: || find_program("redis-server").is_some(), packages: &["redis-server"] },
    Need {
        name: "LibreOffice Calc",
        is_here: || find_program("soffice").is_some(),
        packages: &["libreoffice-calc-nogui"],
    },
    // By it a disk fails on purpose.
    Need { name: "strace", is_here: || find_program("strace").is_some(), packages: &["strace"] },
    Need { name: "PostgreSQL's server programs", is_here: || find_postgres().is_some(), packages: &["postgresql"] },
];

/// Makes sure that Chromium is there, and Node with npm, and names Chromium.
///
/// # Errors
/// When one of them is missing and can't be installed.
pub(crate) fn ensure_browser() -> Outcome<PathBuf> {
    bring(|need| matches!(need.name, "Node" | "npm" | "Chromium"))?;
    require("Chromium", find_chromium())
}

/// Installs what is missing of those needs that are `wanted`.
fn bring(wanted: impl Fn(&Need) -> bool) -> Outcome {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| wanted(need) && !(need.is_here)()).collect();
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|need| need.name).collect();
        let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
        debian::install(&names.join(", "), &packages)?;
    }
    match missing.iter().find(|need| !(need.is_here)()) {
        Some(need) => Err(Failure::new(format!("{} is still missing after its packages were installed", need.name))),
        None => Ok(()),
    }
}

fn require(name: &str, found: Option<PathBuf>) -> Outcome<PathBuf> {
    found.ok_or_else(|| Failure::new(format!("{name} is not on PATH")))
}

fn find_chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome", "chrome"].iter().find_map(|name| find_program(name))
}

fn find_postgres() -> Option<PathBuf> {
    let has_all = |directory: &Path| ["initdb", "pg_ctl", "postgres"].iter().all(|name| directory.join(name).is_file());
    let on_path = find_program("pg_ctl").and_then(|program| program.parent().map(Path::to_path_buf));
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    on_path.into_iter().chain(versions.into_iter().rev()).find(|directory| has_all(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_add_up_and_other_lines_do_not() {
        let mut sum = Sum::default();
        sum.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s");
        sum.add("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 filtered out");
        sum.add("the log says: 9 passed; 9 failed;");
        sum.add("# tests 4\n");
        sum.add("# pass 3\n");
        sum.add("# fail 1\n");
        assert_eq!(sum, Sum { passed: 10, failed: 3, ignored: 1 });
    }

    #[test]
    fn a_runner_that_fails_without_a_result_line_counts_as_failed() {
        let mut sum = Sum::default();
        let went_well = count(Command::new("sh").args(["-c", "echo oh; exit 1"]), &mut sum).unwrap();
        assert!(!went_well);
        assert_eq!(sum, Sum::default());
    }
}
