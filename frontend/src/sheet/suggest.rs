//! What is offered while a formula is typed: names of rows, functions, and what a function takes.

use std::ops::Range;

use coval_shared::model::formula::{Piece, pieces};
use coval_shared::model::{Function, functions};

/// The most names that are offered.
const MOST: usize = 8;

/// A name that fits what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is put into the formula.
    pub name: String,
    /// What people call it, or what it gives.
    pub about: String,
    /// Whether it is a function.
    pub is_function: bool,
}

/// What is offered at a caret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// What a name takes the place of, in bytes.
    pub range: Range<usize>,
    /// The names.
    pub offers: Vec<Offer>,
    /// The function whose arguments are being typed, and which of them, counted from 0.
    pub call: Option<(&'static str, usize)>,
}

/// What is offered in the entry `text` with the caret at this byte, in a model with these rows: their names and labels.
#[must_use]
pub fn help<'a>(text: &str, caret: usize, rows: impl Iterator<Item = (&'a str, &'a str)>) -> Help {
    let Some(formula) = text.strip_prefix('=') else {
        return Help::default();
    };
    let Some(caret) = caret.checked_sub(1).filter(|caret| formula.is_char_boundary(*caret)) else {
        return Help::default();
    };
    let pieces = pieces(formula);
    let call = open_call(formula, &pieces, caret);
    let at = pieces
        .iter()
        .find(|(piece, span)| matches!(piece, Piece::Row | Piece::Function) && span.start < caret && caret <= span.end);
    let Some((_, span)) = at else {
        return Help { call, ..Help::default() };
    };
    let typed = formula.get(span.start..caret).unwrap_or_default();
    let offers = offers(typed, rows);
    // What is complete needs no offer.
    let is_complete = offers.first().is_some_and(|offer| offer.name == typed) && offers.len() == 1;
    Help {
        range: span.start.saturating_add(1)..span.end.saturating_add(1),
        offers: if is_complete { Vec::new() } else { offers },
        call,
    }
}

/// `text` with `offer` in place of `range`, and the caret behind it, in bytes.
#[must_use]
pub fn accept(text: &str, range: &Range<usize>, offer: &Offer) -> (String, usize) {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let open = if offer.is_function && !after.starts_with('(') { "(" } else { "" };
    let caret = before.len().saturating_add(offer.name.len());
    // The parenthesis that is there already is passed too.
    let caret = caret.saturating_add(usize::from(offer.is_function));
    (format!("{before}{}{open}{after}", offer.name), caret)
}

/// Whether a name can stand at the caret: at the beginning, and behind an operator, a comma or a parenthesis.
#[must_use]
pub fn takes_name(text: &str, caret: usize) -> bool {
    let Some(formula) = text.strip_prefix('=') else {
        return false;
    };
    let before = caret.checked_sub(1).and_then(|caret| formula.get(..caret)).unwrap_or_default();
    match before.trim_end().chars().next_back() {
        None => true,
        Some(last) => "+-*/^&(,=<>[".contains(last),
    }
}

/// The function of this name, as far as it can be helped with.
#[must_use]
pub fn function_named(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.name == name)
}

/// The byte of `text` that is so many UTF-16 units from its beginning, as browsers count carets.
#[must_use]
pub fn byte_at(text: &str, units: usize) -> usize {
    let mut seen = 0_usize;
    for (byte, character) in text.char_indices() {
        if seen >= units {
            return byte;
        }
        seen = seen.saturating_add(character.len_utf16());
    }
    text.len()
}

/// How many UTF-16 units lie before this byte of `text`.
#[must_use]
pub fn units_at(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.encode_utf16().count())
}

fn offers<'a>(typed: &str, rows: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Offer> {
    let wanted = typed.to_lowercase();
    let mut ranked: Vec<(u8, Offer)> = Vec::new();
    for (name, label) in rows {
        let (lower, words) = (name.to_lowercase(), label.to_lowercase());
        let rank = if lower.starts_with(&wanted) {
            0
        } else if words.starts_with(&wanted) || lower.split('_').any(|word| word.starts_with(&wanted)) {
            2
        } else if words.contains(&wanted) && wanted.len() > 1 {
            3
        } else {
            continue;
        };
        let offer = Offer { name: name.to_owned(), about: label.to_owned(), is_function: false };
        ranked.push((rank, offer));
    }
    for function in functions().filter(|function| function.name.starts_with(&wanted)) {
        let offer = Offer { name: function.name.to_owned(), about: function.summary.to_owned(), is_function: true };
        ranked.push((1, offer));
    }
    ranked.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.name.len().cmp(&y.name.len())));
    ranked.into_iter().map(|(_, offer)| offer).take(MOST).collect()
}

/// The innermost function whose parenthesis is open at the caret, and how many commas of its own lie before it.
fn open_call(formula: &str, pieces: &[(Piece, Range<usize>)], caret: usize) -> Option<(&'static str, usize)> {
    let mut open: Vec<(Option<&'static str>, usize)> = Vec::new();
    let mut called: Option<&'static str> = None;
    for (piece, span) in pieces.iter().take_while(|(_, span)| span.start < caret) {
        let written = formula.get(span.clone()).unwrap_or_default();
        match (piece, written) {
            (Piece::Function, name) => {
                called = functions().find(|function| function.name.eq_ignore_ascii_case(name)).map(|known| known.name);
                continue;
            }
            (Piece::Symbol, "(") => open.push((called, 0)),
            (Piece::Symbol, "[") => open.push((None, 0)),
            (Piece::Symbol, ")" | "]") => {
                open.pop();
            }
            (Piece::Symbol, ",") => {
                if let Some((_, commas)) = open.last_mut() {
                    *commas = commas.saturating_add(1);
                }
            }
            _ => {}
        }
        called = None;
    }
    open.into_iter().rev().find_map(|(name, commas)| name.map(|name| (name, commas)))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const ROWS: [(&str, &str); 4] =
        [("net_sales", "Net sales"), ("growth", "Growth"), ("net_income", "Net income"), ("營收", "營收成長")];

    fn names(text: &str) -> Vec<String> {
        help(text, text.len(), ROWS.into_iter()).offers.into_iter().map(|offer| offer.name).collect()
    }

    #[test]
    fn names_of_rows_come_first_and_functions_after_them() {
        assert_eq!(names("=gr"), ["growth"]);
        assert_eq!(names("=1 + net")[..2], ["net_sales", "net_income"]);
        assert!(names("=su").contains(&"sum".to_owned()));
        assert_eq!(names("=營"), ["營收"]);
        assert_eq!(names("=income")[0], "net_income");
        assert!(names("growth").is_empty(), "no formula");
        assert!(names("=growth").is_empty(), "complete");
        assert!(names("=growth +").is_empty());
    }

    #[test]
    fn what_is_accepted_takes_the_place_of_what_was_typed() {
        let text = "=prev(gr) * 2";
        let found = help(text, 8, ROWS.into_iter());
        assert_eq!(accept(text, &found.range, &found.offers[0]), ("=prev(growth) * 2".to_owned(), 12));
        let text = "=su";
        let found = help(text, 3, ROWS.into_iter());
        let sum = found.offers.iter().find(|offer| offer.name == "sum").unwrap();
        assert_eq!(accept(text, &found.range, sum), ("=sum(".to_owned(), 5));
    }

    #[test]
    fn the_innermost_open_function_is_told_with_its_argument() {
        let call = |text: &str| help(text, text.len(), ROWS.into_iter()).call;
        assert_eq!(call("=max(1, min(2, 3, "), Some(("min", 2)));
        assert_eq!(call("=max(1, min(2, 3), "), Some(("max", 2)));
        assert_eq!(call("=max(growth[t-1]"), Some(("max", 0)));
        assert_eq!(call("=max(1)"), None);
        assert_eq!(call("=(1 + "), None);
    }

    #[test]
    fn a_name_can_stand_behind_an_operator() {
        for (text, can) in
            [("=", true), ("=1 + ", true), ("=sum(", true), ("=growth", false), ("=1", false), ("1", false)]
        {
            assert_eq!(takes_name(text, text.len()), can, "{text}");
        }
    }

    #[test]
    fn carets_are_counted_as_browsers_do() {
        let text = "=𐍈a";
        assert_eq!(byte_at(text, 3), 5);
        assert_eq!(units_at(text, 5), 3);
        assert_eq!(byte_at(text, 99), text.len());
    }
}
