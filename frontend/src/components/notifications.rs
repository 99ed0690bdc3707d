//! The list of what the person is told of, and the toasts for what has just come.

use std::sync::Arc;
use std::time::Duration;

use coval_shared::protocol::{Notification, NotificationId, NotificationKind};
use coval_shared::rest::{Notifications, ReadNotifications, Unread};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::age;
use super::bell::Bell;
use crate::chunk::{Part, SplitLoaderError};
use crate::connection::rest::{RestError, Verb};
use crate::dynamic::{dynamic, text, when};
use crate::platform::clock;
use crate::state::view::{colour_of, initials};
use crate::{texts, words};

/// How long a toast stays.
const TOAST: Duration = Duration::from_secs(7);

/// How many toasts stand there at once.
const TOASTS: usize = 3;

/// The list, when it is open, and the toasts.
#[wasm_split_helpers::wasm_split(talk, fallible)]
pub(super) fn part(bell: Bell) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || {
        let list = when(bell.is_open.into(), move || list(bell));
        view! { {list} {toasts(bell)} }.into_any()
    }))
}

/// What was fetched of the list.
#[derive(Clone, Debug, Default, PartialEq)]
struct Fetched {
    items: Vec<Notification>,
    next: Option<String>,
    problem: Option<RestError>,
    is_there: bool,
}

fn list(bell: Bell) -> AnyView {
    let fetched = RwSignal::new(Fetched::default());
    let fetch = move |cursor: Option<String>| {
        spawn_local(async move {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let path = format!("/api/notifications?limit=20{after}");
            let answer = bell.workspace.account().get::<Notifications>(&path).await;
            // The list may have been closed meanwhile.
            let _ = fetched.try_update(|fetched| match answer {
                Ok(page) => {
                    fetched.items.extend(page.items);
                    fetched.next = page.next;
                    fetched.is_there = true;
                    fetched.problem = None;
                    let _ = bell.unread.try_set(page.unread);
                }
                Err(error) => fetched.problem = Some(error),
            });
        });
    };
    Effect::new(move || {
        // What comes while the list is open belongs into it.
        bell.arrived.track();
        fetched.set(Fetched::default());
        fetch(None);
    });
    let read_all = move |_| {
        spawn_local(async move {
            read(bell, None).await;
            let now = i64::try_from(clock::since_epoch().as_millis()).unwrap_or_default();
            let _ = fetched.try_update(|fetched| {
                for item in &mut fetched.items {
                    item.read_at_ms.get_or_insert(now);
                }
            });
        });
    };
    let entries = dynamic(move || {
        fetched.with(|fetched| {
            let items = fetched.items.iter().map(|item| entry(bell, item)).collect::<Vec<_>>();
            let words = match (&fetched.problem, fetched.is_there) {
                (Some(problem), _) => problem.words(),
                (None, false) => words!(common.loading).to_owned(),
                (None, true) if items.is_empty() => words!(together.no_notifications).to_owned(),
                (None, true) => String::new(),
            };
            let note = (!words.is_empty()).then(|| view! { <p class="muted bell-note">{words}</p> }.into_any());
            view! { <ul class="notifications">{items}</ul> {note} }.into_any()
        })
    });
    let more = when(Signal::derive(move || fetched.with(|fetched| fetched.next.is_some())), move || {
        let on_click = move |_| fetch(fetched.with_untracked(|fetched| fetched.next.clone()));
        view! { <button type="button" class="quiet" on:click=on_click>{words!(together.more)}</button> }.into_any()
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            bell.is_open.set(false);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <div class="bell-backdrop" on:click=move |_| bell.is_open.set(false)></div>
        <section class="bell-list" aria-label=words!(together.notifications) data-testid="notifications">
            <header class="bell-head">
                <h2>{words!(together.notifications)}</h2>
                <button type="button" class="quiet" data-action="read-notifications" on:click=read_all>
                    {words!(together.mark_all_read)}
                </button>
            </header>
            <div class="bell-body">{entries} {more}</div>
        </section>
    }
    .into_any()
}

fn entry(bell: Bell, notification: &Notification) -> AnyView {
    let class = if notification.read_at_ms.is_none() { "notification unread" } else { "notification" };
    view! { <li class=class data-testid="notification">{link(bell, notification)}</li> }.into_any()
}

/// What happened, as the way to where it happened.
fn link(bell: Bell, notification: &Notification) -> AnyView {
    let (id, age) = (notification.id, age::in_words(notification.created_at_ms, clock::since_epoch()));
    let take_note = move |_| {
        bell.is_open.set(false);
        bell.arrived.update(|arrived| arrived.retain(|arrived| arrived.id != id));
        spawn_local(async move { read(bell, Some(vec![id])).await });
    };
    let avatar = notification.actor.as_ref().map(|actor| {
        view! {
            <span class=format!("avatar small {}", colour_of(actor.id.colour())) aria-hidden="true">
                {initials(&actor.name)}
            </span>
        }
        .into_any()
    });
    view! {
        <a class="notification-link" href=place_of(notification) on:click=take_note>
            {avatar}
            <span class="notification-words">
                {sentence(notification)}
                <span class="muted notification-age">{age}</span>
            </span>
        </a>
    }
    .into_any()
}

/// Where a notification leads.
fn place_of(notification: &Notification) -> String {
    match (notification.document, notification.comment) {
        (Some(document), Some(comment)) => format!("/document/{document}#comment-{comment}"),
        (Some(document), None) => format!("/document/{document}"),
        (None, _) => "/".to_owned(),
    }
}

fn sentence(notification: &Notification) -> String {
    let name = notification.actor.as_ref().map_or_else(|| "Coval".to_owned(), |actor| actor.name.clone());
    let title = notification.title.clone().unwrap_or_else(|| words!(together.a_workspace).to_owned());
    let role = notification.role.map(texts::role_words).unwrap_or_default();
    match notification.kind {
        NotificationKind::Mention => words!(together.told_mention, name = name, title = title).to_string(),
        NotificationKind::Reply => words!(together.told_reply, name = name, title = title).to_string(),
        NotificationKind::Resolved => words!(together.told_resolved, name = name, title = title).to_string(),
        NotificationKind::Reopened => words!(together.told_reopened, name = name, title = title).to_string(),
        NotificationKind::Invited => words!(together.told_invited, name = name, title = title, role = role).to_string(),
        NotificationKind::RoleChanged => {
            words!(together.told_role, name = name, title = title, role = role).to_string()
        }
        NotificationKind::CalculationFinished => words!(together.told_calculation, title = title).to_string(),
    }
}

/// Tells the server what the person took note of; of all if nothing is named.
async fn read(bell: Bell, ids: Option<Vec<NotificationId>>) {
    let body = ReadNotifications { ids };
    let path = "/api/notifications/read";
    // A refusal leaves them unread: the person sees them again.
    if let Ok(answer) = bell.workspace.account().change::<Unread>(Verb::Post, path, &body).await {
        bell.unread.set(answer.unread);
    }
}

/// The newest of what has just come. A toast goes by itself, unless the pointer or the keyboard is at it.
fn toasts(bell: Bell) -> AnyView {
    let is_held = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        bell.arrived.with(|arrived| arrived.iter().rev().take(TOASTS).map(|it| it.id).collect::<Vec<_>>())
    });
    let known = StoredValue::new(Vec::<NotificationId>::new());
    Effect::new(move || {
        for id in shown.get() {
            if !known.with_value(|known| known.contains(&id)) {
                known.update_value(|known| known.push(id));
                expire(bell, id, is_held);
            }
        }
        known.update_value(|known| {
            let more = known.len().saturating_sub(100);
            known.drain(..more);
        });
    });
    let toasts = dynamic(move || {
        bell.arrived
            .with(|arrived| arrived.iter().rev().take(TOASTS).map(|it| toast(bell, it)).collect::<Vec<_>>().into_any())
    });
    view! {
        <div
            class="toasts"
            role="status"
            aria-live="polite"
            data-held=text(move || is_held.get().to_string())
            on:mouseenter=move |_| is_held.set(true)
            on:mouseleave=move |_| is_held.set(false)
            on:focusin=move |_| is_held.set(true)
            on:focusout=move |_| is_held.set(false)
        >
            {toasts}
        </div>
    }
    .into_any()
}

fn expire(bell: Bell, id: NotificationId, is_held: RwSignal<bool>) {
    clock::after(TOAST, move || match is_held.try_get_untracked() {
        Some(true) => expire(bell, id, is_held),
        _ => drop(bell.arrived.try_update(|arrived| arrived.retain(|arrived| arrived.id != id))),
    });
}

fn toast(bell: Bell, notification: &Notification) -> AnyView {
    let id = notification.id;
    let dismiss = move |_| bell.arrived.update(|arrived| arrived.retain(|arrived| arrived.id != id));
    view! {
        <div class="told" data-testid="toast">
            {link(bell, notification)}
            <button type="button" class="quiet small" data-action="dismiss-toast" aria-label=words!(common.close) on:click=dismiss>
                "×"
            </button>
        </div>
    }
    .into_any()
}
