//! From characters to tokens.

use std::ops::Range;

use winnow::LocatingSlice;
use winnow::ModalResult;
use winnow::Parser;
use winnow::ascii::{digit0, digit1, multispace0};
use winnow::combinator::{alt, delimited, fail, not, opt, preceded, repeat};
use winnow::token::{any, one_of, take_while};

use crate::model::decimal;

/// A piece of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    /// A row or a function.
    Name(String),
    /// A row by its id.
    Id(String),
    /// What stands between quotes.
    Text(String),
    /// An operator, a parenthesis, a bracket or a comma.
    Symbol(&'static str),
}

/// A token with where it stands, in bytes.
pub(super) type Spanned = (Token, Range<usize>);

type Input<'a> = LocatingSlice<&'a str>;

/// Longer ones first, since the first that fits is taken.
const SYMBOLS: [&str; 19] =
    ["<=", ">=", "<>", "..", "<", ">", "=", "+", "-", "*", "/", "^", "%", "&", "(", ")", ",", "[", "]"];

/// The tokens of `text`, or the byte at which there is something that no formula holds.
pub(super) fn tokens(text: &str) -> Result<Vec<Spanned>, usize> {
    let mut input = LocatingSlice::new(text);
    let tokens: ModalResult<Vec<Spanned>> =
        preceded(multispace0, repeat(0.., (token.with_span(), multispace0).map(|(token, _)| token)))
            .parse_next(&mut input);
    match tokens {
        Ok(tokens) if input.is_empty() => Ok(tokens),
        Ok(_) | Err(_) => Err(text.len() - input.len()),
    }
}

/// The same tokens of `text`, with where they stand in code points.
pub(super) fn in_code_points(text: &str, tokens: Vec<Spanned>) -> Vec<Spanned> {
    let (mut byte, mut code_point) = (0, 0);
    let mut advance = |to: usize| {
        code_point += text.get(byte..to).map_or(0, |passed| passed.chars().count());
        byte = to;
        code_point
    };
    tokens.into_iter().map(|(token, span)| (token, advance(span.start)..advance(span.end))).collect()
}

fn token(input: &mut Input<'_>) -> ModalResult<Token> {
    alt((number, id, name, text, symbol)).parse_next(input)
}

fn number(input: &mut Input<'_>) -> ModalResult<Token> {
    // Two points after a number are those of a range: `x[t-3..t]`.
    let whole = (digit1, opt(('.', not('.'), digit0))).take();
    let fraction = ('.', digit1).take();
    let exponent = opt((one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1));
    (alt((whole, fraction)), exponent)
        .take()
        .verify_map(|text: &str| decimal::parse(text).filter(|number| number.is_finite()).map(Token::Number))
        .parse_next(input)
}

fn id(input: &mut Input<'_>) -> ModalResult<Token> {
    let inner = take_while(1.., |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    delimited('{', inner, '}').map(|id: &str| Token::Id(id.to_owned())).parse_next(input)
}

fn name(input: &mut Input<'_>) -> ModalResult<Token> {
    let first = any.verify(|c: &char| c.is_alphabetic() || *c == '_');
    let rest = take_while(0.., |c: char| c.is_alphanumeric() || c == '_');
    // Some of Excel's functions have dots in their names, as `norm.s.dist`.
    let dotted = repeat(0.., ('.', take_while(1.., |c: char| c.is_alphanumeric() || c == '_'))).map(|()| ());
    (first, rest, dotted).take().map(|name: &str| Token::Name(name.to_owned())).parse_next(input)
}

fn text(input: &mut Input<'_>) -> ModalResult<Token> {
    let inner = repeat(0.., alt((take_while(1.., |c: char| c != '"'), "\"\"".value("\""))))
        .fold(String::new, |text, piece: &str| text + piece);
    delimited('"', inner, '"').map(Token::Text).parse_next(input)
}

fn symbol(input: &mut Input<'_>) -> ModalResult<Token> {
    for symbol in SYMBOLS {
        if opt(symbol).parse_next(input)?.is_some() {
            return Ok(Token::Symbol(symbol));
        }
    }
    fail.parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Token> {
        tokens(text).unwrap().into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn a_formula_is_cut_into_tokens() {
        assert_eq!(
            kinds(" prev({r-7})<=1.5e2*.5 % "),
            [
                Token::Name("prev".into()),
                Token::Symbol("("),
                Token::Id("r-7".into()),
                Token::Symbol(")"),
                Token::Symbol("<="),
                Token::Number(150.0),
                Token::Symbol("*"),
                Token::Number(0.5),
                Token::Symbol("%"),
            ]
        );
        assert_eq!(
            kinds("x[t-3..t] & \"a \"\"b\"\"\""),
            [
                Token::Name("x".into()),
                Token::Symbol("["),
                Token::Name("t".into()),
                Token::Symbol("-"),
                Token::Number(3.0),
                Token::Symbol(".."),
                Token::Name("t".into()),
                Token::Symbol("]"),
                Token::Symbol("&"),
                Token::Text("a \"b\"".into()),
            ]
        );
        assert_eq!(kinds("norm.s.dist"), [Token::Name("norm.s.dist".into())]);
        assert_eq!(kinds("銷售_1"), [Token::Name("銷售_1".into())]);
    }

    #[test]
    fn what_no_formula_holds_is_found_at_its_place() {
        assert_eq!(tokens("1 + $x"), Err(4));
        assert_eq!(tokens("{r7"), Err(0));
        assert_eq!(tokens("1e999"), Err(0));
        assert_eq!(tokens("1 & \"x"), Err(4));
    }
}
