//! Bringing what was committed from SQLite's log into its file, beside the commits: nobody who waits for a commit waits
//! for that.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::connection::{AnyConnection, Connector};

/// After how many commits. One of a short op takes about six pages of the log.
const COMMITS: u32 = 150;

/// How often it is tried at once. The log begins anew when nothing was committed meanwhile, which the short second round
/// is likely to meet.
const ROUNDS: usize = 4;

/// Counts commits. The thread that does the work ends with it.
#[derive(Debug)]
pub(super) struct Checkpoints {
    commits: AtomicU32,
    due: SyncSender<()>,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

impl Checkpoints {
    /// Starts the thread, which works on a connection of its own.
    pub(super) fn start(connector: Connector) -> io::Result<Self> {
        let (due, calls) = mpsc::sync_channel(1);
        thread::Builder::new().name("checkpoints".to_owned()).spawn(move || work(&connector, &calls))?;
        Ok(Self { commits: AtomicU32::new(0), due })
    }

    /// Counts a commit.
    pub(super) fn count(&self) {
        if self.commits.fetch_add(1, Ordering::Relaxed) >= COMMITS {
            self.commits.store(0, Ordering::Relaxed);
            // While one is being made, the next one waits already.
            let _ = self.due.try_send(());
        }
    }
}

fn work(connector: &Connector, calls: &Receiver<()>) {
    let mut connection = None;
    while calls.recv().is_ok() {
        if let Err(error) = checkpoint(connector, &mut connection) {
            // The log is longer until the next time, and commits do it themselves when it is long.
            tracing::debug!(%error, "the log of the database stays for a while");
            connection = None;
        }
    }
}

fn checkpoint(connector: &Connector, kept: &mut Option<AnyConnection>) -> Result<(), String> {
    let connection = match kept {
        Some(connection) => connection,
        None => kept.insert(connector.open()?),
    };
    for _ in 0..ROUNDS {
        let query = diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)");
        let done: Checkpoint = query.get_result(connection).map_err(|error| error.to_string())?;
        if done.busy != 0 || done.log == done.checkpointed {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DatabaseUrl, Store};
    use std::time::{Duration, Instant};

    #[test]
    fn what_was_committed_comes_into_the_file_without_a_commit_that_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.sqlite");
        let store = Store::open(DatabaseUrl::Sqlite(path.clone())).unwrap();
        let pages = || std::fs::metadata(&path).unwrap().len();
        let before = pages();
        diesel::sql_query("CREATE TABLE filled (body BLOB)").execute(&mut *store.connection().unwrap()).unwrap();
        for _ in 0..=COMMITS {
            let fill = |connection: &mut AnyConnection| {
                diesel::sql_query("INSERT INTO filled VALUES (zeroblob(4000))").execute(connection)?;
                Ok(())
            };
            store.write(fill).unwrap();
        }
        let until = Instant::now() + Duration::from_secs(20);
        while pages() <= before {
            assert!(Instant::now() < until, "nothing came into the file");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
