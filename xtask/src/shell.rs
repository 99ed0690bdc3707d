//! Running other programs, and saying what runs.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Outcome};

/// Runs one step of a chore: prints what it does and about how long it takes, then how long it took.
///
/// # Errors
/// Those of the step.
pub(crate) fn step<T>(what: &str, about: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("==> {what} ({about})");
    let start = Instant::now();
    let result = work();
    if result.is_ok() {
        println!("    done in {}", duration(start.elapsed()));
    }
    result
}

/// A command whose environment is the caller's, without what `cargo run` put there for this program: those
/// variables would make cargo rebuild what it built for someone who calls it directly.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let own = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || matches!(&*text, "CARGO" | "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE");
        if own {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command with this program's output as its own.
///
/// # Errors
/// When it can't be started or doesn't succeed.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().context(|| format!("can't start `{}`", words(command)))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed ({status})", words(command)))) }
}

/// Runs a command and returns what it prints to its standard output.
///
/// # Errors
/// When it can't be started or doesn't succeed; the message then has what it printed to its standard error.
pub(crate) fn read(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().context(|| format!("can't start `{}`", words(command)))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Failure::new(format!("`{}` failed ({}): {}", words(command), output.status, said.trim())))
    }
}

/// Whether a command can be started and succeeds; what it prints is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The file that a program's name stands for on PATH.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|directory| directory.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

/// PATH with some directories before everything else.
///
/// # Errors
/// When a directory's name can't stand in a PATH.
pub(crate) fn path_with(first: &[PathBuf]) -> Outcome<std::ffi::OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    env::join_paths(first.iter().cloned().chain(env::split_paths(&old)))
        .context(|| "a tool's directory can't stand in PATH".to_owned())
}

/// Makes a directory and those above it.
///
/// # Errors
/// When the file system refuses.
pub(crate) fn make_directory(path: &Path) -> Outcome {
    std::fs::create_dir_all(path).context(|| format!("can't make {}", path.display()))
}

/// A duration in words that fit one's patience: `0.4 s`, `17 s`, `5 min 20 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn words(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_named_with_what_it_said() {
        let failure = read(Command::new("sh").args(["-c", "echo no luck >&2; exit 3"])).unwrap_err().to_string();
        assert!(failure.contains("exit status: 3") && failure.ends_with("no luck"), "{failure}");
    }

    #[test]
    fn a_missing_program_is_an_error_and_not_a_crash() {
        assert!(run(&mut Command::new("coval-no-such-program")).is_err());
        assert!(!succeeds(&mut Command::new("coval-no-such-program")));
        assert_eq!(find_program("coval-no-such-program"), None);
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(17)), "17 s");
        assert_eq!(duration(Duration::from_secs(320)), "5 min 20 s");
    }
}
