//! What was done, put together by day and person.

use coval_shared::protocol::{Named, UserId};
use coval_shared::rest::{Action, Activity};

/// What kind of thing somebody did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any.
    #[default]
    All,
    /// Changes of documents.
    Edits,
    /// What was said.
    Talk,
    /// Who is in, and as what.
    People,
}

impl Kind {
    /// Whether `action` is one.
    pub(super) fn has(self, action: &Action) -> bool {
        match self {
            Self::All => true,
            kind => kind == Self::of(action),
        }
    }

    fn of(action: &Action) -> Self {
        match action {
            Action::CommentAdded { .. }
            | Action::CommentReplied { .. }
            | Action::CommentResolved { .. }
            | Action::CommentReopened { .. }
            | Action::CommentEdited { .. }
            | Action::CommentDeleted { .. }
            | Action::AnnotationCreated { .. }
            | Action::AnnotationChanged { .. }
            | Action::AnnotationDeleted { .. } => Self::Talk,
            Action::MemberInvited { .. }
            | Action::InvitationRevoked
            | Action::MemberAdded { .. }
            | Action::MemberRoleChanged { .. }
            | Action::MemberRemoved { .. }
            | Action::DocumentShared { .. }
            | Action::DocumentUnshared { .. }
            | Action::ShareLinkCreated { .. }
            | Action::ShareLinkUsed { .. }
            | Action::ShareLinkRevoked => Self::People,
            _ => Self::Edits,
        }
    }
}

/// What one person did on one day, one thing after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// The day, in words.
    pub(super) day: String,
    /// Whether it is the first of that day.
    pub(super) begins_day: bool,
    /// Who; none for the server itself.
    pub(super) actor: Option<Named>,
    /// What, the newest first.
    pub(super) entries: Vec<Activity>,
}

/// `entries`, the newest first, in groups. `day_of` is the day of a moment in words.
pub(super) fn groups<'a>(entries: impl Iterator<Item = &'a Activity>, day_of: impl Fn(i64) -> String) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries {
        let day = day_of(entry.at_ms);
        let id = |named: &Option<Named>| named.as_ref().map(|named| named.id);
        match groups.last_mut() {
            Some(last) if last.day == day && id(&last.actor) == id(&entry.actor) => last.entries.push(entry.clone()),
            last => {
                let begins_day = last.is_none_or(|last| last.day != day);
                groups.push(Group { day, begins_day, actor: entry.actor.clone(), entries: vec![entry.clone()] });
            }
        }
    }
    groups
}

/// Puts a new entry before those that are known; one that is known already stays where it is.
pub(super) fn take(entries: &mut Vec<Activity>, new: Activity) {
    if entries.iter().all(|known| known.number != new.number) {
        let place = entries.iter().position(|known| known.number < new.number).unwrap_or(entries.len());
        entries.insert(place, new);
    }
}

/// Everybody who did something.
pub(super) fn actors(entries: &[Activity]) -> Vec<(UserId, String)> {
    let mut actors: Vec<(UserId, String)> = Vec::new();
    for actor in entries.iter().filter_map(|entry| entry.actor.as_ref()) {
        if actors.iter().all(|(known, _)| *known != actor.id) {
            actors.push((actor.id, actor.name.clone()));
        }
    }
    actors
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn entry(number: u64, at_ms: i64, actor: u128, action: Action) -> Activity {
        let actor = Some(Named { id: UserId(Uuid::from_u128(actor)), name: format!("Person {actor}") });
        Activity { number, at_ms, actor, document: None, title: None, subject: None, action }
    }

    #[test]
    fn what_one_person_did_on_one_day_stands_together() {
        let entries = [
            entry(4, 21, 1, Action::DocumentEdited),
            entry(3, 20, 1, Action::DocumentArchived),
            entry(2, 12, 2, Action::DocumentEdited),
            entry(1, 11, 1, Action::DocumentEdited),
        ];
        let groups = groups(entries.iter(), |at_ms| format!("day {}", at_ms / 10));
        let shape: Vec<_> = groups.iter().map(|it| (it.day.as_str(), it.begins_day, it.entries.len())).collect();
        assert_eq!(shape, [("day 2", true, 2), ("day 1", true, 1), ("day 1", false, 1)]);
        assert_eq!(actors(&entries).len(), 2);
    }

    #[test]
    fn a_new_entry_is_taken_in_once_and_in_its_place() {
        let mut entries = vec![entry(3, 3, 1, Action::DocumentEdited), entry(1, 1, 1, Action::DocumentEdited)];
        for number in [4, 2, 3] {
            take(&mut entries, entry(number, 0, 1, Action::DocumentEdited));
        }
        assert_eq!(entries.iter().map(|it| it.number).collect::<Vec<_>>(), [4, 3, 2, 1]);
    }

    #[test]
    fn each_action_is_of_one_kind() {
        assert!(Kind::Edits.has(&Action::DocumentEdited) && !Kind::Talk.has(&Action::DocumentEdited));
        assert!(Kind::People.has(&Action::ShareLinkRevoked));
        assert!(Kind::All.has(&Action::Unreadable));
    }
}
