//! What was done in the document, and in all of its workspace: by day and person, the newest first.

mod record;

use std::sync::Arc;

use coval_shared::protocol::{ClientMessage, ServerMessage, Stream, UserId};
use coval_shared::rest::{Action, Activity, DocumentSummary, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::record::{Group, Kind, actors, groups, take};
use crate::chunk::{Part, SplitLoaderError};
use crate::connection::rest::RestError;
use crate::dynamic::{attribute, dynamic, when};
use crate::platform::clock;
use crate::state::view::{colour_of, initials};
use crate::state::{DocumentSession, Workspace};
use crate::texts;
use crate::texts::role_words;
use crate::words;

/// How many entries are fetched at once.
const PAGE: usize = 100;

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(talk, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || panel(session, expect_context())))
}

/// What the panel shows. Cheap to copy.
#[derive(Clone, Copy)]
struct Shown {
    session: DocumentSession,
    workspace: Workspace,
    entries: RwSignal<Vec<Activity>>,
    next: RwSignal<Option<String>>,
    is_loaded: RwSignal<bool>,
    problem: RwSignal<Option<RestError>>,
    /// Whether the whole workspace is shown.
    is_wide: RwSignal<bool>,
    kind: RwSignal<Kind>,
    actor: RwSignal<Option<UserId>>,
}

impl Shown {
    /// Fetches the entries after those that are there, or the first ones.
    fn fetch(&self, is_first: bool) {
        let this = *self;
        let is_wide = this.is_wide.get_untracked();
        let cursor = this.next.get_untracked().filter(|_| !is_first);
        this.problem.set(None);
        spawn_local(async move {
            let account = this.workspace.account();
            let answer = async {
                let document = format!("/api/document/{}", this.session.id());
                let of = if is_wide {
                    format!("/api/workspace/{}", account.get::<DocumentSummary>(&document).await?.workspace)
                } else {
                    document
                };
                let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
                account.get::<Page<Activity>>(&format!("{of}/activity?limit={PAGE}{after}")).await
            }
            .await;
            // Something else may have been asked for meanwhile, or the panel closed.
            if this.is_wide.try_get_untracked() != Some(is_wide) {
                return;
            }
            match answer {
                Ok(page) => {
                    this.entries.update(|entries| {
                        if is_first {
                            entries.clear();
                        }
                        page.items.into_iter().for_each(|entry| take(entries, entry));
                    });
                    this.next.set(page.next);
                    this.is_loaded.set(true);
                }
                Err(error) => this.problem.set(Some(error)),
            }
        });
    }

    fn hear(&self, message: &ServerMessage) {
        if let ServerMessage::StreamData { stream: Stream::Activity, data, .. } = message
            && let Ok(entry) = serde_json::from_value::<Activity>(data.clone())
        {
            self.entries.update(|entries| take(entries, entry));
        }
    }
}

fn panel(session: DocumentSession, workspace: Workspace) -> AnyView {
    let shown = Shown {
        session,
        workspace,
        entries: RwSignal::default(),
        next: RwSignal::new(None),
        is_loaded: RwSignal::new(false),
        problem: RwSignal::new(None),
        is_wide: RwSignal::new(false),
        kind: RwSignal::default(),
        actor: RwSignal::new(None),
    };
    let (document, stream) = (session.id(), Stream::Activity);
    session.listen(move |message| shown.hear(message));
    let is_live = Memo::new(move |_| session.saving.with(|saving| saving.is_live));
    Effect::new(move || {
        let _ = shown.is_wide.get();
        if is_live.get() {
            session.send(&ClientMessage::SubscribeStream { document, stream });
            shown.fetch(true);
        }
    });
    on_cleanup(move || {
        if is_live.try_get_untracked() == Some(true) {
            session.send(&ClientMessage::UnsubscribeStream { document, stream });
        }
    });
    let scope = [(false, words!(together.this_document), "document"), (true, words!(together.whole_workspace), "workspace")]
        .map(|(is_wide, name, id)| {
            let pressed = attribute(move || Some((shown.is_wide.get() == is_wide).to_string()));
            view! {
                <button type="button" class="tab" aria-pressed=pressed data-scope=id on:click=move |_| shown.is_wide.set(is_wide)>
                    {name}
                </button>
            }
            .into_any()
        });
    view! {
        <div class="tabs" role="group" aria-label=words!(together.activity)>{scope.into_iter().collect::<Vec<_>>()}</div>
        {filters(shown)}
        <div class="activity" aria-live="polite" data-testid="activity">{dynamic(move || list(shown))}</div>
        {more(shown)}
    }
    .into_any()
}

fn filters(shown: Shown) -> AnyView {
    let kinds = [
        (Kind::All, words!(together.all), "all"),
        (Kind::Edits, words!(together.edits), "edits"),
        (Kind::Talk, words!(together.comments), "comments"),
        (Kind::People, words!(together.people), "people"),
    ]
    .map(|(kind, name, id)| {
        let pressed = attribute(move || Some((shown.kind.get() == kind).to_string()));
        view! {
            <button type="button" class="chip" aria-pressed=pressed data-filter=id on:click=move |_| shown.kind.set(kind)>
                {name}
            </button>
        }
        .into_any()
    });
    let people = Memo::new(move |_| shown.entries.with(|entries| actors(entries)));
    let choice = dynamic(move || {
        let options = people.with(|people| {
            let option = |(id, name): &(UserId, String)| {
                view! { <option value=id.to_string()>{name.clone()}</option> }.into_any()
            };
            people.iter().map(option).collect::<Vec<_>>()
        });
        let on_change = move |event: leptos::ev::Event| {
            let chosen = uuid::Uuid::parse_str(&event_target_value(&event)).ok().map(UserId);
            shown.actor.set(chosen);
        };
        view! {
            <select aria-label=words!(together.by_whom) data-testid="activity-person" on:change=on_change>
                <option value="">{words!(together.everybody)}</option>
                {options}
            </select>
        }
        .into_any()
    });
    view! {
        <div class="filters" role="group" aria-label=words!(together.filter)>
            {kinds.into_iter().collect::<Vec<_>>()}
            <span class="spacer"></span>
            {choice}
        </div>
    }
    .into_any()
}

fn more(shown: Shown) -> AnyView {
    when(Signal::derive(move || shown.next.with(Option::is_some)), move || {
        view! {
            <button type="button" class="button" data-action="more-activity" on:click=move |_| shown.fetch(false)>
                {words!(together.more)}
            </button>
        }
        .into_any()
    })
    .into_any()
}

fn list(shown: Shown) -> AnyView {
    if let Some(problem) = shown.problem.get() {
        return view! {
            <div class="empty" role="alert">
                <p>{problem.words()}</p>
                <button type="button" class="button" on:click=move |_| shown.fetch(true)>{words!(common.try_again)}</button>
            </div>
        }
        .into_any();
    }
    let (kind, actor) = (shown.kind.get(), shown.actor.get());
    let language = texts::tag(texts::language());
    let found = shown.entries.with(|entries| {
        let wanted = entries.iter().filter(|entry| {
            kind.has(&entry.action) && (actor.is_none() || entry.actor.as_ref().map(|it| it.id) == actor)
        });
        groups(wanted, |at_ms| clock::day_words(at_ms, language))
    });
    if found.is_empty() {
        let words = if shown.is_loaded.get() { words!(together.no_activity) } else { words!(common.loading) };
        return view! { <p class="muted panel-empty">{words}</p> }.into_any();
    }
    let is_wide = shown.is_wide.get();
    found.iter().map(|it| group(it, is_wide, language)).collect::<Vec<_>>().into_any()
}

fn group(group: &Group, is_wide: bool, language: &str) -> AnyView {
    let day = group.begins_day.then(|| view! { <h3 class="activity-day">{group.day.clone()}</h3> }.into_any());
    let (name, colour) = match &group.actor {
        Some(actor) => (actor.name.clone(), colour_of(actor.id.colour())),
        None => ("Coval".to_owned(), String::new()),
    };
    let entries = group
        .entries
        .iter()
        .map(|entry| {
            let title = entry.title.clone().filter(|_| is_wide);
            let place = match (title, entry.document) {
                (Some(title), Some(document)) => {
                    view! { " · " <a href=format!("/document/{document}")>{title}</a> }.into_any()
                }
                _ => ().into_any(),
            };
            view! {
                <li data-testid="activity-entry">
                    <span class="muted activity-time">{clock::time_words(entry.at_ms, language)}</span>
                    <span class="activity-words">{sentence(entry)} {place}</span>
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    view! {
        {day}
        <div class="activity-group">
            <div class="comment-head">
                <span class=format!("avatar small {colour}") aria-hidden="true">{initials(&name)}</span>
                <strong class="comment-author">{name}</strong>
            </div>
            <ul>{entries}</ul>
        </div>
    }
    .into_any()
}

/// What was done, in words.
fn sentence(entry: &Activity) -> String {
    let subject =
        || entry.subject.as_ref().map_or_else(|| words!(together.somebody).to_owned(), |named| named.name.clone());
    match &entry.action {
        Action::WorkspaceCreated { name } => words!(together.did_workspace_created, name = name.clone()).to_string(),
        Action::WorkspaceRenamed { to, .. } => words!(together.did_workspace_renamed, name = to.clone()).to_string(),
        Action::MemberInvited { role } => words!(together.did_invite, role = role_words(*role)).to_string(),
        Action::InvitationRevoked => words!(together.did_withdraw).to_owned(),
        Action::MemberAdded { role, .. } => {
            words!(together.did_join, name = subject(), role = role_words(*role)).to_string()
        }
        Action::MemberRoleChanged { from, to, .. } => {
            words!(together.did_role, name = subject(), before = role_words(*from), after = role_words(*to)).to_string()
        }
        Action::MemberRemoved { .. } | Action::DocumentUnshared { .. } => {
            words!(together.did_remove, name = subject()).to_string()
        }
        Action::DocumentCreated { .. } => words!(together.did_create).to_owned(),
        Action::DocumentImported { .. } => words!(together.did_import).to_owned(),
        Action::DocumentDuplicated { .. } => words!(together.did_copy).to_owned(),
        Action::DocumentRenamed { from, to } => {
            words!(together.did_rename, before = from.clone(), after = to.clone()).to_string()
        }
        Action::DocumentArchived => words!(together.did_archive).to_owned(),
        Action::DocumentUnarchived => words!(together.did_unarchive).to_owned(),
        Action::DocumentDeleted { title } => words!(together.did_delete, title = title.clone()).to_string(),
        Action::DocumentEdited => words!(together.did_edit).to_owned(),
        Action::DocumentRestored { revision } => words!(together.did_restore, revision = revision.0).to_string(),
        Action::DocumentShared { role, .. } => {
            words!(together.did_share, name = subject(), role = role_words(*role)).to_string()
        }
        Action::ShareLinkCreated { role, .. } => words!(together.did_link, role = role_words(*role)).to_string(),
        Action::ShareLinkUsed { role } => words!(together.did_come, role = role_words(*role)).to_string(),
        Action::ShareLinkRevoked => words!(together.did_revoke).to_owned(),
        Action::VersionNamed { name, .. } => words!(together.did_name, name = name.clone()).to_string(),
        Action::VersionUnnamed { name, .. } => words!(together.did_unname, name = name.clone()).to_string(),
        Action::BranchCreated { name, .. } => words!(together.did_branch, name = name.clone()).to_string(),
        Action::BranchMerged { .. } => words!(together.did_merge).to_owned(),
        Action::CommentAdded { .. } => words!(together.did_comment).to_owned(),
        Action::CommentReplied { .. } => words!(together.did_reply).to_owned(),
        Action::CommentResolved { .. } => words!(together.did_resolve).to_owned(),
        Action::CommentReopened { .. } => words!(together.did_reopen).to_owned(),
        Action::CommentEdited { .. } => words!(together.did_edit_comment).to_owned(),
        Action::CommentDeleted { .. } => words!(together.did_delete_comment).to_owned(),
        Action::AnnotationCreated { .. } => words!(together.did_note).to_owned(),
        Action::AnnotationChanged { .. } => words!(together.did_change_note).to_owned(),
        Action::AnnotationDeleted { .. } => words!(together.did_delete_note).to_owned(),
        Action::Unreadable => words!(together.did_something).to_owned(),
    }
}
