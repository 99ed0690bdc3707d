//! JSON text, as it crosses the border.
//!
//! JavaScript itself reads and writes the numbers with a fraction or an exponent. The tables that it takes to do so
//! exactly would be a seventh of all the WebAssembly.

use js_sys::Number as JsNumber;
use ot_core::{OpError, OpErrorKind};
use serde_json::{Map, Number, Value};

/// How many levels of lists and objects are read.
const MAX_DEPTH: usize = 128;

pub(crate) fn of_text(text: &str) -> Result<Value, OpError> {
    let mut reader = Reader { text, place: 0 };
    let value = reader.value(MAX_DEPTH)?;
    if reader.peek().is_none() { Ok(value) } else { Err(malformed("something follows the value")) }
}

pub(crate) fn to_text(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, OpError> {
        match self.peek() {
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'[') => self.list(depth.checked_sub(1).ok_or_else(too_deep)?),
            Some(b'{') => self.object(depth.checked_sub(1).ok_or_else(too_deep)?),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, OpError> {
        let mut items = Vec::new();
        self.place += 1;
        if self.took(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.took(b']') {
                return Ok(Value::Array(items));
            }
            self.take(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, OpError> {
        let mut entries = Map::new();
        self.place += 1;
        if self.took(b'}') {
            return Ok(Value::Object(entries));
        }
        loop {
            let name = self.string()?;
            self.take(b':')?;
            entries.insert(name, self.value(depth)?);
            if self.took(b'}') {
                return Ok(Value::Object(entries));
            }
            self.take(b',')?;
        }
    }

    fn number(&mut self) -> Result<Value, OpError> {
        let digits = self.while_any(b"+-.0123456789eE");
        if let Ok(whole) = digits.parse::<i64>() {
            return Ok(Value::from(whole));
        }
        if let Ok(whole) = digits.parse::<u64>() {
            return Ok(Value::from(whole));
        }
        let number = Number::from_f64(js_sys::parse_float(digits));
        number.map(Value::Number).ok_or_else(|| malformed("not a JSON value"))
    }

    fn string(&mut self) -> Result<String, OpError> {
        self.take(b'"')?;
        let mut result = String::new();
        loop {
            let rest = self.rest();
            let end = rest.bytes().position(|byte| byte == b'"' || byte == b'\\').ok_or_else(unfinished)?;
            result.push_str(rest.get(..end).unwrap_or_default());
            self.place += end;
            if self.took(b'"') {
                return Ok(result);
            }
            self.place += 1;
            result.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, OpError> {
        let byte = self.peek().ok_or_else(unfinished)?;
        self.place += 1;
        match byte {
            b'"' | b'\\' | b'/' => Ok(char::from(byte)),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => {
                let mut code = self.hex()?;
                if let 0xd800..0xdc00 = code {
                    self.take(b'\\').and_then(|()| self.take(b'u')).map_err(|_| lone())?;
                    let low = self.hex()?.checked_sub(0xdc00).ok_or_else(lone)?;
                    code = 0x1_0000 + ((code - 0xd800) << 10) + low;
                }
                char::from_u32(code).ok_or_else(lone)
            }
            _ => Err(unfinished()),
        }
    }

    fn hex(&mut self) -> Result<u32, OpError> {
        let digits = self.rest().get(..4).ok_or_else(unfinished)?;
        self.place += 4;
        u32::from_str_radix(digits, 16).map_err(|_| unfinished())
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, OpError> {
        if self.rest().starts_with(word) {
            self.place += word.len();
            Ok(value)
        } else {
            Err(malformed("not a JSON value"))
        }
    }

    fn while_any(&mut self, of: &[u8]) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| of.contains(byte)).count();
        self.place += length;
        rest.get(..length).unwrap_or_default()
    }

    fn took(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.place += usize::from(found);
        found
    }

    fn take(&mut self, byte: u8) -> Result<(), OpError> {
        if self.took(byte) { Ok(()) } else { Err(malformed("not JSON as JavaScript writes it")) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.place..).unwrap_or_default()
    }
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => write_number(number, text),
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            let mut before = '[';
            for item in items {
                text.push(before);
                write_value(item, text);
                before = ',';
            }
            text.push_str(if before == ',' { "]" } else { "[]" });
        }
        Value::Object(entries) => {
            let mut before = '{';
            for (name, entry) in entries {
                text.push(before);
                write_string(name, text);
                text.push(':');
                write_value(entry, text);
                before = ',';
            }
            text.push_str(if before == ',' { "}" } else { "{}" });
        }
    }
}

fn write_number(number: &Number, text: &mut String) {
    if let Some(whole) = number.as_i64() {
        text.push_str(&whole.to_string());
    } else if let Some(whole) = number.as_u64() {
        text.push_str(&whole.to_string());
    } else if let Some(float) = number.as_f64() {
        match JsNumber::from(float).to_string_with_radix(10) {
            Ok(digits) => text.extend(digits.as_string()),
            Err(_) => text.push('0'),
        }
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut rest = string;
    while let Some(place) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let (before, special) = rest.split_at(place);
        text.push_str(before);
        let mut characters = special.chars();
        match characters.next() {
            Some('\n') => text.push_str("\\n"),
            Some(plain @ ('"' | '\\')) => {
                text.push('\\');
                text.push(plain);
            }
            Some(control) => {
                text.push_str("\\u00");
                for shift in [4, 0] {
                    text.extend(char::from_digit((u32::from(control) >> shift) & 0xf, 16));
                }
            }
            None => {}
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text.push('"');
}

fn malformed(hint: &str) -> OpError {
    OpError::new(OpErrorKind::Malformed, "the call", hint)
}

fn unfinished() -> OpError {
    malformed("a string does not end, or holds an escape that JSON does not have")
}

fn lone() -> OpError {
    malformed("a string holds a lone surrogate")
}

fn too_deep() -> OpError {
    OpError::new(OpErrorKind::TooLarge, "the call", "more than 128 levels deep")
}
