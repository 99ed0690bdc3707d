//! What is in the demo of the server that is tried.

use serde_json::{Value, json};

use crate::failure::Outcome;
use crate::server::{Server, text};

/// What is in the demo, by the first part of its addresses.
#[derive(Debug, Default)]
pub(super) struct Demo {
    ids: Vec<(&'static str, String)>,
}

impl Demo {
    /// Asks for what is there, and has made what is not.
    ///
    /// # Errors
    /// When the server refuses.
    pub(super) fn of(server: &Server) -> Outcome<Self> {
        let token = server.sign_in()?;
        let first = |path: &str| text(&server.ask("GET", path, &token, None)?, "/items/0/id");
        let (document, workspace) = (first("/api/documents")?, first("/api/workspaces")?);
        let at = format!("/api/document/{document}");
        let made = |path: &str, body: &Value| server.ask("POST", path, &token, Some(body));
        let comment = made(&format!("{at}/comments"), &json!({"body": "Is that so?"}))?;
        let note = json!({"kind": "note", "colour": 0, "body": "As filed", "anchor": {"cell": {"item": "beta"}}});
        let annotation = made(&format!("{at}/annotations"), &note)?;
        let parameters = json!({"down": {"cell": "beta", "values": [1, 1.2]}, "outputs": ["value_per_share"]});
        let calculation =
            made(&format!("{at}/calculations"), &json!({"kind": "sensitivity", "parameters": parameters}))?;
        made(&format!("{at}/branches"), &json!({"name": "Merger"}))?;
        Ok(Self {
            ids: vec![
                ("comment", text(&comment, "/id")?),
                ("annotation", text(&annotation, "/id")?),
                ("calculation", text(&calculation, "/id")?),
                ("document", document),
                ("workspace", workspace),
            ],
        })
    }

    /// The first parts of addresses, and what may come after.
    pub(super) fn ids(&self) -> &[(&'static str, String)] {
        &self.ids
    }
}
