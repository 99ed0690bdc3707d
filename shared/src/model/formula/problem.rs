use std::ops::Range;

use super::parse::parse;

/// What is wrong with a formula as somebody writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What, in words.
    pub message: String,
    /// Where, in code points; empty at the end where something is missing.
    pub span: Range<usize>,
}

/// Why a formula, written without its equals sign, can't be read; nothing when it can.
#[must_use]
pub fn problem(written: &str) -> Option<Problem> {
    parse(written).err().map(|error| Problem { message: error.message, span: error.span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(problem("prev(sales) * (1 + growth)"), None);
        assert_eq!(problem("1 + $ 2").map(|problem| problem.span), Some(4..5));
        assert_eq!(problem("nofunction(1)").map(|problem| problem.span.start), Some(0));
        assert!(problem("1 2").is_some());
    }
}
