use std::collections::HashMap;
use std::ops::Range;

use super::lex::{Spanned, Token, in_code_points, tokens};
use super::parse::literal;
use crate::model::{ItemId, Model};

/// The stored form of what somebody wrote: each name that exactly one row has becomes the id of that row. Other names
/// stay, and count for a row that comes to have them later.
#[must_use]
pub fn to_stored(written: &str, model: &Model) -> String {
    let mut ids: HashMap<&str, Option<&ItemId>> = HashMap::new();
    for item in model.items() {
        ids.entry(&item.name).and_modify(|id| *id = None).or_insert(Some(&item.id));
    }
    rewrite(written, |token, is_row| match token {
        Token::Name(name) if is_row => ids.get(name.as_str()).copied().flatten().map(|id| format!("{{{id}}}")),
        _ => None,
    })
}

/// What people see of a stored formula: each id becomes the name of its row. The id of a row that was removed stays.
#[must_use]
pub fn to_display(stored: &str, model: &Model) -> String {
    rewrite(stored, |token, _| match token {
        Token::Id(id) => model.item(&ItemId(id.clone())).map(|item| item.name.clone()),
        _ => None,
    })
}

/// Where the code points of a stored formula stand in the displayed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::model) struct Displayed {
    /// For each id of a row that is there: where it ends in the stored form, and there and in the displayed one the
    /// length of all ids so far.
    ids: Vec<(usize, usize, usize)>,
}

impl Displayed {
    /// Reads the formula once, so that many cells with an error in it can say where.
    pub(in crate::model) fn new(stored: &str, name_of: impl Fn(&ItemId) -> Option<String>) -> Self {
        let (mut length, mut shown) = (0, 0);
        let id = |(token, span): (Token, Range<usize>)| {
            let Token::Id(id) = token else { return None };
            shown += name_of(&ItemId(id))?.chars().count();
            length += span.len();
            Some((span.end, length, shown))
        };
        Self { ids: in_code_points(stored, readable(stored)).into_iter().filter_map(id).collect() }
    }

    /// The code point of the displayed formula that stands for the code point `position` of the stored one, which is
    /// not inside an id.
    pub(in crate::model) fn position(&self, position: usize) -> usize {
        let before = self.ids.partition_point(|(end, ..)| *end <= position);
        match before.checked_sub(1).and_then(|last| self.ids.get(last)) {
            Some((_, length, shown)) => (position + shown).saturating_sub(*length),
            None => position,
        }
    }
}

/// The tokens of `text` up to what no formula holds.
fn readable(text: &str) -> Vec<Spanned> {
    tokens(text).or_else(|byte| text.get(..byte).map_or(Ok(Vec::new()), tokens)).unwrap_or_default()
}

/// Copies `text` and puts what `replace` returns in place of a token. `replace` also learns whether the token may name a
/// row. What can't be read is copied as it is.
fn rewrite(text: &str, replace: impl Fn(&Token, bool) -> Option<String>) -> String {
    let readable = readable(text);
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    let mut is_index = false;
    for (index, (token, span)) in readable.iter().enumerate() {
        let neighbour = |index: Option<usize>| index.and_then(|index| readable.get(index)).map(|(token, _)| token);
        let before = neighbour(index.checked_sub(1));
        match token {
            Token::Symbol("[") => is_index = matches!(before, Some(Token::Name(_) | Token::Id(_))),
            Token::Symbol("]") => is_index = false,
            _ => {}
        }
        let is_called = matches!(neighbour(index.checked_add(1)), Some(Token::Symbol("(")));
        let is_row = match token {
            // The `t` of `x[t-1]` is the period, whichever rows there are.
            Token::Name(name) => !is_called && (!is_index || name != "t") && literal(name).is_none(),
            _ => true,
        };
        if let Some(replacement) = replace(token, is_row) {
            result.push_str(text.get(copied..span.start).unwrap_or_default());
            result.push_str(&replacement);
            copied = span.end;
        }
    }
    result.push_str(text.get(copied..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_stored_formula_is_found_in_the_displayed_one() {
        let name_of = |id: &ItemId| (id.0 == "r7").then(|| "销售".to_owned());
        let displayed = Displayed::new("{r7} + {gone} * {r7} $ {r7}", name_of);
        // Shown: `销售 + {gone} * 销售 $ {r7}`. Behind what can't be read nothing is replaced.
        for (stored, shown) in [(0, 0), (4, 2), (7, 5), (13, 11), (16, 14), (20, 16), (21, 17), (27, 23)] {
            assert_eq!(displayed.position(stored), shown, "{stored}");
        }
    }
}
