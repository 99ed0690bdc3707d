//! Reading formulas as Excel writes them.
//!
//! The grammar is the part of ECMA-376 part 1, 18.17 that models use: operators, functions, places, ranges of places,
//! names, constants and arrays of constants. What else there is (unions, intersections, structured references, other
//! workbooks) is an error that says so.

use crate::spreadsheet::place::{WrittenPlace, written_place};

/// How deep a formula may be nested.
const MAX_DEPTH: usize = 64;

/// How long a formula may be; Excel's own limit.
const MAX_CHARS: usize = 8_192;

/// How many operators one formula may have in a row.
const MAX_OPERATORS: usize = 200;

/// A formula of Excel as a tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Excel {
    Number(f64),
    Text(String),
    Flag(bool),
    /// An error, as in `#N/A`.
    Error(&'static str),
    Cell {
        sheet: Option<String>,
        at: WrittenPlace,
    },
    Range {
        sheet: Option<String>,
        from: WrittenPlace,
        to: WrittenPlace,
    },
    Name(String),
    Call {
        name: String,
        arguments: Vec<Option<Excel>>,
    },
    Negate(Box<Excel>),
    Percent(Box<Excel>),
    Binary {
        operator: &'static str,
        left: Box<Excel>,
        right: Box<Excel>,
    },
    Array(Vec<Excel>),
}

/// Reads a formula without its equals sign. The error says what can't be read.
pub(super) fn parse(text: &str) -> Result<Excel, String> {
    if text.len() > MAX_CHARS {
        return Err(format!("a formula has at most {MAX_CHARS} characters"));
    }
    let mut reader = Reader { rest: text, depth: 0, operators: 0 };
    let formula = reader.expression(0)?;
    reader.skip_spaces();
    if reader.rest.is_empty() { Ok(formula) } else { Err(reader.unexpected()) }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    operators: usize,
}

/// The errors that formulas choose to give. A reference that is gone is none of them.
const ERRORS: [&str; 4] = ["#NUM!", "#N/A", "#DIV/0!", "#VALUE!"];

/// Longer ones first.
const OPERATORS: [(&str, u8); 12] = [
    ("<=", 1),
    (">=", 1),
    ("<>", 1),
    ("=", 1),
    ("<", 1),
    (">", 1),
    ("&", 2),
    ("+", 3),
    ("-", 3),
    ("*", 4),
    ("/", 4),
    ("^", 5),
];

impl<'a> Reader<'a> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn unexpected(&self) -> String {
        match self.rest.chars().next() {
            None => "the formula ends too early".to_owned(),
            Some('[') => "references to other workbooks and to tables can't be read".to_owned(),
            Some('#') => "an error stands in the formula".to_owned(),
            Some(':') => "a range between anything but two cells can't be read".to_owned(),
            Some(character) => format!("\"{character}\" can't be read here"),
        }
    }

    fn take(&mut self, text: &str) -> bool {
        self.skip_spaces();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expression(&mut self, looser: u8) -> Result<Excel, String> {
        let mut left = self.operand()?;
        loop {
            self.skip_spaces();
            let next = OPERATORS.iter().find(|(symbol, _)| self.rest.starts_with(symbol));
            let Some((operator, binding)) = next.filter(|(_, binding)| *binding > looser) else {
                return Ok(left);
            };
            self.operators += 1;
            if self.operators > MAX_OPERATORS {
                return Err(format!("a formula has at most {MAX_OPERATORS} operators here"));
            }
            self.take(operator);
            let right = Box::new(self.expression(*binding)?);
            left = Excel::Binary { operator, left: Box::new(left), right };
        }
    }

    fn operand(&mut self) -> Result<Excel, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("a formula is nested at most {MAX_DEPTH} deep"));
        }
        self.skip_spaces();
        let mut value = if self.take("-") {
            Excel::Negate(Box::new(self.operand()?))
        } else if self.take("+") {
            self.operand()?
        } else {
            self.atom()?
        };
        while self.take("%") {
            value = Excel::Percent(Box::new(value));
        }
        self.depth -= 1;
        Ok(value)
    }

    fn atom(&mut self) -> Result<Excel, String> {
        if self.take("(") {
            let inner = self.expression(0)?;
            return if self.take(")") { Ok(inner) } else { Err(self.unexpected()) };
        }
        if self.take("{") {
            return self.array();
        }
        if self.rest.starts_with('"') {
            return self.quoted('"').map(Excel::Text);
        }
        if self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return self.number();
        }
        if let Some(error) = ERRORS.iter().find(|error| self.rest.starts_with(**error)) {
            self.take(error);
            return Ok(Excel::Error(error));
        }
        let sheet = self.sheet()?;
        let word = self.word();
        if word.is_empty() {
            return Err(self.unexpected());
        }
        if sheet.is_none() && self.rest.starts_with('(') {
            return self.call(word);
        }
        if let Some(at) = written_place(word) {
            if let Some(rest) = self.rest.strip_prefix(':') {
                self.rest = rest;
                // The second corner may name the sheet again.
                self.sheet()?;
                let to = written_place(self.word()).ok_or_else(|| self.unexpected())?;
                return Ok(Excel::Range { sheet, from: at, to });
            }
            return Ok(Excel::Cell { sheet, at });
        }
        match word.to_ascii_uppercase().as_str() {
            "TRUE" => Ok(Excel::Flag(true)),
            "FALSE" => Ok(Excel::Flag(false)),
            _ if self.rest.starts_with(['[', ':']) => Err(self.unexpected()),
            _ => Ok(Excel::Name(word.to_owned())),
        }
    }

    /// A name of letters, digits, dots, underscores, dollar signs.
    fn word(&mut self) -> &'a str {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        word
    }

    /// The name of a sheet with its exclamation mark, if one comes next.
    fn sheet(&mut self) -> Result<Option<String>, String> {
        let before = self.rest;
        let name = if self.rest.starts_with('\'') { self.quoted('\'')? } else { self.word().to_owned() };
        if let Some(rest) = self.rest.strip_prefix('!') {
            self.rest = rest;
            if name.contains('[') {
                return Err("references to other workbooks can't be read".to_owned());
            }
            return Ok(Some(name));
        }
        self.rest = before;
        Ok(None)
    }

    /// A text between `quote`s, in which a doubled one stands for itself.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        let mut rest = self.rest.strip_prefix(quote).unwrap_or(self.rest);
        loop {
            let (part, after) = rest.split_once(quote).ok_or("a quote is not closed")?;
            text.push_str(part);
            match after.strip_prefix(quote) {
                Some(more) => {
                    text.push(quote);
                    rest = more;
                }
                None => {
                    self.rest = after;
                    return Ok(text);
                }
            }
        }
    }

    fn number(&mut self) -> Result<Excel, String> {
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mut end = digits(self.rest);
        let after = |end: usize| self.rest.get(end..).unwrap_or_default();
        if let Some(fraction) = after(end).strip_prefix('.') {
            end += 1 + digits(fraction);
        }
        if let Some(exponent) = after(end).strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let exponent = digits(exponent.get(sign..).unwrap_or_default());
            if exponent > 0 {
                end += 1 + sign + exponent;
            }
        }
        let (number, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        let number = number.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| self.unexpected())?;
        self.rest = rest;
        if rest.starts_with(':') {
            return Err("a range of whole rows can't be read".to_owned());
        }
        Ok(Excel::Number(number))
    }

    fn call(&mut self, name: &str) -> Result<Excel, String> {
        self.take("(");
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(Excel::Call { name: name.to_owned(), arguments });
        }
        loop {
            self.skip_spaces();
            let argument = if self.rest.starts_with([',', ')']) { None } else { Some(self.expression(0)?) };
            arguments.push(argument);
            if self.take(")") {
                // Newer functions carry a prefix in the file.
                let name = name.trim_start_matches("_xlfn.").trim_start_matches("_xlws.");
                return Ok(Excel::Call { name: name.to_owned(), arguments });
            }
            if !self.take(",") {
                return Err(self.unexpected());
            }
        }
    }

    /// An array of constants, row after row, behind its opening brace.
    fn array(&mut self) -> Result<Excel, String> {
        let mut items = Vec::new();
        loop {
            let item = self.operand()?;
            let is_constant = match &item {
                Excel::Number(_) | Excel::Text(_) | Excel::Flag(_) => true,
                Excel::Negate(inner) => matches!(**inner, Excel::Number(_)),
                _ => false,
            };
            if !is_constant {
                return Err("an array may hold constants only".to_owned());
            }
            items.push(item);
            if self.take("}") {
                return Ok(Excel::Array(items));
            }
            if !self.take(",") && !self.take(";") {
                return Err(self.unexpected());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula with all parentheses that its tree has.
    fn shape(text: &str) -> String {
        fn show(formula: &Excel) -> String {
            match formula {
                Excel::Number(number) => number.to_string(),
                Excel::Text(text) => format!("{text:?}"),
                Excel::Flag(flag) => flag.to_string(),
                Excel::Error(error) => (*error).to_owned(),
                Excel::Cell { sheet, at } => format!("{}{}", sheet.as_deref().unwrap_or_default(), at.place),
                Excel::Range { sheet, from, to } => {
                    format!("{}{}:{}", sheet.as_deref().unwrap_or_default(), from.place, to.place)
                }
                Excel::Name(name) => name.clone(),
                Excel::Call { name, arguments } => {
                    let arguments: Vec<String> =
                        arguments.iter().map(|argument| argument.as_ref().map(show).unwrap_or_default()).collect();
                    format!("{name}[{}]", arguments.join(";"))
                }
                Excel::Negate(inner) => format!("-({})", show(inner)),
                Excel::Percent(inner) => format!("({})%", show(inner)),
                Excel::Binary { operator, left, right } => format!("({}{operator}{})", show(left), show(right)),
                Excel::Array(items) => format!("{{{}}}", items.iter().map(show).collect::<Vec<_>>().join(";")),
            }
        }
        parse(text).map_or_else(|error| format!("error: {error}"), |formula| show(&formula))
    }

    #[test]
    fn operators_bind_as_in_excel() {
        assert_eq!(shape("-2^2"), "(-(2)^2)");
        assert_eq!(shape("1+2*3^2^2"), "(1+(2*((3^2)^2)))");
        assert_eq!(shape("A1&B1>=C1%"), "((A1&B1)>=(C1)%)");
        assert_eq!(shape(" ( 1 - 2 ) - -3"), "((1-2)--(3))");
    }

    #[test]
    fn places_ranges_names_and_functions_are_read() {
        assert_eq!(shape("SUM($D$4:D9, 'Cash flow'!E5,wacc)"), "SUM[D4:D9;Cash flowE5;wacc]");
        assert_eq!(shape("_xlfn.STDEV.S(Sheet1!A1:Sheet1!B2)"), "STDEV.S[Sheet1A1:B2]");
        assert_eq!(shape("IF(A1,,1e-3)"), "IF[A1;;0.001]");
        assert_eq!(shape("IRR({-1,2;3},\"a\"\"b\")"), "IRR[{-(1);2;3};\"a\\\"b\"]");
        assert_eq!(shape("TRUE<>LOG10(A1)"), "(true<>LOG10[A1])");
    }

    #[test]
    fn what_can_not_be_read_is_an_error() {
        for text in ["", "1+", "[1]Sheet1!A1", "Table1[Sales]", "A:A", "1:1", "(A1", "SUM(A1", "#REF!+1", "{A1}", "\"a"]
        {
            assert!(shape(text).starts_with("error: "), "{text}: {}", shape(text));
        }
        assert!(parse(&"(".repeat(5_000)).is_err());
        assert!(parse(&"-".repeat(5_000)).is_err());
        assert!(parse(&format!("1{}", "+1".repeat(3_000))).is_err());
    }
}
