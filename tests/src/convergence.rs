//! Whether everybody has the same document, and the server the same figures.

use coval_shared::protocol::DocumentId;

use crate::page::{Look, Page};
use crate::server::Server;
use crate::{http, wait};

/// Waits until everything is stored and every window has the newest revision, and makes sure that all of them then show
/// the same: the document, each value to the last bit, each label, and the key figures as the server calculates them.
/// Returns what they show.
///
/// # Panics
/// When they don't agree.
pub async fn agreed(server: &Server, document: DocumentId, pages: &[&Page]) -> Look {
    let (revision, looks, figures) = wait::until("all windows to have what the server has", async || {
        let figures = http::outputs(server, document).await?;
        let mut looks = Vec::new();
        for page in pages {
            let look = page.look().await;
            if !look.is_saved() || look.revision != Some(figures.revision.0) {
                return Err(format!("{} is at {look}, the server at revision {}", page.person(), figures.revision));
            }
            looks.push(look);
        }
        Ok((figures.revision, looks, figures))
    })
    .await;

    let first = looks.first().expect("there is at least one window").clone();
    for (page, look) in pages.iter().zip(&looks) {
        let person = page.person();
        for (expected, found) in first.cells.iter().zip(&look.cells) {
            assert_eq!(expected, found, "a cell in the window of {person} at revision {revision}");
        }
        assert_eq!(first.cells.len(), look.cells.len(), "cells in the window of {person}");
        assert_eq!(first.labels, look.labels, "labels in the window of {person} at revision {revision}");
        assert_eq!(first.outputs, look.outputs, "outputs in the window of {person} at revision {revision}");
        assert!(first.digest.is_some(), "the page does not tell the digest of its document");
        assert_eq!(first.digest, look.digest, "the document in the window of {person} at revision {revision}");
    }
    let shown: Vec<_> = first.outputs.iter().map(|output| (output.item.clone(), output.bits.clone())).collect();
    let calculated: Vec<_> =
        figures.outputs.iter().map(|output| (output.item.0.clone(), output.bits.clone())).collect();
    assert!(!shown.is_empty(), "there are no outputs to compare");
    assert_eq!(shown, calculated, "the outputs in the page and on the server at revision {revision}");
    first
}
