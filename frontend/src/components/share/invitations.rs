//! Invitations into the workspace.

use coval_shared::rest::{InvitationSummary, Invite, Invited};
use coval_shared::rights::Role;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Shared, Sharing, made_link, role_choice, shared_row};
use crate::connection::rest::Verb;
use crate::dynamic::dynamic;
use crate::platform::{clock, page};
use crate::texts;
use crate::texts::role_words;
use crate::words;

/// A new invitation, and those that are open.
pub(super) fn section(sharing: Sharing, shared: &Shared) -> AnyView {
    let open = shared.invitations.iter().map(|invitation| row(sharing, invitation)).collect::<Vec<_>>();
    let list =
        (!open.is_empty()).then(|| view! { <ul class="people" data-testid="invitations">{open}</ul> }.into_any());
    let heading = words!(together.invite_into, name = shared.document.workspace_name.clone()).to_string();
    view! {
        <section class="share-section">
            <h3>{heading}</h3>
            <p class="muted">{words!(together.invite_words)}</p>
            {invite(sharing, shared)}
            {list}
        </section>
    }
    .into_any()
}

fn invite(sharing: Sharing, shared: &Shared) -> AnyView {
    let role = RwSignal::new(Role::Editor);
    let email = NodeRef::<Input>::new();
    let path = format!("/api/workspace/{}/invitations", shared.document.workspace);
    let choice = role_choice(
        words!(together.role_of_invited).to_owned(),
        &Role::ALL,
        Role::Editor,
        "invite-role",
        move |chosen| {
            role.set(chosen);
        },
    );
    let make = move |_| {
        if sharing.is_busy.get_untracked() {
            return;
        }
        let given = email.get_untracked().map(|input| input.value()).unwrap_or_default();
        let given = given.trim().to_owned();
        let body = Invite { email: (!given.is_empty()).then_some(given), role: role.get_untracked(), days: None };
        let path = path.clone();
        sharing.is_busy.set(true);
        sharing.problem.set(String::new());
        spawn_local(async move {
            match sharing.workspace.account().change::<Invited>(Verb::Post, &path, &body).await {
                Ok(invited) => {
                    let link = page::absolute(&format!("/sign-up#{}", invited.token.reveal()));
                    let _ = sharing.made_invitation.try_set(Some(link));
                    sharing.fetch();
                }
                Err(error) => drop(sharing.problem.try_set(error.words())),
            }
            let _ = sharing.is_busy.try_set(false);
        });
    };
    let link = dynamic(move || sharing.made_invitation.get().map(made_link).into_any());
    view! {
        <div class="share-form">
            <input
                node_ref=email
                type="email"
                aria-label=words!(together.email)
                placeholder=words!(together.email_or_anybody)
                autocapitalize="off"
                spellcheck="false"
                data-testid="invite-email"
            />
            {choice}
            <button type="button" class="button" data-action="invite" on:click=make>{words!(together.invite)}</button>
        </div>
        {link}
    }
    .into_any()
}

fn row(sharing: Sharing, invitation: &InvitationSummary) -> AnyView {
    let path = format!("/api/invitation/{}", invitation.id);
    let who = invitation.email.clone().unwrap_or_else(|| words!(together.anybody_with_link).to_owned());
    let until = words!(together.until, day = clock::day_words(invitation.expires_at_ms, texts::tag(texts::language())))
        .to_string();
    let about = format!("{} · {until}", role_words(invitation.role));
    shared_row(sharing, who, about, ("withdraw-invitation", words!(together.withdraw)), path)
}
