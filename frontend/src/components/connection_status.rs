//! The one quiet indicator of what is saved, in words.

use leptos::prelude::*;

use crate::connection::Status;
use crate::dynamic::{text, when};
use crate::state::session::Saving;
use crate::state::{DocumentSession, Workspace};
use crate::words;

/// What is saved and whether we are connected.
#[component]
pub fn ConnectionStatus(
    /// The document.
    session: DocumentSession,
    /// The page.
    workspace: Workspace,
) -> impl IntoView {
    let words = Memo::new(move |_| said(workspace.status.get(), session.saving.get()));
    let can_retry = Signal::derive(move || words.with(|words| words.can_retry));
    let retry = when(can_retry, move || {
        view! {
            <button type="button" class="quiet" data-action="retry" on:click=move |_| workspace.retry_now()>
                {words!(common.retry_now)}
            </button>
        }
        .into_any()
    });
    view! {
        <span
            class="connection"
            role="status"
            data-testid="connection"
            data-state=text(move || words.with(|words| words.state.to_owned()))
        >
            <span class="connection-dot" aria-hidden="true"></span>
            <span class="connection-words">{text(move || words.with(|words| words.text.clone()))}</span>
            // The seconds are not read out: they would never stop.
            <span class="connection-wait" aria-hidden="true">{text(move || words.with(|words| words.wait.clone()))}</span>
            {retry}
        </span>
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Words {
    state: &'static str,
    text: String,
    wait: String,
    can_retry: bool,
}

fn said(status: Status, saving: Saving) -> Words {
    let kept = match saving.unsaved {
        0 => None,
        1 if saving.is_kept => Some(words!(offline.kept_one).to_owned()),
        n if saving.is_kept => Some(words!(offline.kept_many, count = n)),
        1 => Some(words!(common.offline_one).to_owned()),
        n => Some(words!(common.offline_many, count = n)),
    };
    let plain = |state, text: &str| Words { state, text: text.into(), wait: String::new(), can_retry: false };
    match (status, kept) {
        (Status::Open, _) if !saving.is_live => plain("connecting", words!(common.connecting)),
        (Status::Open, None) => plain("saved", words!(common.saved)),
        (Status::Open, Some(_)) => plain("saving", words!(common.saving)),
        (Status::Connecting, None) => plain("connecting", words!(common.connecting)),
        (Status::Offline, None) => plain("offline", words!(common.offline_none)),
        (Status::Connecting | Status::Offline, Some(kept)) => plain("offline", &kept),
        (Status::Reconnecting, None) => plain("reconnecting", words!(common.reconnecting)),
        (Status::Reconnecting, Some(kept)) => {
            Words { wait: words!(common.reconnecting).into(), ..plain("offline", &kept) }
        }
        (Status::Waiting(seconds), None) => Words {
            wait: words!(common.reconnecting_in, seconds = seconds),
            can_retry: true,
            ..plain("reconnecting", words!(common.connection_lost))
        },
        (Status::Waiting(seconds), Some(kept)) => Words {
            wait: words!(common.reconnecting_in, seconds = seconds),
            can_retry: true,
            ..plain("offline", &kept)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn saving(unsaved: usize) -> Saving {
        Saving { unsaved, is_live: true, is_kept: false }
    }

    #[test]
    fn what_is_saved_is_said_in_words() {
        assert_eq!(said(Status::Open, saving(0)).text, "Saved");
        assert_eq!(said(Status::Open, saving(2)).text, "Saving…");
        assert_eq!(said(Status::Waiting(4), saving(12)).text, "Offline: 12 changes kept in this tab");
        assert_eq!(said(Status::Offline, saving(1)).text, "Offline: 1 change kept in this tab");
        let kept = Saving { is_kept: true, ..saving(12) };
        assert_eq!(said(Status::Offline, kept).text, "Offline: 12 changes kept on this device");
    }

    #[test]
    fn a_lost_connection_says_when_it_is_tried_again_and_lets_one_try_now() {
        let words = said(Status::Waiting(4), saving(0));
        assert_eq!(words.state, "reconnecting");
        assert_eq!(words.wait, "Reconnecting in 4 s");
        assert!(words.can_retry);
    }

    #[test]
    fn nothing_counts_as_saved_before_the_document_is_followed_again() {
        let saving = Saving { unsaved: 0, is_live: false, is_kept: false };
        assert_eq!(said(Status::Open, saving).state, "connecting");
    }
}
