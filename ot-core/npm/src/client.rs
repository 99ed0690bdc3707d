use ot_core::client::{AfterRefusal, Received, RolledBack};
use ot_core::json::Json;
use ot_core::rich::RichUtf16;
use ot_core::{Client, ClientId, Committed, OpError, OpErrorKind, Revision, Sequence, Submission};
use uuid::Uuid;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::Failure;
use crate::kind::{Kind, KindName};
use crate::plain::Plain;

/// The client's end of a session, over any of the three kinds of documents.
#[wasm_bindgen]
pub struct JsClient(Box<dyn AnyClient>);

#[wasm_bindgen]
impl JsClient {
    /// A client that holds `document` at `revision` and has submitted nothing yet.
    ///
    /// # Errors
    ///
    /// When the document can't be read.
    #[wasm_bindgen(constructor)]
    pub fn new(kind: KindName, document: &str, revision: f64) -> Result<Self, Failure> {
        Ok(Self(match kind {
            KindName::Text => boxed::<Plain>(document, revision)?,
            KindName::Rich => boxed::<RichUtf16>(document, revision)?,
            KindName::Json => boxed::<Json>(document, revision)?,
        }))
    }

    /// The document with all local edits.
    pub fn document(&self) -> String {
        self.0.document()
    }

    /// The newest revision received.
    pub fn revision(&self) -> f64 {
        self.0.revision()
    }

    /// Whether everything that was edited here is committed.
    #[wasm_bindgen(js_name = isSynchronized)]
    pub fn is_synchronized(&self) -> bool {
        self.0.is_synchronized()
    }

    /// Applies a local edit. Returns the submission to send now, if any.
    ///
    /// # Errors
    ///
    /// When the op does not fit.
    pub fn edit(&mut self, op: &str) -> Result<Option<String>, Failure> {
        self.0.edit(op)
    }

    /// Takes in an op that the server committed, this client's `own` or not.
    ///
    /// # Errors
    ///
    /// When the op is not the next one or does not fit.
    pub fn receive(&mut self, revision: f64, own: bool, sequence: f64, op: &str) -> Result<String, Failure> {
        self.0.receive(Revision(whole(revision)?), if own { OURS } else { THEIRS }, Sequence(whole(sequence)?), op)
    }

    /// Takes in the server's word that the submission `sequence` became `revision`.
    ///
    /// # Errors
    ///
    /// When revisions are missing before it or it was not awaited.
    pub fn acknowledge(&mut self, sequence: f64, revision: f64) -> Result<String, Failure> {
        self.0.acknowledge(Sequence(whole(sequence)?), Revision(whole(revision)?))
    }

    /// Takes in the server's word that it refuses the submission `sequence`: `{"applied":…,"lost":…}`. Later edits stay
    /// and wait for [`JsClient::flush`] if `keep` is true.
    ///
    /// # Errors
    ///
    /// When that submission is not awaited.
    pub fn refused(&mut self, sequence: f64, keep: bool) -> Result<String, Failure> {
        self.0.refused(Sequence(whole(sequence)?), if keep { AfterRefusal::Keep } else { AfterRefusal::Drop })
    }

    /// Submits the edits that wait, if nothing is awaited.
    pub fn flush(&mut self) -> Option<String> {
        self.0.flush()
    }

    /// Where somebody else's cursor in the document at revision `base` stands here, if that can be told.
    ///
    /// # Errors
    ///
    /// When the cursor can't be read.
    pub fn place(&self, cursor: &str, base: f64) -> Result<Option<String>, Failure> {
        self.0.place(cursor, Revision(whole(base)?))
    }

    /// The awaited submission once more.
    pub fn resend(&self) -> Option<String> {
        self.0.resend()
    }

    /// Starts again from the server's `document`. Returns whether edits were dropped.
    ///
    /// # Errors
    ///
    /// When the document can't be read.
    pub fn reset(&mut self, document: &str, revision: f64, last: f64) -> Result<bool, Failure> {
        self.0.reset(document, Revision(whole(revision)?), Sequence(whole(last)?))
    }
}

/// A client without its kind.
trait AnyClient {
    fn document(&self) -> String;
    fn revision(&self) -> f64;
    fn is_synchronized(&self) -> bool;
    fn edit(&mut self, op: &str) -> Result<Option<String>, Failure>;
    fn receive(
        &mut self,
        revision: Revision,
        client: ClientId,
        sequence: Sequence,
        op: &str,
    ) -> Result<String, Failure>;
    fn acknowledge(&mut self, sequence: Sequence, revision: Revision) -> Result<String, Failure>;
    fn refused(&mut self, sequence: Sequence, rest: AfterRefusal) -> Result<String, Failure>;
    fn flush(&mut self) -> Option<String>;
    fn place(&self, cursor: &str, base: Revision) -> Result<Option<String>, Failure>;
    fn resend(&self) -> Option<String>;
    fn reset(&mut self, document: &str, revision: Revision, last: Sequence) -> Result<bool, Failure>;
}

impl<T: Kind> AnyClient for Client<T> {
    fn document(&self) -> String {
        T::write_snapshot(Client::document(self))
    }

    fn revision(&self) -> f64 {
        number(Client::revision(self).0)
    }

    fn is_synchronized(&self) -> bool {
        Client::is_synchronized(self)
    }

    fn edit(&mut self, op: &str) -> Result<Option<String>, Failure> {
        Ok(Client::edit(self, T::read_op(op)?)?.map(|submission| submitted::<T>(&submission)))
    }

    fn receive(
        &mut self,
        revision: Revision,
        client: ClientId,
        sequence: Sequence,
        op: &str,
    ) -> Result<String, Failure> {
        Ok(received::<T>(Client::receive(self, &Committed { revision, client, sequence, op: T::read_op(op)? })?))
    }

    fn acknowledge(&mut self, sequence: Sequence, revision: Revision) -> Result<String, Failure> {
        Ok(received::<T>(Client::acknowledge(self, sequence, revision)?))
    }

    fn refused(&mut self, sequence: Sequence, rest: AfterRefusal) -> Result<String, Failure> {
        let RolledBack { applied, lost } = Client::refused(self, sequence, rest)?;
        Ok(["{\"applied\":", &T::write_op(&applied), ",\"lost\":", &T::write_op(&lost), "}"].concat())
    }

    fn flush(&mut self) -> Option<String> {
        Client::flush(self).map(|submission| submitted::<T>(&submission))
    }

    fn place(&self, cursor: &str, base: Revision) -> Result<Option<String>, Failure> {
        Ok(Client::place(self, &T::read_cursor(cursor)?, base).map(|cursor| T::write_cursor(&cursor)))
    }

    fn resend(&self) -> Option<String> {
        Client::resend(self).map(|submission| submitted::<T>(&submission))
    }

    fn reset(&mut self, document: &str, revision: Revision, last: Sequence) -> Result<bool, Failure> {
        Ok(Client::reset(self, T::read_snapshot(document)?, revision, last))
    }
}

fn boxed<T: Kind>(document: &str, revision: f64) -> Result<Box<dyn AnyClient>, Failure> {
    let client = Client::<T>::new(OURS, T::read_snapshot(document)?, Revision(whole(revision)?));
    Ok(Box::new(client))
}

/// `{"applied": op}`, `{"acknowledged": true, "next": submission}` or `{"alreadyKnown": true}`.
fn received<T: Kind>(received: Received<T::Op>) -> String {
    match received {
        Received::Applied(op) => ["{\"applied\":", &T::write_op(&op), "}"].concat(),
        Received::Acknowledged(None) => "{\"acknowledged\":true}".to_owned(),
        Received::Acknowledged(Some(next)) => {
            ["{\"acknowledged\":true,\"next\":", &submitted::<T>(&next), "}"].concat()
        }
        Received::AlreadyKnown => "{\"alreadyKnown\":true}".to_owned(),
    }
}

/// A submission without its client.
fn submitted<T: Kind>(submission: &Submission<T::Op>) -> String {
    let Submission { sequence, base, op, .. } = submission;
    let (sequence, base) = (sequence.to_string(), base.to_string());
    ["{\"sequence\":", &sequence, ",\"base\":", &base, ",\"op\":", &T::write_op(op), "}"].concat()
}

/// JavaScript keeps the names of the clients. Here one is ours, and all others are one.
const OURS: ClientId = ClientId(Uuid::from_u128(1));
const THEIRS: ClientId = ClientId(Uuid::from_u128(2));

/// The largest whole number up to which JavaScript counts exactly.
const MOST: f64 = 9_007_199_254_740_991.0;

/// A count as JavaScript has it.
#[allow(clippy::as_conversions, reason = "the standard library has no other conversion between counts and floats")]
fn whole(number: f64) -> Result<u64, Failure> {
    if (0.0..=MOST).contains(&number) && number % 1.0 == 0.0 {
        Ok(number as u64)
    } else {
        Err(OpError::new(OpErrorKind::Malformed, "the call", "a revision or a sequence is a whole number").into())
    }
}

#[allow(clippy::as_conversions, reason = "the standard library has no other conversion between counts and floats")]
fn number(count: u64) -> f64 {
    count as f64
}
