//! The command line.

mod analysis;
mod calc;
mod checks;
mod config;
mod database;
mod eval;
mod explain;
mod failure;
mod files;
mod model;
mod montecarlo;
mod template;
mod user;
mod verify;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};

pub(crate) use config::without_secret;
pub use config::{ConfigError, Told, read};
pub use database::Keep;
pub use failure::CliError;

use coval_shared::limits::CALCULATIONS_PER_PERSON;
use coval_shared::secret::Secret;
use uuid::Uuid;

use crate::auth::{Network, Rates};
use crate::bus::BusSettings;
use crate::jobs::JobLimits;
use crate::log::LogFormat;
use crate::store::DatabaseUrl;

/// A workbench in which a team values a company together.
#[derive(Debug, Parser)]
#[command(
    name = "coval",
    version,
    after_help = "\
Exit codes: 0 done; 1 something can't be read, written or found; 2 the command line is wrong; 3 done, and a value that
was asked for has an error, or what was verified does not fit together."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the app, and keep the documents.
    ///
    /// Open the address that it prints in a browser; everybody who opens a document edits it together. Every edit is in
    /// the database before it counts as saved. SIGTERM or Ctrl-C ends the server; browsers connect again by themselves
    /// when it is back.
    Serve(Settings),
    /// Calculate expressions: one a line on standard input, one result or error a line on standard output.
    Calc(calc::Calc),
    /// Print a template as a model, or list the templates.
    Template(template::PrintTemplate),
    /// Calculate a model and print its outputs.
    Eval(eval::Eval),
    /// Say where the value of a cell comes from.
    Explain(explain::Explain),
    /// Simulate outputs with inputs that are uncertain.
    Montecarlo(montecarlo::MonteCarlo),
    /// Calculate outputs over the values of one input, or of two.
    Sensitivity(analysis::Sensitivity),
    /// Rank inputs by how far each moves an output.
    Tornado(analysis::Tornado),
    /// Find the input at which an output reaches a target.
    Goalseek(analysis::GoalSeekArguments),
    /// Put the scenarios side by side.
    Compare(analysis::Compare),
    /// Make a model of an xlsx or csv file.
    Import(files::Import),
    /// Write a model as a workbook with live formulas, or its values as csv or JSON.
    Export(files::Export),
    /// Copy the whole database into a file, while the server runs.
    ///
    /// The copy is read before it gets its name. Of a SQLite database it is one as well; of PostgreSQL it is written by
    /// pg_dump, which must be there.
    Backup(database::Backup),
    /// Put a backup in the place of the database, while no server runs.
    Restore(database::Restore),
    /// Remove what is kept only for a time, as the server does every hour.
    Maintain(database::Maintain),
    /// Make, list and change accounts.
    User(user::User),
    /// Look whether everything in a database fits together.
    Verify(verify::Verify),
}

impl Command {
    /// Does what the command says, except for [`Command::Serve`], which needs a runtime. Returns the exit code.
    ///
    /// # Errors
    ///
    /// Returns a [`CliError`] when something can't be read, written or found.
    pub fn run(&self) -> Result<u8, CliError> {
        let mut out = io::stdout().lock();
        match self {
            Self::Serve(_) => Ok(0),
            Self::Calc(calc) => calc.run(io::stdin().lock(), &mut out),
            Self::Template(template) => template.run(&mut out),
            Self::Eval(eval) => eval.run(&mut out),
            Self::Explain(explain) => explain.run(&mut out),
            Self::Montecarlo(monte_carlo) => monte_carlo.run(&mut out),
            Self::Sensitivity(sensitivity) => sensitivity.run(&mut out),
            Self::Tornado(tornado) => tornado.run(&mut out),
            Self::Goalseek(goal_seek) => goal_seek.run(&mut out),
            Self::Compare(compare) => compare.run(&mut out),
            Self::Import(import) => import.run(&mut out),
            Self::Export(export) => export.run(),
            Self::Backup(backup) => backup.run(&mut out),
            Self::Restore(restore) => restore.run(&mut out),
            Self::Maintain(maintain) => maintain.run(&mut out),
            Self::User(user) => user.run(io::stdin().lock(), &mut out),
            Self::Verify(verify) => verify.run(&mut out),
        }
    }
}

/// The exit code of a command that did its work, and found that something does not fit together.
const FAULTS_FOUND: u8 = 3;

/// The exit code of a command that did its work, and found a value with an error.
const VALUE_HAS_ERROR: u8 = 3;

/// How to serve.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval serve --demo                       try it: http://127.0.0.1:8080, documents in data/coval.sqlite
  coval serve --database-url /var/lib/coval/coval.sqlite
  coval serve --database-url postgres://coval@localhost/coval
  coval serve --allow-origin https://coval.example    behind a proxy that changes the Host header

Health: GET /health answers 200 as long as the process does; GET /ready answers 200 when the server can work, else 503.")]
pub struct Settings {
    /// A file with settings, in TOML: its keys are these flags without their dashes. Flags and variables go before it.
    #[arg(long, env = "COVAL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Print the settings that would be in effect, with where each comes from and without secrets, and end.
    #[arg(long)]
    pub print_config: bool,

    /// The address to listen on.
    #[arg(long, env = "COVAL_HOST", default_value = "127.0.0.1", value_parser = checks::host)]
    pub host: String,

    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "COVAL_PORT", default_value_t = 8080)]
    pub port: u16,

    /// Where the documents are kept: a SQLite file, made when it is not there, or postgres://user@host/database.
    #[arg(long, env = "COVAL_DATABASE_URL", default_value = "data/coval.sqlite", hide_env_values = true)]
    pub database_url: String,

    /// The Redis server over which several servers on one database hear of each other, as redis://host:port.
    #[arg(long, env = "COVAL_REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub redis_url: Option<String>,

    /// What the names of channels in Redis begin with, so that several installations can share one.
    #[arg(long, env = "COVAL_REDIS_PREFIX", value_name = "TEXT", default_value = "coval", value_parser = checks::name)]
    pub redis_prefix: String,

    /// The name of this server among those on the same database; one of its own for each. Drawn when it is not given.
    #[arg(long, env = "COVAL_NODE", value_name = "NAME", value_parser = checks::name)]
    pub node: Option<String>,

    /// Make sure that a workspace "Demo" with the model of Apple Inc. is there.
    #[arg(long, env = "COVAL_DEMO", value_parser = BoolishValueParser::new())]
    pub demo: bool,

    /// The password of the demo's people; drawn at the first start when it is not given. For tests.
    #[arg(long, env = "COVAL_DEMO_PASSWORD", value_name = "TEXT", value_parser = secret, hide_env_values = true)]
    pub demo_password: Option<Secret>,

    /// Serve the demo, whose sign-ins are printed, on another address than this machine's own.
    #[arg(long, env = "COVAL_ALLOW_PUBLIC_DEMO", value_parser = BoolishValueParser::new())]
    pub allow_public_demo: bool,

    /// The file with the key that signs tokens, drawn when it is not there. Several servers on one database share it.
    /// It lies beside a SQLite file, else in data/, when it is not named.
    #[arg(long, env = "COVAL_TOKEN_KEY_FILE", value_name = "FILE")]
    pub token_key_file: Option<PathBuf>,

    /// How many requests a minute one person may send, or everybody at one address who is not signed in; 0 is no limit.
    #[arg(long, env = "COVAL_LIMIT_REQUESTS", value_name = "NUMBER", default_value_t = 1200)]
    pub limit_requests: u32,

    /// The same for what takes long: exports, imports, calculations, searches, merges.
    #[arg(long, env = "COVAL_LIMIT_EXPENSIVE", value_name = "NUMBER", default_value_t = 60)]
    pub limit_expensive: u32,

    /// How often a minute somebody may try to sign in from one address, and to one account.
    #[arg(long, env = "COVAL_LIMIT_SIGN_INS", value_name = "NUMBER", default_value_t = 20)]
    pub limit_sign_ins: u32,

    /// How many messages a second one socket may send; further ones wait. 0 is no limit.
    #[arg(long, env = "COVAL_LIMIT_MESSAGES", value_name = "NUMBER", default_value_t = 1000)]
    pub limit_messages: u32,

    /// How many calculations a person may have waiting or running.
    #[arg(long, env = "COVAL_LIMIT_CALCULATIONS", value_name = "NUMBER", default_value_t = CALCULATIONS_PER_PERSON, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub limit_calculations: u64,

    /// How many seconds a calculation may take.
    #[arg(long, env = "COVAL_CALCULATION_SECONDS", value_name = "NUMBER", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub calculation_seconds: u64,

    /// How many calculations run at once. All cores but one when it is not given.
    #[arg(long, env = "COVAL_CALCULATION_THREADS", value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub calculation_threads: Option<u16>,

    /// The address, or network as in 10.0.0.0/8, of a proxy in front, whose X-Forwarded-For is believed. May be repeated.
    #[arg(long = "trusted-proxy", env = "COVAL_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// An origin whose pages may connect, beside the server's own. May be repeated.
    #[arg(long = "allow-origin", env = "COVAL_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = checks::origin)]
    pub allowed_origins: Vec<String>,

    /// How much to log: error, warn, info, debug, or a filter as in coval_server=debug,actix_web=info.
    #[arg(long, env = "COVAL_LOG", default_value = "warn,coval_server=info")]
    pub log: String,

    /// How to write the log: a line of text an event, or a JSON object.
    #[arg(long, env = "COVAL_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// Where Prometheus finds what the server measures, as 127.0.0.1:9090. Not on the port of the app, and off when it
    /// is not given.
    #[arg(long, env = "COVAL_METRICS_ADDRESS", value_name = "ADDRESS")]
    pub metrics_address: Option<SocketAddr>,

    /// How long to keep what is of no use any more.
    #[command(flatten)]
    pub keep: Keep,
}

impl Settings {
    pub(crate) fn database(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.database_url)
    }

    /// How to reach the other servers on the same database, if there are any.
    pub(crate) fn bus(&self) -> Option<BusSettings> {
        let node = || format!("node-{}", Uuid::now_v7().simple());
        Some(BusSettings {
            url: self.redis_url.clone()?,
            prefix: self.redis_prefix.clone(),
            node: self.node.clone().unwrap_or_else(node),
        })
    }

    /// Where the server keeps what belongs to it beside the database.
    pub(crate) fn folder(&self) -> PathBuf {
        match self.database() {
            DatabaseUrl::Sqlite(path) => path.parent().map(PathBuf::from).unwrap_or_default(),
            DatabaseUrl::Postgres(_) => PathBuf::from("data"),
        }
    }

    /// The file with the key that signs tokens.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.token_key_file.clone().unwrap_or_else(|| self.folder().join("token.key"))
    }

    /// How much everybody may ask for.
    pub(crate) fn rates(&self) -> Rates {
        Rates {
            requests: self.limit_requests,
            expensive: self.limit_expensive,
            sign_ins: self.limit_sign_ins,
            trusted_proxies: self.trusted_proxies.clone(),
        }
    }

    /// How many calculations there may be, and for how long each may run.
    pub(crate) fn job_limits(&self) -> JobLimits {
        let standard = JobLimits::default();
        JobLimits {
            threads: self.calculation_threads.map_or(standard.threads, usize::from),
            time: Duration::from_secs(self.calculation_seconds),
            per_person: self.limit_calculations,
            ..standard
        }
    }

    /// Whether only this machine reaches the server.
    pub(crate) fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_database_is_a_path_or_a_postgres_url() {
        assert_eq!(DatabaseUrl::parse("data/x.sqlite"), DatabaseUrl::Sqlite("data/x.sqlite".into()));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/x"), DatabaseUrl::Sqlite("/var/x".into()));
        assert_eq!(DatabaseUrl::parse("postgres://h/d"), DatabaseUrl::Postgres("postgres://h/d".into()));
    }
}
