//! Text. Columns of ops: what each part does, how many ops insert, how many delete, how much each does, where,
//! runs, text. A document has one column, the text.
//!
//! A part is ops that continue each other, or one op of any runs. Its position is written as the distance from where
//! the part before ended. What it does is one byte: the kind in the lowest two bits, then one bit if each op does more
//! than one code point, and one if there are more ops than one; only then the other columns have a number for it.

use super::bytes::{Input, put_count, put_difference};
use super::columns::{put_columns, take_columns};
use super::{Binary, CodecError, Limits};
use crate::text::{Kind, LoggedRun, Part, Text, TextLog};
use crate::{OpLog, OtType};

const COLUMNS: [&str; 7] = ["kinds", "insert counts", "delete counts", "lengths", "positions", "runs", "text"];

const LONG: u8 = 4;
const MANY: u8 = 8;

impl Binary for Text {
    const CODE: u8 = 1;

    fn write_ops(ops: &TextLog, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let mut columns = <[Vec<u8>; 7]>::default();
        let [kinds, inserts, deletes, lengths, positions, runs, text] = &mut columns;
        let mut end = 0;
        for part in ops.parts() {
            let (kind, counts) = match part.kind {
                Kind::Insert => (0, &mut *inserts),
                Kind::Delete => (1, &mut *deletes),
                Kind::Backspace => (2, &mut *deletes),
                Kind::Runs => (3, &mut *deletes),
            };
            let mut flags = kind;
            if part.each != 1 {
                flags |= LONG;
                put_count(lengths, part.each);
            }
            if part.count != 1 {
                flags |= MANY;
                put_count(counts, part.count);
            }
            kinds.push(flags);
            text.extend_from_slice(part.text.as_bytes());
            let rest = part.runs.split_first();
            let (position, rest) = match rest {
                Some((LoggedRun::Retain(count), rest)) => (*count, rest),
                _ => (part.position, part.runs),
            };
            put_difference(positions, widen(end), widen(position));
            end = end_of(&part, position);
            if part.kind == Kind::Runs {
                put_count(runs, rest.len());
                for run in rest {
                    let (tag, count) = match run {
                        LoggedRun::Retain(count) => (0, count),
                        LoggedRun::Insert(bytes) => (1, bytes),
                        LoggedRun::Delete(count) => (2, count),
                    };
                    runs.push(tag);
                    put_count(runs, *count);
                }
            }
        }
        put_columns(out, &columns.each_ref().map(Vec::as_slice));
        Ok(())
    }

    fn read_ops(bytes: &[u8], limits: Limits) -> Result<TextLog, CodecError> {
        let mut input = Input::new("the ops", bytes);
        let columns = take_columns(&mut input, COLUMNS, limits)?;
        input.end()?;
        let [kinds, inserts, deletes, lengths, positions, runs, text] = &columns;
        let [_, name_inserts, name_deletes, name_lengths, name_positions, name_runs, _] = COLUMNS;
        let mut inserts = Input::new(name_inserts, inserts);
        let mut deletes = Input::new(name_deletes, deletes);
        let mut lengths = Input::new(name_lengths, lengths);
        let mut positions = Input::new(name_positions, positions);
        let mut runs = Input::new(name_runs, runs);
        let mut text = Rest::new(text)?;
        let mut log = TextLog::default();
        let mut end = 0;
        let mut run_list = Vec::new();
        for flags in kinds {
            let (kind, counts) = match flags & 3 {
                0 => (Kind::Insert, &mut inserts),
                1 => (Kind::Delete, &mut deletes),
                2 => (Kind::Backspace, &mut deletes),
                _ => (Kind::Runs, &mut deletes),
            };
            let each = if flags & LONG == 0 { 1 } else { lengths.count()? };
            let count = if flags & MANY == 0 { 1 } else { counts.count()? };
            if count > limits.ops.saturating_sub(log.len()) {
                return Err(CodecError::too_large("the ops", format!("more than {} ops", limits.ops)));
            }
            let place = narrow(positions.difference(widen(end))?)?;
            let mut part = Part { kind, position: place, each, count, text: "", runs: &[] };
            match kind {
                Kind::Insert => part.text = text.chars(each.checked_mul(count).ok_or_else(inconsistent)?)?,
                Kind::Delete | Kind::Backspace => {}
                Kind::Runs => {
                    part.text = read_runs(&mut runs, place, &mut text, &mut run_list)?;
                    part.runs = &run_list;
                }
            }
            log.push_part(part).ok_or_else(inconsistent)?;
            end = end_of(&part, place);
        }
        [inserts, deletes, lengths, positions, runs].iter().try_for_each(Input::end)?;
        if text.0.is_empty() { Ok(log) } else { Err(CodecError::malformed("text", "more text than ops insert")) }
    }

    fn write_snapshot(snapshot: &<Self as OtType>::Snapshot, out: &mut Vec<u8>) -> Result<(), CodecError> {
        put_columns(out, &[String::from(snapshot).as_bytes()]);
        Ok(())
    }

    fn read_snapshot(bytes: &[u8], limits: Limits) -> Result<<Self as OtType>::Snapshot, CodecError> {
        let mut input = Input::new("the document", bytes);
        let [text] = take_columns(&mut input, ["text"], limits)?;
        input.end()?;
        std::str::from_utf8(&text).map(<Self as OtType>::Snapshot::from).map_err(|_| not_text())
    }
}

/// Reads the runs that follow the first retain, which goes to `position`; returns what they insert.
fn read_runs<'a>(
    input: &mut Input<'_>,
    position: usize,
    text: &mut Rest<'a>,
    runs: &mut Vec<LoggedRun>,
) -> Result<&'a str, CodecError> {
    runs.clear();
    if position > 0 {
        runs.push(LoggedRun::Retain(position));
    }
    let all = text.0;
    for _ in 0..input.count()? {
        let tag = input.byte()?;
        let count = input.count()?;
        runs.push(match tag {
            0 => LoggedRun::Retain(count),
            1 => LoggedRun::Insert(text.bytes(count)?.len()),
            2 => LoggedRun::Delete(count),
            _ => return Err(CodecError::malformed("runs", "a run neither keeps nor inserts nor deletes")),
        });
    }
    Ok(all.get(..all.len() - text.0.len()).unwrap_or_default())
}

/// Where a part that begins at `position` leaves off: typing usually goes on there.
fn end_of(part: &Part<'_>, position: usize) -> usize {
    let total = part.each.wrapping_mul(part.count);
    match part.kind {
        Kind::Insert => position.wrapping_add(total),
        Kind::Delete | Kind::Runs => position,
        Kind::Backspace => position.wrapping_sub(total.wrapping_sub(part.each)),
    }
}

/// The text that no op inserted yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn new(text: &'a [u8]) -> Result<Self, CodecError> {
        std::str::from_utf8(text).map(Self).map_err(|_| not_text())
    }

    fn chars(&mut self, count: usize) -> Result<&'a str, CodecError> {
        let ascii = self.0.as_bytes().get(..count).is_some_and(<[u8]>::is_ascii);
        if ascii || count == 0 {
            return self.bytes(count);
        }
        let (last, letter) = self.0.char_indices().nth(count - 1).ok_or_else(inconsistent)?;
        self.bytes(last + letter.len_utf8())
    }

    fn bytes(&mut self, count: usize) -> Result<&'a str, CodecError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(inconsistent)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn widen(position: usize) -> u64 {
    u64::try_from(position).unwrap_or(u64::MAX)
}

fn narrow(position: u64) -> Result<usize, CodecError> {
    usize::try_from(position).map_err(|_| CodecError::too_large("positions", "a position exceeds this machine's"))
}

fn inconsistent() -> CodecError {
    CodecError::malformed("the ops", "the columns do not fit together")
}

fn not_text() -> CodecError {
    CodecError::malformed("text", "not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{
        CodecErrorKind, decode_op, decode_ops, decode_snapshot, encode_op, encode_ops, encode_snapshot,
    };
    use crate::text::TextOp;

    fn logged(ops: &[TextOp]) -> TextLog {
        let mut log = TextLog::default();
        ops.iter().for_each(|op| log.push(op));
        log
    }

    fn session() -> TextLog {
        let insert = |position, text| TextOp::new().retain(position).insert(text);
        let delete = |position, count| TextOp::new().retain(position).delete(count);
        logged(&[
            insert(0, "h"),
            insert(1, "é"),
            insert(2, "💃"),
            insert(3, "a whole line\n"),
            insert(16, "another one!\n"),
            delete(15, 1),
            delete(14, 1),
            delete(2, 3),
            delete(2, 3),
            TextOp::new(),
            TextOp::new().retain(4).delete(2).insert("é").retain(1).insert("x"),
            TextOp::new().insert("x").delete(1),
            insert(usize::MAX, "far"),
            delete(usize::MAX, usize::MAX),
            insert(1, "x"),
        ])
    }

    #[test]
    fn ops_come_back_as_they_were() {
        let bytes = encode_ops::<Text>(&session()).unwrap();
        assert_eq!(decode_ops::<Text>(&bytes, Limits::default()), Ok(session()));
        for op in session().iter() {
            let bytes = encode_op::<Text>(&op).unwrap();
            assert_eq!(decode_op::<Text>(&bytes, Limits::default()), Ok(op));
        }
    }

    #[test]
    fn what_is_left_after_dropping_ops_comes_back_too() {
        for dropped in 0..session().len() {
            let mut log = session();
            log.drop_first(dropped);
            let bytes = encode_ops::<Text>(&log).unwrap();
            assert_eq!(decode_ops::<Text>(&bytes, Limits::default()), Ok(log));
        }
    }

    #[test]
    fn an_op_is_small_and_typing_costs_little_more_than_its_letters() {
        let op = TextOp::new().retain(300).insert("x");
        assert_eq!(encode_op::<Text>(&op).unwrap().len(), 18);
        let typed: Vec<_> = (0..20).map(|at| TextOp::new().retain(300 + at).insert("x")).collect();
        assert_eq!(encode_ops::<Text>(&logged(&typed)).unwrap().len(), 39);
    }

    #[test]
    fn a_document_comes_back() {
        for text in ["", "short", "é💃\u{0}"] {
            let text = <Text as OtType>::Snapshot::from(text);
            assert_eq!(decode_snapshot::<Text>(&encode_snapshot::<Text>(&text).unwrap(), Limits::default()), Ok(text));
        }
    }

    #[test]
    fn columns_that_do_not_fit_together_are_refused() {
        // Kinds, insert counts, delete counts, lengths, positions, runs, text.
        let cases: [[&[u8]; 7]; 9] = [
            [&[0], &[], &[], &[], &[0], &[], b""],
            [&[0], &[], &[], &[], &[0], &[], b"ab"],
            [&[0], &[], &[], &[], &[], &[], b"a"],
            [&[0], &[], &[], &[], &[0], &[], b"\xff"],
            [&[MANY], &[0], &[], &[], &[0], &[], b""],
            [&[MANY | LONG], &[2], &[], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], &[0], &[], b"a"],
            [&[2 | MANY], &[], &[3], &[], &[2], &[], b""],
            [&[3], &[], &[], &[], &[0], &[1, 3, 1], b""],
            [&[1], &[], &[], &[], &[0], &[9], b""],
        ];
        for columns in cases {
            let mut bytes = Vec::new();
            put_columns(&mut bytes, &columns);
            assert!(Text::read_ops(&bytes, Limits::default()).is_err(), "{columns:?}");
        }
    }

    #[test]
    fn a_count_of_ops_is_bounded() {
        let mut bytes = Vec::new();
        put_columns(&mut bytes, &[&[1 | MANY], &[], &[100], &[], &[0], &[], b""]);
        assert_eq!(Text::read_ops(&bytes, Limits::default()).unwrap().len(), 100);
        let error = Text::read_ops(&bytes, Limits { ops: 99, ..Limits::default() }).unwrap_err();
        assert_eq!(error.kind(), CodecErrorKind::TooLarge);
    }
}
