//! Links that let whoever has them into the document.

use coval_shared::rest::{ShareDocument, ShareLinkSummary, SharedDocument};
use coval_shared::rights::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Shared, Sharing, made_link, role_choice, shared_row};
use crate::connection::rest::Verb;
use crate::dynamic::dynamic;
use crate::platform::{clock, page};
use crate::texts;
use crate::texts::role_words;
use crate::words;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// For how many days a link may work.
const DAYS: [i64; 5] = [1, 7, 30, 90, 365];

/// The links of the document, and a new one.
pub(super) fn section(sharing: Sharing, shared: &Shared) -> AnyView {
    let links = shared.links.iter().map(|link| row(sharing, link)).collect::<Vec<_>>();
    let list = (!links.is_empty()).then(|| view! { <ul class="people" data-testid="links">{links}</ul> }.into_any());
    view! {
        <section class="share-section">
            <h3>{words!(together.links)}</h3>
            <p class="muted">{words!(together.links_words)}</p>
            {new_link(sharing)}
            {list}
        </section>
    }
    .into_any()
}

fn new_link(sharing: Sharing) -> AnyView {
    let (role, days, made) = (sharing.link_role, sharing.link_days, sharing.made_link);
    let choice = role_choice(
        words!(together.role_of_link).to_owned(),
        &[Role::Viewer, Role::Commenter, Role::Editor],
        role.get_untracked(),
        "link-role",
        move |chosen| role.set(chosen),
    );
    let options = DAYS
        .map(|count| {
            let words = match count {
                1 => words!(together.one_day).to_owned(),
                count => words!(together.some_days, count = count).to_string(),
            };
            view! { <option value=count.to_string() selected=count == days.get_untracked()>{words}</option> }.into_any()
        })
        .into_iter()
        .collect::<Vec<_>>();
    let on_days = move |event: leptos::ev::Event| {
        if let Ok(chosen) = event_target_value(&event).parse() {
            days.set(chosen);
        }
    };
    let make = move |_| {
        if sharing.is_busy.get_untracked() {
            return;
        }
        sharing.is_busy.set(true);
        sharing.problem.set(String::new());
        spawn_local(async move {
            let now_ms = i64::try_from(clock::since_epoch().as_millis()).unwrap_or_default();
            // Clocks of two machines differ: a year stays within what the server takes.
            let expires_at_ms = now_ms.saturating_add(days.get_untracked().saturating_mul(DAY_MS));
            let body = ShareDocument { role: role.get_untracked(), expires_at_ms };
            let path = format!("/api/document/{}/share-links", sharing.session.id());
            match sharing.workspace.account().change::<SharedDocument>(Verb::Post, &path, &body).await {
                Ok(shared) => {
                    let link = page::absolute(&format!("/share#{}", shared.token.reveal()));
                    let _ = made.try_set(Some(link));
                    sharing.fetch();
                }
                Err(error) => drop(sharing.problem.try_set(error.words())),
            }
            let _ = sharing.is_busy.try_set(false);
        });
    };
    let link = dynamic(move || made.get().map(made_link).into_any());
    view! {
        <div class="share-form">
            {choice}
            <select aria-label=words!(together.works_for) data-testid="link-days" on:change=on_days>{options}</select>
            <button type="button" class="button" data-action="make-link" on:click=make>{words!(together.make_link)}</button>
        </div>
        {link}
    }
    .into_any()
}

fn row(sharing: Sharing, link: &ShareLinkSummary) -> AnyView {
    let path = format!("/api/share-link/{}", link.id);
    let language = texts::tag(texts::language());
    let until = words!(together.until, day = clock::day_words(link.expires_at_ms, language)).to_string();
    let about = words!(together.made_by, name = link.created_by.name.clone()).to_string();
    let name = format!("{} · {until}", role_words(link.role));
    shared_row(sharing, name, about, ("revoke-link", words!(together.revoke)), path)
}
