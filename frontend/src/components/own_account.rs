//! Who one is, how the app looks and speaks, and the way out.

use std::sync::Arc;

use coval_shared::limits::PERSON_NAME_CHARS;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::menu::{MenuButton, choice, chosen_of, menu};
use super::naming::{self, Naming};
use crate::chunk;
use crate::connection::Who;
use crate::dynamic::{dynamic, text, when};
use crate::platform::page;
use crate::state::Workspace;
use crate::state::view::{colour_of, initials};
use crate::texts::{self, Locale};
use crate::theme::{self, Theme};
use crate::words;

/// The person's own avatar and name, and the menu of what is theirs.
#[component]
pub fn OwnAccount(
    /// The page.
    workspace: Workspace,
) -> impl IntoView {
    let problem = RwSignal::new(None::<String>);
    let is_open = RwSignal::new(false);
    let is_naming = RwSignal::new(false);
    let face = dynamic(move || match workspace.who.get() {
        Who::Somebody(me) => view! {
            <span
                class=format!("avatar own {}", colour_of(me.id.colour()))
                aria-hidden="true"
                data-initials=initials(&me.name)
            ></span>
            <span class="own-name-text" data-testid="own-name">{me.name.clone()}</span>
        }
        .into_any(),
        _ => ().into_any(),
    });
    let button = MenuButton {
        label: text(move || match workspace.who.get() {
            Who::Somebody(me) => format!("{}: {}", words!(common.account), me.name),
            _ => words!(common.account).to_owned(),
        }),
        action: "open-account",
        face: view! { <span class="own-name">{face}</span> }.into_any(),
    };
    let account = menu(button, is_open, move || choices(workspace, is_open, is_naming, problem));
    let dialog = when(is_naming.into(), move || rename(workspace, is_naming));
    let failure = dynamic(move || match problem.get() {
        Some(words) => view! {
            <p class="toast" role="alert">
                {words}
                <button type="button" class="quiet" on:click=move |_| problem.set(None)>{words!(common.close)}</button>
            </p>
        }
        .into_any(),
        None => ().into_any(),
    });
    view! {
        <div class="own-account">{super::bell()} {account} {dialog} {failure}</div>
    }
}

fn choices(
    workspace: Workspace,
    is_open: RwSignal<bool>,
    is_naming: RwSignal<bool>,
    problem: RwSignal<Option<String>>,
) -> AnyView {
    let me = workspace.who.get_untracked();
    let (name, email) = match me {
        Who::Somebody(me) => (me.name, me.email.unwrap_or_else(|| words!(common.guest).to_owned())),
        _ => Default::default(),
    };
    let themes = Theme::ALL.map(|theme| {
        let name = theme.name().unwrap_or("system");
        chosen_of(
            theme_words(theme),
            format!("theme-{name}"),
            move || theme::chosen() == theme,
            move || {
                theme::choose(theme);
            },
        )
    });
    let sign_out = move || {
        spawn_local(async move {
            match workspace.sign_out().await {
                Ok(()) => page::begin_anew(),
                Err(error) => {
                    problem.set(Some(format!("{} {}", words!(common.still_signed_in), error.words())));
                }
            }
        });
    };
    view! {
        <p class="menu-head">
            <strong>{name}</strong>
            <span class="muted">{email}</span>
        </p>
        {choice(words!(common.change_name), "change-name", is_open, move || is_naming.set(true))}
        <p class="menu-group" id="menu-theme">{words!(common.theme)}</p>
        <div role="group" aria-labelledby="menu-theme">{themes.into_iter().collect::<Vec<_>>()}</div>
        <p class="menu-group" id="menu-language">{words!(common.language)}</p>
        <div role="group" aria-labelledby="menu-language">{languages()}</div>
        <hr/>
        {choice(words!(common.sign_out), "sign-out", is_open, sign_out)}
    }
    .into_any()
}

/// The languages, each in its own words.
fn languages() -> Vec<AnyView> {
    [(Locale::en, words!(common.english)), (Locale::zh_TW, words!(common.chinese))]
        .into_iter()
        .map(|(language, name)| {
            let action = format!("language-{}", texts::tag(language));
            chosen_of(name, action, move || texts::language() == language, move || texts::speak(language))
        })
        .collect()
}

/// What a look is called.
pub fn theme_words(theme: Theme) -> &'static str {
    match theme {
        Theme::System => words!(common.theme_system),
        Theme::Light => words!(common.theme_light),
        Theme::Dark => words!(common.theme_dark),
    }
}

fn rename(workspace: Workspace, is_naming: RwSignal<bool>) -> AnyView {
    let before = match workspace.who.get_untracked() {
        Who::Somebody(me) => me.name,
        _ => String::new(),
    };
    let naming = Naming {
        title: words!(common.change_name).to_owned(),
        label: words!(common.name_others_see).to_owned(),
        before,
        longest: PERSON_NAME_CHARS,
        button: words!(common.save),
        name: Arc::new(move |name| Box::pin(async move { workspace.account().rename(name).await })),
        close: Arc::new(move || {
            let _ = is_naming.try_set(false);
        }),
    };
    chunk::over(move || Box::pin(naming::part(naming.clone())))
}
