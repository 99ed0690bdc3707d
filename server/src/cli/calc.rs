use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use clap::Args;
use coval_shared::model::{CellValue, Value, calc};

use super::CliError;

/// The longest line that is read, in bytes. What is behind it in the line is passed over.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// How to calculate.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  echo 'PMT(8%/12, 60, 15000)' | coval calc
  echo 'XIRR([-10000, 2750, 4250, 3250, 2750], [DATE(2014,1,1), DATE(2014,3,1), DATE(2014,10,30), DATE(2015,2,15), DATE(2015,4,1)])' | coval calc
  coval calc < expressions.txt

Lists are written [a, b], dates DATE(y, m, d), texts \"so\". Numbers are printed with as many digits as it takes to read
back the same number. Errors are lines too: #NUM with what is wrong. An empty line gives an empty line. The language is
described in docs/MODEL.md.")]
pub struct Calc {}

impl Calc {
    pub(super) fn run(&self, input: impl Read, out: &mut impl Write) -> Result<u8, CliError> {
        let mut input = BufReader::with_capacity(MAX_LINE_BYTES, input);
        let mut out = BufWriter::new(out);
        let mut line = Vec::new();
        while read_line(&mut input, &mut line)? {
            let result = result_of(String::from_utf8_lossy(&line).trim());
            writeln!(out, "{result}").map_err(CliError::output)?;
            // Somebody who types, or a program that asks line by line, waits for the result.
            if !input.buffer().contains(&b'\n') {
                out.flush().map_err(CliError::output)?;
            }
        }
        out.flush().map_err(CliError::output)?;
        Ok(0)
    }
}

/// What one line comes to, without line breaks.
fn result_of(expression: &str) -> String {
    if expression.is_empty() {
        return String::new();
    }
    let text = match calc(expression) {
        Ok(Value::Blank) => String::new(),
        Ok(Value::Number(number)) => number.to_string(),
        Ok(Value::Text(text)) => text.to_string(),
        Ok(Value::List(cells)) => {
            let cells: Vec<String> = cells.iter().map(cell_text).collect();
            format!("[{}]", cells.join(", "))
        }
        Err(error) => error.to_string(),
    };
    text.replace(['\n', '\r'], " ")
}

fn cell_text(cell: &CellValue) -> String {
    match cell {
        CellValue::Blank => String::new(),
        CellValue::Number(number) => number.to_string(),
        CellValue::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        CellValue::Error(error) => format!("#{}", error.code),
    }
}

/// Reads a line into `line`, as much of it as is read. Returns whether there was one.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, CliError> {
    let unreadable = |error| CliError::Unreadable { file: "standard input".to_owned(), error };
    line.clear();
    let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
    let count = input.by_ref().take(limit).read_until(b'\n', line).map_err(unreadable)?;
    if count == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
        skip_line(input).map_err(unreadable)?;
    }
    Ok(count > 0)
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let there = input.fill_buf()?;
        let (used, is_done) = match there.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (there.len(), there.is_empty()),
        };
        input.consume(used);
        if is_done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &str) -> String {
        let mut out = Vec::new();
        assert_eq!(Calc {}.run(input.as_bytes(), &mut out).unwrap(), 0);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_line_has_its_result() {
        assert_eq!(lines("1 + 2\n\n0.1 + 0.2\r\n[1, 2]\n\"a\"\n=2^10"), "3\n\n0.30000000000000004\n[1, 2]\na\n1024\n");
    }

    #[test]
    fn an_error_is_a_result() {
        let out = lines("1/0\nsum(\nno_such_row\n1\n");
        let starts: Vec<&str> = out.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(starts, ["#DIV/0", "#SYNTAX", "#NAME", "1"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_one_error() {
        let out = lines(&format!("{}\n2\n", "1+".repeat(100_000)));
        let (first, second) = out.split_once('\n').unwrap();
        assert!(first.starts_with("#SYNTAX"), "{first}");
        assert_eq!(second, "2\n");
    }
}
