use std::fmt;

use super::path::{Path, PathSegment};

/// The way from the root to where a walk is now: one step, and the way before it. Unlike a [`Path`] it costs nothing
/// until an error has to name it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    step: Option<(&'a Place<'a>, Step<'a>)>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub(super) const ROOT: Self = Self { step: None, depth: 0 };

    /// How many steps it is from the root.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn key<'b>(&'b self, key: &'b str) -> Place<'b> {
        Place { step: Some((self, Step::Key(key))), depth: self.depth.saturating_add(1) }
    }

    pub(super) fn index(&self, index: usize) -> Place<'_> {
        Place { step: Some((self, Step::Index(index))), depth: self.depth.saturating_add(1) }
    }

    pub(super) fn path(&self) -> Path {
        let mut segments = Vec::with_capacity(self.depth);
        let mut place = self;
        while let Some((before, step)) = &place.step {
            segments.push(match step {
                Step::Key(key) => PathSegment::from(*key),
                Step::Index(index) => PathSegment::Index(*index),
            });
            place = before;
        }
        segments.reverse();
        Path(segments)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path().fmt(f)
    }
}
