//! Settings from a file, the environment and the command line: what stands later in this list wins.
//!
//! The file is TOML. Its keys are the flags without their dashes, so that whatever is a flag can stand in the file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches};
use toml::{Table, Value};

use super::Cli;

/// The largest file of settings, in bytes.
const FILE_BYTES: u64 = 1024 * 1024;

/// The flag that names the file.
const CONFIG: &str = "config";

/// The flag that has the settings printed.
const PRINT: &str = "print_config";

/// Why the settings in a file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("can't read {}: {reason}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The file is no TOML.
    #[error("{} is no TOML: {reason}", .file.display())]
    NotToml {
        /// The file.
        file: PathBuf,
        /// Where and why, in one line.
        reason: String,
    },
    /// There is no such setting.
    #[error("{} sets \"{key}\", which is no setting; \"coval serve --help\" lists them", .file.display())]
    Unknown {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
    },
    /// A setting has a value that it can't have.
    #[error("{} sets \"{key}\" to something else than {expected}", .file.display())]
    WrongKind {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
        /// What it can have.
        expected: &'static str,
    },
}

/// What the program was told, and where each setting comes from.
#[derive(Debug)]
pub struct Told {
    /// What to do.
    pub cli: Cli,
    /// The settings, if they are to be printed instead.
    pub printed: Option<String>,
}

/// Reads the arguments, beginning with the program's name, and the file that they name. Ends the program, as clap does,
/// when somebody asks for help or the command line is wrong.
///
/// # Errors
///
/// Returns a [`ConfigError`] when the file can't be used.
pub fn read(arguments: Vec<OsString>) -> Result<Told, ConfigError> {
    let first = parse(&arguments);
    let from_file = match first.subcommand() {
        Some((name, matches)) => match config(matches) {
            Some(file) => additions(&file, name, matches)?,
            None => Vec::new(),
        },
        None => Vec::new(),
    };
    let mut completed = arguments;
    // Behind the name of the command.
    let place = completed.len().min(2);
    completed.splice(place..place, from_file.iter().map(|(_, argument)| argument.clone()));
    let matches = parse(&completed);
    let printed = matches.subcommand().filter(|(_, matches)| is_set(matches, PRINT)).map(|(name, matches)| {
        let keys: Vec<&str> = from_file.iter().map(|(id, _)| id.as_str()).collect();
        print(name, matches, &keys)
    });
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => Ok(Told { cli, printed }),
        Err(error) => error.exit(),
    }
}

fn parse(arguments: &[OsString]) -> ArgMatches {
    match Cli::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => error.exit(),
    }
}

fn config(matches: &ArgMatches) -> Option<PathBuf> {
    matches.try_get_one::<PathBuf>(CONFIG).ok().flatten().cloned()
}

fn is_set(matches: &ArgMatches, flag: &str) -> bool {
    matches.try_get_one::<bool>(flag).ok().flatten().copied().unwrap_or_default()
}

/// The settings of the file that nothing stronger sets, as arguments: of each, the id and the argument.
fn additions(file: &Path, command: &str, matches: &ArgMatches) -> Result<Vec<(String, OsString)>, ConfigError> {
    let own = arguments_of(command);
    let all = arguments_of("serve");
    let mut additions = Vec::new();
    for (key, value) in load(file)? {
        let find = |arguments: &[Arg]| {
            arguments.iter().find(|argument| argument.get_long() == Some(key.replace('_', "-").as_str())).cloned()
        };
        let Some(argument) = find(&own) else {
            // One file serves all commands; not each knows every setting of the server.
            if find(&all).is_some() {
                continue;
            }
            return Err(ConfigError::Unknown { file: file.to_owned(), key });
        };
        let id = argument.get_id().to_string();
        if id == CONFIG || id == PRINT {
            return Err(ConfigError::Unknown { file: file.to_owned(), key });
        }
        let texts = texts(file, &key, &argument, value)?;
        if !matches!(matches.value_source(&id), None | Some(ValueSource::DefaultValue)) {
            continue;
        }
        additions.extend(texts.into_iter().map(|text| (id.clone(), text.into())));
    }
    Ok(additions)
}

fn arguments_of(command: &str) -> Vec<Arg> {
    let program = Cli::command();
    program.find_subcommand(command).map(|command| command.get_arguments().cloned().collect()).unwrap_or_default()
}

fn load(file: &Path) -> Result<Table, ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable { file: file.to_owned(), reason };
    let length = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?.len();
    if length > FILE_BYTES {
        return Err(unreadable(format!("it has more than {FILE_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.lines().count().max(1));
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        // Only the first line: the others repeat the file, which may hold a password.
        let reason = error.message().lines().next().unwrap_or_default();
        ConfigError::NotToml { file: file.to_owned(), reason: format!("{place}{reason}") }
    })
}

/// What somebody would write on the command line to set the same.
fn texts(file: &Path, key: &str, argument: &Arg, value: Value) -> Result<Vec<String>, ConfigError> {
    let wrong = |expected| ConfigError::WrongKind { file: file.to_owned(), key: key.to_owned(), expected };
    let long = argument.get_long().unwrap_or(key);
    match (argument.get_action(), value) {
        (ArgAction::SetTrue, Value::Boolean(true)) => Ok(vec![format!("--{long}")]),
        (ArgAction::SetTrue, Value::Boolean(false)) => Ok(Vec::new()),
        (ArgAction::SetTrue, _) => Err(wrong("true or false")),
        (ArgAction::Append, Value::Array(values)) => values
            .into_iter()
            .map(|value| Ok(format!("--{long}={}", scalar(value).ok_or_else(|| wrong("a list of texts"))?)))
            .collect(),
        (_, value) => {
            let text = scalar(value).ok_or_else(|| wrong("a text, a number, or true or false"))?;
            Ok(vec![format!("--{long}={text}")])
        }
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

/// The settings in effect as a file that sets the same, with where each comes from, and without secrets.
fn print(command: &str, matches: &ArgMatches, from_file: &[&str]) -> String {
    let mut printed = String::new();
    for argument in arguments_of(command) {
        let id = argument.get_id().as_str();
        let Some(long) = argument.get_long().filter(|_| id != CONFIG && id != PRINT) else {
            continue;
        };
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) if from_file.contains(&id) => "file".to_owned(),
            Some(ValueSource::CommandLine) => format!("--{long}"),
            Some(ValueSource::EnvVariable) => argument.get_env().unwrap_or_default().to_string_lossy().into_owned(),
            _ => "default".to_owned(),
        };
        let line = match shown(&argument, matches) {
            Some(value) => format!("{long} = {value}  # {source}\n"),
            None => format!("# {long} is not set\n"),
        };
        printed.push_str(&line);
    }
    printed
}

fn shown(argument: &Arg, matches: &ArgMatches) -> Option<String> {
    let id = argument.get_id().as_str();
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        return Some(matches.get_flag(id).to_string());
    }
    let values = matches.get_raw(id)?;
    let mut texts = values.map(|value| {
        let text = value.to_string_lossy();
        let is_address = argument.get_long().is_some_and(|long| long.ends_with("url"));
        toml_text(&match argument.is_hide_env_values_set() {
            true if is_address => without_secret(&text),
            true => "(hidden)".to_owned(),
            false => text.into_owned(),
        })
    });
    match argument.get_action() {
        ArgAction::Append => Some(format!("[{}]", texts.collect::<Vec<_>>().join(", "))),
        _ => texts.next(),
    }
}

/// A number or a quoted text.
fn toml_text(text: &str) -> String {
    match text.parse::<i64>() {
        Ok(number) => number.to_string(),
        Err(_) => Value::String(text.to_owned()).to_string(),
    }
}

/// `postgres://user:secret@host/db` without the secret, and without parameters, which may hold one. A path as it is.
pub(crate) fn without_secret(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    match rest.rsplit_once('@') {
        Some((person, place)) => {
            let user = person.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{place}")
        }
        None => format!("{scheme}://{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, Settings};

    fn told(file: &str, arguments: &[&str]) -> Result<(Settings, Option<String>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("coval.toml");
        std::fs::write(&path, file).unwrap();
        let mut all: Vec<OsString> = vec!["coval".into(), "serve".into(), "--config".into(), path.clone().into()];
        all.extend(arguments.iter().map(OsString::from));
        match read(all) {
            Ok(Told { cli: Cli { command: Command::Serve(settings) }, printed }) => Ok((settings, printed)),
            Ok(_) => Err("another command".to_owned()),
            Err(error) => Err(error.to_string().replace(&*path.to_string_lossy(), "FILE")),
        }
    }

    #[test]
    fn what_a_flag_sets_goes_before_the_file_and_the_file_before_the_default() {
        let file = "port = 9000\nhost = \"0.0.0.0\"\ndemo = true\nallow-origin = [\"https://a.example\", \"https://b.example\"]";
        let (settings, _) = told(file, &["--port", "9001"]).unwrap();
        assert_eq!((settings.port, settings.host.as_str(), settings.demo), (9001, "0.0.0.0", true));
        assert_eq!(settings.allowed_origins, ["https://a.example", "https://b.example"]);
        assert_eq!(settings.log, "warn,coval_server=info");
        assert!(!told("demo = false", &[]).unwrap().0.demo);
        assert_eq!(told("allow_origin = []", &[]).unwrap().0.allowed_origins, Vec::<String>::new());
    }

    #[test]
    fn what_is_printed_says_where_it_comes_from_and_keeps_secrets() {
        let file = "database-url = \"postgres://ada:very-secret@db/coval?password=very-secret\"\nport = 9000";
        let (_, printed) = told(file, &["--print-config", "--host", "::1"]).unwrap();
        let printed = printed.unwrap();
        assert!(printed.contains("port = 9000  # file\n"), "{printed}");
        assert!(printed.contains("host = \"::1\"  # --host\n"), "{printed}");
        assert!(printed.contains("database-url = \"postgres://ada@db/coval\"  # file\n"), "{printed}");
        assert!(printed.contains("demo = false  # default\n"), "{printed}");
        assert!(printed.contains("# redis-url is not set\n"), "{printed}");
        assert!(!printed.contains("very-secret"), "{printed}");
        printed.parse::<Table>().unwrap();
        assert_eq!(told("port = 9000", &[]).unwrap().1, None);
    }

    #[test]
    fn a_file_that_can_not_be_used_is_named_with_what_is_wrong() {
        let wrong = |file: &str| told(file, &[]).unwrap_err();
        assert_eq!(wrong("prot = 9000"), "FILE sets \"prot\", which is no setting; \"coval serve --help\" lists them");
        assert_eq!(wrong("demo = 1"), "FILE sets \"demo\" to something else than true or false");
        assert_eq!(
            wrong("[port]\nx = 1"),
            "FILE sets \"port\" to something else than a text, a number, or true or false"
        );
        assert_eq!(wrong("allow-origin = [[]]"), "FILE sets \"allow-origin\" to something else than a list of texts");
        assert_eq!(
            wrong("config = \"other\""),
            "FILE sets \"config\", which is no setting; \"coval serve --help\" lists them"
        );
        let broken = wrong("port = 1\nhost = \"very-secret");
        assert!(broken.starts_with("FILE is no TOML: line 2: ") && !broken.contains("very-secret"), "{broken}");
        let missing = read(["coval", "serve", "--config", "/nowhere/coval.toml"].map(OsString::from).to_vec());
        assert!(missing.unwrap_err().to_string().starts_with("can't read /nowhere/coval.toml: "));
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(without_secret("postgres://ada:secret@db/coval"), "postgres://ada@db/coval");
        assert_eq!(without_secret("redis://:secret@cache:6379/0"), "redis://@cache:6379/0");
        assert_eq!(without_secret("postgres://db/coval"), "postgres://db/coval");
        assert_eq!(without_secret("data/a@b.sqlite"), "data/a@b.sqlite");
    }
}
