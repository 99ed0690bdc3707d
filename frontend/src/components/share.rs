//! Sharing a document: who is in, who is invited, and the links that let people in. All but the button is a chunk.

mod invitations;
mod links;
mod people;

use std::sync::Arc;

use coval_shared::protocol::UserId;
use coval_shared::rest::{DocumentSummary, InvitationSummary, MemberSummary, Nothing, Page, ShareLinkSummary};
use coval_shared::rights::{Right, Role};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;

use super::commands::{Command, Commands};
use super::dialog::dialog;
use crate::chunk::{self, Part, SplitLoaderError};
use crate::connection::Who;
use crate::connection::rest::{RestError, Verb};
use crate::dynamic::{dynamic, text, when};
use crate::platform::page;
use crate::state::{DocumentSession, Workspace};
use crate::texts::role_words;
use crate::words;

/// How many people, links and invitations are listed at most.
const LISTED: usize = 200;

/// The button that opens the dialog.
pub fn share_button(session: DocumentSession, workspace: Workspace) -> AnyView {
    let is_open = RwSignal::new(false);
    if let Some(commands) = use_context::<Commands>() {
        commands.offer(move || vec![Command::new(words!(together.share), move || is_open.set(true))]);
    }
    let open = when(is_open.into(), move || chunk::over(move || Box::pin(part(session, workspace, is_open))));
    view! {
        <button type="button" class="button share-button" data-action="open-share" on:click=move |_| is_open.set(true)>
            {words!(together.share)}
        </button>
        {open}
    }
    .into_any()
}

#[wasm_split_helpers::wasm_split(talk, fallible)]
fn part(session: DocumentSession, workspace: Workspace, is_open: RwSignal<bool>) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || {
        let title = words!(together.share_title, title = session.title.get_untracked()).to_string();
        let close = Arc::new(move || is_open.set(false));
        dialog(title, "share-dialog", close, content(Sharing::new(session, workspace)))
    }))
}

/// Everything about who may do what.
#[derive(Clone, Debug, PartialEq)]
struct Shared {
    document: DocumentSummary,
    members: Vec<MemberSummary>,
    guests: Vec<MemberSummary>,
    links: Vec<ShareLinkSummary>,
    invitations: Vec<InvitationSummary>,
}

impl Shared {
    fn may_manage(&self) -> bool {
        self.document.role.may(Right::Manage)
    }
}

/// The state of the dialog. Cheap to copy.
#[derive(Clone, Copy)]
struct Sharing {
    session: DocumentSession,
    workspace: Workspace,
    shared: RwSignal<Option<Shared>>,
    problem: RwSignal<String>,
    is_busy: RwSignal<bool>,
    /// What a new link is to allow.
    link_role: RwSignal<Role>,
    /// For how many days it is to work.
    link_days: RwSignal<i64>,
    /// The link that was just made.
    made_link: RwSignal<Option<String>>,
    /// The link of the invitation that was just made.
    made_invitation: RwSignal<Option<String>>,
}

impl Sharing {
    fn new(session: DocumentSession, workspace: Workspace) -> Self {
        let sharing = Self {
            session,
            workspace,
            shared: RwSignal::new(None),
            problem: RwSignal::default(),
            is_busy: RwSignal::new(false),
            link_role: RwSignal::new(Role::Viewer),
            link_days: RwSignal::new(7),
            made_link: RwSignal::new(None),
            made_invitation: RwSignal::new(None),
        };
        sharing.fetch();
        sharing
    }

    fn me(&self) -> Option<UserId> {
        self.workspace.who.with_untracked(|who| match who {
            Who::Somebody(me) => Some(me.id),
            _ => None,
        })
    }

    fn fetch(&self) {
        let this = *self;
        spawn_local(async move {
            let fetched = this.fetched().await;
            // The dialog may have been closed meanwhile.
            match fetched {
                Ok(shared) => drop(this.shared.try_set(Some(shared))),
                Err(error) => drop(this.problem.try_set(error.words())),
            }
        });
    }

    async fn fetched(&self) -> Result<Shared, RestError> {
        let account = self.workspace.account();
        let path = format!("/api/document/{}", self.session.id());
        let document: DocumentSummary = account.get(&path).await?;
        let team = format!("/api/workspace/{}", document.workspace);
        // Guests and those of other teams see no members of the workspace.
        let members = account.get::<Page<MemberSummary>>(&format!("{team}/members?limit={LISTED}")).await;
        let guests: Page<MemberSummary> = account.get(&format!("{path}/members?limit={LISTED}")).await?;
        let (mut links, mut invitations) = (Vec::new(), Vec::new());
        if document.role.may(Right::Manage) {
            links = account.get::<Page<ShareLinkSummary>>(&format!("{path}/share-links?limit={LISTED}")).await?.items;
            // Whoever owns the document alone invites nobody into the workspace.
            let found = account.get::<Page<InvitationSummary>>(&format!("{team}/invitations?limit={LISTED}")).await;
            invitations = found.map(|page| page.items).unwrap_or_default();
        }
        let members = members.map(|page| page.items).unwrap_or_default();
        Ok(Shared { document, members, guests: guests.items, links, invitations })
    }

    /// Has the server change something, and looks again.
    fn change(&self, verb: Verb, path: String, body: impl Serialize + 'static) {
        let this = *self;
        this.problem.set(String::new());
        this.is_busy.set(true);
        spawn_local(async move {
            let outcome = this.workspace.account().send(verb, &path, &body).await;
            let _ = this.is_busy.try_set(false);
            if let Err(error) = outcome {
                let _ = this.problem.try_set(error.words());
            }
            this.fetch();
        });
    }
}

fn content(sharing: Sharing) -> AnyView {
    let sections = dynamic(move || {
        sharing.shared.with(|shared| match shared {
            None => view! { <p class="muted" role="status">{words!(common.loading)}</p> }.into_any(),
            Some(shared) => {
                let manage = shared.may_manage().then(|| {
                    let (links, invitations) = (links::section(sharing, shared), invitations::section(sharing, shared));
                    view! { {links} {invitations} }.into_any()
                });
                let note = (!shared.may_manage()).then(|| {
                    let role = role_words(shared.document.role);
                    view! { <p class="muted">{words!(together.not_owner, role = role).to_string()}</p> }.into_any()
                });
                view! { {note} {people::section(sharing, shared)} {manage} }.into_any()
            }
        })
    });
    view! {
        <p class="form-error" role="alert" data-testid="share-dialog-problem">{text(move || sharing.problem.get())}</p>
        {sections}
    }
    .into_any()
}

/// A choice of roles.
fn role_choice(
    label: String,
    roles: &[Role],
    now: Role,
    test_id: &'static str,
    choose: impl Fn(Role) + Send + Sync + 'static,
) -> AnyView {
    let options = roles
        .iter()
        .map(|role| view! { <option value=role.name() selected=*role == now>{role_words(*role)}</option> }.into_any())
        .collect::<Vec<_>>();
    let on_change = move |event: leptos::ev::Event| {
        if let Some(role) = Role::named(&event_target_value(&event)) {
            choose(role);
        }
    };
    view! { <select aria-label=label data-testid=test_id on:change=on_change>{options}</select> }.into_any()
}

/// Something that is shared, with the button that ends it: a request to delete what lies at `path`.
fn shared_row(
    sharing: Sharing,
    name: String,
    about: String,
    (action, end): (&'static str, &'static str),
    path: String,
) -> AnyView {
    view! {
        <li class="person-row">
            <span class="person-words">
                <span class="person-name">{name}</span>
                <span class="muted person-about">{about}</span>
            </span>
            <button
                type="button"
                class="quiet"
                data-action=action
                on:click=move |_| sharing.change(Verb::Delete, path.clone(), Nothing {})
            >
                {end}
            </button>
        </li>
    }
    .into_any()
}

/// A link that was just made: the only time that it can be seen.
fn made_link(link: String) -> AnyView {
    let input = NodeRef::<Input>::new();
    let is_copied = RwSignal::new(false);
    let copy = {
        let link = link.clone();
        move |_| {
            let link = link.clone();
            spawn_local(async move {
                let done = page::copy(&link).await;
                if let Some(Some(input)) = input.try_get_untracked().filter(|_| !done) {
                    // The person copies it themselves.
                    input.select();
                }
                let _ = is_copied.try_set(done);
            });
        }
    };
    let words = text(move || {
        let words = if is_copied.get() { words!(together.copied) } else { words!(together.copy) };
        words.to_owned()
    });
    view! {
        <div class="made-link">
            <input node_ref=input type="text" readonly value=link aria-label=words!(together.new_link) data-testid="made-link"/>
            <button type="button" class="button" data-action="copy-link" on:click=copy>{words}</button>
        </div>
        <p class="muted">{words!(together.link_once)}</p>
    }
    .into_any()
}
