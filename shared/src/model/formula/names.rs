use std::collections::HashMap;

use super::lex::{Token, tokens};
use crate::model::{ItemId, Model};

/// The stored form of what somebody wrote: each name that exactly one row has becomes the id of that row. Other names
/// stay, and count for a row that comes to have them later.
#[must_use]
pub fn to_stored(written: &str, model: &Model) -> String {
    let mut ids: HashMap<&str, Option<&ItemId>> = HashMap::new();
    for item in model.items() {
        ids.entry(&item.name).and_modify(|id| *id = None).or_insert(Some(&item.id));
    }
    rewrite(written, |token, is_called| match token {
        Token::Name(name) if !is_called => ids.get(name.as_str()).copied().flatten().map(|id| format!("{{{id}}}")),
        _ => None,
    })
}

/// What people see of a stored formula: each id becomes the name of its row. The id of a row that was removed stays.
#[must_use]
pub fn to_display(stored: &str, model: &Model) -> String {
    display(stored, |id| model.item(id).map(|item| item.name.clone()))
}

/// The code point of the displayed formula that stands for the code point `position` of the stored one.
pub(in crate::model) fn display_position(
    stored: &str,
    position: usize,
    name_of: impl Fn(&ItemId) -> Option<String>,
) -> usize {
    let before: String = stored.chars().take(position).collect();
    display(&before, name_of).chars().count()
}

fn display(stored: &str, name_of: impl Fn(&ItemId) -> Option<String>) -> String {
    rewrite(stored, |token, _| match token {
        Token::Id(id) => name_of(&ItemId(id.clone())),
        _ => None,
    })
}

/// Copies `text` and puts what `replace` returns in place of a token. `replace` also learns whether a parenthesis
/// follows. What can't be read is copied as it is.
fn rewrite(text: &str, replace: impl Fn(&Token, bool) -> Option<String>) -> String {
    let readable = match tokens(text) {
        Ok(tokens) => tokens,
        Err(byte) => text.get(..byte).and_then(|before| tokens(before).ok()).unwrap_or_default(),
    };
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    let followers = readable.iter().skip(1).map(Some).chain([None]);
    for ((token, span), follower) in readable.iter().zip(followers) {
        let is_called = matches!(follower, Some((Token::Symbol("("), _)));
        if let Some(replacement) = replace(token, is_called) {
            result.push_str(text.get(copied..span.start).unwrap_or_default());
            result.push_str(&replacement);
            copied = span.end;
        }
    }
    result.push_str(text.get(copied..).unwrap_or_default());
    result
}
