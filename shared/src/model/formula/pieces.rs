use std::ops::Range;

use super::lex::{Token, tokens};
use super::parse::literal;

/// What a piece of a formula is, for colours and for suggestions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A number, `TRUE` or `FALSE`.
    Number,
    /// A text between quotes.
    Text,
    /// The name or the id of a row.
    Row,
    /// The name of a function.
    Function,
    /// The `t` of `x[t-1]`.
    Period,
    /// An operator, a parenthesis, a bracket or a comma.
    Symbol,
    /// What no formula holds, to its end.
    Unreadable,
}

/// The pieces of a formula as somebody writes it, with where they stand in bytes. Between them are spaces.
#[must_use]
pub fn pieces(written: &str) -> Vec<(Piece, Range<usize>)> {
    let (readable, rest) = match tokens(written) {
        Ok(tokens) => (tokens, None),
        Err(byte) => (written.get(..byte).map_or_else(Vec::new, |text| tokens(text).unwrap_or_default()), Some(byte)),
    };
    let mut pieces = Vec::with_capacity(readable.len());
    let mut is_index = false;
    for (index, (token, span)) in readable.iter().enumerate() {
        let next = readable.get(index + 1).map(|(token, _)| token);
        let piece = match token {
            Token::Number(_) => Piece::Number,
            Token::Text(_) => Piece::Text,
            Token::Name(_) if matches!(next, Some(Token::Symbol("("))) => Piece::Function,
            Token::Name(name) if is_index && name == "t" => Piece::Period,
            Token::Name(name) if literal(name).is_some() => Piece::Number,
            Token::Name(_) | Token::Id(_) => Piece::Row,
            Token::Symbol(symbol) => {
                match *symbol {
                    "[" => is_index = matches!(pieces.last(), Some((Piece::Row, _))),
                    "]" => is_index = false,
                    _ => {}
                }
                Piece::Symbol
            }
        };
        pieces.push((piece, span.clone()));
    }
    pieces.extend(rest.map(|byte| (Piece::Unreadable, byte..written.len())));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_told_piece_by_piece() {
        let written = "sum(x[t-1..t]) & \"é\" $";
        let told: Vec<(Piece, &str)> =
            pieces(written).into_iter().map(|(piece, span)| (piece, &written[span])).collect();
        let expected = [
            (Piece::Function, "sum"),
            (Piece::Symbol, "("),
            (Piece::Row, "x"),
            (Piece::Symbol, "["),
            (Piece::Period, "t"),
            (Piece::Symbol, "-"),
            (Piece::Number, "1"),
            (Piece::Symbol, ".."),
            (Piece::Period, "t"),
            (Piece::Symbol, "]"),
            (Piece::Symbol, ")"),
            (Piece::Symbol, "&"),
            (Piece::Text, "\"é\""),
            (Piece::Unreadable, "$"),
        ];
        assert_eq!(told, expected);
    }
}
