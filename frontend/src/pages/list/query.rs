//! Which documents the list shows.

use coval_shared::protocol::{DocumentKind, WorkspaceId};

use crate::connection::rest::encoded;

/// How many documents come at a time.
const PAGE: usize = 50;

/// How many documents are shown in whose text the words stand.
const FOUND: usize = 20;

/// The longest text that is looked for, in characters: the server takes no longer one.
pub(super) const LONGEST: usize = 200;

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// The last edited first.
    #[default]
    Edited,
    /// By title.
    Title,
}

impl Order {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Title => "title",
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) text: String,
    pub(super) workspace: Option<WorkspaceId>,
    pub(super) kind: Option<DocumentKind>,
    pub(super) is_archived: bool,
    pub(super) order: Order,
}

impl Query {
    /// Where the documents are whose titles fit: those after `cursor`, or the first ones.
    pub(super) fn documents(&self, cursor: Option<&str>) -> String {
        let mut path = format!("/api/documents?limit={PAGE}&sort={}", self.order.name());
        let kind = self.kind.map(kind_name);
        self.narrow(&mut path);
        for (name, value) in [("kind", kind), ("cursor", cursor), ("q", self.words())] {
            if let Some(value) = value {
                path.push_str(&format!("&{name}={}", encoded(value)));
            }
        }
        path
    }

    /// Whether nothing narrows the list.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_narrow() && !self.is_archived
    }

    /// Where the documents are that have the words inside; nothing where there are no words.
    pub(super) fn contents(&self) -> Option<String> {
        let mut path = format!("/api/search?limit={FOUND}&q={}", encoded(self.words()?));
        self.narrow(&mut path);
        Some(path)
    }

    /// Whether anything is looked for, so that an empty list does not mean that there is nothing.
    pub(super) fn is_narrow(&self) -> bool {
        self.words().is_some() || self.kind.is_some() || self.workspace.is_some()
    }

    fn words(&self) -> Option<&str> {
        let text = self.text.trim();
        // Without a letter or a digit there is no word to look for.
        text.chars().any(char::is_alphanumeric).then_some(text)
    }

    fn narrow(&self, path: &mut String) {
        if let Some(workspace) = self.workspace {
            path.push_str(&format!("&workspace={workspace}"));
        }
        if self.is_archived {
            path.push_str("&archived=true");
        }
    }
}

/// What the server calls a kind of documents.
pub(super) fn kind_name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Model => "model",
        DocumentKind::Memo => "memo",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_query_without_wishes_asks_for_the_last_edited_documents() {
        let query = Query::default();
        assert_eq!(query.documents(None), "/api/documents?limit=50&sort=edited");
        assert_eq!(query.contents(), None);
        assert!(!query.is_narrow());
    }

    #[test]
    fn every_wish_stands_in_the_address() {
        let query = Query {
            text: " net & co ".to_owned(),
            kind: Some(DocumentKind::Memo),
            is_archived: true,
            order: Order::Title,
            ..Query::default()
        };
        let expected = "/api/documents?limit=50&sort=title&archived=true&kind=memo&cursor=a-b&q=net%20%26%20co";
        assert_eq!(query.documents(Some("a-b")), expected);
        assert_eq!(query.contents().as_deref(), Some("/api/search?limit=20&q=net%20%26%20co&archived=true"));
        assert!(query.is_narrow());
    }

    #[test]
    fn signs_without_a_word_are_not_looked_for() {
        let query = Query { text: " —? ".to_owned(), ..Query::default() };
        assert_eq!(query.documents(None), "/api/documents?limit=50&sort=edited");
        assert_eq!(query.contents(), None);
    }
}
