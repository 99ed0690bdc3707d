//! The client's end of a session.
//!
//! A client is in one of three states: *synchronized*; *awaiting* the acknowledgement of one op; or awaiting with a
//! *buffer*, the composed ops made meanwhile, which goes out when the acknowledgement comes. The op that was sent is
//! never re-chunked on the way: client and server transform the very same unit. (Wang and Mah, "Google Wave
//! Operational Transformation", 2010.)
//!
//! On a tie the op that is committed later has [`Side::Left`], as in ShareDB: a later value replaces an earlier one.

use crate::{ClientId, Committed, OpError, OtType, Revision, Sequence, Side, Submission};

/// A document as one client sees it, with the client's edits that the server has not confirmed.
#[derive(Clone, Debug)]
pub struct Client<T: OtType> {
    id: ClientId,
    document: T::Snapshot,
    revision: Revision,
    sequence: Sequence,
    awaiting: Option<T::Op>,
    buffer: Option<T::Op>,
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
        Self { id, document, revision, sequence: Sequence::default(), awaiting: None, buffer: None }
    }

    /// The client's name in submissions.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// The document with all local edits.
    pub fn document(&self) -> &T::Snapshot {
        &self.document
    }

    /// The newest revision received.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Whether everything that was edited here is committed.
    pub fn is_synchronized(&self) -> bool {
        self.awaiting.is_none()
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
        if self.awaiting.is_none() {
            T::apply(&mut self.document, &op)?;
            return Ok(Some(self.submit(op)));
        }
        let buffer = match &self.buffer {
            Some(waiting) => T::compose(waiting, &op)?,
            None => op.clone(),
        };
        T::apply(&mut self.document, &op)?;
        self.buffer = unless_noop::<T>(buffer);
        Ok(None)
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
        self.revision = revision;
        self.awaiting = None;
        let next = self.buffer.take().map(|op| self.submit(op));
        Ok(Received::Acknowledged(next))
    }

    /// The awaited submission once more, for a new connection, after every op since [`Client::revision`] was
    /// received. It has the same client and sequence as before, and follows the ops received since.
    pub fn resend(&self) -> Option<Submission<T::Op>> {
        self.awaiting.as_ref().map(|op| self.submission(op.clone()))
    }

    /// Starts again from the server's `document` at `revision`, in which `last` is the client's last committed
    /// submission. Edits that are not in it are dropped, since their place in the new document is unknown; returns
    /// whether there were any.
    pub fn reset(&mut self, document: T::Snapshot, revision: Revision, last: Sequence) -> bool {
        let submission_lost = self.awaiting.take().is_some() && self.sequence > last;
        let buffer_lost = self.buffer.take().is_some();
        self.document = document;
        self.revision = revision;
        self.sequence = last;
        submission_lost || buffer_lost
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
