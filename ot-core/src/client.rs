//! The client's end of a session.
//!
//! A client is in one of three states: *synchronized*; *awaiting* the acknowledgement of one op; or awaiting with a
//! *buffer*, the composed ops made meanwhile, which goes out when the acknowledgement comes. The op that was sent is
//! never re-chunked on the way: client and server transform the very same unit. (Wang and Mah, "Google Wave
//! Operational Transformation", 2010.)
//!
//! The client keeps the document as the server has confirmed it, too. So a refused submission is rolled back exactly,
//! whatever has happened since it was made.
//!
//! On a tie the op that is committed later has [`Side::Left`], as in ShareDB: a later value replaces an earlier one.

use serde::{Deserialize, Serialize};

use crate::{ClientId, Committed, OpError, OtType, Revision, Sequence, Side, Submission};

/// A document as one client sees it, with the client's edits that the server has not confirmed.
#[derive(Clone, Debug)]
pub struct Client<T: OtType> {
    id: ClientId,
    document: T::Snapshot,
    /// The document without what is awaited and buffered.
    confirmed: T::Snapshot,
    revision: Revision,
    sequence: Sequence,
    awaiting: Option<T::Op>,
    buffer: Option<T::Op>,
}

/// All that a client has to keep to go on later, in another process, as if nothing had happened.
///
/// Whoever [resumes](Client::resume) it is that client: only one at a time may, or the server takes what one of them
/// submits for something that it knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept<Snapshot, Op> {
    /// The client's name in submissions.
    pub id: ClientId,
    /// The document at `revision`, as the server confirmed it.
    pub confirmed: Snapshot,
    /// The newest revision received.
    pub revision: Revision,
    /// The newest submission.
    pub sequence: Sequence,
    /// What was submitted and is not confirmed.
    pub awaiting: Option<Op>,
    /// What was edited since.
    pub buffer: Option<Op>,
}

/// What a message from the server changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Received<Op> {
    /// Somebody else's op, in the form in which it was applied to [`Client::document`].
    Applied(Op),
    /// The client's own op is committed. If edits were waiting, they are now the next submission.
    Acknowledged(Option<Submission<Op>>),
    /// The client knew that revision already.
    AlreadyKnown,
}

/// What becomes of the edits made after a refused one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRefusal {
    /// They stay, transformed as if the refused one had never been made, and wait for [`Client::flush`].
    Keep,
    /// They go with it.
    Drop,
}

/// What [`Client::refused`] did.
#[derive(Clone, Debug, PartialEq)]
pub struct RolledBack<Op> {
    /// The op that was applied to [`Client::document`]. An [`UndoManager`](crate::UndoManager) takes it in as somebody
    /// else's.
    pub applied: Op,
    /// The edits that are gone, as they would follow [`Client::confirmed`].
    pub lost: Op,
}

/// Why a message from the server can't be followed. The client is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Revisions are missing in between: ask the server for everything after `known`.
    #[error("revision {received} arrived after revision {known}: the ones between are missing")]
    Gap {
        /// The newest revision that the client holds.
        known: Revision,
        /// The revision that arrived.
        received: Revision,
    },
    /// The server's history and the client's can't be the same: start again from a snapshot.
    #[error("the server's history does not continue ours: {0}")]
    Diverged(#[from] OpError),
    /// An acknowledgement came for something that was never sent.
    #[error("revision {revision} acknowledges submission {sequence}, which is not awaited")]
    NotAwaited {
        /// The sequence in the acknowledgement.
        sequence: Sequence,
        /// The revision in the acknowledgement.
        revision: Revision,
    },
}

impl<T: OtType> Client<T> {
    /// A client that holds `document` at `revision` and has submitted nothing yet.
    pub fn new(id: ClientId, document: T::Snapshot, revision: Revision) -> Self {
        let confirmed = document.clone();
        Self { id, document, confirmed, revision, sequence: Sequence::default(), awaiting: None, buffer: None }
    }

    /// What to keep to go on later. It is as large as the document.
    pub fn keep(&self) -> Kept<T::Snapshot, T::Op> {
        Kept {
            id: self.id,
            confirmed: self.confirmed.clone(),
            revision: self.revision,
            sequence: self.sequence,
            awaiting: self.awaiting.clone(),
            buffer: self.buffer.clone(),
        }
    }

    /// The client of which `kept` was kept. On a new connection it asks for what was committed after
    /// [`Client::revision`], and then sends [`Client::resend`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when what is unconfirmed does not fit the document.
    pub fn resume(kept: Kept<T::Snapshot, T::Op>) -> Result<Self, OpError> {
        let Kept { id, confirmed, revision, sequence, awaiting, buffer } = kept;
        let mut document = confirmed.clone();
        for pending in awaiting.iter().chain(&buffer) {
            T::apply(&mut document, pending)?;
        }
        Ok(Self { id, document, confirmed, revision, sequence, awaiting, buffer })
    }

    /// The client's name in submissions.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// The document with all local edits.
    pub fn document(&self) -> &T::Snapshot {
        &self.document
    }

    /// The document at [`Client::revision`], without the edits that the server has not confirmed.
    pub fn confirmed(&self) -> &T::Snapshot {
        &self.confirmed
    }

    /// The newest revision received.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Whether everything that was edited here is committed.
    pub fn is_synchronized(&self) -> bool {
        self.awaiting.is_none() && self.buffer.is_none()
    }

    /// Applies a local edit. Returns what to send now; nothing when an earlier submission is still awaited.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`], and changes nothing, when `op` does not fit the document.
    pub fn edit(&mut self, op: T::Op) -> Result<Option<Submission<T::Op>>, OpError> {
        let op = T::normalize(op);
        if T::is_noop(&op) {
            return Ok(None);
        }
        if self.is_synchronized() {
            T::apply(&mut self.document, &op)?;
            return Ok(Some(self.submit(op)));
        }
        let buffer = match &self.buffer {
            Some(waiting) => T::compose(waiting, &op)?,
            None => op.clone(),
        };
        T::apply(&mut self.document, &op)?;
        self.buffer = unless_noop::<T>(buffer);
        Ok(self.flush())
    }

    /// Submits the edits that wait, unless an earlier submission is still awaited.
    pub fn flush(&mut self) -> Option<Submission<T::Op>> {
        if self.awaiting.is_some() {
            return None;
        }
        self.buffer.take().map(|op| self.submit(op))
    }

    /// Takes in an op that the server committed; the client's own count as their acknowledgement.
    ///
    /// # Errors
    ///
    /// Returns a [`ClientError`], and changes nothing, when the op is not the next one or does not fit.
    pub fn receive(&mut self, committed: &Committed<T::Op>) -> Result<Received<T::Op>, ClientError> {
        if committed.revision <= self.revision {
            return Ok(Received::AlreadyKnown);
        }
        if committed.client == self.id && self.awaits(committed.sequence) {
            return self.acknowledge(committed.sequence, committed.revision);
        }
        self.check_next(committed.revision)?;

        let mut remote = committed.op.clone();
        let awaiting = pass(&mut remote, self.awaiting.as_ref(), T::transform);
        let buffer = pass(&mut remote, self.buffer.as_ref(), T::transform);
        T::apply(&mut self.document, &remote)?;
        if let Err(error) = T::apply(&mut self.confirmed, &committed.op) {
            self.document = self.confirmed.clone();
            for pending in self.awaiting.iter().chain(&self.buffer) {
                T::apply(&mut self.document, pending)?;
            }
            return Err(error.into());
        }
        self.awaiting = awaiting;
        self.buffer = buffer.and_then(unless_noop::<T>);
        self.revision = committed.revision;
        Ok(Received::Applied(remote))
    }

    /// Takes in the server's word that the submission `sequence` became `revision`.
    ///
    /// # Errors
    ///
    /// Returns a [`ClientError`], and changes nothing, when revisions are missing before it or it was not awaited.
    pub fn acknowledge(&mut self, sequence: Sequence, revision: Revision) -> Result<Received<T::Op>, ClientError> {
        if !self.awaits(sequence) {
            return if revision <= self.revision {
                Ok(Received::AlreadyKnown)
            } else {
                Err(ClientError::NotAwaited { sequence, revision })
            };
        }
        if revision <= self.revision {
            return Err(ClientError::NotAwaited { sequence, revision });
        }
        self.check_next(revision)?;
        if let Some(awaiting) = &self.awaiting {
            T::apply(&mut self.confirmed, awaiting)?;
        }
        self.revision = revision;
        self.awaiting = None;
        Ok(Received::Acknowledged(self.flush()))
    }

    /// Takes in the server's word that it refuses the submission `sequence`, and takes it back here, exactly.
    ///
    /// The next submission has the same number. Where the network may deliver the refused one once more, and the
    /// server might then take it, call [`Client::rename`] before [`Client::flush`].
    ///
    /// # Errors
    ///
    /// Returns a [`ClientError`], and changes nothing, when that submission is not awaited.
    pub fn refused(&mut self, sequence: Sequence, rest: AfterRefusal) -> Result<RolledBack<T::Op>, ClientError> {
        let Some(refused) = self.awaiting.as_ref().filter(|_| self.sequence == sequence) else {
            return Err(ClientError::NotAwaited { sequence, revision: self.revision });
        };
        let pending = match &self.buffer {
            Some(buffer) => T::compose(refused, buffer)?,
            None => refused.clone(),
        };
        let back = T::invert(&pending, &self.confirmed)?;
        let kept = match (rest, &self.buffer) {
            (AfterRefusal::Keep, Some(buffer)) => {
                let kept = T::transform(buffer, &T::invert(refused, &self.confirmed)?, Side::Left);
                self.followed_by(&kept).map(|document| (document, kept))
            }
            _ => None,
        };
        let rolled_back = match &kept {
            Some((_, kept)) => RolledBack { applied: T::compose(&back, kept)?, lost: refused.clone() },
            None => RolledBack { applied: back, lost: pending },
        };
        (self.document, self.buffer) = match kept {
            Some((document, kept)) => (document, unless_noop::<T>(kept)),
            None => (self.confirmed.clone(), None),
        };
        self.awaiting = None;
        self.sequence = Sequence(self.sequence.0.saturating_sub(1));
        Ok(rolled_back)
    }

    /// Goes on under another name, under which submissions are counted from 1 again; returns whether it could: not
    /// while a submission is awaited under the old name.
    pub fn rename(&mut self, id: ClientId) -> bool {
        if self.awaiting.is_some() {
            return false;
        }
        self.id = id;
        self.sequence = Sequence::default();
        true
    }

    /// Where somebody else's `cursor` in the document at revision `base` stands in [`Client::document`]. Nothing when
    /// `base` is not [`Client::revision`]: what lies between has to arrive first, or is forgotten.
    pub fn place(&self, cursor: &T::Cursor, base: Revision) -> Option<T::Cursor> {
        if base != self.revision {
            return None;
        }
        let pending = self.awaiting.iter().chain(&self.buffer);
        Some(pending.fold(cursor.clone(), |cursor, op| T::transform_cursor(&cursor, op, Side::Left)))
    }

    /// The awaited submission once more, for a new connection, after every op since [`Client::revision`] was
    /// received. It has the same client and sequence as before, and follows the ops received since.
    pub fn resend(&self) -> Option<Submission<T::Op>> {
        self.awaiting.as_ref().map(|op| self.submission(op.clone()))
    }

    /// Takes in the server's word that `last` is the client's newest submission that is committed, after every op since
    /// [`Client::revision`] was received. Whoever goes on from what it kept may not know of it.
    ///
    /// What is still awaited under a number that is committed has never been sent, or it would have been among those
    /// ops: it gets the next number.
    pub fn catch_up(&mut self, last: Sequence) {
        if self.sequence <= last {
            self.sequence = if self.awaiting.is_some() { last.next() } else { last };
        }
    }

    /// Starts again from the server's `document` at `revision`, in which `last` is the client's last committed
    /// submission. Edits that are not in it are dropped, since their place in the new document is unknown; returns
    /// whether there were any.
    ///
    /// A document that is older than [`Client::revision`] comes too late: leave it, and send [`Client::resend`] instead,
    /// which has a newer base by then. Where a copy of what was submitted before may still arrive, [`Client::rename`]
    /// comes before the next edit.
    pub fn reset(&mut self, document: T::Snapshot, revision: Revision, last: Sequence) -> bool {
        let submission_lost = self.awaiting.take().is_some() && self.sequence > last;
        let buffer_lost = self.buffer.take().is_some();
        self.confirmed = document.clone();
        self.document = document;
        self.revision = revision;
        self.sequence = last;
        submission_lost || buffer_lost
    }

    /// The confirmed document with `op`, if it fits.
    fn followed_by(&self, op: &T::Op) -> Option<T::Snapshot> {
        let mut document = self.confirmed.clone();
        T::apply(&mut document, op).ok().map(|()| document)
    }

    fn awaits(&self, sequence: Sequence) -> bool {
        self.awaiting.is_some() && self.sequence == sequence
    }

    fn check_next(&self, received: Revision) -> Result<(), ClientError> {
        if received == self.revision.next() { Ok(()) } else { Err(ClientError::Gap { known: self.revision, received }) }
    }

    fn submit(&mut self, op: T::Op) -> Submission<T::Op> {
        self.sequence = self.sequence.next();
        self.awaiting = Some(op.clone());
        self.submission(op)
    }

    fn submission(&self, op: T::Op) -> Submission<T::Op> {
        Submission { client: self.id, sequence: self.sequence, base: self.revision, op }
    }
}

/// Edits that undid each other, or that others have made as well, need not be sent.
fn unless_noop<T: OtType>(op: T::Op) -> Option<T::Op> {
    (!T::is_noop(&op)).then_some(op)
}

/// Moves `remote` behind `local` and returns `local` moved behind `remote`.
fn pass<Op>(remote: &mut Op, local: Option<&Op>, transform: impl Fn(&Op, &Op, Side) -> Op) -> Option<Op> {
    let local = local?;
    let moved = transform(local, remote, Side::Left);
    *remote = transform(remote, local, Side::Right);
    Some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpErrorKind;
    use crate::text::{Rope, Text, TextOp};
    use uuid::Uuid;

    const US: ClientId = ClientId(Uuid::from_u128(1));
    const THEM: ClientId = ClientId(Uuid::from_u128(2));

    fn client(document: &str, revision: u64) -> Client<Text> {
        Client::new(US, Rope::from(document), Revision(revision))
    }

    fn inserted(at: usize, text: &str) -> TextOp {
        TextOp::new().retain(at).insert(text)
    }

    fn theirs(revision: u64, op: TextOp) -> Committed<TextOp> {
        Committed { revision: Revision(revision), client: THEM, sequence: Sequence(revision), op }
    }

    fn ours(revision: u64, sequence: u64, op: TextOp) -> Committed<TextOp> {
        Committed { revision: Revision(revision), client: US, sequence: Sequence(sequence), op }
    }

    #[test]
    fn edits_made_while_one_is_awaited_go_out_as_one() {
        let mut client = client("", 0);
        let first = client.edit(inserted(0, "a")).unwrap().unwrap();
        assert_eq!((first.sequence, first.base), (Sequence(1), Revision(0)));
        assert_eq!(client.edit(inserted(1, "b")), Ok(None));
        assert_eq!(client.edit(inserted(2, "c")), Ok(None));

        let next = Submission { client: US, sequence: Sequence(2), base: Revision(1), op: inserted(1, "bc") };
        let received = client.acknowledge(Sequence(1), Revision(1));
        assert_eq!(received, Ok(Received::Acknowledged(Some(next))));
        assert_eq!(client.acknowledge(Sequence(2), Revision(2)), Ok(Received::Acknowledged(None)));
        assert!(client.is_synchronized());
    }

    #[test]
    fn an_edit_that_was_undone_before_it_went_out_is_not_sent() {
        let mut client = client("", 0);
        client.edit(inserted(0, "a")).unwrap();
        client.edit(inserted(1, "b")).unwrap();
        client.edit(TextOp::new().retain(1).delete(1)).unwrap();
        assert_eq!(client.acknowledge(Sequence(1), Revision(1)), Ok(Received::Acknowledged(None)));
        assert!(client.is_synchronized());
    }

    #[test]
    fn an_edit_that_others_have_made_as_well_is_not_sent() {
        let mut client = client("xy", 0);
        client.edit(inserted(2, "!")).unwrap();
        client.edit(TextOp::new().delete(1)).unwrap();
        client.receive(&theirs(1, TextOp::new().delete(1))).unwrap();
        assert_eq!(client.document(), "y!");
        assert_eq!(client.acknowledge(Sequence(1), Revision(2)), Ok(Received::Acknowledged(None)));
    }

    #[test]
    fn an_edit_that_does_not_fit_changes_nothing() {
        let mut client = client("abc", 0);
        let misfit = TextOp::new().retain(9).insert("x");
        assert_eq!(client.edit(misfit.clone()).unwrap_err().kind(), OpErrorKind::OutOfRange);
        assert!(client.is_synchronized());
        client.edit(inserted(0, "1")).unwrap();
        client.edit(inserted(0, "2")).unwrap();
        let before = client.clone();
        client.edit(misfit).unwrap_err();
        assert_eq!(client.document(), before.document());
        assert_eq!(client.buffer, before.buffer);
    }

    #[test]
    fn an_edit_that_changes_nothing_is_not_sent() {
        let mut client = client("abc", 0);
        assert_eq!(client.edit(TextOp::new().retain(2)), Ok(None));
        assert!(client.is_synchronized());
    }

    #[test]
    fn a_remote_op_is_applied_behind_what_is_not_committed_yet() {
        let mut client = client("-", 4);
        client.edit(inserted(0, "a")).unwrap();
        client.edit(inserted(1, "b")).unwrap();
        let received = client.receive(&theirs(5, inserted(0, "them"))).unwrap();
        // Ours will be committed later, so it stands on the left.
        assert_eq!(received, Received::Applied(inserted(2, "them")));
        assert_eq!(client.document(), "abthem-");
        assert_eq!(client.resend().unwrap().base, Revision(5));
    }

    #[test]
    fn a_revision_after_missing_ones_is_a_gap_and_changes_nothing() {
        let mut client = client("-", 4);
        client.edit(inserted(0, "a")).unwrap();
        let gap = Err(ClientError::Gap { known: Revision(4), received: Revision(6) });
        assert_eq!(client.receive(&theirs(6, inserted(0, "b"))), gap);
        assert_eq!(client.receive(&ours(6, 1, inserted(0, "a"))), gap);
        assert_eq!(client.acknowledge(Sequence(1), Revision(6)), gap);
        assert_eq!((client.document().to_string().as_str(), client.revision()), ("a-", Revision(4)));
        client.receive(&theirs(5, inserted(1, "b"))).unwrap();
        assert_eq!(client.acknowledge(Sequence(1), Revision(6)), Ok(Received::Acknowledged(None)));
    }

    #[test]
    fn what_arrives_twice_counts_once() {
        let mut client = client("", 0);
        client.edit(inserted(0, "a")).unwrap();
        client.acknowledge(Sequence(1), Revision(1)).unwrap();
        assert_eq!(client.acknowledge(Sequence(1), Revision(1)), Ok(Received::AlreadyKnown));
        assert_eq!(client.receive(&ours(1, 1, inserted(0, "a"))), Ok(Received::AlreadyKnown));
        client.receive(&theirs(2, inserted(0, "b"))).unwrap();
        assert_eq!(client.receive(&theirs(2, inserted(0, "b"))), Ok(Received::AlreadyKnown));
        assert_eq!(client.document(), "ba");
    }

    #[test]
    fn an_acknowledgement_of_what_was_never_sent_is_refused() {
        let mut client = client("", 0);
        let refused = Err(ClientError::NotAwaited { sequence: Sequence(1), revision: Revision(1) });
        assert_eq!(client.acknowledge(Sequence(1), Revision(1)), refused);
        client.receive(&theirs(1, inserted(0, "b"))).unwrap();
        client.edit(inserted(0, "a")).unwrap();
        assert_eq!(client.acknowledge(Sequence(1), Revision(1)), refused);
        assert!(!client.is_synchronized());
    }

    #[test]
    fn a_reconnected_client_resends_what_was_lost_on_the_way() {
        let mut client = client("-", 0);
        let lost = client.edit(inserted(1, "a")).unwrap().unwrap();
        assert_eq!(client.resend(), Some(lost));
        client.receive(&theirs(1, inserted(0, "them"))).unwrap();
        let again = Submission { client: US, sequence: Sequence(1), base: Revision(1), op: inserted(5, "a") };
        assert_eq!(client.resend(), Some(again));
    }

    #[test]
    fn a_reconnected_client_does_not_resend_what_was_committed() {
        let mut client = client("-", 0);
        client.edit(inserted(1, "a")).unwrap();
        client.receive(&theirs(1, inserted(0, "them"))).unwrap();
        // The acknowledgement was lost; the missed ops hold the client's own.
        let received = client.receive(&ours(2, 1, inserted(5, "a"))).unwrap();
        assert_eq!(received, Received::Acknowledged(None));
        assert_eq!(client.resend(), None);
        assert_eq!(client.document(), "them-a");
    }

    #[test]
    fn an_op_of_ours_that_is_not_the_awaited_one_is_applied_like_anyone_elses() {
        let mut client = client("", 0);
        client.edit(inserted(0, "new")).unwrap();
        client.receive(&ours(1, 7, inserted(0, "old"))).unwrap();
        assert_eq!(client.document(), "newold");
        assert!(!client.is_synchronized());
    }

    #[test]
    fn history_that_does_not_fit_is_reported_and_changes_nothing() {
        let mut client = client("abc", 0);
        client.edit(inserted(0, "x")).unwrap();
        let error = client.receive(&theirs(1, TextOp::new().delete(99))).unwrap_err();
        assert!(matches!(error, ClientError::Diverged(_)), "{error}");
        assert_eq!((client.document().to_string().as_str(), client.revision()), ("xabc", Revision(0)));
        assert_eq!(client.resend().unwrap().op, inserted(0, "x"));
    }

    #[test]
    fn a_refused_submission_is_taken_back_and_the_edits_after_it_go_on() {
        let mut client = client("abc", 4);
        client.edit(TextOp::new().delete(2).insert("X")).unwrap();
        client.edit(inserted(2, "later")).unwrap();
        client.receive(&theirs(5, inserted(0, "them"))).unwrap();
        assert_eq!(client.document().to_string(), "themXclater");

        let mut shown = client.document().clone();
        let rolled_back = client.refused(Sequence(1), AfterRefusal::Keep).unwrap();
        assert_eq!(client.document().to_string(), "themabclater");
        Text::apply(&mut shown, &rolled_back.applied).unwrap();
        assert_eq!(&shown, client.document());
        assert!(!client.is_synchronized());

        let next = Submission { client: US, sequence: Sequence(1), base: Revision(5), op: inserted(7, "later") };
        assert_eq!(client.flush(), Some(next));
        client.acknowledge(Sequence(1), Revision(6)).unwrap();
        assert_eq!(client.confirmed(), client.document());
    }

    #[test]
    fn the_edits_after_a_refused_submission_can_go_with_it() {
        let mut client = client("abc", 4);
        client.edit(TextOp::new().delete(2).insert("X")).unwrap();
        client.edit(inserted(2, "later")).unwrap();
        let rolled_back = client.refused(Sequence(1), AfterRefusal::Drop).unwrap();
        assert_eq!(client.document().to_string(), "abc");
        let mut again = client.document().clone();
        Text::apply(&mut again, &rolled_back.lost).unwrap();
        assert_eq!(again.to_string(), "Xclater");
        assert!(client.is_synchronized());
        assert_eq!(client.edit(inserted(0, "y")).unwrap().unwrap().sequence, Sequence(1));
    }

    #[test]
    fn a_refusal_of_what_is_not_awaited_changes_nothing() {
        let mut client = client("abc", 4);
        client.refused(Sequence(1), AfterRefusal::Drop).unwrap_err();
        client.edit(inserted(0, "x")).unwrap();
        client.refused(Sequence(2), AfterRefusal::Drop).unwrap_err();
        assert_eq!(client.document().to_string(), "xabc");
        assert!(!client.rename(THEM));
    }

    #[test]
    fn a_renamed_client_counts_from_one_again() {
        let mut client = client("", 0);
        client.edit(inserted(0, "a")).unwrap();
        client.refused(Sequence(1), AfterRefusal::Drop).unwrap();
        assert!(client.rename(THEM));
        let submission = client.edit(inserted(0, "b")).unwrap().unwrap();
        assert_eq!((submission.client, submission.sequence), (THEM, Sequence(1)));
    }

    #[test]
    fn a_cursor_of_somebody_else_is_placed_among_the_edits_not_committed_yet() {
        let mut client = client("abc", 4);
        client.edit(inserted(0, "12")).unwrap();
        client.edit(inserted(2, "3")).unwrap();
        assert_eq!(client.place(&1, Revision(4)), Some(4));
        assert_eq!(client.place(&1, Revision(3)), None);
    }

    #[test]
    fn a_reset_says_whether_edits_were_dropped() {
        let mut client = client("", 0);
        assert!(!client.reset(Rope::from("new"), Revision(3), Sequence(0)));

        client.edit(inserted(0, "a")).unwrap();
        assert!(!client.clone().reset(Rope::from("anew"), Revision(4), Sequence(1)), "it was committed");
        assert!(client.clone().reset(Rope::from("new"), Revision(4), Sequence(0)), "it was not");
        client.edit(inserted(0, "b")).unwrap();
        assert!(client.reset(Rope::from("anew"), Revision(4), Sequence(1)), "the buffer never went out");
        assert_eq!((client.document().to_string().as_str(), client.revision()), ("anew", Revision(4)));
        assert_eq!(client.edit(inserted(0, "c")).unwrap().unwrap().sequence, Sequence(2));
    }

    #[test]
    fn what_was_kept_goes_on_where_it_was() {
        let mut client = client("ab", 4);
        let _ = client.edit(inserted(2, "c")).unwrap();
        let _ = client.edit(inserted(3, "d")).unwrap();
        let mut later: Client<Text> = Client::resume(client.keep()).unwrap();
        assert_eq!(later.document().to_string(), "abcd");
        // What the one before had sent has arrived meanwhile.
        later.receive(&theirs(5, inserted(0, ">"))).unwrap();
        let own = later.receive(&ours(6, 1, inserted(3, "c"))).unwrap();
        assert!(matches!(own, Received::Acknowledged(Some(Submission { sequence: Sequence(2), .. }))), "{own:?}");
        later.catch_up(Sequence(1));
        assert_eq!(later.document().to_string(), ">abcd");
        assert_eq!(later.resend().map(|submission| submission.sequence), Some(Sequence(2)));
    }

    #[test]
    fn numbers_that_are_taken_are_not_given_again() {
        let mut fresh = client("a", 4);
        fresh.catch_up(Sequence(7));
        let submission = fresh.edit(inserted(1, "b")).unwrap();
        assert_eq!(submission.map(|submission| submission.sequence), Some(Sequence(8)));
        // What was edited before anything was heard of the others has another number than it seemed.
        let mut early = client("a", 4);
        let _ = early.edit(inserted(1, "b")).unwrap();
        early.catch_up(Sequence(7));
        assert_eq!(early.resend().map(|submission| submission.sequence), Some(Sequence(8)));
        early.catch_up(Sequence(7));
        assert_eq!(early.resend().map(|submission| submission.sequence), Some(Sequence(8)));
    }
}
