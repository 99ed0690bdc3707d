//! Who may do what with the document, and why.

use coval_shared::rest::{MemberSummary, Nothing, SetRole};
use coval_shared::rights::Role;
use leptos::prelude::*;

use super::{LISTED, Shared, Sharing, role_choice};
use crate::connection::rest::Verb;
use crate::dynamic::text;
use crate::platform::clock;
use crate::state::view::{colour_of, initials};
use crate::texts;
use crate::texts::role_words;
use crate::words;

/// The people of the workspace, and those of the document alone.
pub(super) fn section(sharing: Sharing, shared: &Shared) -> AnyView {
    let may_manage = shared.may_manage();
    let team = format!("/api/workspace/{}/members", shared.document.workspace);
    let alone = format!("/api/document/{}/members", sharing.session.id());
    let members = shared.members.iter().map(|member| row(sharing, member, &team, may_manage)).collect::<Vec<_>>();
    let guests = shared.guests.iter().map(|member| row(sharing, member, &alone, may_manage)).collect::<Vec<_>>();
    let is_cut = shared.members.len().max(shared.guests.len()) >= LISTED;
    let cut = is_cut
        .then(|| view! { <p class="muted">{words!(together.first_people, count = LISTED).to_string()}</p> }.into_any());
    let guests = (!guests.is_empty()).then(|| {
        view! { <h3>{words!(together.on_this_document)}</h3> <ul class="people" data-testid="guests">{guests}</ul> }
            .into_any()
    });
    let members = (!members.is_empty()).then(|| {
        let heading = words!(together.in_workspace, name = shared.document.workspace_name.clone()).to_string();
        view! { <h3>{heading}</h3> <ul class="people" data-testid="members">{members}</ul> }.into_any()
    });
    view! { <section class="share-section">{members} {guests} {cut}</section> }.into_any()
}

fn row(sharing: Sharing, member: &MemberSummary, path: &str, may_manage: bool) -> AnyView {
    let is_me = sharing.me() == Some(member.user);
    let path = format!("{path}/{}", member.user);
    let role = if may_manage {
        let label = words!(together.role_of, name = member.name.clone()).to_string();
        let path = path.clone();
        role_choice(label, &Role::ALL, member.role, "member-role", move |role| {
            sharing.change(Verb::Put, path.clone(), SetRole { role });
        })
    } else {
        view! { <span class="muted">{role_words(member.role)}</span> }.into_any()
    };
    let remove = (may_manage && !is_me).then(|| remove(sharing, &member.name, path));
    let mut about: Vec<String> = Vec::new();
    about.extend(is_me.then(|| words!(together.you).to_owned()));
    about.extend(member.is_guest.then(|| words!(together.by_link).to_owned()));
    about.extend(member.email.clone());
    let until = member.until_ms.map(|until| clock::day_words(until, texts::tag(texts::language())));
    about.extend(until.map(|day| words!(together.until, day = day).to_string()));
    view! {
        <li class="person-row" data-name=member.name.clone()>
            <span class=format!("avatar {}", colour_of(member.user.colour())) aria-hidden="true">{initials(&member.name)}</span>
            <span class="person-words">
                <span class="person-name">{member.name.clone()}</span>
                <span class="muted person-about">{about.join(" · ")}</span>
            </span>
            {role}
            {remove}
        </li>
    }
    .into_any()
}

/// Takes somebody out; asks once more, in place.
fn remove(sharing: Sharing, name: &str, path: String) -> AnyView {
    let is_asking = RwSignal::new(false);
    let on_click = move |_| {
        if is_asking.get_untracked() {
            sharing.change(Verb::Delete, path.clone(), Nothing {});
        } else {
            is_asking.set(true);
        }
    };
    let words = text(move || {
        let words = if is_asking.get() { words!(together.remove_really) } else { words!(together.remove) };
        words.to_owned()
    });
    let label = words!(together.remove_person, name = name.to_owned()).to_string();
    view! {
        <button
            type="button"
            class="quiet"
            data-action="remove-member"
            title=label
            on:click=on_click
            on:blur=move |_| is_asking.set(false)
        >
            {words}
        </button>
    }
    .into_any()
}
