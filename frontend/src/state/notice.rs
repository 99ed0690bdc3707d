//! What people are told when something went wrong.

/// A message about something that went wrong: what happened, what is safe, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened, one sentence.
    pub what: String,
    /// What is safe and what to do.
    pub advice: String,
    /// What the person had entered and is not in the document, so that it can be entered again.
    pub lost: Vec<String>,
}

impl Notice {
    /// A notice in which nothing was lost.
    #[must_use]
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), advice: advice.into(), lost: Vec::new() }
    }

    /// The same notice, with what was lost.
    #[must_use]
    pub fn with_lost(mut self, lost: Vec<String>) -> Self {
        self.lost = lost;
        self
    }
}
