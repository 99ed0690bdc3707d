//! Who else is here: avatars that lead to people, and a list of all of them.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use ot_core::ClientId;

use super::following::Following;
use crate::dynamic::{attribute, dynamic, when};
use crate::platform::clock;
use crate::state::DocumentSession;
use crate::state::view::PersonView;
use crate::words;

/// How many people are shown before the rest become a number.
const SHOWN: usize = 5;

/// How many are listed at most.
const LISTED: usize = 100;

/// How long somebody who went is shown, ever paler.
const AWAY: Duration = Duration::from_secs(30);

/// The avatars of everybody else who has the document open.
#[component]
pub fn Avatars(
    /// The document.
    session: DocumentSession,
) -> impl IntoView {
    let people = session.people;
    let following = Following::new(session);
    let away = away(session);
    let is_open = RwSignal::new(false);
    let avatars = dynamic(move || {
        people.with(|people| {
            let shown = people.iter().take(SHOWN).map(|person| avatar(following, person));
            shown.collect::<Vec<_>>().into_any()
        })
    });
    let gone = dynamic(move || {
        let room = SHOWN.saturating_sub(people.with(Vec::len));
        away.with(|away| away.iter().take(room).map(pale).collect::<Vec<_>>().into_any())
    });
    let more = dynamic(move || {
        let (count, count_away) = (people.with(Vec::len), away.with(Vec::len));
        if count == 0 && count_away == 0 {
            return ().into_any();
        }
        let rest = count.saturating_sub(SHOWN);
        let words = if rest > 0 { format!("+{rest}") } else { "…".to_owned() };
        view! {
            <button
                type="button"
                class="avatar overflow"
                data-action="list-people"
                aria-label=words!(together.everybody_here, count = count).to_string()
                aria-expanded=attribute(move || Some(is_open.get().to_string()))
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
            >
                {words}
            </button>
        }
        .into_any()
    });
    let list = when(is_open.into(), move || list(session, following, away, is_open));
    view! {
        <div class="avatars-area">
            <div class="avatars" role="group" aria-label=words!(together.who_else)>{gone} {avatars} {more}</div>
            {list}
            {following.frame()}
        </div>
    }
}

/// Those who went a moment ago.
fn away(session: DocumentSession) -> RwSignal<Vec<PersonView>> {
    let away = RwSignal::new(Vec::<PersonView>::new());
    Effect::new(move |before: Option<Vec<PersonView>>| {
        let now = session.people.get();
        let is_live = session.saving.with_untracked(|saving| saving.is_live);
        let is_here = |client: ClientId| now.iter().any(|person| person.client == client);
        for person in before.into_iter().flatten().filter(|person| is_live && !is_here(person.client)) {
            let client = person.client;
            away.update(|away| {
                away.retain(|known| known.user != person.user);
                away.push(person);
            });
            clock::after(AWAY, move || {
                let _ = away.try_update(|away| away.retain(|known| known.client != client));
            });
        }
        if away.with_untracked(|away| away.iter().any(|gone| now.iter().any(|person| person.user == gone.user))) {
            away.update(|away| away.retain(|gone| now.iter().all(|person| person.user != gone.user)));
        }
        now
    });
    away
}

fn avatar(following: Following, person: &PersonView) -> AnyView {
    let client = person.client;
    let typing = if person.is_typing { " typing" } else { "" };
    let title = if person.is_typing {
        words!(together.is_typing, name = person.name.clone()).to_string()
    } else {
        words!(together.follow, name = person.name.clone()).to_string()
    };
    view! {
        <button
            type="button"
            class=format!("avatar {}{typing}", person.colour)
            aria-label=title.clone()
            aria-pressed=attribute(move || Some(following.follows(client).to_string()))
            title=title
            data-testid="avatar"
            data-name=person.name.clone()
            on:click=move |_| following.toggle(client)
        >
            {person.initials()}
        </button>
    }
    .into_any()
}

fn pale(person: &PersonView) -> AnyView {
    let title = words!(together.has_left, name = person.name.clone()).to_string();
    view! {
        <span class=format!("avatar away {}", person.colour) role="img" aria-label=title.clone() title=title data-testid="avatar-away">
            {person.initials()}
        </span>
    }
    .into_any()
}

/// Everybody, and where they are.
fn list(
    session: DocumentSession,
    following: Following,
    away: RwSignal<Vec<PersonView>>,
    is_open: RwSignal<bool>,
) -> AnyView {
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            is_open.set(false);
        }
    });
    on_cleanup(move || keys.remove());
    let rows = dynamic(move || {
        session.people.with(|people| {
            let shown = people.iter().take(LISTED).map(|person| row(session, following, person, is_open));
            let rest = people.len().saturating_sub(LISTED);
            let rest = (rest > 0).then(|| view! { <li class="muted">{format!("+{rest}")}</li> }.into_any());
            shown.chain(rest).collect::<Vec<_>>().into_any()
        })
    });
    let gone = dynamic(move || {
        let gone = away.with(|away| away.iter().map(gone).collect::<Vec<_>>());
        gone.into_any()
    });
    view! {
        <div class="bell-backdrop" on:click=move |_| is_open.set(false)></div>
        <ul class="people-list" aria-label=words!(together.who_else) data-testid="people">{rows} {gone}</ul>
    }
    .into_any()
}

fn row(session: DocumentSession, following: Following, person: &PersonView, is_open: RwSignal<bool>) -> AnyView {
    let client = person.client;
    let place = person.at.as_ref().map(|cell| session.cell_words(cell)).unwrap_or_default();
    let place = if person.is_typing { words!(together.typing_in, place = place).to_string() } else { place };
    let follow = move |_| {
        is_open.set(false);
        following.toggle(client);
    };
    view! {
        <li>
            <button type="button" class="person-choice" data-action="follow-person" on:click=follow>
                <span class=format!("avatar small {}", person.colour) aria-hidden="true">{person.initials()}</span>
                <span class="person-words">
                    <span class="person-name">{person.name.clone()}</span>
                    <span class="muted person-about">{place}</span>
                </span>
            </button>
        </li>
    }
    .into_any()
}

fn gone(person: &PersonView) -> AnyView {
    view! {
        <li class="person-choice muted">
            <span class=format!("avatar small away {}", person.colour) aria-hidden="true">{person.initials()}</span>
            {words!(together.has_left, name = person.name.clone()).to_string()}
        </li>
    }
    .into_any()
}
