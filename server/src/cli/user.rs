//! The people who can sign in.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use coval_shared::limits::{EMAIL_BYTES, PASSWORD_CHARS, PASSWORD_MAX_BYTES, PERSON_NAME_CHARS};
use coval_shared::protocol::UserId;
use coval_shared::secret::Secret;
use uuid::Uuid;

use super::CliError;
use crate::auth::{draw, hash_password};
use crate::store::{Account, DatabaseUrl, NewUser, Store, StoreError};

/// How many characters of a drawn token make a password: some 120 bits.
const DRAWN_CHARS: usize = 20;

/// What to do with whom.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval user create ada@example.com --name Ada        the first one: a password is drawn and printed
  coval user password ada@example.com --password-stdin < secret.txt
  coval user disable ada@example.com

The server may run meanwhile; it notices within a second.")]
pub struct User {
    /// A file with settings, as for coval serve.
    #[arg(long, env = "COVAL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where the documents are kept.
    #[arg(long, env = "COVAL_DATABASE_URL", default_value = "data/coval.sqlite", hide_env_values = true)]
    database_url: String,

    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Make an account. Its password is drawn and printed, or read.
    Create {
        /// The e-mail to sign in with.
        email: String,
        /// What others see.
        #[arg(long)]
        name: String,
        /// Let them read how the server is; this gives no right on documents.
        #[arg(long)]
        operator: bool,
        #[command(flatten)]
        source: Source,
    },
    /// List all who have an account.
    List,
    /// Replace a password. All sign-ins of the person end.
    Password {
        /// The e-mail.
        email: String,
        #[command(flatten)]
        source: Source,
    },
    /// Shut somebody out. All their sign-ins end; what they wrote stays.
    Disable {
        /// The e-mail.
        email: String,
    },
    /// Let somebody in again.
    Enable {
        /// The e-mail.
        email: String,
    },
}

/// Where a password comes from. Never from the command line, which others on the machine can read.
#[derive(Clone, Copy, Debug, Args)]
struct Source {
    /// Read the password from the first line of standard input, and don't draw one.
    #[arg(long)]
    password_stdin: bool,
}

impl User {
    pub(super) fn run(&self, input: impl BufRead, out: &mut impl Write) -> Result<u8, CliError> {
        let store = Store::open(DatabaseUrl::parse(&self.database_url)).map_err(failed)?;
        match &self.action {
            Action::Create { email, name, operator, source } => {
                let (email, name) = (checked_email(email)?, checked_name(name)?);
                let password = source.password(input)?;
                let hash = hash_password(&password).map_err(|error| CliError::Argument(error.to_string()))?;
                let new = NewUser {
                    id: UserId(Uuid::now_v7()),
                    email: Some(&email),
                    name: &name,
                    password_hash: Some(&hash),
                    is_guest: false,
                    is_operator: *operator,
                };
                match store.create_user(&new, now_ms()) {
                    Err(StoreError::Conflict) => {
                        return Err(CliError::Argument(format!("{email} has an account already")));
                    }
                    other => other.map_err(failed)?,
                }
                source.show(&email, &password, out)
            }
            Action::List => list(&store, out),
            Action::Password { email, source } => {
                let account = found(&store, email)?;
                let password = source.password(input)?;
                let hash = hash_password(&password).map_err(|error| CliError::Argument(error.to_string()))?;
                store.set_password(account.id, &hash, None, now_ms()).map_err(failed)?;
                source.show(email, &password, out)
            }
            Action::Disable { email } => set_disabled(&store, email, true),
            Action::Enable { email } => set_disabled(&store, email, false),
        }
    }
}

impl Source {
    fn password(self, mut input: impl BufRead) -> Result<Secret, CliError> {
        if !self.password_stdin {
            let drawn = draw().map_err(|error| CliError::Argument(error.to_string()))?;
            return Ok(Secret::new(drawn.reveal().chars().take(DRAWN_CHARS).collect::<String>()));
        }
        let mut line = String::new();
        let read = io::Read::take(&mut input, u64::try_from(2 * PASSWORD_MAX_BYTES).unwrap_or(u64::MAX));
        let mut read = io::BufReader::new(read);
        read.read_line(&mut line)
            .map_err(|error| CliError::Unreadable { file: "the standard input".to_owned(), error })?;
        let password = line.trim_end_matches(['\r', '\n']);
        if password.chars().count() < PASSWORD_CHARS || password.len() > PASSWORD_MAX_BYTES {
            return Err(CliError::Argument(format!(
                "a password has at least {PASSWORD_CHARS} characters and at most {PASSWORD_MAX_BYTES} bytes"
            )));
        }
        Ok(Secret::new(password))
    }

    /// Prints a password that was drawn: this once.
    fn show(self, email: &str, password: &Secret, out: &mut impl Write) -> Result<u8, CliError> {
        if !self.password_stdin {
            writeln!(out, "{email}  {}", password.reveal()).map_err(CliError::output)?;
        }
        Ok(0)
    }
}

fn list(store: &Store, out: &mut impl Write) -> Result<u8, CliError> {
    for account in store.accounts().map_err(failed)? {
        let Account { email, name, is_operator, disabled_at_ms, .. } = account;
        let operator = if is_operator { "  operator" } else { "" };
        let disabled = if disabled_at_ms.is_some() { "  disabled" } else { "" };
        writeln!(out, "{}  {name}{operator}{disabled}", email.unwrap_or_default()).map_err(CliError::output)?;
    }
    Ok(0)
}

fn set_disabled(store: &Store, email: &str, is_disabled: bool) -> Result<u8, CliError> {
    let account = found(store, email)?;
    store.set_disabled(account.id, is_disabled, now_ms()).map_err(failed)?;
    Ok(0)
}

fn found(store: &Store, email: &str) -> Result<Account, CliError> {
    let account = store.account_by_email(&email.trim().to_lowercase()).map_err(failed)?;
    account.ok_or_else(|| CliError::Argument(format!("{email} has no account; \"coval user list\" lists those who do")))
}

fn checked_email(email: &str) -> Result<String, CliError> {
    let email = email.trim().to_lowercase();
    let is_plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    let has_parts = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if is_plain && has_parts && email.len() <= EMAIL_BYTES {
        Ok(email)
    } else {
        Err(CliError::Argument(format!("this is no e-mail of at most {EMAIL_BYTES} bytes")))
    }
}

fn checked_name(name: &str) -> Result<String, CliError> {
    let name = name.trim();
    if (1..=PERSON_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(CliError::Argument(format!("a name has 1 to {PERSON_NAME_CHARS} characters on one line")))
    }
}

fn failed(error: StoreError) -> CliError {
    // One line, whatever the database says.
    CliError::Argument(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
