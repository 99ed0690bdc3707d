//! From tokens to a tree, by precedence climbing (Pratt, "Top down operator precedence", 1973).

use std::ops::Range;

use super::lex::{Spanned, Token, in_code_points, tokens};
use super::syntax::{Comparison, Expr, Form, Operator, Reference, Target};
use crate::model::ItemId;
use crate::model::functions::function;

/// How deep parentheses, functions and signs may be nested.
const MAX_DEPTH: usize = 64;

/// How many operators and names one formula may have.
const MAX_TOKENS: usize = 1_000;

/// How high the tree may be. Operators in a row make it as high as parentheses do, without nesting anything.
const MAX_HEIGHT: usize = 256;

/// How many periods away a value may be.
const FARTHEST: f64 = 1_000.0;

/// Why a formula can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(in crate::model) message: String,
    /// Where, in code points of the stored form.
    pub(in crate::model) span: Range<usize>,
    /// Whether it is the name of a function that is wrong.
    pub(in crate::model) is_unknown_function: bool,
}

/// Reads a formula in stored form, without the equals sign.
pub(crate) fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let tokens = tokens(text).map_err(|byte| {
        let character = text.get(byte..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        let start = text.get(..byte).map_or(0, |before| before.chars().count());
        SyntaxError::new(format!("a formula can't hold \"{character}\""), start..start + 1)
    })?;
    let end = text.chars().count();
    let tokens = in_code_points(text, tokens);
    if tokens.len() > MAX_TOKENS {
        return Err(SyntaxError::new(format!("a formula has at most {MAX_TOKENS} names and operators"), 0..end));
    }
    let mut parser = Parser { tokens: &tokens, position: 0, depth: 0, end };
    let expr = parser.expression(0)?;
    match parser.peek() {
        None if expr.height() > MAX_HEIGHT => {
            let message = format!("more than {MAX_HEIGHT} operators in a row; sum(a, b, …) takes more");
            Err(SyntaxError::new(message, 0..end))
        }
        None => Ok(expr),
        Some(_) => Err(parser.expected("an operator")),
    }
}

impl SyntaxError {
    fn new(message: String, span: Range<usize>) -> Self {
        Self { message, span, is_unknown_function: false }
    }
}

/// The value of `TRUE` and `FALSE`, in any case.
pub(super) fn literal(name: &str) -> Option<f64> {
    if name.eq_ignore_ascii_case("true") {
        Some(1.0)
    } else if name.eq_ignore_ascii_case("false") {
        Some(0.0)
    } else {
        None
    }
}

#[derive(Clone, Copy)]
enum Infix {
    Compare(Comparison),
    Binary(Operator),
    Join,
}

/// `name` between quotes. A longer one is cut, since every cell of a row repeats it.
pub(in crate::model) fn quoted(name: &str) -> String {
    const SHOWN_CHARS: usize = 40;
    match name.char_indices().nth(SHOWN_CHARS) {
        None => format!("\"{name}\""),
        Some((cut, _)) => format!("\"{}…\"", name.get(..cut).unwrap_or_default()),
    }
}

/// How tightly the sign and the percent bind, in terms of [`infix`].
const POWER: u8 = 5;

/// What a symbol means between two values, and how tightly it binds.
fn infix(symbol: &str) -> Option<(Infix, u8)> {
    Some(match symbol {
        "=" => (Infix::Compare(Comparison::Equal), 1),
        "<>" => (Infix::Compare(Comparison::NotEqual), 1),
        "<" => (Infix::Compare(Comparison::Less), 1),
        "<=" => (Infix::Compare(Comparison::LessOrEqual), 1),
        ">" => (Infix::Compare(Comparison::Greater), 1),
        ">=" => (Infix::Compare(Comparison::GreaterOrEqual), 1),
        "&" => (Infix::Join, 2),
        "+" => (Infix::Binary(Operator::Add), 3),
        "-" => (Infix::Binary(Operator::Subtract), 3),
        "*" => (Infix::Binary(Operator::Multiply), 4),
        "/" => (Infix::Binary(Operator::Divide), 4),
        "^" => (Infix::Binary(Operator::Power), POWER),
        _ => return None,
    })
}

struct Parser<'a> {
    tokens: &'a [Spanned],
    position: usize,
    depth: usize,
    /// The end of the text.
    end: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.position).map(|(token, _)| token)
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.position).map_or(self.end..self.end, |(_, span)| span.clone())
    }

    /// Where the token before the next one ends.
    fn end_of_last(&self) -> usize {
        self.position.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |(_, span)| span.end)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Symbol(next)) if *next == symbol);
        self.position += usize::from(is_next);
        is_next
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), SyntaxError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.expected(&format!("\"{symbol}\""))) }
    }

    fn expected(&self, what: &str) -> SyntaxError {
        let found = match self.peek() {
            None => "the formula ends".to_owned(),
            Some(Token::Number(number)) => format!("there is {number}"),
            Some(Token::Name(name) | Token::Id(name)) => format!("there is {}", quoted(name)),
            Some(Token::Text(text)) => format!("there is the text {}", quoted(text)),
            Some(Token::Symbol(symbol)) => format!("there is \"{symbol}\""),
        };
        SyntaxError::new(format!("expected {what}, but {found}"), self.span())
    }

    /// A value followed by operators that bind tighter than `looser`.
    fn expression(&mut self, looser: u8) -> Result<Expr, SyntaxError> {
        let start = self.span().start;
        let mut left = self.signed()?;
        while let Some(Token::Symbol(symbol)) = self.peek()
            && let Some((meaning, binding)) = infix(symbol)
            && binding > looser
        {
            self.position += 1;
            let right = Box::new(self.expression(binding)?);
            let span = start..self.end_of_last();
            let first = Box::new(left);
            left = match meaning {
                Infix::Compare(comparison) => Expr::Compare { comparison, left: first, right, span },
                Infix::Binary(operator) => Expr::Binary { operator, left: first, right, span },
                Infix::Join => Expr::Join { left: first, right, span },
            };
        }
        Ok(left)
    }

    /// A value with its signs before it and percents behind it.
    fn signed(&mut self) -> Result<Expr, SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError::new(format!("nested more than {MAX_DEPTH} deep"), self.span()));
        }
        let mut value = if self.take_symbol("-") {
            Expr::Negate(Box::new(self.signed()?))
        } else if self.take_symbol("+") {
            self.signed()?
        } else {
            self.value()?
        };
        while self.take_symbol("%") {
            value = Expr::Percent(Box::new(value));
        }
        self.depth -= 1;
        Ok(value)
    }

    fn value(&mut self) -> Result<Expr, SyntaxError> {
        if self.take_symbol("(") {
            let inner = self.expression(0)?;
            self.expect_symbol(")")?;
            return Ok(inner);
        }
        let span = self.span();
        if self.take_symbol("[") {
            let items = self.arguments("]")?;
            return Ok(Expr::List { items, span: span.start..self.end_of_last() });
        }
        let target = match self.peek() {
            Some(Token::Number(number)) => {
                self.position += 1;
                return Ok(Expr::Number(*number));
            }
            Some(Token::Text(text)) => {
                self.position += 1;
                return Ok(Expr::Text(text.as_str().into()));
            }
            Some(Token::Name(name)) => {
                self.position += 1;
                if self.take_symbol("(") {
                    return self.call(name, span);
                }
                if let Some(value) = literal(name) {
                    return Ok(Expr::Number(value));
                }
                Target::Name(name.clone())
            }
            Some(Token::Id(id)) => {
                self.position += 1;
                Target::Id(ItemId(id.clone()))
            }
            _ => return Err(self.expected("a value")),
        };
        self.indexed(Reference { target, span })
    }

    /// A row, and which of its periods are meant.
    fn indexed(&mut self, reference: Reference) -> Result<Expr, SyntaxError> {
        if !self.take_symbol("[") {
            return Ok(Expr::Reference(reference));
        }
        let from = if matches!(self.peek(), Some(Token::Symbol(".."))) { None } else { Some(self.offset()?) };
        let mut expr = match (from, self.take_symbol("..")) {
            (from, true) => {
                let is_open = matches!(self.peek(), Some(Token::Symbol("]")));
                let to = if is_open { None } else { Some(self.offset()?) };
                Expr::Range { reference, from, to }
            }
            (Some(offset), false) => Expr::At { reference, offset },
            (None, false) => return Err(self.expected("\"..\"")),
        };
        self.expect_symbol("]")?;
        let end = self.end_of_last();
        if let Expr::At { reference, .. } | Expr::Range { reference, .. } = &mut expr {
            reference.span.end = end;
        }
        Ok(expr)
    }

    /// A period: `t`, `t-2`, `t+1`.
    fn offset(&mut self) -> Result<isize, SyntaxError> {
        if !matches!(self.peek(), Some(Token::Name(name)) if name == "t") {
            return Err(self.expected("a period, such as t or t-1"));
        }
        self.position += 1;
        let sign = if self.take_symbol("-") {
            -1
        } else if self.take_symbol("+") {
            1
        } else {
            return Ok(0);
        };
        let Some(Token::Number(number)) = self.peek() else {
            return Err(self.expected("a number of periods"));
        };
        if number.fract() != 0.0 || *number > FARTHEST {
            return Err(self.expected(&format!("a whole number of periods, at most {FARTHEST}")));
        }
        self.position += 1;
        #[allow(clippy::as_conversions, reason = "the number is whole and small")]
        let periods = *number as isize;
        Ok(sign * periods)
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<Expr, SyntaxError> {
        let arguments = self.arguments(")")?;
        let wrong = |message: &str| Err(SyntaxError::new(message.to_owned(), span.clone()));
        let Some(function) = function(name) else {
            let message = format!("there is no function {}", quoted(name));
            return Err(SyntaxError { message, span, is_unknown_function: true });
        };
        let (least, most) = function.arity;
        let count = arguments.len();
        if count < usize::from(least) || (most < 255 && count > usize::from(most)) {
            return wrong(&format!("the arguments are {}({})", function.name, function.parameters));
        }
        let whole = span.start..self.end_of_last();
        if function.name == "prev" {
            let mut arguments = arguments.into_iter();
            let Some(Expr::Reference(mut reference)) = arguments.next() else {
                return wrong("prev takes the name of one row: prev(net_sales)");
            };
            let Some(otherwise) = arguments.next() else {
                reference.span = whole;
                return Ok(Expr::At { reference, offset: -1 });
            };
            let arguments = vec![Expr::At { reference, offset: -1 }, otherwise];
            return Ok(Expr::Form { form: Form::Coalesce, arguments, span: whole });
        }
        Ok(match Form::named(function.name) {
            Some(form) => Expr::Form { form, arguments, span: whole },
            None => Expr::Call { function, arguments, span: whole },
        })
    }

    /// Values between commas, up to `end`.
    fn arguments(&mut self, end: &str) -> Result<Vec<Expr>, SyntaxError> {
        let mut arguments = Vec::new();
        if self.take_symbol(end) {
            return Ok(arguments);
        }
        loop {
            let is_omitted = matches!(self.peek(), Some(Token::Symbol(next)) if *next == "," || *next == end);
            arguments.push(if is_omitted { Expr::Omitted } else { self.expression(0)? });
            if !self.take_symbol(",") {
                self.expect_symbol(end)?;
                return Ok(arguments);
            }
        }
    }
}
