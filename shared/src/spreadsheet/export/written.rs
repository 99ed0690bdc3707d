//! Pieces of Excel formulas, with what decides about parentheses around them.

use crate::model::formula::{Comparison, Operator};

/// What a part of a formula becomes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// Nothing: the part has no value, whichever scenario is chosen.
    Blank,
    /// A piece of a formula.
    Piece(Piece),
}

/// A piece of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) text: String,
    binding: u8,
    /// Whether Excel takes it for TRUE or FALSE, which are no numbers to it.
    is_flag: bool,
    /// Its value, where the model's shape alone tells it.
    pub(super) constant: Option<f64>,
}

const COMPARISON: u8 = 1;
const JOIN: u8 = 2;
const SUM: u8 = 3;
const PRODUCT: u8 = 4;
const POWER: u8 = 5;
const SIGN: u8 = 6;
const PERCENT: u8 = 7;
const ATOM: u8 = 8;

impl Piece {
    /// A place, a call or a constant.
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), binding: ATOM, is_flag: false, constant: None }
    }

    pub(super) fn flag(text: impl Into<String>) -> Self {
        Self { is_flag: true, ..Self::atom(text) }
    }

    pub(super) fn number(number: f64) -> Self {
        let size = number.abs();
        let text =
            if size != 0.0 && !(1e-5..1e15).contains(&size) { format!("{number:E}") } else { number.to_string() };
        let binding = if number < 0.0 { SIGN } else { ATOM };
        Self { text, binding, is_flag: false, constant: Some(number) }
    }

    /// A sum, difference, product, quotient or power of what stands in `text` without parentheses of its own.
    pub(super) fn sum(text: impl Into<String>) -> Self {
        Self { binding: SUM, ..Self::atom(text) }
    }

    pub(super) fn text(text: &str) -> Self {
        Self::atom(format!("\"{}\"", text.replace('"', "\"\"")))
    }

    /// As an argument, or alone in a cell.
    pub(super) fn as_value(&self) -> String {
        if self.is_flag { format!("N({})", self.text) } else { self.text.clone() }
    }

    /// As a condition.
    pub(super) fn as_condition(&self) -> &str {
        &self.text
    }

    /// As an operand, with parentheses where they are needed.
    fn inside(&self, binding: u8) -> String {
        if self.binding < binding { format!("({})", self.text) } else { self.text.clone() }
    }

    /// As an operand anywhere.
    pub(super) fn closed(&self) -> String {
        self.inside(ATOM)
    }

    pub(super) fn negated(&self) -> Self {
        if let Some(number) = self.constant {
            return Self::number(-number);
        }
        Self { text: format!("-{}", self.inside(SIGN)), binding: SIGN, is_flag: false, constant: None }
    }

    pub(super) fn percent(&self) -> Self {
        Self { text: format!("{}%", self.inside(PERCENT)), binding: PERCENT, is_flag: false, constant: None }
    }

    pub(super) fn binary(operator: Operator, left: &Self, right: &Self) -> Self {
        let (symbol, binding) = match operator {
            Operator::Add => ("+", SUM),
            Operator::Subtract => ("-", SUM),
            Operator::Multiply => ("*", PRODUCT),
            Operator::Divide => ("/", PRODUCT),
            Operator::Power => ("^", POWER),
        };
        let constant = match (operator, left.constant, right.constant) {
            (Operator::Add, Some(a), Some(b)) => Some(a + b),
            (Operator::Subtract, Some(a), Some(b)) => Some(a - b),
            (Operator::Multiply, Some(a), Some(b)) => Some(a * b),
            _ => None,
        };
        let text = format!("{}{symbol}{}", left.inside(binding), right.inside(binding + 1));
        Self { text, binding, is_flag: false, constant }
    }

    pub(super) fn joined(left: &Self, right: &Self) -> Self {
        let text = format!("{}&{}", left.inside(JOIN), right.inside(JOIN + 1));
        Self { text, binding: JOIN, is_flag: false, constant: None }
    }

    pub(super) fn compared(comparison: Comparison, left: &Self, right: &Self) -> Self {
        let symbol = match comparison {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        };
        let constant = match (left.constant, right.constant) {
            (Some(a), Some(b)) => Some(f64::from(u8::from(match comparison {
                Comparison::Equal => a == b,
                Comparison::NotEqual => a != b,
                Comparison::Less => a < b,
                Comparison::LessOrEqual => a <= b,
                Comparison::Greater => a > b,
                Comparison::GreaterOrEqual => a >= b,
            }))),
            _ => None,
        };
        // TRUE is not equal to 1 in Excel.
        let operand = |piece: &Self, binding| if piece.is_flag { piece.as_value() } else { piece.inside(binding) };
        let text = format!("{}{symbol}{}", operand(left, COMPARISON), operand(right, COMPARISON + 1));
        Self { text, binding: COMPARISON, is_flag: true, constant }
    }
}

impl From<Piece> for Written {
    fn from(piece: Piece) -> Self {
        Self::Piece(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_stand_where_excel_needs_them() {
        let (a, b, c) = (Piece::atom("A1"), Piece::atom("B1"), Piece::atom("C1"));
        let sum = Piece::binary(Operator::Add, &a, &b);
        let difference = Piece::binary(Operator::Subtract, &c, &sum);
        assert_eq!(difference.text, "C1-(A1+B1)");
        assert_eq!(Piece::binary(Operator::Multiply, &difference, &c).text, "(C1-(A1+B1))*C1");
        assert_eq!(Piece::binary(Operator::Power, &a.negated(), &sum).text, "-A1^(A1+B1)");
        assert_eq!(Piece::binary(Operator::Power, &a, &b).negated().text, "-(A1^B1)");
        assert_eq!(Piece::binary(Operator::Add, &sum, &c).text, "A1+B1+C1");
    }

    #[test]
    fn a_flag_becomes_a_number_where_it_counts_as_one() {
        let (a, b) = (Piece::atom("A1"), Piece::atom("B1"));
        let flag = Piece::compared(Comparison::Less, &a, &b);
        assert_eq!(flag.as_value(), "N(A1<B1)");
        assert_eq!(flag.as_condition(), "A1<B1");
        assert_eq!(Piece::compared(Comparison::Equal, &flag, &Piece::number(1.0)).text, "N(A1<B1)=1");
        assert_eq!(Piece::binary(Operator::Multiply, &flag, &a).text, "(A1<B1)*A1");
    }

    #[test]
    fn numbers_are_written_so_that_excel_reads_them() {
        assert_eq!(Piece::number(0.1).text, "0.1");
        assert_eq!(Piece::number(1e300).text, "1E300");
        assert_eq!(Piece::number(2.5e-9).text, "2.5E-9");
        assert_eq!(Piece::binary(Operator::Subtract, &Piece::number(1.0), &Piece::number(-2.0)).text, "1--2");
    }
}
