//! What the person is told of, wherever they are: how much of it is new. Its list and its toasts are a chunk.

use coval_shared::protocol::{Notification, ServerMessage};
use coval_shared::rest::Notifications;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::notifications;
use crate::chunk;
use crate::connection::Who;
use crate::dynamic::{attribute, dynamic, text};
use crate::state::Workspace;
use crate::words;

/// How many notifications that have just come are kept for their toasts.
const ARRIVED: usize = 20;

/// The person's notifications. One for the page, in its context. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Bell {
    /// The page.
    pub workspace: Workspace,
    /// How many the person has not taken note of.
    pub unread: RwSignal<u64>,
    /// Whether the list is open.
    pub is_open: RwSignal<bool>,
    /// Those that came while the page was open, the newest last.
    pub arrived: RwSignal<Vec<Notification>>,
}

impl Bell {
    /// The notifications of whoever is here. To be made once, at the root of the page.
    pub fn new(workspace: Workspace) -> Self {
        let bell =
            Self { workspace, unread: RwSignal::new(0), is_open: RwSignal::new(false), arrived: RwSignal::default() };
        workspace.listen(move |message| match message {
            ServerMessage::Notification { notification } => {
                bell.unread.update(|unread| *unread = unread.saturating_add(1));
                bell.arrived.update(|arrived| {
                    arrived.push(notification.clone());
                    let more = arrived.len().saturating_sub(ARRIVED);
                    arrived.drain(..more);
                });
            }
            // What came while there was no connection was told to nobody.
            ServerMessage::Welcome { .. } => bell.count(),
            _ => {}
        });
        Effect::new(move || {
            if matches!(workspace.who.get(), Who::Somebody(_)) {
                workspace.connect();
            }
        });
        bell
    }

    fn count(&self) {
        let this = *self;
        spawn_local(async move {
            let path = "/api/notifications?limit=1";
            // Without an answer the number stays; the next connection asks again.
            if let Ok(found) = this.workspace.account().get::<Notifications>(path).await {
                this.unread.set(found.unread);
            }
        });
    }
}

/// The bell with its number, its list and its toasts.
pub fn bell() -> AnyView {
    let Some(bell) = use_context::<Bell>() else {
        return ().into_any();
    };
    bell.is_open.set(false);
    let label = text(move || match bell.unread.get() {
        0 => words!(together.notifications).to_owned(),
        unread => words!(together.notifications_unread, unread = unread).to_string(),
    });
    let number = dynamic(move || match bell.unread.get() {
        0 => ().into_any(),
        unread => {
            let words = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
            view! { <span class="bell-count" data-testid="unread" aria-hidden="true">{words}</span> }.into_any()
        }
    });
    let is_wanted = Memo::new(move |_| bell.is_open.get() || bell.arrived.with(|arrived| !arrived.is_empty()));
    let rest =
        dynamic(
            move || {
                if is_wanted.get() { chunk::over(move || Box::pin(notifications::part(bell))) } else { ().into_any() }
            },
        );
    view! {
        <div class="bell-area">
            <button
                type="button"
                class="bell"
                data-action="open-notifications"
                aria-label=label
                title=words!(together.notifications)
                aria-expanded=attribute(move || Some(bell.is_open.get().to_string()))
                on:click=move |_| bell.is_open.update(|is_open| *is_open = !*is_open)
            >
                <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                    <path
                        d="M8 1.5a4 4 0 0 0-4 4V9L2.5 11.5h11L12 9V5.5a4 4 0 0 0-4-4zM6.5 13.2a1.5 1.5 0 0 0 3 0"
                        fill="none"
                        stroke="currentColor"
                        stroke-width="1.3"
                        stroke-linejoin="round"
                    ></path>
                </svg>
                {number}
            </button>
            {rest}
        </div>
    }
    .into_any()
}
