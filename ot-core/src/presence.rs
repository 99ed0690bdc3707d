//! Where the others are: cursors and selections that stay with their surroundings while ops go by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ClientId, OtType, Side};

/// A stretch of a document that somebody has selected; a bare cursor where both ends are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection<Cursor> {
    /// The end that stays when the selection is extended.
    pub anchor: Cursor,
    /// The end that moves, where the caret is.
    pub focus: Cursor,
}

impl<Cursor: Clone> Selection<Cursor> {
    /// A cursor with nothing selected.
    #[must_use]
    pub fn caret(at: Cursor) -> Self {
        Self { anchor: at.clone(), focus: at }
    }

    /// The selection with both ends passed through `place`; nothing when one of them has no place.
    ///
    /// ```
    /// use ot_core::presence::Selection;
    /// use ot_core::text::Text;
    /// use ot_core::{Client, ClientId, Revision};
    ///
    /// let client = Client::<Text>::new(ClientId::default(), "hello".into(), Revision(7));
    /// let theirs = Selection { anchor: 1, focus: 4 };
    /// assert_eq!(theirs.and_then(|cursor| client.place(cursor, Revision(7))), Some(theirs));
    /// assert_eq!(theirs.and_then(|cursor| client.place(cursor, Revision(9))), None);
    /// ```
    #[must_use]
    pub fn and_then(&self, place: impl Fn(&Cursor) -> Option<Cursor>) -> Option<Self> {
        Some(Self { anchor: place(&self.anchor)?, focus: place(&self.focus)? })
    }
}

/// The selections of everybody else in one document, as one participant sees them.
#[derive(Clone, Debug)]
pub struct Presence<T: OtType> {
    most: usize,
    participants: BTreeMap<ClientId, Seen<T>>,
}

#[derive(Clone, Debug)]
struct Seen<T: OtType> {
    selection: Selection<T::Cursor>,
    at_ms: u64,
}

impl<T: OtType> Presence<T> {
    /// Nobody yet, and at most `most` at once.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, participants: BTreeMap::new() }
    }

    /// Notes that `participant` has `selection` in the document here, as [`Client::place`](crate::Client::place) gives
    /// it, at the time `now_ms`. Returns whether there was room.
    pub fn set(&mut self, participant: ClientId, selection: Selection<T::Cursor>, now_ms: u64) -> bool {
        let has_room = self.participants.len() < self.most || self.participants.contains_key(&participant);
        if has_room {
            self.participants.insert(participant, Seen { selection, at_ms: now_ms });
        }
        has_room
    }

    /// Notes that `participant` has left.
    pub fn remove(&mut self, participant: ClientId) {
        self.participants.remove(&participant);
    }

    /// Removes those of whom nothing was heard for `silence_ms`, and returns them.
    pub fn expire(&mut self, now_ms: u64, silence_ms: u64) -> Vec<ClientId> {
        let is_gone = |seen: &Seen<T>| now_ms.saturating_sub(seen.at_ms) > silence_ms;
        let gone = self.participants.extract_if(.., |_, seen| is_gone(seen));
        gone.map(|(participant, _)| participant).collect()
    }

    /// Moves everyone by `op`, which `author` made, in the form in which it was applied to the document here. Their own
    /// cursor goes behind what they insert, all others stay before it.
    pub fn apply(&mut self, op: &T::Op, author: ClientId) {
        for (participant, seen) in &mut self.participants {
            let side = if *participant == author { Side::Right } else { Side::Left };
            let Selection { anchor, focus } = &mut seen.selection;
            *anchor = T::transform_cursor(anchor, op, side);
            *focus = T::transform_cursor(focus, op, side);
        }
    }

    /// Where `participant` is.
    pub fn get(&self, participant: ClientId) -> Option<&Selection<T::Cursor>> {
        self.participants.get(&participant).map(|seen| &seen.selection)
    }

    /// Everybody, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, &Selection<T::Cursor>)> {
        self.participants.iter().map(|(participant, seen)| (*participant, &seen.selection))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::text::{Text, TextOp};

    const ANNA: ClientId = ClientId(Uuid::from_u128(1));
    const BORIS: ClientId = ClientId(Uuid::from_u128(2));

    #[test]
    fn selections_move_with_the_text_around_them() {
        let mut presence = Presence::<Text>::new(10);
        presence.set(ANNA, Selection { anchor: 2, focus: 6 }, 0);
        presence.set(BORIS, Selection::caret(2), 0);
        presence.apply(&TextOp::new().retain(2).insert("xyz"), BORIS);
        assert_eq!(presence.get(ANNA), Some(&Selection { anchor: 2, focus: 9 }));
        assert_eq!(presence.get(BORIS), Some(&Selection::caret(5)));
        presence.apply(&TextOp::new().delete(7), ANNA);
        assert_eq!(presence.get(ANNA), Some(&Selection { anchor: 0, focus: 2 }));
    }

    #[test]
    fn those_who_leave_or_fall_silent_are_forgotten() {
        let mut presence = Presence::<Text>::new(10);
        presence.set(ANNA, Selection::caret(1), 0);
        presence.set(BORIS, Selection::caret(1), 900);
        assert_eq!(presence.expire(1_500, 1_000), [ANNA]);
        presence.remove(BORIS);
        assert_eq!(presence.iter().count(), 0);
    }

    #[test]
    fn only_so_many_are_kept() {
        let mut presence = Presence::<Text>::new(1);
        assert!(presence.set(ANNA, Selection::caret(1), 0));
        assert!(!presence.set(BORIS, Selection::caret(1), 0));
        assert!(presence.set(ANNA, Selection::caret(2), 0));
    }
}
