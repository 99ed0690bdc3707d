//! Commands for the database alone.

use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::CliError;
use crate::store::backup::{self, Contents};
use crate::store::{DatabaseUrl, Retention, Store};

/// Which database.
#[derive(Clone, Debug, Args)]
pub(super) struct Database {
    /// A file with settings, as of "coval serve".
    #[arg(long, env = "COVAL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// The database: a SQLite file, or postgres://user@host/database.
    #[arg(long, env = "COVAL_DATABASE_URL", default_value = "data/coval.sqlite", hide_env_values = true)]
    database_url: String,
}

impl Database {
    fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.database_url)
    }
}

/// What to copy, and where to.
#[derive(Clone, Debug, Args)]
pub struct Backup {
    /// The file to write; it must not be there.
    file: PathBuf,

    #[command(flatten)]
    database: Database,

    /// The folder of pg_dump and pg_restore, if they are not on the path.
    #[arg(long, env = "COVAL_POSTGRES_BIN", value_name = "DIR")]
    postgres_programs: Option<PathBuf>,
}

impl Backup {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let contents = backup::backup(&self.database.url(), &self.file, self.postgres_programs.as_deref())?;
        writeln!(out, "wrote {}: {}", self.file.display(), described(contents)).map_err(CliError::output)?;
        Ok(0)
    }
}

/// What to bring back.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    /// The file that "coval backup" wrote.
    file: PathBuf,

    #[command(flatten)]
    database: Database,

    /// The folder of pg_restore, if it is not on the path.
    #[arg(long, env = "COVAL_POSTGRES_BIN", value_name = "DIR")]
    postgres_programs: Option<PathBuf>,
}

impl Restore {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let (contents, before) = backup::restore(&self.database.url(), &self.file, self.postgres_programs.as_deref())?;
        writeln!(out, "restored {}: {}", self.file.display(), described(contents)).map_err(CliError::output)?;
        if let Some(before) = before {
            writeln!(out, "what was there before is in {}", before.display()).map_err(CliError::output)?;
        }
        Ok(0)
    }
}

fn described(contents: Contents) -> String {
    format!("{} documents, {} ops", contents.documents, contents.operations)
}

/// How long to keep what is of no use any more.
#[derive(Clone, Debug, Args)]
pub struct Keep {
    /// Days for which sign-ins are kept after they ended.
    #[arg(long, env = "COVAL_KEEP_SIGN_INS", value_name = "DAYS", default_value_t = 30)]
    pub keep_sign_ins: u32,

    /// Days for which invitations are kept after they were accepted or expired.
    #[arg(long, env = "COVAL_KEEP_INVITATIONS", value_name = "DAYS", default_value_t = 30)]
    pub keep_invitations: u32,

    /// Days for which share links are kept after they were revoked or expired.
    #[arg(long, env = "COVAL_KEEP_SHARE_LINKS", value_name = "DAYS", default_value_t = 30)]
    pub keep_share_links: u32,

    /// Days for which calculations are kept after they ended.
    #[arg(long, env = "COVAL_KEEP_CALCULATIONS", value_name = "DAYS", default_value_t = 90)]
    pub keep_calculations: u32,
}

impl Keep {
    pub(crate) fn retention(&self) -> Retention {
        Retention {
            sign_ins: self.keep_sign_ins,
            invitations: self.keep_invitations,
            share_links: self.keep_share_links,
            calculations: self.keep_calculations,
        }
    }
}

/// What to tidy up.
#[derive(Clone, Debug, Args)]
pub struct Maintain {
    #[command(flatten)]
    database: Database,

    #[command(flatten)]
    keep: Keep,
}

impl Maintain {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        let cleared = Store::open(self.database.url())
            .and_then(|store| store.maintain(now_ms, self.keep.retention()))
            .map_err(|error| CliError::Database(error.to_string()))?;
        writeln!(
            out,
            "removed {} tickets, {} sign-ins, {} invitations, {} grants, {} share links, {} calculations, {} guests",
            cleared.tickets,
            cleared.sign_ins,
            cleared.invitations,
            cleared.grants,
            cleared.share_links,
            cleared.calculations,
            cleared.guests
        )
        .map_err(CliError::output)?;
        Ok(0)
    }
}
