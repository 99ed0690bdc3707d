use super::window::Window;

/// What else than code points a text can be measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Byte,
    Utf16,
    /// Line breaks, which are line feeds.
    Line,
}

impl Unit {
    fn of(self, letter: char) -> usize {
        match self {
            Self::Byte => letter.len_utf8(),
            Self::Utf16 => letter.len_utf16(),
            Self::Line => usize::from(letter == '\n'),
        }
    }

    /// How many units the tree has before its code point `chars`.
    pub(super) fn before(self, tree: &ropey::Rope, chars: usize) -> usize {
        let units = match self {
            Self::Byte => tree.try_char_to_byte(chars),
            Self::Utf16 => tree.try_char_to_utf16_cu(chars),
            Self::Line => tree.try_char_to_line(chars),
        };
        units.unwrap_or_default()
    }

    /// The code point of the tree that has `units` before it, or holds the unit.
    pub(super) fn char_at(self, tree: &ropey::Rope, units: usize) -> usize {
        let chars = match self {
            Self::Byte => tree.try_byte_to_char(units),
            Self::Utf16 => tree.try_utf16_cu_to_char(units),
            Self::Line => tree.try_line_to_char(units),
        };
        chars.unwrap_or_default()
    }

    /// How many units the window has before its code point `chars`.
    pub(super) fn before_in(self, window: &Window, chars: usize) -> usize {
        letters(window).take(chars).map(|letter| self.of(letter)).sum()
    }

    /// The code point of the window that has `units` before it, or holds the unit.
    pub(super) fn char_in(self, window: &Window, units: usize) -> usize {
        let mut reached = 0;
        let within = letters(window).take_while(|letter| {
            let fits = match self {
                Self::Line => reached < units,
                _ => reached + self.of(*letter) <= units,
            };
            reached += self.of(*letter);
            fits
        });
        within.count()
    }
}

fn letters(window: &Window) -> impl Iterator<Item = char> + '_ {
    window.halves().into_iter().flat_map(str::chars)
}
