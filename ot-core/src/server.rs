//! The server's end of a session: puts submissions in one order.
//!
//! Taking a submission has two steps, so that the caller can store it in between: [`Server::prepare`] works out what
//! it would do and changes nothing; [`Server::commit`] makes it so. An acknowledgement belongs after both.
//! [`Server::submit`] does both at once, without a copy of the document, for those who store nothing or store later.
//! [`Server::stage`] does so too, and lets [`Server::take_back`] undo it when it could not be stored.

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

/// What [`Server::stage`] did.
#[derive(Clone, Debug, PartialEq)]
pub enum Staged<Op> {
    /// The submission is the newest revision, until it is taken back.
    Next {
        /// The op as it follows the revision before.
        committed: Committed<Op>,
        /// Takes it back.
        reversal: Reversal<Op>,
    },
    /// The submission was committed before, as this revision: acknowledge it again.
    Duplicate(Revision),
}

/// What [`Server::take_back`] needs to undo the newest revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Reversal<Op> {
    revision: Revision,
    inverse: Op,
    /// What was noted before of the client that submitted.
    last: Option<(Sequence, Revision)>,
}

/// What [`Server::submit`] did.
#[derive(Clone, Debug, PartialEq)]
pub enum Submitted<Op> {
    /// The submission is the newest revision.
    Committed(Committed<Op>),
    /// The submission was committed before, as this revision: acknowledge it again.
    Duplicate(Revision),
}

/// What a client needs that comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Resumed<T: OtType> {
    /// The ops that it missed, oldest first. Then it sends again what it awaits.
    Missed(Vec<Committed<T::Op>>),
    /// It is too far behind, or ahead of what the server has: it starts again by [`Client::reset`](crate::Client::reset).
    Resync {
        /// The newest document.
        document: T::Snapshot,
        /// The newest revision.
        revision: Revision,
        /// The last submission of this client that is in it.
        last: Sequence,
    },
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

impl SubmitError {
    /// The stable code, as it stands in messages to other programs. `revision_too_old` tells a client to resync.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FutureBase { .. } => "revision_in_future",
            Self::HistoryNeeded { .. } => "revision_too_old",
            Self::OutOfSequence { .. } => "out_of_sequence",
            Self::DoesNotApply(error) => error.kind().code(),
        }
    }
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
        let committed = match self.place(submission)? {
            Submitted::Committed(committed) => committed,
            Submitted::Duplicate(revision) => return Ok(Prepared::Duplicate(revision)),
        };
        let mut document = self.document.clone();
        T::apply(&mut document, &committed.op)?;
        Ok(Prepared::Next { committed, document })
    }

    /// Makes `submission` the newest revision at once.
    ///
    /// # Errors
    ///
    /// Returns a [`SubmitError`], and changes nothing, when the submission can't be taken.
    pub fn submit(&mut self, submission: Submission<T::Op>) -> Result<Submitted<T::Op>, SubmitError> {
        let placed = self.place(submission)?;
        if let Submitted::Committed(committed) = &placed {
            T::apply(&mut self.document, &committed.op)?;
            self.note(committed.clone());
        }
        Ok(placed)
    }

    /// Makes `submission` the newest revision at once, so that it can be taken back.
    ///
    /// # Errors
    ///
    /// Returns a [`SubmitError`], and changes nothing, when the submission can't be taken.
    pub fn stage(&mut self, submission: Submission<T::Op>) -> Result<Staged<T::Op>, SubmitError> {
        let committed = match self.place(submission)? {
            Submitted::Committed(committed) => committed,
            Submitted::Duplicate(revision) => return Ok(Staged::Duplicate(revision)),
        };
        let inverse = T::invert(&committed.op, &self.document)?;
        T::apply(&mut self.document, &committed.op)?;
        let last = self.last_submissions.get(&committed.client).copied();
        self.note(committed.clone());
        Ok(Staged::Next { reversal: Reversal { revision: committed.revision, inverse, last }, committed })
    }

    /// Undoes the newest revision: the server is as it was before [`Server::stage`] made it. What undoes another one
    /// than the newest is ignored; returns whether it was taken.
    pub fn take_back(&mut self, reversal: Reversal<T::Op>) -> bool {
        if reversal.revision != self.revision || self.history.is_empty() {
            return false;
        }
        if T::apply(&mut self.document, &reversal.inverse).is_err() {
            return false;
        }
        if let Some(committed) = self.history.pop_back() {
            match reversal.last {
                Some(last) => self.last_submissions.insert(committed.client, last),
                None => self.last_submissions.remove(&committed.client),
            };
        }
        self.revision = Revision(self.revision.0.saturating_sub(1));
        true
    }

    /// What `client` needs, which holds everything up to `known`: the ops since, if there are at most `most` and they
    /// are in memory, else the document.
    pub fn resume(&self, client: ClientId, known: Revision, most: usize) -> Resumed<T> {
        match self.since(known).filter(|missed| missed.len() <= most) {
            Some(missed) => Resumed::Missed(missed.cloned().collect()),
            None => Resumed::Resync {
                document: self.document.clone(),
                revision: self.revision,
                last: self.last_submission(client).0,
            },
        }
    }

    /// Where the `cursor` of `client`, in the document at `base`, stands in the newest one. Nothing when the ops since
    /// are not in memory.
    pub fn place_cursor(&self, client: ClientId, cursor: &T::Cursor, base: Revision) -> Option<T::Cursor> {
        let since = self.since(base)?;
        Some(since.fold(cursor.clone(), |cursor, committed| {
            let side = if committed.client == client { Side::Right } else { Side::Left };
            T::transform_cursor(&cursor, &committed.op, side)
        }))
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

    /// The submission as the next revision, not yet tried on the document.
    fn place(&self, submission: Submission<T::Op>) -> Result<Submitted<T::Op>, SubmitError> {
        let Submission { client, sequence, base, op } = submission;
        let (last, last_revision) = self.last_submission(client);
        if sequence == last && last_revision > Revision::ZERO {
            return Ok(Submitted::Duplicate(last_revision));
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
        Ok(Submitted::Committed(Committed { revision: self.revision.next(), client, sequence, op }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpErrorKind;
    use crate::text::{Rope, Text, TextOp};
    use uuid::Uuid;

    const ANNA: ClientId = ClientId(Uuid::from_u128(1));
    const BORIS: ClientId = ClientId(Uuid::from_u128(2));

    fn submission(client: ClientId, sequence: u64, base: u64, op: TextOp) -> Submission<TextOp> {
        Submission { client, sequence: Sequence(sequence), base: Revision(base), op }
    }

    fn inserted(at: usize, text: &str) -> TextOp {
        TextOp::new().retain(at).insert(text)
    }

    fn take(server: &mut Server<Text>, submission: Submission<TextOp>) -> Committed<TextOp> {
        match server.prepare(submission).unwrap() {
            Prepared::Next { committed, document } => {
                assert!(server.commit(committed.clone(), document));
                committed
            }
            Prepared::Duplicate(revision) => panic!("a duplicate of {revision}"),
        }
    }

    /// `abc`, typed by Anna.
    fn server_of_three() -> Server<Text> {
        let mut server = Server::new(Rope::new(), Revision::ZERO);
        for (count, letter) in ["a", "b", "c"].into_iter().enumerate() {
            let base = u64::try_from(count).unwrap();
            take(&mut server, submission(ANNA, base + 1, base, inserted(count, letter)));
        }
        server
    }

    #[test]
    fn the_op_committed_later_stands_first() {
        let mut server = server_of_three();
        let committed = take(&mut server, submission(BORIS, 1, 0, inserted(0, "x")));
        assert_eq!(committed.revision, Revision(4));
        assert_eq!(server.document(), "xabc");
    }

    #[test]
    fn preparing_changes_nothing() {
        let server = server_of_three();
        let before = server.document().clone();
        server.prepare(submission(BORIS, 1, 3, inserted(0, "x"))).unwrap();
        assert_eq!((server.document(), server.revision()), (&before, Revision(3)));
        assert!(!server.knows(BORIS));
    }

    #[test]
    fn a_submission_that_comes_again_is_a_duplicate_of_its_revision() {
        let server = server_of_three();
        let again = server.prepare(submission(ANNA, 3, 2, inserted(2, "c"))).unwrap();
        assert_eq!(again, Prepared::Duplicate(Revision(3)));
    }

    #[test]
    fn a_duplicate_is_known_as_such_after_a_restart() {
        let mut server = Server::<Text>::new(Rope::from("abc"), Revision(3));
        server.remember(ANNA, Sequence(3), Revision(3));
        server.remember(ANNA, Sequence(2), Revision(2));
        assert_eq!(server.last_submission(ANNA), (Sequence(3), Revision(3)));
        let again = server.prepare(submission(ANNA, 3, 2, inserted(2, "c"))).unwrap();
        assert_eq!(again, Prepared::Duplicate(Revision(3)));
        server.forget(ANNA);
        assert!(!server.knows(ANNA));
    }

    #[test]
    fn what_is_taken_back_never_was() {
        let mut server = server_of_three();
        let mut reversals = Vec::new();
        for (client, sequence, base, op) in
            [(BORIS, 1, 0, inserted(0, "x")), (ANNA, 4, 3, TextOp::new().delete(2)), (BORIS, 2, 4, inserted(1, "y"))]
        {
            match server.stage(submission(client, sequence, base, op)).unwrap() {
                Staged::Next { reversal, .. } => reversals.push(reversal),
                Staged::Duplicate(revision) => panic!("a duplicate of {revision}"),
            }
        }
        assert_eq!((server.document().to_string().as_str(), server.revision()), ("xyc", Revision(6)));
        assert!(!server.take_back(reversals[0].clone()), "the newest one first");
        for reversal in reversals.into_iter().rev() {
            assert!(server.take_back(reversal));
        }
        assert_eq!(server.document(), "abc");
        assert_eq!((server.revision(), server.last_submission(ANNA)), (Revision(3), (Sequence(3), Revision(3))));
        assert!(!server.knows(BORIS));
        assert_eq!(server.since(Revision(0)).unwrap().len(), 3);
    }

    #[test]
    fn a_sequence_left_out_or_repeated_is_refused() {
        let server = server_of_three();
        for (client, sequence, last) in [(ANNA, 5, 3), (ANNA, 2, 3), (ANNA, 0, 3), (BORIS, 2, 0), (BORIS, 0, 0)] {
            let error = server.prepare(submission(client, sequence, 3, inserted(0, "x"))).unwrap_err();
            let expected = SubmitError::OutOfSequence { received: Sequence(sequence), last: Sequence(last) };
            assert_eq!(error, expected, "sequence {sequence}");
        }
    }

    #[test]
    fn a_base_in_the_future_is_refused() {
        let error = server_of_three().prepare(submission(BORIS, 1, 9, inserted(0, "x"))).unwrap_err();
        assert_eq!(error, SubmitError::FutureBase { base: Revision(9), newest: Revision(3) });
    }

    #[test]
    fn an_op_that_does_not_fit_is_refused() {
        let error = server_of_three().prepare(submission(BORIS, 1, 3, TextOp::new().delete(4))).unwrap_err();
        let SubmitError::DoesNotApply(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), OpErrorKind::OutOfRange);
    }

    #[test]
    fn of_two_prepared_for_one_revision_only_the_first_is_taken() {
        let mut server = server_of_three();
        let prepare = |client| match server.prepare(submission(client, 4, 3, inserted(0, "x"))) {
            Ok(Prepared::Next { committed, document }) => (committed, document),
            other => panic!("{other:?}"),
        };
        let (first, second) = (prepare(ANNA), prepare(ANNA));
        assert!(server.commit(first.0, first.1));
        assert!(!server.commit(second.0, second.1));
        assert_eq!((server.document().to_string().as_str(), server.revision()), ("xabc", Revision(4)));
    }

    #[test]
    fn trimmed_history_is_asked_for_and_can_be_put_back() {
        let mut server = server_of_three();
        let stored: Vec<_> = server.since(Revision(0)).unwrap().cloned().collect();
        server.trim_history(1);
        assert_eq!(server.oldest(), Revision(2));
        assert!(server.since(Revision(1)).is_none());
        let late = submission(BORIS, 1, 0, inserted(0, "x"));
        let needed = SubmitError::HistoryNeeded { base: Revision(0), oldest: Revision(2) };
        assert_eq!(server.prepare(late.clone()).unwrap_err(), needed);

        assert!(!server.extend_history(stored[..1].to_vec()), "revision 2 is missing");
        assert!(!server.extend_history(stored.clone()), "revision 3 is there already");
        assert!(server.extend_history(vec![]));
        assert!(server.extend_history(stored[..2].to_vec()));
        assert_eq!(server.oldest(), Revision(0));
        take(&mut server, late);
        assert_eq!(server.document(), "xabc");
    }

    #[test]
    fn submitting_is_preparing_and_committing_at_once() {
        let (mut at_once, mut in_two_steps) = (server_of_three(), server_of_three());
        for submission in [submission(BORIS, 1, 0, inserted(0, "x")), submission(ANNA, 4, 3, TextOp::new().delete(2))] {
            let expected = Submitted::Committed(take(&mut in_two_steps, submission.clone()));
            assert_eq!(at_once.submit(submission), Ok(expected));
        }
        assert_eq!(at_once.document(), in_two_steps.document());
        let again = at_once.submit(submission(BORIS, 1, 0, inserted(0, "x")));
        assert_eq!(again, Ok(Submitted::Duplicate(Revision(4))));
        let misfit = at_once.submit(submission(BORIS, 2, 5, TextOp::new().delete(9)));
        assert_eq!(misfit.unwrap_err().code(), "op_out_of_range");
        assert_eq!((at_once.document(), at_once.revision()), (in_two_steps.document(), Revision(5)));
    }

    #[test]
    fn a_client_that_comes_back_gets_what_it_missed_or_the_document() {
        let mut server = server_of_three();
        let missed: Vec<_> = server.since(Revision(1)).unwrap().cloned().collect();
        assert_eq!(server.resume(BORIS, Revision(1), 2), Resumed::Missed(missed));
        let resync = |last| Resumed::Resync {
            document: server_of_three().document().clone(),
            revision: Revision(3),
            last: Sequence(last),
        };
        assert_eq!(server.resume(BORIS, Revision(1), 1), resync(0));
        assert_eq!(server.resume(BORIS, Revision(9), 100), resync(0));
        server.trim_history(1);
        assert_eq!(server.resume(ANNA, Revision(1), 100), resync(3));
    }

    #[test]
    fn a_cursor_is_brought_to_the_newest_revision() {
        let server = server_of_three();
        // Anna moves behind what she types, and Boris stays before it.
        assert_eq!(server.place_cursor(ANNA, &0, Revision(0)), Some(3));
        assert_eq!(server.place_cursor(BORIS, &0, Revision(0)), Some(0));
        assert_eq!(server.place_cursor(BORIS, &0, Revision(7)), None);
    }

    #[test]
    fn history_can_be_read_from_any_revision_in_memory() {
        let server = server_of_three();
        let revisions = |base| -> Vec<_> { server.since(base).unwrap().map(|op| op.revision.0).collect() };
        assert_eq!(revisions(Revision(1)), [2, 3]);
        assert_eq!(revisions(Revision(3)), [0_u64; 0]);
        assert!(server.since(Revision(4)).is_none());
    }
}
