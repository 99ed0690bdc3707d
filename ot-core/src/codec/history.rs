//! Whole histories: see [`encode_history`].

use std::collections::BTreeMap;

use uuid::Uuid;

use super::bytes::{Input, put_count, put_difference, put_number};
use super::columns::{put_columns, take_columns};
use super::frame::{self, Content};
use super::{Binary, CodecError, CodecErrorKind, Limits};
use crate::history::History;
use crate::{ClientId, OpLog, OtType, Revision};

/// The sections of a history, in their order.
const SECTIONS: [&str; 5] = ["the newest document", "the oldest document", "the ops", "the stamps", "the labels"];

const STAMPS: [&str; 5] = ["authors", "author numbers", "author counts", "time differences", "time counts"];

/// What a history consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryParts<T: OtType> {
    /// The revision before the first op.
    pub oldest: Revision,
    /// The document at that revision.
    pub oldest_document: T::Snapshot,
    /// The document after the last op.
    pub newest_document: T::Snapshot,
    /// The ops.
    pub ops: T::Log,
    /// Who made each op.
    pub authors: Vec<ClientId>,
    /// When each op was made, in milliseconds since 1970 in UTC.
    pub times_ms: Vec<u64>,
    /// The names of revisions.
    pub labels: BTreeMap<Revision, String>,
}

/// A history as bytes.
///
/// After the beginning of the frame come the oldest revision, the number of ops, and for each section its length and
/// its checksum; then a checksum of all so far, then the sections: the newest document, the oldest one, the ops, the
/// stamps (authors and times), the labels. So the newest document can be read from the beginning alone: see
/// [`decode_newest`].
///
/// # Errors
///
/// Those of [`Binary::write_ops`] and [`Binary::write_snapshot`], and when there is not one author and one time for
/// each op.
pub fn encode_history<T: Binary>(history: &HistoryParts<T>) -> Result<Vec<u8>, CodecError> {
    let ops = history.ops.len();
    if history.authors.len() != ops || history.times_ms.len() != ops {
        return Err(CodecError::malformed("the stamps", "an author and a time belong to each op"));
    }
    let mut sections = <[Vec<u8>; 5]>::default();
    let [newest, oldest, log, stamps, labels] = &mut sections;
    T::write_snapshot(&history.newest_document, newest)?;
    T::write_snapshot(&history.oldest_document, oldest)?;
    T::write_ops(&history.ops, log)?;
    write_stamps(&history.authors, &history.times_ms, stamps);
    write_labels(history.oldest, &history.labels, labels);
    let mut out = frame::begin(T::CODE, Content::History);
    put_number(&mut out, history.oldest.0);
    put_count(&mut out, ops);
    for section in &sections {
        put_count(&mut out, section.len());
        out.extend(crc32fast::hash(section).to_le_bytes());
    }
    let mut out = frame::seal(out);
    sections.iter().for_each(|section| out.extend(section));
    Ok(out)
}

/// The history that [`encode_history`] wrote.
///
/// That the ops lead from the oldest document to the newest is not tried: [`History::is_consistent`] does.
///
/// # Errors
///
/// Returns a [`CodecError`] when the bytes are no history of this type of document, are damaged, or exceed the limits.
pub fn decode_history<T: Binary>(bytes: &[u8], limits: Limits) -> Result<HistoryParts<T>, CodecError> {
    let mut file = open::<T>(bytes)?;
    if file.ops > limits.ops {
        return Err(CodecError::too_large("the ops", format!("more than {} ops", limits.ops)));
    }
    let [newest, oldest, log, stamps, labels] = file.take_sections()?;
    file.rest.end()?;
    let ops = T::read_ops(log, limits)?;
    if ops.len() != file.ops {
        return Err(CodecError::malformed("the ops", "there are not as many as the beginning says"));
    }
    let (authors, times_ms) = read_stamps(stamps, file.ops, limits)?;
    Ok(HistoryParts {
        oldest: file.oldest,
        oldest_document: T::read_snapshot(oldest, limits)?,
        newest_document: T::read_snapshot(newest, limits)?,
        ops,
        authors,
        times_ms,
        labels: read_labels(labels, file.oldest, limits)?,
    })
}

/// The newest document of a history and its revision, from the beginning of the bytes that [`encode_history`] wrote:
/// what comes behind the document is not looked at and may be missing.
///
/// # Errors
///
/// Returns a [`CodecError`] when the bytes are no history of this type of document, are damaged, end before the newest
/// document does, or exceed the limits.
pub fn decode_newest<T: Binary>(bytes: &[u8], limits: Limits) -> Result<(Revision, T::Snapshot), CodecError> {
    let mut file = open::<T>(bytes)?;
    let [newest] = file.take_sections()?;
    let revision = Revision(file.oldest.0.saturating_add(u64::try_from(file.ops).unwrap_or(u64::MAX)));
    Ok((revision, T::read_snapshot(newest, limits)?))
}

impl<T: Binary> History<T> {
    /// The history as bytes: see [`encode_history`].
    ///
    /// # Errors
    ///
    /// Those of [`Binary::write_ops`] and [`Binary::write_snapshot`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        encode_history(&self.to_parts())
    }

    /// The history that [`to_bytes`](Self::to_bytes) wrote: see [`decode_history`].
    ///
    /// # Errors
    ///
    /// Returns a [`CodecError`] when the bytes are no history of this type of document, are damaged, or exceed the
    /// limits.
    pub fn from_bytes(bytes: &[u8], limits: Limits) -> Result<Self, CodecError> {
        let parts = decode_history(bytes, limits)?;
        Self::from_parts(parts).map_err(|error| CodecError::malformed("the history", error.to_string()))
    }
}

/// The beginning of a history, and the sections.
struct File<'a> {
    oldest: Revision,
    ops: usize,
    /// The length and the checksum of each section.
    sections: [(usize, u32); 5],
    rest: Input<'a>,
}

fn open<T: Binary>(bytes: &[u8]) -> Result<File<'_>, CodecError> {
    let mut rest = frame::check_beginning(bytes, T::CODE, Content::History)?;
    let oldest = Revision(rest.number()?);
    let ops = rest.count()?;
    let mut sections = [(0, 0); 5];
    for (length, checksum) in &mut sections {
        *length = rest.count()?;
        *checksum = u32::from_le_bytes(rest.take_array()?);
    }
    let beginning = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
    frame::check("the beginning", beginning, u32::from_le_bytes(rest.take_array()?))?;
    Ok(File { oldest, ops, sections, rest })
}

impl<'a> File<'a> {
    /// The first `N` sections, each as its checksum says.
    fn take_sections<const N: usize>(&mut self) -> Result<[&'a [u8]; N], CodecError> {
        let mut taken = [[].as_slice(); N];
        for ((section, (length, checksum)), name) in taken.iter_mut().zip(self.sections).zip(SECTIONS) {
            *section = self
                .rest
                .take(length)
                .map_err(|_| CodecError::new(CodecErrorKind::Truncated, name, "the bytes end too early"))?;
            frame::check(name, section, checksum)?;
        }
        Ok(taken)
    }
}

/// Authors and times, each as runs: columns of the authors as they first appear, of author numbers with their counts,
/// and of differences of times with their counts.
fn write_stamps(authors: &[ClientId], times: &[u64], out: &mut Vec<u8>) {
    let mut columns = <[Vec<u8>; 5]>::default();
    let [ids, numbers, author_counts, differences, time_counts] = &mut columns;
    let mut known = BTreeMap::new();
    for run in authors.chunk_by(|a, b| a == b) {
        let Some(author) = run.first() else { continue };
        let next = known.len();
        let number = *known.entry(author).or_insert_with(|| {
            ids.extend_from_slice(author.0.as_bytes());
            next
        });
        put_count(numbers, number);
        put_count(author_counts, run.len());
    }
    let steps: Vec<_> = std::iter::once(&0).chain(times).zip(times).map(|(from, to)| to.wrapping_sub(*from)).collect();
    for run in steps.chunk_by(|a, b| a == b) {
        let Some(step) = run.first() else { continue };
        put_difference(differences, 0, *step);
        put_count(time_counts, run.len());
    }
    put_columns(out, &columns.each_ref().map(Vec::as_slice));
}

fn read_stamps(bytes: &[u8], ops: usize, limits: Limits) -> Result<(Vec<ClientId>, Vec<u64>), CodecError> {
    let mut input = Input::new("the stamps", bytes);
    let columns = take_columns(&mut input, STAMPS, limits)?;
    input.end()?;
    let [ids, numbers, author_counts, differences, time_counts] = &columns;
    let [_, name_numbers, name_author_counts, name_differences, name_time_counts] = STAMPS;
    let (ids, []) = ids.as_chunks::<16>() else { return Err(uneven()) };
    let mut authors = Vec::new();
    for_each_run(
        Input::new(name_numbers, numbers),
        Input::new(name_author_counts, author_counts),
        ops,
        |number, count| {
            let id = ids.get(number.count()?).ok_or_else(uneven)?;
            authors.resize(authors.len() + count, ClientId(Uuid::from_bytes(*id)));
            Ok(())
        },
    )?;
    let mut times = Vec::new();
    let mut time = 0;
    for_each_run(
        Input::new(name_differences, differences),
        Input::new(name_time_counts, time_counts),
        ops,
        |step, count| {
            let step = step.difference(0)?;
            for _ in 0..count {
                time = step.wrapping_add(time);
                times.push(time);
            }
            Ok(())
        },
    )?;
    Ok((authors, times))
}

/// Reads the value of each run, for which there is a count; the counts add up to `total`.
fn for_each_run(
    mut values: Input<'_>,
    mut counts: Input<'_>,
    total: usize,
    mut run: impl FnMut(&mut Input<'_>, usize) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    let mut left = total;
    while left > 0 {
        let count = counts.count()?;
        left = left.checked_sub(count).filter(|_| count > 0).ok_or_else(uneven)?;
        run(&mut values, count)?;
    }
    values.end()?;
    counts.end()
}

/// Columns of how far each named revision is from the oldest, of the lengths of the names, and of the names.
fn write_labels(oldest: Revision, labels: &BTreeMap<Revision, String>, out: &mut Vec<u8>) {
    let mut columns = <[Vec<u8>; 3]>::default();
    let [revisions, lengths, names] = &mut columns;
    for (revision, label) in labels {
        put_difference(revisions, oldest.0, revision.0);
        put_count(lengths, label.len());
        names.extend_from_slice(label.as_bytes());
    }
    put_columns(out, &columns.each_ref().map(Vec::as_slice));
}

fn read_labels(bytes: &[u8], oldest: Revision, limits: Limits) -> Result<BTreeMap<Revision, String>, CodecError> {
    let mut input = Input::new("the labels", bytes);
    let [revisions, lengths, names] = take_columns(&mut input, ["revisions", "lengths", "names"], limits)?;
    input.end()?;
    let mut revisions = Input::new("revisions", &revisions);
    let mut lengths = Input::new("lengths", &lengths);
    let mut names = Input::new("names", &names);
    let mut labels = BTreeMap::new();
    while !revisions.is_empty() {
        let revision = Revision(revisions.difference(oldest.0)?);
        let label = std::str::from_utf8(names.take(lengths.count()?)?);
        let label = label.map_err(|_| CodecError::malformed("the labels", "not UTF-8"))?;
        labels.insert(revision, label.to_owned());
    }
    lengths.end()?;
    names.end()?;
    Ok(labels)
}

fn uneven() -> CodecError {
    CodecError::malformed("the stamps", "the columns do not fit together")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Stamp;
    use crate::text::{Rope, Text, TextLog, TextOp};

    fn history() -> HistoryParts<Text> {
        let mut ops = TextLog::default();
        let mut document = Rope::from("it was ");
        let oldest_document = document.clone();
        for (position, letter) in ["f", "i", "n", "e"].into_iter().enumerate() {
            let op = TextOp::new().retain(position + 7).insert(letter);
            Text::apply(&mut document, &op).unwrap();
            ops.push(&op);
        }
        let [anna, ben] = [1, 2].map(|id| ClientId(Uuid::from_u128(id)));
        HistoryParts {
            oldest: Revision(1000),
            oldest_document,
            newest_document: document,
            ops,
            authors: vec![anna, anna, ben, anna],
            times_ms: vec![1_800_000_000_000, 1_800_000_000_100, 1_800_000_000_200, 1_700_000_000_000],
            labels: BTreeMap::from([(Revision(1002), "sent to the board".to_owned())]),
        }
    }

    #[test]
    fn a_history_comes_back_whole() {
        let bytes = encode_history(&history()).unwrap();
        assert_eq!(decode_history(&bytes, Limits::default()), Ok(history()));
    }

    #[test]
    fn a_history_that_was_read_goes_on() {
        let parts = history();
        let mut history = History::from_parts(parts.clone()).unwrap();
        history = History::from_bytes(&history.to_bytes().unwrap(), Limits::default()).unwrap();
        assert!(history.is_consistent());
        assert_eq!(history.to_parts(), parts);
        history.push(&TextOp::new().retain(11).insert("!"), Stamp::new(ClientId(Uuid::nil()), 0)).unwrap();
        assert_eq!(history.document(), &Rope::from("it was fine!"));
    }

    #[test]
    fn the_newest_document_is_read_without_the_history() {
        let bytes = encode_history(&history()).unwrap();
        let newest = (Revision(1004), Rope::from("it was fine"));
        let enough = (0..bytes.len()).find(|end| decode_newest::<Text>(&bytes[..*end], Limits::default()).is_ok());
        assert!(enough.unwrap() < bytes.len() / 2, "{enough:?} of {}", bytes.len());
        assert_eq!(decode_newest::<Text>(&bytes[..enough.unwrap()], Limits::default()), Ok(newest));
    }

    #[test]
    fn a_history_with_any_one_bit_wrong_is_refused() {
        let bytes = encode_history(&history()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode_history::<Text>(&damaged, Limits::default()).is_err(), "bit {bit}");
        }
        for end in 0..bytes.len() {
            assert!(decode_history::<Text>(&bytes[..end], Limits::default()).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn more_ops_than_allowed_are_refused() {
        let bytes = encode_history(&history()).unwrap();
        let error = decode_history::<Text>(&bytes, Limits { ops: 3, ..Limits::default() }).unwrap_err();
        assert_eq!(error.kind(), CodecErrorKind::TooLarge);
    }
}
