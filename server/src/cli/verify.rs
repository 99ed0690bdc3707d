use std::io::Write;

use clap::Args;

use super::{CliError, FAULTS_FOUND};
use crate::store::{DatabaseUrl, Store};

/// Which database to look through.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Prints a line for each fault and one with the sum. Exit codes: 0 everything fits together, 3 it does not, 1 the database
can't be read. The server may run meanwhile.

Examples:
  coval verify
  coval verify --database-url postgres://coval@localhost/coval")]
pub struct Verify {
    /// The database: a SQLite file, or postgres://user@host/database.
    #[arg(long, env = "COVAL_DATABASE_URL", default_value = "data/coval.sqlite", hide_env_values = true)]
    database_url: String,
}

impl Verify {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let url = DatabaseUrl::parse(&self.database_url);
        if let DatabaseUrl::Sqlite(path) = &url
            && !path.is_file()
        {
            return Err(CliError::Argument(format!("{} is not there; name a database", path.display())));
        }
        let failed = |error: crate::store::StoreError| CliError::Argument(error.to_string());
        let store = Store::open(url).map_err(failed)?;
        let mut closed = None;
        let verified = store
            .verify(&mut |fault| {
                if closed.is_none() {
                    closed = writeln!(out, "{fault}").err();
                }
            })
            .map_err(failed)?;
        if let Some(error) = closed {
            return Err(CliError::output(error));
        }
        let plural = |count: u64, thing: &str| format!("{count} {thing}{}", if count == 1 { "" } else { "s" });
        let (documents, workspaces) =
            (plural(verified.documents, "document"), plural(verified.workspaces, "workspace"));
        writeln!(out, "{documents} in {workspaces}: {}", plural(verified.faults, "fault")).map_err(CliError::output)?;
        Ok(if verified.faults == 0 { 0 } else { FAULTS_FOUND })
    }
}
