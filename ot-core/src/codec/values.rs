//! JSON values in a row. Columns: shapes, strings, floats.
//!
//! A shape is one byte, with the sort of the value in the low four bits and a number in the high ones; 15 there says
//! that the number follows, less 15. For a list or an object the number is how many values follow, or keys and values
//! in turn. A string is written once, if it is no longer than 64 bytes, and then numbered.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use super::bytes::{Input, put_number};
use super::columns::{put_columns, take_columns};
use super::{CodecError, Limits};

/// How many levels values may have. The documents and ops of this crate stay below it.
const MAX_DEPTH: usize = 256;

/// The longest string that is numbered, in bytes.
const NUMBERED: usize = 64;

/// What a value, and an object besides, takes in memory at least, about.
const VALUE_WEIGHT: usize = 64;
const OBJECT_WEIGHT: usize = 640;

const WORD: u8 = 0;
const NATURAL: u8 = 1;
const NEGATIVE: u8 = 2;
const FLOAT: u8 = 3;
const NEW_STRING: u8 = 4;
const KNOWN_STRING: u8 = 5;
const LIST: u8 = 6;
const OBJECT: u8 = 7;

/// Writes all of `values` in their JSON form.
pub(super) fn write_values<'a, X: Serialize + 'a>(
    values: impl Iterator<Item = &'a X>,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let mut writer = Writer::default();
    for value in values {
        let value = serde_json::to_value(value).map_err(|error| malformed(error.to_string()))?;
        writer.value(&value, MAX_DEPTH)?;
    }
    put_columns(out, &[&writer.shapes, &writer.strings, &writer.floats]);
    Ok(())
}

/// Reads what [`write_values`] wrote, at most `most` values.
pub(super) fn read_values<X: DeserializeOwned>(
    bytes: &[u8],
    most: usize,
    limits: Limits,
) -> Result<Vec<X>, CodecError> {
    let mut input = Input::new("the values", bytes);
    let [shapes, strings, floats] = take_columns(&mut input, ["shapes", "strings", "floats"], limits)?;
    input.end()?;
    let mut reader = Reader {
        shapes: Input::new("shapes", &shapes),
        strings: Input::new("strings", &strings),
        floats: Input::new("floats", &floats),
        known: Vec::new(),
        left: limits.bytes,
    };
    let mut values = Vec::new();
    while !reader.shapes.is_empty() {
        if values.len() >= most {
            return Err(CodecError::too_large("the values", format!("more than {most} of them")));
        }
        let value = reader.value(MAX_DEPTH)?;
        values.push(serde_json::from_value(value).map_err(|error| malformed(error.to_string()))?);
    }
    reader.strings.end()?;
    reader.floats.end()?;
    Ok(values)
}

#[derive(Default)]
struct Writer {
    shapes: Vec<u8>,
    strings: Vec<u8>,
    floats: Vec<u8>,
    known: BTreeMap<String, u64>,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), CodecError> {
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        match value {
            Value::Null => self.shape(WORD, 0),
            Value::Bool(false) => self.shape(WORD, 1),
            Value::Bool(true) => self.shape(WORD, 2),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.string(text),
            Value::Array(items) => {
                self.shape(LIST, length(items.len()));
                items.iter().try_for_each(|item| self.value(item, depth))?;
            }
            Value::Object(entries) => {
                self.shape(OBJECT, length(entries.len()));
                for (key, entry) in entries {
                    self.string(key);
                    self.value(entry, depth)?;
                }
            }
        }
        Ok(())
    }

    fn number(&mut self, number: &Number) {
        if let Some(natural) = number.as_u64() {
            self.shape(NATURAL, natural);
        } else if let Some(negative) = number.as_i64() {
            self.shape(NEGATIVE, (!negative).cast_unsigned());
        } else if let Some(float) = number.as_f64() {
            self.shape(FLOAT, 0);
            self.floats.extend(float.to_le_bytes());
        }
    }

    fn string(&mut self, text: &str) {
        if let Some(known) = self.known.get(text) {
            return self.shape(KNOWN_STRING, *known);
        }
        if text.len() <= NUMBERED {
            self.known.insert(text.to_owned(), length(self.known.len()));
        }
        self.shape(NEW_STRING, length(text.len()));
        self.strings.extend_from_slice(text.as_bytes());
    }

    fn shape(&mut self, sort: u8, number: u64) {
        match u8::try_from(number) {
            Ok(few @ 0..15) => self.shapes.push(sort | few << 4),
            _ => {
                self.shapes.push(sort | 15 << 4);
                put_number(&mut self.shapes, number - 15);
            }
        }
    }
}

struct Reader<'a> {
    shapes: Input<'a>,
    strings: Input<'a>,
    floats: Input<'a>,
    known: Vec<&'a str>,
    /// How much memory the values may still take.
    left: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, CodecError> {
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        self.weigh(VALUE_WEIGHT)?;
        let (sort, number) = self.shape()?;
        Ok(match (sort, number) {
            (WORD, 0) => Value::Null,
            (WORD, 1) => Value::Bool(false),
            (WORD, 2) => Value::Bool(true),
            (NATURAL, natural) => Value::from(natural),
            (NEGATIVE, negative) if negative.cast_signed() >= 0 => Value::from(!negative.cast_signed()),
            (FLOAT, 0) => {
                let float = Number::from_f64(f64::from_le_bytes(self.floats.take_array()?));
                Value::Number(float.ok_or_else(|| malformed("a number is not finite".to_owned()))?)
            }
            (NEW_STRING | KNOWN_STRING, _) => Value::String(self.string(sort, number)?),
            (LIST, count) => {
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(self.value(depth)?);
                }
                Value::Array(items)
            }
            (OBJECT, count) => {
                self.weigh(if count == 0 { 0 } else { OBJECT_WEIGHT })?;
                let mut entries = Map::new();
                for _ in 0..count {
                    let (sort, number) = self.shape()?;
                    let key = self.string(sort, number)?;
                    let entry = self.value(depth)?;
                    entries.insert(key, entry);
                }
                Value::Object(entries)
            }
            _ => return Err(malformed("no sort of value".to_owned())),
        })
    }

    fn string(&mut self, sort: u8, number: u64) -> Result<String, CodecError> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let text = match sort {
            NEW_STRING => {
                let text = std::str::from_utf8(self.strings.take(number)?);
                let text = text.map_err(|_| CodecError::malformed("strings", "not UTF-8"))?;
                if text.len() <= NUMBERED {
                    self.known.push(text);
                }
                text
            }
            KNOWN_STRING => {
                self.known.as_slice().get(number).copied().ok_or_else(|| malformed("no such string".to_owned()))?
            }
            _ => return Err(malformed("a key is a string".to_owned())),
        };
        self.weigh(text.len())?;
        Ok(text.to_owned())
    }

    fn shape(&mut self) -> Result<(u8, u64), CodecError> {
        let byte = self.shapes.byte()?;
        let number = match byte >> 4 {
            15 => self.shapes.number()?.saturating_add(15),
            few => u64::from(few),
        };
        Ok((byte & 15, number))
    }

    fn weigh(&mut self, weight: usize) -> Result<(), CodecError> {
        let left = self.left.checked_sub(weight);
        self.left = left.ok_or_else(|| CodecError::too_large("the values", "they take too much memory"))?;
        Ok(())
    }
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn too_deep() -> CodecError {
    CodecError::too_large("the values", format!("more than {MAX_DEPTH} levels deep"))
}

fn malformed(hint: String) -> CodecError {
    CodecError::malformed("the values", hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(values: &[Value]) -> Vec<u8> {
        let mut out = Vec::new();
        write_values(values.iter(), &mut out).unwrap();
        out
    }

    #[test]
    fn values_come_back_as_they_were() {
        let values = [
            json!(null),
            json!([true, false, null, 0, 14, 15, 16, -1, -15, -16, -17, u64::MAX, i64::MIN, i64::MAX]),
            json!([0.1, -0.0, 1.0, 1e300, 5e-324]),
            json!({ "name": "name", "": { "💃": ["x".repeat(64), "x".repeat(65), "x".repeat(64), "x".repeat(65)] } }),
            json!([[], {}, ""]),
        ];
        let bytes = written(&values);
        let read: Vec<Value> = read_values(&bytes, 5, Limits::default()).unwrap();
        assert_eq!(read, values);
        // Zero keeps its sign, which equality does not see.
        assert_eq!(read[2].to_string(), values[2].to_string());
        assert!(read_values::<Value>(&bytes, 4, Limits::default()).is_err());
    }

    #[test]
    fn keys_that_repeat_cost_a_byte() {
        let rows: Vec<_> = (0..3).map(|row| json!({ "quarter": row, "revenue": row })).collect();
        assert_eq!(written(&rows).len() - written(&rows[..2]).len(), 5);
    }

    #[test]
    fn values_that_are_too_deep_are_refused_in_both_directions() {
        let mut deep = json!(0);
        for _ in 0..MAX_DEPTH {
            deep = json!([deep]);
        }
        assert!(write_values(std::iter::once(&deep), &mut Vec::new()).is_err());
        let mut bytes = Vec::new();
        put_columns(&mut bytes, &[&[LIST | 1 << 4; 100_000], &[], &[]]);
        assert!(read_values::<Value>(&bytes, 1, Limits::default()).is_err());
    }

    #[test]
    fn values_that_take_more_memory_than_allowed_are_refused() {
        let bytes = written(&[json!(vec!["x".repeat(64); 1000])]);
        assert!(bytes.len() < 200);
        assert!(read_values::<Value>(&bytes, 1, Limits::default()).is_ok());
        assert!(read_values::<Value>(&bytes, 1, Limits { bytes: 100_000, ..Limits::default() }).is_err());
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let cases: [[&[u8]; 3]; 7] = [
            [&[8], b"", b""],
            [&[WORD | 3 << 4], b"", b""],
            [&[NEW_STRING | 1 << 4], b"", b""],
            [&[NEW_STRING | 1 << 4], b"\xff", b""],
            [&[KNOWN_STRING], b"", b""],
            [&[FLOAT], b"", &f64::NAN.to_le_bytes()],
            [&[OBJECT | 1 << 4, NATURAL, NATURAL], b"", b""],
        ];
        for columns in cases {
            let mut bytes = Vec::new();
            put_columns(&mut bytes, &columns);
            assert!(read_values::<Value>(&bytes, 9, Limits::default()).is_err(), "{columns:?}");
        }
    }
}
