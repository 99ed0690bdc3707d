//! Second lines of edits: what there are, what differs, and how they come back.

mod figures;
mod graph;
mod merging;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use coval_shared::limits::VERSION_NAME_CHARS;
use coval_shared::protocol::DocumentId;
use coval_shared::rest::{Branch, DocumentSummary, NewBranch, Page};
use leptos::prelude::*;
use ot_core::Revision;

use self::graph::Graph;
use crate::chunk::{self, Part, SplitLoaderError};
use crate::components::naming::{self, Naming};
use crate::connection::rest::Verb;
use crate::dynamic::{dynamic, when};
use crate::panels::asked::{Asked, shown};
use crate::panels::name_line::{NameLine, name_line};
use crate::platform::page;
use crate::state::{DocumentSession, Notice, Workspace};
use crate::words;

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || panel(session)))
}

/// The main line with its branches.
#[derive(Clone, Debug, PartialEq)]
struct Lines {
    main: DocumentSummary,
    branches: Vec<Branch>,
}

fn panel(session: DocumentSession) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let lines = RwSignal::new(Asked::<Lines>::Waiting);
    let compared = RwSignal::new(None::<DocumentId>);
    let read = Arc::new(move || {
        let id = session.id();
        Asked::ask(lines, async move {
            let own: DocumentSummary = workspace.account().get(&format!("/api/document/{id}")).await?;
            let main = match own.parent {
                Some(parent) => workspace.account().get(&format!("/api/document/{parent}")).await?,
                None => own,
            };
            let path = format!("/api/document/{}/branches?limit=100", main.id);
            let page: Page<Branch> = workspace.account().get(&path).await?;
            Ok(Lines { main, branches: page.items })
        });
    });
    read();
    let body = dynamic(move || {
        let again = Arc::clone(&read);
        lines.with(|lines| shown(lines, Some(again.clone()), |lines| of_lines(session, lines, compared, again)))
    });
    let difference = dynamic(move || {
        let branch = lines.with(|lines| {
            let chosen = compared.get()?;
            lines.here()?.branches.iter().find(|branch| branch.id == chosen).cloned()
        });
        branch.map_or_else(|| ().into_any(), |branch| merging::difference(session, &branch))
    });
    view! { <div class="branches">{body} {difference}</div> }.into_any()
}

fn of_lines(
    session: DocumentSession,
    lines: &Lines,
    compared: RwSignal<Option<DocumentId>>,
    again: Arc<impl Fn() + Send + Sync + 'static>,
) -> AnyView {
    let graph = Graph::of(&lines.branches);
    let rows: Vec<AnyView> = graph
        .rows
        .iter()
        .filter_map(|row| lines.branches.get(row.branch))
        .map(|branch| row(session, branch, compared))
        .collect();
    let has_none = rows.is_empty();
    let words = has_none.then(|| view! { <p class="muted">{words!(history.no_branches)}</p> }.into_any());
    let is_main = lines.main.id == session.id();
    let main = view! {
        <li class="branch" data-branch="">
            <span class="branch-words">
                <span class="stretch-name">{words!(history.main_line)}</span>
                <span class="muted">{lines.main.title.clone()}</span>
            </span>
            {whereabouts(session, lines.main.id)}
        </li>
    }
    .into_any();
    view! {
        {words}
        <div class="branch-graph">
            {drawn(&graph)}
            <ul class="branch-list" data-testid="branches">
                {main}
                {rows}
            </ul>
        </div>
        {is_main.then(|| creation(session, again))}
    }
    .into_any()
}

/// The lines, beside the list of their names.
fn drawn(graph: &Graph) -> AnyView {
    let (width, height) = (graph::WIDTH.to_string(), graph.height.to_string());
    let line = |row: &graph::Row| {
        view! {
            <path class="branch-line" d=row.path()></path>
            <circle class="branch-tip" cx=row.tip.0.to_string() cy=row.tip.1.to_string() r="5"></circle>
        }
        .into_any()
    };
    let branches: Vec<AnyView> = graph.rows.iter().map(line).collect();
    let trunk = format!("M12 {}V{}", graph.trunk.0, graph.trunk.1);
    view! {
        <svg class="branch-lines" width=width height=height role="img" aria-label=words!(history.branch_graph)>
            <path class="trunk-line" d=trunk></path>
            {branches}
            <circle class="trunk-tip" cx="12" cy=graph.trunk.0.to_string() r="6"></circle>
        </svg>
    }
    .into_any()
}

fn row(session: DocumentSession, branch: &Branch, compared: RwSignal<Option<DocumentId>>) -> AnyView {
    let id = branch.id;
    let is_compared = move || compared.get() == Some(id);
    let author = branch.author.as_ref().map(|author| author.name.clone()).unwrap_or_default();
    let words = format!("{author} · {}", words!(history.forked_at, number = branch.forked_at.0));
    view! {
        <li class="branch" data-branch=id.to_string()>
            <span class="branch-words">
                <span class="stretch-name">{branch.name.clone()}</span>
                <span class="muted">{words}</span>
            </span>
            <button
                type="button"
                class="chip"
                aria-pressed=crate::dynamic::attribute(move || Some(is_compared().to_string()))
                data-action="compare-branch"
                on:click=move |_| compared.update(|compared| *compared = (*compared != Some(id)).then_some(id))
            >
                {words!(history.compare_branch)}
            </button>
            {whereabouts(session, id)}
        </li>
    }
    .into_any()
}

/// The way to a document, or that it is the one on the page.
fn whereabouts(session: DocumentSession, id: DocumentId) -> AnyView {
    if id == session.id() {
        return view! { <span class="branch-here">{words!(history.you_are_here)}</span> }.into_any();
    }
    view! {
        <a class="link" href=format!("/document/{id}")>
            {words!(history.open_document)}
        </a>
    }
    .into_any()
}

/// Asks for the name of a branch that begins at `revision`, as long as `is_asked`, and opens it.
pub(super) fn begin_at(session: DocumentSession, revision: Revision, is_asked: RwSignal<bool>) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let naming = Naming {
        title: words!(history.branch_from_title).to_owned(),
        label: words!(history.new_branch).to_owned(),
        before: String::new(),
        longest: VERSION_NAME_CHARS,
        button: words!(history.branch_action),
        name: Arc::new(move |name| {
            Box::pin(async move {
                let path = format!("/api/document/{}/branches", session.id());
                let body = NewBranch { name, revision: Some(revision) };
                let branch: Branch = workspace.account().change(Verb::Post, &path, &body).await?;
                page::go(&format!("/document/{}", branch.id));
                Ok(())
            })
        }),
        close: Arc::new(move || {
            let _ = is_asked.try_set(false);
        }),
    };
    let dialog = when(is_asked.into(), move || {
        let naming = naming.clone();
        chunk::over(move || Box::pin(naming::part(naming.clone())))
    });
    dialog.into_any()
}

fn creation(session: DocumentSession, again: Arc<impl Fn() + Send + Sync + 'static>) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let give = move |name: String| -> Pin<Box<dyn Future<Output = bool>>> {
        let again = Arc::clone(&again);
        Box::pin(async move {
            let path = format!("/api/document/{}/branches", session.id());
            let body = NewBranch { name, revision: None };
            match workspace.account().change::<Branch>(Verb::Post, &path, &body).await {
                Ok(_) => again(),
                Err(error) => {
                    session.tell(Notice::new(error.words(), words!(common.unchanged)));
                    return false;
                }
            }
            true
        })
    };
    let asked = NameLine {
        label: words!(history.new_branch),
        button: words!(history.branch_action),
        test_id: "new-branch",
        action: "create-branch",
    };
    name_line(asked, Arc::new(give))
}
