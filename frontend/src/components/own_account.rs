//! Who one is, and the way out.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::connection::Who;
use crate::dynamic::{dynamic, text};
use crate::platform::page;
use crate::state::Workspace;
use crate::state::view::{colour_of, initials};

/// The person's own avatar and name, and the button that signs out.
#[component]
pub fn OwnAccount(
    /// The page.
    workspace: Workspace,
) -> impl IntoView {
    let problem = RwSignal::new(String::new());
    let sign_out = move |_| {
        spawn_local(async move {
            match workspace.account().sign_out().await {
                Ok(()) => page::begin_anew(),
                Err(error) => problem.set(format!("You are still signed in. {}", error.words())),
            }
        });
    };
    let person = dynamic(move || {
        let Who::Somebody(me) = workspace.who.get() else {
            return ().into_any();
        };
        let title = me.email.clone().unwrap_or_else(|| "Guest".to_owned());
        view! {
            <span class="own-name" title=title>
                <span class=format!("avatar own {}", colour_of(me.id.colour())) aria-hidden="true">
                    {initials(&me.name)}
                </span>
                <span class="own-name-text" data-testid="own-name">{me.name.clone()}</span>
            </span>
        }
        .into_any()
    });
    view! {
        <div class="own-account">
            {person}
            <button type="button" class="quiet" data-action="sign-out" on:click=sign_out>"Sign out"</button>
            <span class="form-error" role="alert">{text(move || problem.get())}</span>
        </div>
    }
}
