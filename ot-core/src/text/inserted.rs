use arrayvec::ArrayString;

/// The most bytes that are kept without an allocation.
const FEW: usize = 20;

/// The text that an op inserts: a few letters in place, more on the heap.
#[derive(Clone, Debug)]
pub(super) enum Inserted {
    Few(ArrayString<FEW>),
    Many(String),
}

impl From<&str> for Inserted {
    #[inline]
    fn from(text: &str) -> Self {
        let mut few = ArrayString::new();
        match text.as_bytes() {
            [] => Self::Few(few),
            // One byte is an ASCII letter, the most common text; a call costs more than the copy.
            [letter] => {
                few.push(char::from(*letter));
                Self::Few(few)
            }
            _ if few.try_push_str(text).is_ok() => Self::Few(few),
            _ => Self::Many(text.to_owned()),
        }
    }
}

impl Inserted {
    /// Room for so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        if bytes > FEW { Self::Many(String::with_capacity(bytes)) } else { Self::default() }
    }

    #[inline]
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Few(text) => text,
            Self::Many(text) => text,
        }
    }

    #[inline]
    pub(super) fn push_str(&mut self, more: &str) {
        if let Self::Few(text) = self
            && text.try_push_str(more).is_ok()
        {
            return;
        }
        self.push_much(more);
    }

    fn push_much(&mut self, more: &str) {
        match self {
            Self::Few(text) => {
                let mut many = String::with_capacity((text.len() + more.len()).max(4 * FEW));
                many.push_str(text);
                many.push_str(more);
                *self = Self::Many(many);
            }
            Self::Many(text) => text.push_str(more),
        }
    }

    /// Puts `more` before the byte `at`, which is a boundary.
    pub(super) fn insert_str(&mut self, at: usize, more: &str) {
        if let Self::Few(text) = self {
            let mut many = String::with_capacity((text.len() + more.len()).max(4 * FEW));
            many.push_str(text);
            *self = Self::Many(many);
        }
        if let Self::Many(text) = self {
            text.insert_str(at, more);
        }
    }

    /// Takes out the bytes from `start` to `end`, which are boundaries.
    pub(super) fn remove(&mut self, start: usize, end: usize) {
        match self {
            Self::Few(text) => {
                let tail: ArrayString<FEW> =
                    text.get(end..).and_then(|tail| ArrayString::from(tail).ok()).unwrap_or_default();
                text.truncate(start);
                text.push_str(&tail);
            }
            Self::Many(text) if end == text.len() => text.truncate(start),
            Self::Many(text) => drop(text.drain(start..end)),
        }
    }
}

impl Default for Inserted {
    fn default() -> Self {
        Self::Few(ArrayString::new_const())
    }
}
