//! Which key does what.

/// What the grid is doing when a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A cell is selected.
    Ready,
    /// Typing has begun and replaces the cell's content: the arrows leave the cell.
    Replacing,
    /// The cell's content is being changed in place: the arrows move the caret.
    Editing,
}

/// A direction or a place to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column to the left.
    Left,
    /// One column to the right.
    Right,
    /// The first column of the row.
    RowStart,
    /// The last column of the row.
    RowEnd,
    /// The first cell of the grid.
    SheetStart,
    /// The last cell of the grid.
    SheetEnd,
    /// Many rows up.
    PageUp,
    /// Many rows down.
    PageDown,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Select another cell.
    Go(Move),
    /// Enter what was typed, and select another cell.
    CommitAndGo(Move),
    /// Change the cell's content in place.
    Edit,
    /// Forget what was typed.
    Cancel,
    /// Give the keyboard back to the page.
    Leave,
    /// Empty the cell.
    Clear,
    /// Insert a row below.
    InsertRow,
    /// Take the far corner of the selection elsewhere.
    Stretch(Move),
    /// Select everything.
    SelectAll,
    /// Select whole rows.
    SelectRows,
    /// Select whole columns.
    SelectColumns,
    /// Fill the selection with what stands in its first column.
    FillRight,
    /// Fill the selection with what stands in its first row.
    FillDown,
    /// Take back the person's newest work.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Move the row up or down.
    MoveRow(Move),
    /// Go to a cell that this one is calculated from.
    FollowPrecedent,
    /// Go to a cell that is calculated from this one.
    FollowDependent,
    /// Enter today's date.
    EnterDate,
    /// Show what can be done with the row.
    OpenMenu,
}

/// A key with the ones that are held down with it. `Ctrl` and `Cmd` count as the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key<'a> {
    /// The name of the key, as in `KeyboardEvent.key`.
    pub name: &'a str,
    /// Shift is held down.
    pub shift: bool,
    /// Ctrl or Cmd is held down.
    pub control: bool,
    /// Alt is held down.
    pub alt: bool,
}

/// What `key` asks for. None when the key is the browser's business: typing, moving the caret, shortcuts.
#[must_use]
pub fn command(key: Key<'_>, mode: Mode) -> Option<Command> {
    if key.alt {
        return match (mode, key.name, key.shift, key.control) {
            (Mode::Ready, "ArrowUp", true, false) => Some(Command::MoveRow(Move::Up)),
            (Mode::Ready, "ArrowDown", true, false) => Some(Command::MoveRow(Move::Down)),
            _ => None,
        };
    }
    match mode {
        Mode::Ready => in_ready(key),
        Mode::Replacing => in_edit(key).or_else(|| arrow(key).map(Command::CommitAndGo)),
        Mode::Editing => in_edit(key),
    }
}

fn in_ready(key: Key<'_>) -> Option<Command> {
    let command = match (key.name, key.control, key.shift) {
        ("Enter", true, false) => Command::InsertRow,
        ("Enter" | "F2", false, false) => Command::Edit,
        ("Enter", false, true) => Command::Go(Move::Up),
        ("Tab", false, false) => Command::Go(Move::Right),
        ("Tab", false, true) => Command::Go(Move::Left),
        ("Escape", false, false) => Command::Leave,
        ("Delete" | "Backspace", false, false) => Command::Clear,
        ("Home", false, false) => Command::Go(Move::RowStart),
        ("End", false, false) => Command::Go(Move::RowEnd),
        ("Home", true, false) => Command::Go(Move::SheetStart),
        ("End", true, false) => Command::Go(Move::SheetEnd),
        ("PageUp", false, false) => Command::Go(Move::PageUp),
        ("PageDown", false, false) => Command::Go(Move::PageDown),
        ("Home", false, true) => Command::Stretch(Move::RowStart),
        ("End", false, true) => Command::Stretch(Move::RowEnd),
        ("Home", true, true) => Command::Stretch(Move::SheetStart),
        ("End", true, true) => Command::Stretch(Move::SheetEnd),
        ("PageUp", false, true) => Command::Stretch(Move::PageUp),
        ("PageDown", false, true) => Command::Stretch(Move::PageDown),
        ("ArrowUp", false, true) => Command::Stretch(Move::Up),
        ("ArrowDown", false, true) => Command::Stretch(Move::Down),
        ("ArrowLeft", false, true) => Command::Stretch(Move::Left),
        ("ArrowRight", false, true) => Command::Stretch(Move::Right),
        (" ", false, true) => Command::SelectRows,
        (" ", true, false) => Command::SelectColumns,
        ("F10", false, true) | ("ContextMenu", false, false) => Command::OpenMenu,
        ("[", true, false) => Command::FollowPrecedent,
        ("]", true, false) => Command::FollowDependent,
        (";", true, false) => Command::EnterDate,
        (letter, true, shift) => match (letter.to_ascii_lowercase().as_str(), shift) {
            ("a", false) => Command::SelectAll,
            ("r", false) => Command::FillRight,
            ("d", false) => Command::FillDown,
            ("z", false) => Command::Undo,
            ("z", true) | ("y", false) => Command::Redo,
            _ => return None,
        },
        _ => return arrow(key).map(Command::Go),
    };
    Some(command)
}

fn in_edit(key: Key<'_>) -> Option<Command> {
    let command = match (key.name, key.shift) {
        _ if key.control => return None,
        ("Enter", false) => Command::CommitAndGo(Move::Down),
        ("Enter", true) => Command::CommitAndGo(Move::Up),
        ("Tab", false) => Command::CommitAndGo(Move::Right),
        ("Tab", true) => Command::CommitAndGo(Move::Left),
        ("Escape", false) => Command::Cancel,
        _ => return None,
    };
    Some(command)
}

fn arrow(key: Key<'_>) -> Option<Move> {
    if key.control || key.shift {
        return None;
    }
    match key.name {
        "ArrowUp" => Some(Move::Up),
        "ArrowDown" => Some(Move::Down),
        "ArrowLeft" => Some(Move::Left),
        "ArrowRight" => Some(Move::Right),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn key(name: &str) -> Key<'_> {
        Key { name, ..Key::default() }
    }

    fn shift(name: &str) -> Key<'_> {
        Key { shift: true, ..key(name) }
    }

    fn control(name: &str) -> Key<'_> {
        Key { control: true, ..key(name) }
    }

    #[test]
    fn enter_and_tab_commit_and_go_on() {
        for mode in [Mode::Replacing, Mode::Editing] {
            assert_eq!(command(key("Enter"), mode), Some(Command::CommitAndGo(Move::Down)));
            assert_eq!(command(shift("Enter"), mode), Some(Command::CommitAndGo(Move::Up)));
            assert_eq!(command(key("Tab"), mode), Some(Command::CommitAndGo(Move::Right)));
            assert_eq!(command(shift("Tab"), mode), Some(Command::CommitAndGo(Move::Left)));
            assert_eq!(command(key("Escape"), mode), Some(Command::Cancel));
        }
    }

    #[test]
    fn arrows_leave_a_cell_that_was_typed_over_but_move_the_caret_in_place() {
        assert_eq!(command(key("ArrowLeft"), Mode::Ready), Some(Command::Go(Move::Left)));
        assert_eq!(command(key("ArrowLeft"), Mode::Replacing), Some(Command::CommitAndGo(Move::Left)));
        assert_eq!(command(key("ArrowLeft"), Mode::Editing), None);
    }

    #[test]
    fn a_selected_cell_is_edited_cleared_and_left() {
        assert_eq!(command(key("F2"), Mode::Ready), Some(Command::Edit));
        assert_eq!(command(key("Enter"), Mode::Ready), Some(Command::Edit));
        assert_eq!(command(key("Delete"), Mode::Ready), Some(Command::Clear));
        assert_eq!(command(key("Escape"), Mode::Ready), Some(Command::Leave));
        assert_eq!(command(control("Enter"), Mode::Ready), Some(Command::InsertRow));
    }

    #[test]
    fn home_and_end_go_to_the_ends_of_the_row_and_with_control_of_the_sheet() {
        assert_eq!(command(key("Home"), Mode::Ready), Some(Command::Go(Move::RowStart)));
        assert_eq!(command(key("End"), Mode::Ready), Some(Command::Go(Move::RowEnd)));
        assert_eq!(command(control("Home"), Mode::Ready), Some(Command::Go(Move::SheetStart)));
        assert_eq!(command(control("End"), Mode::Ready), Some(Command::Go(Move::SheetEnd)));
        assert_eq!(command(key("Home"), Mode::Editing), None);
    }

    #[test]
    fn shift_stretches_the_selection_and_control_works_on_all_of_it() {
        assert_eq!(command(shift("ArrowDown"), Mode::Ready), Some(Command::Stretch(Move::Down)));
        assert_eq!(command(shift("ArrowDown"), Mode::Editing), None);
        assert_eq!(command(shift(" "), Mode::Ready), Some(Command::SelectRows));
        assert_eq!(command(control("a"), Mode::Ready), Some(Command::SelectAll));
        assert_eq!(command(control("d"), Mode::Ready), Some(Command::FillDown));
        assert_eq!(command(control("z"), Mode::Ready), Some(Command::Undo));
        assert_eq!(command(Key { shift: true, ..control("Z") }, Mode::Ready), Some(Command::Redo));
        assert_eq!(command(control("z"), Mode::Editing), None);
        let moved = Key { alt: true, ..shift("ArrowUp") };
        assert_eq!(command(moved, Mode::Ready), Some(Command::MoveRow(Move::Up)));
    }

    #[test]
    fn typing_and_the_browsers_shortcuts_are_left_alone() {
        for mode in [Mode::Ready, Mode::Replacing, Mode::Editing] {
            for name in ["a", "=", "7", "Process", "Dead", "F5", "Shift"] {
                assert_eq!(command(key(name), mode), None, "{name} in {mode:?}");
            }
            assert_eq!(command(control("c"), mode), None);
            assert_eq!(command(control("ArrowLeft"), mode), None);
            let alt = Key { alt: true, ..key("ArrowLeft") };
            assert_eq!(command(alt, mode), None);
        }
    }
}
