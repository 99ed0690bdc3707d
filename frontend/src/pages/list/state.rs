//! What the list knows, and what can be done with a document on it.

use std::future::Future;
use std::time::Duration;

use coval_shared::protocol::{DocumentId, WorkspaceId};
use coval_shared::rest::{ChangeDocument, DocumentSummary, DuplicateDocument, Page, SearchResult, WorkspaceSummary};
use coval_shared::rights::Right;
use futures_util::future::join;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::kept::{self, Shelf};
use super::query::Query;
use crate::connection::rest::{RestError, Verb};
use crate::platform::files::PickedFile;
use crate::platform::{clock, page, storage};
use crate::state::Workspace;
use crate::words;

/// How long after a key the server is asked: while somebody types fast, it is not.
const PAUSE: Duration = Duration::from_millis(150);

/// Where the workspace that was chosen last is remembered.
const CHOSEN_WORKSPACE: &str = "coval.workspace";

/// The documents, as far as they came.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Listing {
    Loading,
    Loaded(Page<DocumentSummary>),
    /// The server can't be reached: what is known here.
    Kept(Shelf),
    Failed(RestError),
}

/// What stands in front of the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Front {
    NewDocument,
    Import,
    Rename(DocumentSummary),
    Delete(DocumentSummary),
    NewWorkspace,
    RenameWorkspace(WorkspaceSummary),
}

/// What has just been done, and how to take it back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Done {
    pub(super) words: String,
    /// The document, which is put back where it was: into the archive or out of it.
    pub(super) back: Option<(DocumentId, bool)>,
}

/// The list. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) workspace: Workspace,
    pub(super) query: RwSignal<Query>,
    pub(super) listing: RwSignal<Listing>,
    /// Documents that have the words inside and not in the title.
    pub(super) found: RwSignal<Vec<SearchResult>>,
    pub(super) is_busy: RwSignal<bool>,
    pub(super) workspaces: RwSignal<Vec<WorkspaceSummary>>,
    pub(super) front: RwSignal<Option<Front>>,
    pub(super) done: RwSignal<Option<Done>>,
    /// A file that was dropped on the list and is not imported yet.
    pub(super) dropped: StoredValue<Option<PickedFile>, LocalStorage>,
    /// Which question to the server is the newest: answers to others come too late.
    turn: StoredValue<u64>,
}

impl List {
    pub(super) fn new(workspace: Workspace) -> Self {
        let remembered = storage::remembered(CHOSEN_WORKSPACE).and_then(|id| id.parse().ok()).map(WorkspaceId);
        let list = Self {
            workspace,
            query: RwSignal::new(Query { workspace: remembered, ..Query::default() }),
            listing: RwSignal::new(Listing::Loading),
            found: RwSignal::default(),
            is_busy: RwSignal::new(false),
            workspaces: RwSignal::default(),
            front: RwSignal::new(None),
            done: RwSignal::new(None),
            dropped: StoredValue::new_local(None),
            turn: StoredValue::new(0),
        };
        list.load_workspaces();
        list
    }

    /// Shows what `change` makes of what is looked for.
    pub(super) fn look_for(self, change: impl FnOnce(&mut Query)) {
        self.query.update(change);
        self.load();
    }

    /// The same, once the person has stopped typing.
    pub(super) fn look_for_soon(self, text: String) {
        self.query.update(|query| query.text = text);
        let turn = self.next_turn();
        clock::after(PAUSE, move || {
            if self.turn.try_get_value() == Some(turn) {
                self.load();
            }
        });
    }

    /// Shows the documents of one workspace, or all.
    pub(super) fn choose_workspace(self, workspace: Option<WorkspaceId>) {
        storage::remember(CHOSEN_WORKSPACE, workspace.map(|id| id.to_string()).as_deref());
        self.look_for(|query| query.workspace = workspace);
    }

    /// Asks the server. What is there stays until the answer comes.
    pub(super) fn load(self) {
        let turn = self.next_turn();
        let query = self.query.get_untracked();
        self.is_busy.set(true);
        spawn_local(async move {
            let account = self.workspace.account();
            let inside = async {
                match query.contents() {
                    Some(path) => {
                        account.get::<Page<SearchResult>>(&path).await.map_or_else(|_| Vec::new(), |page| page.items)
                    }
                    None => Vec::new(),
                }
            };
            let titles = query.documents(None);
            let (documents, found) = join(account.get::<Page<DocumentSummary>>(&titles), inside).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let titles: Vec<DocumentId> =
                documents.iter().flat_map(|page| page.items.iter().map(|document| document.id)).collect();
            let fits = |result: &SearchResult| {
                !result.excerpt.is_empty()
                    && !titles.contains(&result.document.id)
                    && query.kind.is_none_or(|kind| kind == result.document.kind)
            };
            let can_be_kept = self.workspace.found.with_untracked(Option::is_some);
            let listing = match documents {
                Ok(page) => {
                    if query.is_plain() {
                        kept::remember(self.workspace, &page).await;
                    }
                    Listing::Loaded(page)
                }
                Err(RestError::Unreachable) if can_be_kept && !query.is_archived => {
                    Listing::Kept(kept::shelf(self.workspace, &query).await)
                }
                Err(error) => Listing::Failed(error),
            };
            // The page may have been left meanwhile.
            let _ = self.found.try_set(found.into_iter().filter(fits).collect());
            let _ = self.listing.try_set(listing);
            let _ = self.is_busy.try_set(false);
        });
    }

    /// Whether the server could not be asked.
    pub(super) fn is_unreachable(self) -> bool {
        self.listing.with_untracked(|listing| matches!(listing, Listing::Failed(RestError::Unreachable)))
    }

    /// Asks for the documents after those that are there.
    pub(super) fn load_more(self) {
        let cursor = self.listing.with_untracked(|listing| match listing {
            Listing::Loaded(page) => page.next.clone(),
            _ => None,
        });
        if cursor.is_none() || self.is_busy.get_untracked() {
            return;
        }
        let turn = self.next_turn();
        let path = self.query.with_untracked(|query| query.documents(cursor.as_deref()));
        self.is_busy.set(true);
        spawn_local(async move {
            let answer = self.workspace.account().get::<Page<DocumentSummary>>(&path).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let _ = self.is_busy.try_set(false);
            let _ = self.listing.try_update(|listing| match (listing, answer) {
                (Listing::Loaded(page), Ok(next)) => {
                    page.items.extend(next.items);
                    page.next = next.next;
                }
                (listing, Err(error)) => *listing = Listing::Failed(error),
                (_, Ok(_)) => {}
            });
        });
    }

    /// Asks which workspaces there are.
    pub(super) fn load_workspaces(self) {
        spawn_local(async move {
            // Without an answer there is no choice of workspaces; the list says what is wrong.
            let Ok(page) = self.workspace.account().get::<Page<WorkspaceSummary>>("/api/workspaces?limit=100").await
            else {
                return;
            };
            let chosen = self.query.try_with_untracked(|query| query.workspace).flatten();
            if chosen.is_some_and(|chosen| page.items.iter().all(|workspace| workspace.id != chosen)) {
                // It was another person's, or they may not see it any more.
                self.choose_workspace(None);
            }
            let _ = self.workspaces.try_set(page.items);
        });
    }

    /// The workspace that new documents go to: the chosen one, or the first in which the person may make some.
    pub(super) fn home(self) -> Option<WorkspaceSummary> {
        let chosen = self.query.with_untracked(|query| query.workspace);
        self.workspaces.with_untracked(|workspaces| {
            let mut may_edit = workspaces.iter().filter(|workspace| workspace.role.may(Right::Edit));
            let first = may_edit.clone().next();
            may_edit.find(|workspace| Some(workspace.id) == chosen).or(first).cloned()
        })
    }

    /// Puts a document into the archive or takes it out.
    pub(super) fn archive(self, id: DocumentId, title: String, is_archived: bool) {
        let words =
            if is_archived { words!(list.archived_it, title = title) } else { words!(list.restored_it, title = title) };
        self.carry_out(async move {
            let change = ChangeDocument { title: None, is_archived: Some(is_archived) };
            let path = format!("/api/document/{id}");
            let account = self.workspace.account();
            account.change::<DocumentSummary>(Verb::Patch, &path, &change).await?;
            Ok(Done { words, back: Some((id, !is_archived)) })
        });
    }

    /// Undoes what [`Done`] tells.
    pub(super) fn take_back(self, id: DocumentId, is_archived: bool) {
        self.carry_out(async move {
            let change = ChangeDocument { title: None, is_archived: Some(is_archived) };
            let path = format!("/api/document/{id}");
            let account = self.workspace.account();
            let document: DocumentSummary = account.change(Verb::Patch, &path, &change).await?;
            Ok(Done { words: words!(list.as_before, title = document.title), back: None })
        });
    }

    /// Makes a copy of a document, and opens it.
    pub(super) fn duplicate(self, id: DocumentId) {
        let home = self.home().map(|workspace| workspace.id);
        let this = self;
        spawn_local(async move {
            let body = DuplicateDocument { title: None, workspace: home };
            let path = format!("/api/document/{id}/duplicate");
            match this.workspace.account().change::<DocumentSummary>(Verb::Post, &path, &body).await {
                Ok(copy) => page::go(&format!("/document/{}", copy.id)),
                Err(error) => this.tell(error.words()),
            }
        });
    }

    /// Says something.
    pub(super) fn tell(self, words: String) {
        let _ = self.done.try_set(Some(Done { words, back: None }));
    }

    fn carry_out(self, change: impl Future<Output = Result<Done, RestError>> + 'static) {
        spawn_local(async move {
            match change.await {
                Ok(done) => {
                    let _ = self.done.try_set(Some(done));
                    if self.turn.try_get_value().is_some() {
                        self.load();
                    }
                }
                Err(error) => self.tell(error.words()),
            }
        });
    }

    fn next_turn(self) -> u64 {
        self.turn
            .try_update_value(|turn| {
                *turn += 1;
                *turn
            })
            .unwrap_or_default()
    }
}
