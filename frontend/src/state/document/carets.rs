//! Where others stand in a text: their carets and selections go along with what is edited.

use coval_shared::protocol::{Person, Selection};
use ot_core::text::{Run, Text, TextOp};
use ot_core::{ClientId, OtType, Revision, Side};

use super::Content;

/// Puts what `person` selected in the text at `revision` where it is in `content`. It stays as it is where that is not
/// known: the next thing they do tells.
pub(super) fn place(person: &mut Person, content: &Content, revision: Revision) {
    move_ends(person, |offset| content.offset_now(offset, revision).unwrap_or(offset));
}

/// Moves the selections of `people` along with `op`, an edit of `author`, who now stands behind what they did. Returns
/// whether anything moved.
pub(super) fn carry(people: &mut [Person], op: &TextOp, author: Option<ClientId>) -> bool {
    let mut has_moved = false;
    for person in people {
        let is_author = author == Some(person.client);
        let before = person.selection.clone();
        move_ends(person, |offset| {
            // What somebody else inserts at a caret comes behind it.
            if is_author { end_of(op) } else { Text::transform_cursor(&offset, op, Side::Left) }
        });
        has_moved |= person.selection != before;
    }
    has_moved
}

fn move_ends(person: &mut Person, place: impl Fn(usize) -> usize) {
    if let Some(Selection::Text { anchor, focus }) = &mut person.selection {
        for end in [anchor, focus] {
            // An offset beyond all texts stays beyond them.
            let offset = usize::try_from(*end).unwrap_or(usize::MAX);
            *end = u64::try_from(place(offset)).unwrap_or(u64::MAX);
        }
    }
}

/// Where the last thing that `op` does ends, in the text after it, in code points.
#[must_use]
pub fn end_of(op: &TextOp) -> usize {
    let (mut position, mut end) = (0_usize, 0);
    for run in op.runs() {
        match run {
            Run::Retain(count) => position = position.saturating_add(count),
            Run::Insert(text) => {
                position = position.saturating_add(text.chars().count());
                end = position;
            }
            Run::Delete(_) => end = position,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::protocol::UserId;
    use uuid::Uuid;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn person(client: u128, anchor: u64, focus: u64) -> Person {
        Person {
            client: ClientId(Uuid::from_u128(client)),
            user: UserId(Uuid::from_u128(client)),
            name: "Grace".into(),
            colour: 0,
            cursor: None,
            selection: Some(Selection::Text { anchor, focus }),
            is_typing: false,
        }
    }

    fn ends(person: &Person) -> (u64, u64) {
        match person.selection {
            Some(Selection::Text { anchor, focus }) => (anchor, focus),
            _ => (u64::MAX, u64::MAX),
        }
    }

    #[test]
    fn whoever_types_stands_behind_what_they_typed_and_others_stay_with_their_words() {
        let mut people = [person(1, 4, 4), person(2, 4, 9), person(3, 2, 2)];
        let author = people[0].client;
        assert!(carry(&mut people, &TextOp::edit(4, 0, "日本"), Some(author)));
        assert_eq!(people.each_ref().map(ends), [(6, 6), (4, 11), (2, 2)]);
    }

    #[test]
    fn what_is_deleted_draws_carets_together() {
        let mut people = [person(1, 3, 8)];
        assert!(carry(&mut people, &TextOp::edit(2, 10, ""), None));
        assert_eq!(ends(&people[0]), (2, 2));
        assert!(!carry(&mut people, &TextOp::edit(9, 0, "x"), None));
    }
}
