//! The server's end of a session: puts submissions in one order.
//!
//! Taking a submission has two steps, so that the caller can store it in between: [`Server::prepare`] works out what
//! it would do and changes nothing; [`Server::commit`] makes it so. An acknowledgement belongs after both.

use std::collections::{HashMap, VecDeque};

use crate::{ClientId, Committed, OpError, OpErrorKind, OtType, Revision, Sequence, Side, Submission};

/// The authoritative document, with the recent part of its history.
#[derive(Clone, Debug)]
pub struct Server<T: OtType> {
    document: T::Snapshot,
    revision: Revision,
    /// Consecutive, ending at `revision`.
    history: VecDeque<Committed<T::Op>>,
    last_submissions: HashMap<ClientId, (Sequence, Revision)>,
}

/// What a submission comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Prepared<T: OtType> {
    /// The submission would be the next revision.
    Next {
        /// The op as it follows the newest revision.
        committed: Committed<T::Op>,
        /// The document with it.
        document: T::Snapshot,
    },
    /// The submission was committed before, as this revision: acknowledge it again.
    Duplicate(Revision),
}

/// Why a submission is refused. The document is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The base is newer than the document.
    #[error("the op is based on revision {base}, but the newest is {newest}")]
    FutureBase {
        /// The base of the submission.
        base: Revision,
        /// The newest revision.
        newest: Revision,
    },
    /// The ops since the base are not in memory: supply them with [`Server::extend_history`], or refuse.
    #[error("the op is based on revision {base}, but history begins after {oldest}")]
    HistoryNeeded {
        /// The base of the submission.
        base: Revision,
        /// The revision before the oldest op in memory.
        oldest: Revision,
    },
    /// The client left out or repeated a sequence number.
    #[error("submission {received} can't follow submission {last} of the same client")]
    OutOfSequence {
        /// The sequence of the submission.
        received: Sequence,
        /// The last sequence committed for this client.
        last: Sequence,
    },
    /// The op does not fit the document.
    #[error(transparent)]
    DoesNotApply(#[from] OpError),
}

impl<T: OtType> Server<T> {
    /// A server that holds `document` at `revision` and no history.
    pub fn new(document: T::Snapshot, revision: Revision) -> Self {
        Self { document, revision, history: VecDeque::new(), last_submissions: HashMap::new() }
    }

    /// The newest document.
    pub fn document(&self) -> &T::Snapshot {
        &self.document
    }

    /// The newest revision.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The revision before the oldest op in memory.
    pub fn oldest(&self) -> Revision {
        Revision(self.revision.0.saturating_sub(self.history_len()))
    }

    /// The ops after `base`, oldest first; `None` when `base` is in the future or before [`Server::oldest`].
    pub fn since(&self, base: Revision) -> Option<impl ExactSizeIterator<Item = &Committed<T::Op>>> {
        if base < self.oldest() || base > self.revision {
            return None;
        }
        let skipped = usize::try_from(base.0 - self.oldest().0).ok()?;
        Some(self.history.iter().skip(skipped))
    }

    /// Notes what `client` last had committed, as storage tells it: for dedup across restarts.
    pub fn remember(&mut self, client: ClientId, sequence: Sequence, revision: Revision) {
        let last = self.last_submissions.entry(client).or_insert((sequence, revision));
        if last.0 < sequence {
            *last = (sequence, revision);
        }
    }

    /// Whether anything is noted about `client`.
    pub fn knows(&self, client: ClientId) -> bool {
        self.last_submissions.contains_key(&client)
    }

    /// The last submission of `client` that was committed, and its revision; zero for both when none is known.
    pub fn last_submission(&self, client: ClientId) -> (Sequence, Revision) {
        self.last_submissions.get(&client).copied().unwrap_or_default()
    }

    /// Drops what is noted about a client that has left.
    pub fn forget(&mut self, client: ClientId) {
        self.last_submissions.remove(&client);
    }

    /// Works out what `submission` comes to, without changing anything.
    ///
    /// # Errors
    ///
    /// Returns a [`SubmitError`] when the submission can't be taken.
    pub fn prepare(&self, submission: Submission<T::Op>) -> Result<Prepared<T>, SubmitError> {
        let Submission { client, sequence, base, op } = submission;
        let (last, last_revision) = self.last_submission(client);
        if sequence == last && last_revision > Revision::ZERO {
            return Ok(Prepared::Duplicate(last_revision));
        }
        if sequence != last.next() || sequence == last {
            return Err(SubmitError::OutOfSequence { received: sequence, last });
        }
        if base > self.revision {
            return Err(SubmitError::FutureBase { base, newest: self.revision });
        }
        let Some(concurrent) = self.since(base) else {
            return Err(SubmitError::HistoryNeeded { base, oldest: self.oldest() });
        };
        let op = concurrent.fold(op, |op, earlier| T::transform(&op, &earlier.op, Side::Left));
        let mut document = self.document.clone();
        T::apply(&mut document, &op)?;
        let committed = Committed { revision: self.revision.next(), client, sequence, op };
        Ok(Prepared::Next { committed, document })
    }

    /// Makes what [`Server::prepare`] returned the newest revision. Something prepared before another commit has
    /// another revision than the next one, and is ignored; returns whether it was taken.
    pub fn commit(&mut self, committed: Committed<T::Op>, document: T::Snapshot) -> bool {
        if committed.revision != self.revision.next() {
            return false;
        }
        self.document = document;
        self.note(committed);
        true
    }

    /// Takes in the next op of a history that was committed elsewhere: in storage, by another server.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`], and changes nothing, when the op is not the next one or does not fit.
    pub fn follow(&mut self, committed: Committed<T::Op>) -> Result<(), OpError> {
        let next = self.revision.next();
        if committed.revision != next {
            let place = format!("revision {}", committed.revision);
            return Err(OpError::new(OpErrorKind::Malformed, place, format!("the next revision is {next}")));
        }
        T::apply(&mut self.document, &committed.op)?;
        self.note(committed);
        Ok(())
    }

    /// Puts older ops before the ones in memory. `older` must be consecutive and end at [`Server::oldest`], else
    /// nothing is taken; returns whether it was.
    pub fn extend_history(&mut self, older: Vec<Committed<T::Op>>) -> bool {
        let expected = (1..=self.oldest().0).rev();
        let fits = older.len() <= usize::try_from(self.oldest().0).unwrap_or(usize::MAX)
            && older.iter().rev().map(|op| op.revision.0).zip(expected).all(|(a, b)| a == b);
        if fits {
            for op in older.into_iter().rev() {
                self.history.push_front(op);
            }
        }
        fits
    }

    /// Keeps at most the newest `length` ops in memory.
    pub fn trim_history(&mut self, length: usize) {
        let surplus = self.history.len().saturating_sub(length);
        self.history.drain(..surplus);
    }

    fn note(&mut self, committed: Committed<T::Op>) {
        self.remember(committed.client, committed.sequence, committed.revision);
        self.revision = committed.revision;
        self.history.push_back(committed);
    }

    fn history_len(&self) -> u64 {
        u64::try_from(self.history.len()).unwrap_or(u64::MAX)
    }
}
