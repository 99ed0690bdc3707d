use crate::{OpError, OpErrorKind};

/// What lengths of text count.
pub(super) trait Unit {
    /// The length of `text`.
    fn length(text: &str) -> usize;

    /// The place in bytes behind the first `count` units; nothing when `text` has no more than `count`.
    ///
    /// # Errors
    ///
    /// When the place is inside a character.
    fn place(text: &str, count: usize) -> Result<Option<usize>, OpError>;
}

/// Unicode code points.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodePoints;

/// UTF-16 units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Utf16;

impl Unit for CodePoints {
    fn length(text: &str) -> usize {
        text.chars().count()
    }

    fn place(text: &str, count: usize) -> Result<Option<usize>, OpError> {
        Ok(text.char_indices().nth(count).map(|(place, _)| place))
    }
}

impl Unit for Utf16 {
    fn length(text: &str) -> usize {
        text.chars().map(char::len_utf16).sum()
    }

    fn place(text: &str, count: usize) -> Result<Option<usize>, OpError> {
        let mut left = count;
        for (place, character) in text.char_indices() {
            if left == 0 {
                return Ok(Some(place));
            }
            left = left
                .checked_sub(character.len_utf16())
                .ok_or_else(|| OpError::new(OpErrorKind::OutOfRange, "the op", "it cuts a surrogate pair in two"))?;
        }
        Ok(None)
    }
}
