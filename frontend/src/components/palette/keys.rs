//! All keys and what they do: one table, for the list of keys and for the palette.

use crate::components::commands::Deed;
use crate::words;

/// Where keys do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Everywhere,
    Moving,
    Editing,
    Rows,
    Formula,
}

/// One line of the table.
pub(super) struct Shortcut {
    pub(super) place: Place,
    /// The ways to press it, each as keys with `+` between them; `Mod` is Ctrl, or Cmd on a Mac.
    pub(super) keys: &'static [&'static str],
    pub(super) what: fn() -> &'static str,
    /// The command that does the same.
    pub(super) deed: Option<Deed>,
}

const fn line(place: Place, keys: &'static [&'static str], what: fn() -> &'static str) -> Shortcut {
    Shortcut { place, keys, what, deed: None }
}

const fn deed(place: Place, keys: &'static [&'static str], what: fn() -> &'static str, deed: Deed) -> Shortcut {
    Shortcut { place, keys, what, deed: Some(deed) }
}

/// All keys.
pub(super) const TABLE: &[Shortcut] = &[
    line(Place::Everywhere, &["Mod+K"], || words!(common.key_palette)),
    deed(Place::Everywhere, &["F1", "?"], || words!(common.key_map), Deed::ShowKeys),
    deed(Place::Everywhere, &["Mod+P"], || words!(common.key_print), Deed::Print),
    deed(Place::Everywhere, &["Mod+Z"], || words!(common.key_undo), Deed::Undo),
    deed(Place::Everywhere, &["Mod+Shift+Z", "Mod+Y"], || words!(common.key_redo), Deed::Redo),
    line(Place::Moving, &["←", "→", "↑", "↓"], || words!(common.key_arrows)),
    line(Place::Moving, &["Tab", "Shift+Tab"], || words!(common.key_tab)),
    line(Place::Moving, &["Home", "End"], || words!(common.key_row_ends)),
    line(Place::Moving, &["Mod+Home", "Mod+End"], || words!(common.key_sheet_ends)),
    line(Place::Moving, &["PageUp", "PageDown"], || words!(common.key_pages)),
    line(Place::Moving, &["Shift+←", "Shift+→", "Shift+↑", "Shift+↓"], || words!(common.key_stretch)),
    line(Place::Moving, &["Shift+Space"], || words!(common.key_rows)),
    line(Place::Moving, &["Mod+Space"], || words!(common.key_columns)),
    line(Place::Moving, &["Mod+A"], || words!(common.key_all)),
    line(Place::Editing, &["F2", "Enter"], || words!(common.key_edit)),
    line(Place::Editing, &["Enter", "Shift+Enter"], || words!(common.key_commit)),
    line(Place::Editing, &["Esc"], || words!(common.key_cancel)),
    line(Place::Editing, &["Delete"], || words!(common.key_clear)),
    line(Place::Editing, &["Mod+C", "Mod+X", "Mod+V"], || words!(common.key_clipboard)),
    line(Place::Editing, &["Mod+D", "Mod+R"], || words!(common.key_fill)),
    line(Place::Editing, &["Mod+;"], || words!(common.key_date)),
    line(Place::Rows, &["Mod+Enter"], || words!(common.key_insert_row)),
    line(Place::Rows, &["Alt+Shift+↑", "Alt+Shift+↓"], || words!(common.key_move_row)),
    line(Place::Rows, &["Shift+F10"], || words!(common.key_row_menu)),
    line(Place::Formula, &["="], || words!(common.key_formula)),
    line(Place::Formula, &["Mod+["], || words!(common.key_precedents)),
    line(Place::Formula, &["Mod+]"], || words!(common.key_dependents)),
];

/// The places in the order in which they are shown, with what they are called.
pub(super) fn places() -> [(Place, &'static str); 5] {
    [
        (Place::Everywhere, words!(common.keys_everywhere)),
        (Place::Moving, words!(common.keys_moving)),
        (Place::Editing, words!(common.keys_editing)),
        (Place::Rows, words!(common.keys_rows)),
        (Place::Formula, words!(common.keys_formula)),
    ]
}

/// The keys that do the same as a command, the first way.
pub(super) fn of(deed: Deed) -> Option<&'static str> {
    TABLE.iter().find(|line| line.deed == Some(deed))?.keys.first().copied()
}

/// Each key of one way to press something, as it is written on the keyboard.
pub(super) fn caps(keys: &str, is_mac: bool) -> Vec<String> {
    let cap = |key: &str| match key {
        "Mod" if is_mac => "⌘".to_owned(),
        "Mod" => "Ctrl".to_owned(),
        other => other.to_owned(),
    };
    keys.split('+').map(cap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn keys_are_named_as_on_the_keyboard_of_the_person() {
        assert_eq!(caps("Mod+Shift+Z", true), ["⌘", "Shift", "Z"]);
        assert_eq!(caps("Mod+Shift+Z", false), ["Ctrl", "Shift", "Z"]);
    }

    #[test]
    fn every_place_has_keys_and_every_deed_too() {
        for (place, _) in places() {
            assert!(TABLE.iter().any(|line| line.place == place), "{place:?}");
        }
        for deed in [Deed::Undo, Deed::Redo, Deed::ShowKeys, Deed::Print] {
            assert!(of(deed).is_some(), "{deed:?}");
        }
    }
}
