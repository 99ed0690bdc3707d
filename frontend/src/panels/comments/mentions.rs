//! People in the text of a comment: what is written is their name, what is sent is their id.

use coval_shared::mention::{Piece, pieces, written};
use coval_shared::protocol::Named;

/// The most people that are offered at once.
const OFFERED: usize = 6;

/// The longest piece of a name that is looked up, in characters.
const LONGEST: usize = 40;

/// What somebody is typing behind an `@`: where that stands, in UTF-16 units, and the beginning of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) start: u32,
    pub(super) beginning: String,
}

/// What is asked for in `text` with the caret at `caret`, in UTF-16 units.
pub(super) fn asked(text: &str, caret: u32) -> Option<Asked> {
    let units: Vec<u16> = text.encode_utf16().take(usize::try_from(caret).ok()?).collect();
    let before = String::from_utf16_lossy(&units);
    let at = before.rfind('@')?;
    let (ahead, behind) = before.split_at_checked(at)?;
    // An e-mail has an `@` too.
    if ahead.chars().next_back().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let beginning = behind.strip_prefix('@')?;
    if beginning.contains('\n') || beginning.starts_with(' ') || beginning.chars().count() > LONGEST {
        return None;
    }
    let start = u32::try_from(ahead.encode_utf16().count()).ok()?;
    Some(Asked { start, beginning: beginning.to_owned() })
}

/// Those of `members` whose name, or a word of it, begins so.
pub(super) fn offered(members: &[Named], beginning: &str) -> Vec<Named> {
    let beginning = beginning.to_lowercase();
    let fits = |member: &&Named| {
        let name = member.name.to_lowercase();
        name.starts_with(&beginning) || name.split_whitespace().any(|word| word.starts_with(&beginning))
    };
    members.iter().filter(fits).take(OFFERED).cloned().collect()
}

/// `text` with the name of `person` in place of what was asked, and where the caret goes, in UTF-16 units.
pub(super) fn taken(text: &str, asked: &Asked, person: &Named) -> (String, u32) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let start = usize::try_from(asked.start).unwrap_or_default();
    // With its `@`.
    let end = start.saturating_add(1).saturating_add(asked.beginning.encode_utf16().count());
    let ahead = String::from_utf16_lossy(units.get(..start).unwrap_or_default());
    let behind = String::from_utf16_lossy(units.get(end..).unwrap_or_default());
    let upto = format!("{ahead}@{} ", person.name);
    let caret = u32::try_from(upto.encode_utf16().count()).unwrap_or_default();
    (format!("{upto}{}", behind.trim_start_matches(' ')), caret)
}

/// What is sent for `text`, in which the people of `chosen` stand by their names.
pub(super) fn body_of(text: &str, chosen: &[Named]) -> String {
    let mut chosen: Vec<&Named> = chosen.iter().filter(|person| !person.name.is_empty()).collect();
    // `@Ada Lovelace` is not `@Ada` with something behind it.
    chosen.sort_by_key(|person| std::cmp::Reverse(person.name.len()));
    let (mut body, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('@') {
        let (ahead, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        body.push_str(ahead);
        let named = behind.strip_prefix('@').unwrap_or_default();
        match chosen.iter().find_map(|person| named.strip_prefix(person.name.as_str()).map(|rest| (*person, rest))) {
            Some((person, behind)) => {
                body.push_str(&written(person.id));
                rest = behind;
            }
            None => {
                body.push('@');
                rest = named;
            }
        }
    }
    body.push_str(rest);
    body
}

/// `body` as it is written and read, with names in place of ids, and those it names.
pub(super) fn text_of(body: &str, known: &[Named]) -> (String, Vec<Named>) {
    let mut named = Vec::new();
    let text = pieces(body)
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Person(id) => match known.iter().find(|person| person.id == id) {
                Some(person) => {
                    named.push(person.clone());
                    format!("@{}", person.name)
                }
                // Whoever is not known stays as they are.
                None => written(id),
            },
        })
        .collect();
    (text, named)
}

#[cfg(test)]
mod tests {
    use coval_shared::protocol::UserId;
    use uuid::Uuid;

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn person(number: u128, name: &str) -> Named {
        Named { id: UserId(Uuid::from_u128(number)), name: name.to_owned() }
    }

    fn people() -> Vec<Named> {
        vec![person(1, "Ada"), person(2, "Ada Lovelace"), person(3, "Grace Hopper 😀")]
    }

    #[test]
    fn a_name_is_asked_for_behind_an_at_sign() {
        assert_eq!(asked("Why, @gr", 8), Some(Asked { start: 5, beginning: "gr".into() }));
        assert_eq!(asked("😀@", 3), Some(Asked { start: 2, beginning: String::new() }));
        assert_eq!(asked("mail ada@example.com", 20), None);
        assert_eq!(asked("@gr\nnext", 8), None);
        assert_eq!(asked("@ ", 2), None);
        assert_eq!(asked("", 0), None);
        assert_eq!(asked("@x", 900), Some(Asked { start: 0, beginning: "x".into() }));
    }

    #[test]
    fn those_are_offered_of_whose_name_a_word_begins_so() {
        let names = |beginning| offered(&people(), beginning).into_iter().map(|it| it.name).collect::<Vec<_>>();
        assert_eq!(names("LO"), ["Ada Lovelace"]);
        assert_eq!(names("ada"), ["Ada", "Ada Lovelace"]);
        assert_eq!(names("").len(), 3);
        assert_eq!(names("x").len(), 0);
    }

    #[test]
    fn what_is_chosen_takes_the_place_of_what_was_typed() {
        let text = "See 😀 @gr and go";
        let found = asked(text, 10).unwrap();
        let (text, caret) = taken(text, &found, &person(3, "Grace Hopper 😀"));
        assert_eq!(text, "See 😀 @Grace Hopper 😀 and go");
        assert_eq!(caret, 24);
    }

    #[test]
    fn names_are_sent_as_ids_and_come_back_as_names() {
        let people = people();
        let text = "@Ada Lovelace asks @Ada and @nobody, a@b, @Grace Hopper 😀!";
        let body = body_of(text, &people);
        assert!(body.starts_with(&written(people[1].id)), "{body}");
        assert_eq!(coval_shared::mention::users(&body).count(), 3);
        assert_eq!(
            text_of(&body, &people),
            (text.into(), vec![people[1].clone(), people[0].clone(), people[2].clone()])
        );
        assert_eq!(body_of("@Ada", &[]), "@Ada", "only who was chosen is named");
    }
}
