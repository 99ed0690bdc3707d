//! The list where the server can't be reached: what is kept on this device opens, the rest stands there as last seen.

use coval_shared::protocol::{DocumentId, DocumentKind};
use coval_shared::rest::{DocumentSummary, Page};
use leptos::prelude::*;

use super::query::{Query, kind_name};
use super::state::List;
use crate::state::Workspace;
use crate::state::keeper::{Keeper, KnownDocument};
use crate::words;

/// The key of the list as it was last seen.
const LAST_SEEN: &str = "list";

/// The most documents that are remembered of the list.
const REMEMBERED: usize = 200;

/// What there is to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shelf {
    /// The documents that are kept here.
    pub(super) kept: Vec<KnownDocument>,
    /// The others of the list as it was last seen.
    pub(super) others: Vec<KnownDocument>,
}

impl Shelf {
    /// What of `seen` is kept, after what is kept and was not on the list; each as `titled`, where that is known.
    fn new(kept: &[DocumentId], titled: Vec<KnownDocument>, seen: Vec<KnownDocument>) -> Self {
        let is_kept = |document: &KnownDocument| kept.contains(&document.id);
        let (here, others): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_kept);
        let mut shelf: Vec<KnownDocument> = titled.into_iter().filter(is_kept).collect();
        for document in here {
            match shelf.iter_mut().find(|known| known.id == document.id) {
                // What is kept has the newer title.
                Some(known) => known.workspace_name = document.workspace_name,
                None => shelf.push(document),
            }
        }
        shelf.sort_by(|a, b| a.title.cmp(&b.title));
        Self { kept: shelf, others }
    }

    /// Those that `query` looks for.
    fn fitting(self, query: &Query) -> Self {
        let words = query.text.trim().to_lowercase();
        let fits = |document: &KnownDocument| {
            document.title.to_lowercase().contains(&words) && query.kind.is_none_or(|kind| kind == document.kind)
        };
        let fitting = |documents: Vec<KnownDocument>| documents.into_iter().filter(fits).collect();
        Self { kept: fitting(self.kept), others: fitting(self.others) }
    }
}

/// Remembers the list as the server tells it, for a time without one.
pub(super) async fn remember(workspace: Workspace, page: &Page<DocumentSummary>) {
    let known = |document: &DocumentSummary| KnownDocument {
        id: document.id,
        title: document.title.clone(),
        kind: document.kind,
        workspace_name: document.workspace_name.clone(),
    };
    let known: Vec<KnownDocument> = page.items.iter().take(REMEMBERED).map(known).collect();
    if let Ok(text) = serde_json::to_string(&known) {
        workspace.keeper().put(LAST_SEEN, &text).await;
    }
}

/// What of the list is known without the server, as far as `query` looks for it.
pub(super) async fn shelf(workspace: Workspace, query: &Query) -> Shelf {
    let keeper = workspace.keeper();
    let kept = keeper.documents().await;
    let mut titled = Vec::new();
    for id in &kept {
        let text = keeper.get(&Keeper::title_key(*id)).await;
        titled.extend(text.and_then(|text| serde_json::from_str::<KnownDocument>(&text).ok()));
    }
    let seen = keeper.get(LAST_SEEN).await.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Shelf::new(&kept, titled, seen).fitting(query)
}

/// The list of what is known.
pub(super) fn shown(list: List, shelf: &Shelf) -> AnyView {
    let kept: Vec<AnyView> = shelf.kept.iter().map(|document| row(document, true)).collect();
    let others: Vec<AnyView> = shelf.others.iter().map(|document| row(document, false)).collect();
    let words = if kept.is_empty() { words!(list.kept_none) } else { words!(list.kept_here) };
    let rest = (!others.is_empty()).then(|| {
        view! {
            <p class="list-part muted">{words!(list.last_seen)}</p>
            <ul class="documents" data-testid="last-seen" aria-label=words!(list.last_seen)>
                {others}
            </ul>
        }
        .into_any()
    });
    let again = move |_| list.load();
    view! {
        <div class="list-offline" role="status" data-testid="list-offline">
            <p>{words}</p>
            <button type="button" class="button" on:click=again>
                {words!(common.try_again)}
            </button>
        </div>
        <ul class="documents" data-testid="kept-documents" aria-label=words!(list.documents)>
            {kept}
        </ul>
        {rest}
    }
    .into_any()
}

fn row(document: &KnownDocument, opens: bool) -> AnyView {
    let id = document.id.to_string();
    let kind = match document.kind {
        DocumentKind::Model => words!(list.model),
        DocumentKind::Memo => words!(list.memo),
    };
    let face = view! {
        <span class=format!("document-kind is-{}", kind_name(document.kind)) role="img" aria-label=kind></span>
        <span class="document-title">{document.title.clone()}</span>
        <span class="document-workspace">{document.workspace_name.clone()}</span>
    }
    .into_any();
    let content = if opens {
        view! {
            <a href=format!("/document/{id}") class="document" data-document=id>
                {face}
            </a>
        }
        .into_any()
    } else {
        view! { <span class="document is-away">{face}</span> }.into_any()
    };
    view! { <li class="document-row">{content}</li> }.into_any()
}

/// Asks again once it is known what is kept here, where the server was not reached before.
pub(super) fn follow(list: List) {
    let found = list.workspace.found;
    Effect::new(move || {
        if found.with(Option::is_some) && list.is_unreachable() {
            list.load();
        }
    });
    let online = window_event_listener_untyped("online", move |_| list.load());
    on_cleanup(move || online.remove());
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::protocol::DocumentId;
    use uuid::Uuid;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn document(number: u128, title: &str, workspace_name: &str) -> KnownDocument {
        let id = DocumentId(Uuid::from_u128(number));
        KnownDocument { id, title: title.into(), kind: DocumentKind::Model, workspace_name: workspace_name.into() }
    }

    #[test]
    fn what_is_kept_stands_first_with_its_newest_title_and_the_rest_as_last_seen() {
        let ids = [1, 2, 3].map(|number| DocumentId(Uuid::from_u128(number)));
        let seen =
            vec![document(1, "Old title", "Desk"), document(4, "Elsewhere", "Desk"), document(2, "Beta", "Desk")];
        let shelf = Shelf::new(&ids, vec![document(1, "New title", ""), document(3, "Alone", "")], seen);
        let kept = [document(3, "Alone", ""), document(2, "Beta", "Desk"), document(1, "New title", "Desk")];
        assert_eq!(
            (shelf.kept.as_slice(), shelf.others.as_slice()),
            (&kept[..], &[document(4, "Elsewhere", "Desk")][..])
        );
        let query = Query { text: " ALON".to_owned(), ..Query::default() };
        assert_eq!(shelf.fitting(&query), Shelf { kept: vec![document(3, "Alone", "")], others: vec![] });
    }
}
