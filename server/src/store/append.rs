//! Storing ops: what waits for the disk goes there together.
//!
//! A few threads take what the tasks of all documents have waiting and store it in one transaction each: one thread for
//! SQLite, which has one writer at a time anyway, some for PostgreSQL. So they do with tickets, of which many come at once
//! when clients come back.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use coval_shared::protocol::{DocumentId, UserId};
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Binary, HasSqlType, Integer, Nullable, Text};
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde_json::Value;
use tokio::sync::oneshot;

use super::connection::AnyConnection;
use super::people::{LiveSignIn, Ticket, take_tickets};
use super::schema::{documents, operations};
use super::{Connections, Store, StoreError, database_number, links, numbers, snapshots};

/// How many documents share a transaction.
const SHARING: usize = 64;

/// From how many ops on PostgreSQL takes them in one statement.
const MANY: usize = 4;

/// An op that is to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOperation {
    /// The revision that it makes.
    pub revision: Revision,
    /// The writer.
    pub client: ClientId,
    /// Which of the writer's submissions it is.
    pub sequence: Sequence,
    /// Whose work it is; nobody's when the server wrote it.
    pub author: Option<UserId>,
    /// The op as JSON.
    pub op: Arc<str>,
}

/// What is to be stored of one document: all or nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// The document.
    pub document: DocumentId,
    /// Consecutive ops; the first follows the newest stored revision.
    pub operations: Vec<NewOperation>,
    /// The documents that the last op leaves it taking values from, if those are others than before.
    pub sources: Option<BTreeSet<DocumentId>>,
    /// When, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// The threads that store ops. They end with the last clone.
#[derive(Clone)]
pub(super) struct Writers(mpsc::Sender<Job>);

enum Job {
    Append(Append, Reply<()>),
    Ticket(Ticket, Reply<Option<LiveSignIn>>),
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

impl Writers {
    /// Starts `count` threads, which store what they are given by `store`.
    pub(super) fn start(count: usize, store: &Connections) -> std::io::Result<Self> {
        let (sender, jobs) = mpsc::channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 1..=count {
            let (jobs, store) = (Arc::clone(&jobs), store.clone());
            thread::Builder::new().name(format!("writer-{number}")).spawn(move || work(&jobs, &store))?;
        }
        Ok(Self(sender))
    }
}

fn work(jobs: &Mutex<mpsc::Receiver<Job>>, store: &Connections) {
    loop {
        let (mut appends, mut tickets) = (Vec::new(), Vec::new());
        {
            let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(first) = jobs.recv() else { return };
            for job in std::iter::once(first).chain(jobs.try_iter().take(SHARING - 1)) {
                match job {
                    Job::Append(append, reply) => appends.push((append, reply)),
                    Job::Ticket(ticket, reply) => tickets.push((ticket, reply)),
                }
            }
        }
        answer(appends, |appends| append_all(store, appends));
        answer(tickets, |tickets| take_tickets(store, tickets));
    }
}

/// Has all questions answered at once.
fn answer<Q, A>(jobs: Vec<(Q, Reply<A>)>, work: impl FnOnce(&[Q]) -> Vec<Result<A, StoreError>>) {
    if jobs.is_empty() {
        return;
    }
    let (questions, replies): (Vec<_>, Vec<_>) = jobs.into_iter().unzip();
    let answers = catch_unwind(AssertUnwindSafe(|| work(&questions))).unwrap_or_default();
    let missing = || Err(StoreError::Unavailable("a defect stopped the work; the log holds its trace".to_owned()));
    for (reply, answer) in replies.into_iter().zip(answers.into_iter().chain(std::iter::repeat_with(missing))) {
        // Whoever asked may have gone.
        let _ = reply.send(answer);
    }
}

impl Store {
    /// Stores what `append` holds, together with what other tasks have waiting. Does not block.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when one of the submissions is there already, or when the first op does not
    /// follow the newest revision; [`StoreError::Circle`] when the document would take values from itself on a way over
    /// others; [`StoreError::NotFound`] when there is no such document.
    pub async fn commit(&self, append: Append) -> Result<(), StoreError> {
        self.ask_writers(|reply| Job::Append(append, reply)).await
    }

    /// Takes the ticket, which is then gone: whose it was, if it was good. Does not block.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the database fails.
    pub async fn take_ticket(&self, hash: String, now_ms: i64) -> Result<Option<LiveSignIn>, StoreError> {
        self.ask_writers(|reply| Job::Ticket(Ticket { hash, now_ms }, reply)).await
    }

    async fn ask_writers<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let gone = || StoreError::Unavailable("the writers have ended".to_owned());
        let (reply, answer) = oneshot::channel();
        self.writers.0.send(job(reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// As [`Store::commit`], blocking, and with a snapshot of the last op's revision if there is one.
    ///
    /// # Errors
    ///
    /// As [`Store::commit`].
    pub fn append(
        &self,
        id: DocumentId,
        new: &[Committed<JsonOp>],
        snapshot: Option<&Value>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.append_linked(id, new, snapshot, None, now_ms)
    }

    /// As [`Store::append`], and notes with the ops that the last of them leaves a document that takes values from
    /// `sources`.
    ///
    /// # Errors
    ///
    /// As [`Store::commit`].
    pub fn append_linked(
        &self,
        id: DocumentId,
        new: &[Committed<JsonOp>],
        snapshot: Option<&Value>,
        sources: Option<&BTreeSet<DocumentId>>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let operations = new.iter().map(NewOperation::of_server).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = operations.last().map(|operation| operation.revision) else {
            return Ok(());
        };
        let append = Append { document: id, operations, sources: sources.cloned(), now_ms };
        self.write(|connection| {
            append_one(connection, &append)?;
            snapshot.map_or(Ok(()), |body| snapshots::insert_snapshot(connection, id, last, body))
        })
    }
}

impl NewOperation {
    /// An op that the server writes.
    fn of_server(committed: &Committed<JsonOp>) -> Result<Self, StoreError> {
        let op = serde_json::to_string(&committed.op).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let Committed { revision, client, sequence, .. } = *committed;
        Ok(Self { revision, client, sequence, author: None, op: op.into() })
    }
}

/// Stores all of `appends` in one transaction. What is refused of one document takes nothing from the others.
pub(super) fn append_all(store: &Connections, appends: &[Append]) -> Vec<Result<(), StoreError>> {
    let (alone, together): (Vec<_>, Vec<_>) =
        (0..appends.len()).partition(|index| appends.get(*index).is_some_and(|append| append.sources.is_some()));
    let mut results = vec![Ok(()); appends.len()];
    let mut note = |index: usize, result| {
        if let Some(slot) = results.get_mut(index) {
            *slot = result;
        }
    };
    let chosen = |indexes: &[usize]| indexes.iter().filter_map(|index| Some((*index, appends.get(*index)?))).collect();
    let mut together: Vec<(usize, &Append)> = chosen(&together);
    // Rows are locked in one order everywhere, so that no two transactions wait for each other.
    together.sort_by_key(|(_, append)| append.document);
    match append_together(store, &together) {
        Ok(outcomes) => outcomes.into_iter().for_each(|(index, result)| note(index, result)),
        // Something was there already that only shows when it is stored: whose it is shows one by one.
        Err(StoreError::Conflict) => {
            for (index, append) in together {
                note(index, store.write(|connection| append_one(connection, append)));
            }
        }
        Err(error) => together.iter().for_each(|(index, _)| note(*index, Err(error.clone()))),
    }
    // What takes the lock on all links takes it for itself.
    let alone: Vec<(usize, &Append)> = chosen(&alone);
    for (index, append) in alone {
        note(index, store.write(|connection| append_one(connection, append)));
    }
    results
}

type Outcomes = Vec<(usize, Result<(), StoreError>)>;

fn append_together(store: &Connections, appends: &[(usize, &Append)]) -> Result<Outcomes, StoreError> {
    if appends.is_empty() {
        return Ok(Vec::new());
    }
    store.write(|connection| {
        let mut outcomes = Vec::with_capacity(appends.len());
        for (index, append) in appends {
            let moved = move_on(connection, append);
            let refused = matches!(moved, Err(StoreError::Conflict | StoreError::NotFound));
            if !refused {
                moved.clone()?;
                insert(connection, append)?;
            }
            outcomes.push((*index, moved));
        }
        Ok(outcomes)
    })
}

fn append_one(connection: &mut AnyConnection, append: &Append) -> Result<(), StoreError> {
    move_on(connection, append)?;
    insert(connection, append)?;
    append.sources.as_ref().map_or(Ok(()), |sources| links::replace_sources(connection, append.document, sources))
}

/// Moves the document's row on. The row is the lock: whoever moves it on from the revision before has won. Changes
/// nothing when it returns a conflict.
fn move_on(connection: &mut AnyConnection, append: &Append) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (append.operations.first(), append.operations.last()) else {
        return Ok(());
    };
    let is_gap = |pair: &[NewOperation]| matches!(pair, [a, b] if a.revision.next() != b.revision);
    if append.operations.windows(2).any(is_gap) {
        return Err(StoreError::Conflict);
    }
    let key = append.document.0.to_string();
    let step = Step {
        document: key.clone(),
        before: database_number(first.revision.0.saturating_sub(1)),
        after: database_number(last.revision.0),
        now_ms: append.now_ms,
    };
    if step.execute(connection)? == 0 {
        let newest: i64 = documents::table.find(&key).select(documents::revision).first(connection)?;
        tracing::debug!(document = %append.document, newest, "another writer was faster");
        return Err(StoreError::Conflict);
    }
    Ok(())
}

/// Moves a document's row on from one revision to another. Written out, since Diesel prepares every update of its own anew.
#[derive(QueryId)]
struct Step {
    document: String,
    before: i64,
    after: i64,
    now_ms: i64,
}

impl<DB: Backend> QueryFragment<DB> for Step
where
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    DB: HasSqlType<Text> + HasSqlType<BigInt>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE documents SET revision = ");
        out.push_bind_param::<BigInt, _>(&self.after)?;
        out.push_sql(", edited_at_ms = ");
        out.push_bind_param::<BigInt, _>(&self.now_ms)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<Text, _>(&self.document)?;
        out.push_sql(" AND revision = ");
        out.push_bind_param::<BigInt, _>(&self.before)
    }
}

impl RunQueryDsl<AnyConnection> for Step {}

fn insert(connection: &mut AnyConnection, append: &Append) -> Result<(), StoreError> {
    if append.operations.is_empty() {
        return Ok(());
    }
    let number = numbers::number(connection, append.document)?;
    match connection {
        AnyConnection::Postgres(connection) if append.operations.len() >= MANY => {
            insert_many(connection, number, append)
        }
        connection => {
            for operation in &append.operations {
                diesel::insert_into(operations::table)
                    .values((
                        operations::document.eq(number),
                        operations::revision.eq(database_number(operation.revision.0)),
                        operations::client.eq(operation.client.0.as_bytes().as_slice()),
                        operations::sequence.eq(database_number(operation.sequence.0)),
                        operations::author_id.eq(operation.author.map(|author| author.0.to_string())),
                        operations::op.eq(&*operation.op),
                        operations::committed_at_ms.eq(append.now_ms),
                    ))
                    .execute(connection)?;
            }
            Ok(())
        }
    }
}

/// One statement instead of a way to the server and back for each op.
fn insert_many(connection: &mut PgConnection, number: i32, append: &Append) -> Result<(), StoreError> {
    let operations = &append.operations;
    let revisions: Vec<i64> = operations.iter().map(|operation| database_number(operation.revision.0)).collect();
    let clients: Vec<&[u8]> = operations.iter().map(|operation| operation.client.0.as_bytes().as_slice()).collect();
    let sequences: Vec<i64> = operations.iter().map(|operation| database_number(operation.sequence.0)).collect();
    let authors: Vec<Option<String>> =
        operations.iter().map(|operation| operation.author.map(|author| author.0.to_string())).collect();
    let ops: Vec<&str> = operations.iter().map(|operation| &*operation.op).collect();
    diesel::sql_query(
        "INSERT INTO operations (document, revision, client, sequence, author_id, op, committed_at_ms) \
         SELECT $1, revision, client, sequence, author_id, op, $2 \
         FROM unnest($3, $4, $5, $6, $7) AS new (revision, client, sequence, author_id, op)",
    )
    .bind::<Integer, _>(number)
    .bind::<BigInt, _>(append.now_ms)
    .bind::<Array<BigInt>, _>(revisions)
    .bind::<Array<Binary>, _>(clients)
    .bind::<Array<BigInt>, _>(sequences)
    .bind::<Array<Nullable<Text>>, _>(authors)
    .bind::<Array<Text>, _>(ops)
    .execute(connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DatabaseUrl, NewSignIn, NewUser};
    use uuid::Uuid;

    #[tokio::test]
    async fn a_ticket_that_many_show_at_once_is_good_for_one_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).unwrap();
        let user = UserId(Uuid::from_u128(1));
        let ada =
            NewUser { id: user, email: None, name: "Ada", password_hash: None, is_guest: true, is_operator: false };
        store.create_user(&ada, 0).unwrap();
        let sign_in = NewSignIn { user, refresh_hash: "r", agent: "", expires_at_ms: 1_000 };
        let sign_in = store.begin_sign_in(&sign_in, 0).unwrap();
        for ticket in ["a", "b", "c"] {
            store.add_ticket(ticket, sign_in, 500, 0).unwrap();
        }
        let shown = ["b", "a", "b", "never", "a", "b"];
        let taken = shown.map(|hash| store.take_ticket(hash.to_owned(), 10));
        let taken: Vec<bool> = futures_util::future::join_all(taken)
            .await
            .into_iter()
            .map(|taken| taken.unwrap().is_some_and(|live| live.id == sign_in))
            .collect();
        assert_eq!(taken, [true, true, false, false, false, false]);
        assert_eq!(store.take_ticket("c".to_owned(), 500).await, Ok(None), "it is too late");
    }
}
