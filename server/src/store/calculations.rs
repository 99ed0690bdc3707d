//! What people had calculated, waiting, running and done.

use coval_shared::protocol::{DocumentId, JobId, UserId};
use coval_shared::rest::CalculationState;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use ot_core::Revision;

use super::schema::{calculations, users};
use super::{Store, StoreError, database_number, unsigned, uuid};

/// A calculation as it is stored, without its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCalculation {
    /// The calculation.
    pub id: JobId,
    /// Of which document.
    pub document: DocumentId,
    /// Of which of its revisions.
    pub revision: Revision,
    /// For whom.
    pub user: UserId,
    /// What kind it is.
    pub kind: String,
    /// With what, as JSON.
    pub parameters: String,
    /// How far it is.
    pub state: CalculationState,
    /// The share that is done, in thousandths.
    pub progress: u64,
    /// Why there is no result, as JSON.
    pub error: Option<String>,
    /// When it was asked for, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it began to run.
    pub started_at_ms: Option<i64>,
    /// When it ended.
    pub finished_at_ms: Option<i64>,
    /// How often it was begun.
    pub attempts: u64,
}

/// What a calculation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalculationOutcome {
    /// A result, as JSON, and a file where one was asked for.
    Done {
        /// The result.
        result: String,
        /// The bytes of the file.
        file: Option<Vec<u8>>,
    },
    /// Why there is none, as JSON.
    Failed(String),
}

/// Whether a calculation was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It was.
    Yes,
    /// It was before, by the same person.
    Already,
    /// The person has as many as they may.
    TooMany,
}

/// The node of calculations that no node does: the one that did them has ended as it should.
pub const NOBODY: &str = "";

/// An unfinished calculation of some node, and how often that node has said that it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The calculation.
    pub id: JobId,
    /// The node.
    pub node: String,
    /// Its beats.
    pub beats: i64,
}

impl Store {
    /// Takes in a calculation that waits, unless its person has `most` unfinished ones.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when its id is another one's, and [`StoreError::NotFound`] when there is no such
    /// document.
    pub fn queue_calculation(&self, new: &StoredCalculation, node: &str, most: u64) -> Result<Queued, StoreError> {
        let user = new.user.0.to_string();
        self.write(|connection| {
            // The person's row is the lock under which theirs are counted.
            diesel::update(users::table.find(&user)).set(users::id.eq(users::id)).execute(connection)?;
            let inserted = diesel::sql_query(
                "INSERT INTO calculations (id, document_id, revision, user_id, kind, parameters, state, progress, \
                     created_at_ms, node, beats, attempts) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, 0, 0) ON CONFLICT (id) DO NOTHING",
            )
            .bind::<Text, _>(new.id.0.to_string())
            .bind::<Text, _>(new.document.0.to_string())
            .bind::<BigInt, _>(database_number(new.revision.0))
            .bind::<Text, _>(&user)
            .bind::<Text, _>(&new.kind)
            .bind::<Text, _>(&new.parameters)
            .bind::<Text, _>(name(CalculationState::Waiting))
            .bind::<BigInt, _>(new.created_at_ms)
            .bind::<Text, _>(node)
            .execute(connection)?;
            if inserted == 0 {
                let owner: (String, String) = calculations::table
                    .find(new.id.0.to_string())
                    .select((calculations::user_id, calculations::document_id))
                    .first(connection)?;
                let is_same = owner == (user.clone(), new.document.0.to_string());
                return if is_same { Ok(Queued::Already) } else { Err(StoreError::Conflict) };
            }
            let unfinished: i64 = calculations::table
                .filter(calculations::user_id.eq(&user).and(calculations::finished_at_ms.is_null()))
                .count()
                .get_result(connection)?;
            if unfinished > database_number(most) {
                diesel::delete(calculations::table.find(new.id.0.to_string())).execute(connection)?;
                return Ok(Queued::TooMany);
            }
            Ok(Queued::Yes)
        })
    }

    /// The calculation.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is none.
    pub fn calculation(&self, id: JobId) -> Result<StoredCalculation, StoreError> {
        let row = calculations::table.find(id.0.to_string()).select(COLUMNS).first(&mut *self.connection()?)?;
        read(row)
    }

    /// The result of a calculation, as JSON, and its file.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such calculation.
    pub fn calculation_result(&self, id: JobId) -> Result<(Option<String>, Option<Vec<u8>>), StoreError> {
        let row = calculations::table
            .find(id.0.to_string())
            .select((calculations::result, calculations::file))
            .first(&mut *self.connection()?)?;
        Ok(row)
    }

    /// The calculations of a document, the newest first: those before `before`, a time and an id, if there is one.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn calculations(
        &self,
        document: DocumentId,
        before: Option<(i64, JobId)>,
        limit: u64,
    ) -> Result<Vec<StoredCalculation>, StoreError> {
        let mut wanted = calculations::table
            .filter(calculations::document_id.eq(document.0.to_string()))
            .order((calculations::created_at_ms.desc(), calculations::id.desc()))
            .limit(database_number(limit))
            .select(COLUMNS)
            .into_boxed();
        if let Some((at_ms, id)) = before {
            wanted = wanted.filter(
                calculations::created_at_ms
                    .lt(at_ms)
                    .or(calculations::created_at_ms.eq(at_ms).and(calculations::id.lt(id.0.to_string()))),
            );
        }
        wanted.load(&mut *self.connection()?)?.into_iter().map(read).collect()
    }

    /// Notes that `node` begins a calculation, unless it was stopped or is another node's by now.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn begin_calculation(&self, id: JobId, node: &str, now_ms: i64) -> Result<bool, StoreError> {
        let own = unfinished(id, node).filter(calculations::state.eq(name(CalculationState::Waiting)));
        self.write(|connection| {
            let begun = diesel::update(own)
                .set((
                    calculations::state.eq(name(CalculationState::Running)),
                    calculations::started_at_ms.eq(now_ms),
                    calculations::attempts.eq(calculations::attempts + 1),
                ))
                .execute(connection)?;
            Ok(begun == 1)
        })
    }

    /// Notes what a calculation of `node` came to, unless it was stopped or is another node's by now.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn finish_calculation(
        &self,
        id: JobId,
        node: &str,
        outcome: CalculationOutcome,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let (state, result, file, error) = match outcome {
            CalculationOutcome::Done { result, file } => (CalculationState::Done, Some(result), file, None),
            CalculationOutcome::Failed(error) => (CalculationState::Failed, None, None, Some(error)),
        };
        let own = unfinished(id, node);
        self.write(|connection| {
            let finished = diesel::update(own)
                .set((
                    calculations::state.eq(name(state)),
                    calculations::progress.eq(1_000_i64),
                    calculations::result.eq(result),
                    calculations::file.eq(file),
                    calculations::error.eq(error),
                    calculations::finished_at_ms.eq(now_ms),
                ))
                .execute(connection)?;
            Ok(finished == 1)
        })
    }

    /// Stops a calculation, whichever node does it. Returns whether it was unfinished.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn cancel_calculation(&self, id: JobId, now_ms: i64) -> Result<bool, StoreError> {
        let unfinished = calculations::table.find(id.0.to_string()).filter(calculations::finished_at_ms.is_null());
        self.write(|connection| {
            let cancelled = diesel::update(unfinished)
                .set((
                    calculations::state.eq(name(CalculationState::Cancelled)),
                    calculations::finished_at_ms.eq(now_ms),
                ))
                .execute(connection)?;
            Ok(cancelled == 1)
        })
    }

    /// Takes a calculation that has ended out of the list.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn delete_calculation(&self, id: JobId) -> Result<(), StoreError> {
        let finished = calculations::table.find(id.0.to_string()).filter(calculations::finished_at_ms.is_not_null());
        self.write(|connection| {
            diesel::delete(finished).execute(connection)?;
            Ok(())
        })
    }

    /// Says that `node` lives and how far each of its calculations is, in thousandths.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn beat(&self, node: &str, progress: &[(JobId, u64)]) -> Result<(), StoreError> {
        self.write(|connection| {
            diesel::update(
                calculations::table.filter(calculations::node.eq(node).and(calculations::finished_at_ms.is_null())),
            )
            .set(calculations::beats.eq(calculations::beats + 1))
            .execute(connection)?;
            for (id, progress) in progress {
                diesel::update(unfinished(*id, node))
                    .set(calculations::progress.eq(database_number(*progress)))
                    .execute(connection)?;
            }
            Ok(())
        })
    }

    /// Leaves the calculations of `node`, which ends, as ones that wait for any other. That they were begun does not
    /// count. Returns how many there were.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn leave_calculations(&self, node: &str) -> Result<usize, StoreError> {
        let own =
            || calculations::table.filter(calculations::node.eq(node).and(calculations::finished_at_ms.is_null()));
        self.write(|connection| {
            diesel::update(own().filter(calculations::state.eq(name(CalculationState::Running))))
                .set((
                    calculations::state.eq(name(CalculationState::Waiting)),
                    calculations::progress.eq(0_i64),
                    calculations::attempts.eq(calculations::attempts - 1),
                ))
                .execute(connection)?;
            Ok(diesel::update(own()).set(calculations::node.eq(NOBODY)).execute(connection)?)
        })
    }

    /// All unfinished calculations.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn unfinished_calculations(&self) -> Result<Vec<Unfinished>, StoreError> {
        let rows: Vec<(String, String, i64)> = calculations::table
            .filter(calculations::finished_at_ms.is_null())
            .order((calculations::created_at_ms.asc(), calculations::id.asc()))
            .select((calculations::id, calculations::node, calculations::beats))
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(|(id, node, beats)| Ok(Unfinished { id: JobId(uuid(&id)?), node, beats })).collect()
    }

    /// Gives a calculation of a node that lives no more to `node`, as one that waits. Returns it, unless something
    /// happened to it meanwhile.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn take_over_calculation(
        &self,
        left: &Unfinished,
        node: &str,
    ) -> Result<Option<StoredCalculation>, StoreError> {
        let found = unfinished(left.id, &left.node).filter(calculations::beats.eq(left.beats));
        self.write(|connection| {
            let taken = diesel::update(found)
                .set((
                    calculations::node.eq(node),
                    calculations::beats.eq(0_i64),
                    calculations::state.eq(name(CalculationState::Waiting)),
                    calculations::progress.eq(0_i64),
                ))
                .execute(connection)?;
            if taken == 0 {
                return Ok(None);
            }
            let row = calculations::table.find(left.id.0.to_string()).select(COLUMNS).first(connection)?;
            read(row).map(Some)
        })
    }

    /// Removes of the document's calculations that ended all but the newest `most`. How long they stay otherwise is
    /// for [`Store::maintain`] to say.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn keep_newest_calculations(&self, document: DocumentId, most: u64) -> Result<(), StoreError> {
        self.write(|connection| {
            let kept: Option<(i64, String)> = calculations::table
                .filter(calculations::document_id.eq(document.0.to_string()))
                .filter(calculations::finished_at_ms.is_not_null())
                .order((calculations::created_at_ms.desc(), calculations::id.desc()))
                .offset(database_number(most))
                .select((calculations::created_at_ms, calculations::id))
                .first(connection)
                .optional()?;
            if let Some((at_ms, id)) = kept {
                let is_older = calculations::created_at_ms
                    .lt(at_ms)
                    .or(calculations::created_at_ms.eq(at_ms).and(calculations::id.le(id)));
                diesel::delete(
                    calculations::table
                        .filter(calculations::document_id.eq(document.0.to_string()))
                        .filter(calculations::finished_at_ms.is_not_null())
                        .filter(is_older),
                )
                .execute(connection)?;
            }
            Ok(())
        })
    }
}

/// A state as it stands in the table.
fn name(state: CalculationState) -> &'static str {
    match state {
        CalculationState::Waiting => "waiting",
        CalculationState::Running => "running",
        CalculationState::Done => "done",
        CalculationState::Failed => "failed",
        CalculationState::Cancelled => "cancelled",
    }
}

fn state(text: &str) -> Result<CalculationState, StoreError> {
    use CalculationState::{Cancelled, Done, Failed, Running, Waiting};
    [Waiting, Running, Done, Failed, Cancelled]
        .into_iter()
        .find(|state| name(*state) == text)
        .ok_or_else(|| StoreError::Corrupt(format!("\"{text}\" is no state of a calculation")))
}

type Columns = (
    (
        calculations::id,
        calculations::document_id,
        calculations::revision,
        calculations::user_id,
        calculations::kind,
        calculations::parameters,
    ),
    (calculations::state, calculations::progress, calculations::error, calculations::attempts),
    (calculations::created_at_ms, calculations::started_at_ms, calculations::finished_at_ms),
);

const COLUMNS: Columns = (
    (
        calculations::id,
        calculations::document_id,
        calculations::revision,
        calculations::user_id,
        calculations::kind,
        calculations::parameters,
    ),
    (calculations::state, calculations::progress, calculations::error, calculations::attempts),
    (calculations::created_at_ms, calculations::started_at_ms, calculations::finished_at_ms),
);

type Row = (
    (String, String, i64, String, String, String),
    (String, i64, Option<String>, i64),
    (i64, Option<i64>, Option<i64>),
);

fn read(row: Row) -> Result<StoredCalculation, StoreError> {
    let (what, how, (created_at_ms, started_at_ms, finished_at_ms)) = row;
    let (id, document, revision, user, kind, parameters) = what;
    let (state_name, progress, error, attempts) = how;
    Ok(StoredCalculation {
        id: JobId(uuid(&id)?),
        document: DocumentId(uuid(&document)?),
        revision: Revision(unsigned(revision)?),
        user: UserId(uuid(&user)?),
        kind,
        parameters,
        state: self::state(&state_name)?,
        progress: unsigned(progress)?,
        error,
        created_at_ms,
        started_at_ms,
        finished_at_ms,
        attempts: unsigned(attempts)?,
    })
}

/// The calculation, as long as it is unfinished and this node's.
#[diesel::dsl::auto_type(no_type_alias)]
fn unfinished<'a>(id: JobId, node: &'a str) -> _ {
    let key: String = id.0.to_string();
    calculations::table
        .filter(calculations::id.eq(key))
        .filter(calculations::node.eq(node))
        .filter(calculations::finished_at_ms.is_null())
}
