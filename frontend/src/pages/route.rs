//! What an address means.

use coval_shared::protocol::DocumentId;
use uuid::Uuid;

/// What stands at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The list of documents.
    Documents,
    /// One document.
    Document(DocumentId),
    /// The way into a document by a link; its secret stands behind the `#`.
    Share,
    /// The way into a workspace by an invitation; its secret stands behind the `#`.
    SignUp,
    /// Nothing.
    Nowhere,
}

impl Place {
    /// What stands at `path`.
    #[must_use]
    pub fn at(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (None, _, _) => Self::Documents,
            (Some("share"), None, _) => Self::Share,
            (Some("sign-up"), None, _) => Self::SignUp,
            (Some("document"), Some(id), None) => {
                Uuid::parse_str(id).map_or(Self::Nowhere, |id| Self::Document(DocumentId(id)))
            }
            _ => Self::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_root_is_the_list_of_documents() {
        assert_eq!(Place::at("/"), Place::Documents);
        assert_eq!(Place::at(""), Place::Documents);
    }

    #[test]
    fn a_document_is_found_by_its_identity() {
        let id = Uuid::from_u128(0x0199_b1ef_0000_7000_8000_0000_0000_0001);
        let place = Place::Document(DocumentId(id));
        assert_eq!(Place::at("/document/0199b1ef-0000-7000-8000-000000000001"), place);
        assert_eq!(Place::at("/document/0199b1ef-0000-7000-8000-000000000001/"), place);
    }

    #[test]
    fn links_that_let_people_in_have_places_of_their_own() {
        assert_eq!(Place::at("/share"), Place::Share);
        assert_eq!(Place::at("/sign-up/"), Place::SignUp);
        assert_eq!(Place::at("/share/x"), Place::Nowhere);
    }

    #[test]
    fn every_other_address_is_nowhere() {
        for path in ["/document", "/document/7", "/document/../..", "/documents", "/a/b/c"] {
            assert_eq!(Place::at(path), Place::Nowhere, "{path}");
        }
    }
}
