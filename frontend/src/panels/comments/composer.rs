//! Where a comment is written: a text field that offers people behind an `@`.

use std::sync::Arc;

use coval_shared::limits::COMMENT_CHARS;
use coval_shared::protocol::Named;
use leptos::ev;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Sending;
use super::mentions::{self, Asked};
use crate::dynamic::{attribute, dynamic, text};
use crate::state::Discussion;
use crate::words;

/// What the offered people are found by. Those of one composer are shown at a time.
const OFFERS: &str = "mention-options";

/// What a composer is for.
#[derive(Clone)]
pub(super) struct Composer {
    /// What it is called by those who can't see it, and what stands in it while it is empty.
    pub(super) label: &'static str,
    /// What the button says.
    pub(super) send: &'static str,
    /// What is in it at first, as it is stored.
    pub(super) body: String,
    /// Whether people can be named in it.
    pub(super) names_people: bool,
    /// Whether it may be sent with nothing in it.
    pub(super) may_be_empty: bool,
    /// Whether it takes the keyboard at once.
    pub(super) takes_keyboard: bool,
    /// What is done with what was written. It stays as it is when that fails.
    pub(super) submit: Arc<dyn Fn(String) -> Sending + Send + Sync>,
    /// What is done when it is sent, or given up.
    pub(super) close: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Called when something is written in it for the first time.
    pub(super) begun: Arc<dyn Fn() + Send + Sync>,
}

/// The state of a composer. Cheap to copy.
#[derive(Clone, Copy)]
struct Writing {
    discussion: Discussion,
    input: NodeRef<Textarea>,
    chosen: StoredValue<Vec<Named>>,
    asked: RwSignal<Option<Asked>>,
    offered: RwSignal<Vec<Named>>,
    active: RwSignal<usize>,
    problem: RwSignal<String>,
    is_busy: RwSignal<bool>,
}

impl Writing {
    fn value(&self) -> String {
        self.input.get_untracked().map(|input| input.value()).unwrap_or_default()
    }

    /// Looks whether somebody is asked for where the caret is.
    fn look(&self) {
        let Some(input) = self.input.get_untracked() else { return };
        let caret = input.selection_start().ok().flatten().unwrap_or_default();
        let asked = mentions::asked(&input.value(), caret);
        let offered = match &asked {
            Some(asked) => {
                self.discussion.members.with_untracked(|members| mentions::offered(members, &asked.beginning))
            }
            None => Vec::new(),
        };
        self.asked.set(asked);
        self.offered.set(offered);
        self.active.set(0);
    }

    fn forget(&self) {
        self.asked.set(None);
        self.offered.set(Vec::new());
    }

    fn choose(&self, index: usize) {
        let person = self.offered.with_untracked(|offered| offered.get(index).cloned());
        let (Some(person), Some(asked), Some(input)) = (person, self.asked.get_untracked(), self.input.get_untracked())
        else {
            return;
        };
        let (text, caret) = mentions::taken(&input.value(), &asked, &person);
        input.set_value(&text);
        // A caret that can't be set stays at the end.
        let _ = input.set_selection_range(caret, caret);
        let _ = input.focus();
        self.chosen.update_value(|chosen| chosen.push(person));
        self.forget();
    }

    fn submit(&self, composer: &Composer) {
        let value = self.value();
        let text = value.trim();
        if self.is_busy.get_untracked() || (text.is_empty() && !composer.may_be_empty) {
            return;
        }
        let body = self.chosen.with_value(|chosen| mentions::body_of(text, chosen));
        if body.chars().count() > COMMENT_CHARS {
            self.problem.set(words!(together.comment_too_long, limit = COMMENT_CHARS).to_string());
            return;
        }
        self.is_busy.set(true);
        self.problem.set(String::new());
        let (this, sending, close) = (*self, (composer.submit)(body), composer.close.clone());
        spawn_local(async move {
            let outcome = sending.await;
            // The panel may have been closed meanwhile.
            let _ = this.is_busy.try_set(false);
            match outcome {
                Ok(()) => {
                    if let Some(Some(input)) = this.input.try_get_untracked() {
                        input.set_value("");
                    }
                    close.iter().for_each(|close| close());
                }
                Err(error) => drop(this.problem.try_set(error.words())),
            }
        });
    }
}

/// A field for a comment.
pub(super) fn composer(discussion: Discussion, composer: Composer) -> AnyView {
    let known = known(discussion);
    let (initial, chosen) = mentions::text_of(&composer.body, &known);
    let writing = Writing {
        discussion,
        input: NodeRef::new(),
        chosen: StoredValue::new(chosen),
        asked: RwSignal::new(None),
        offered: RwSignal::default(),
        active: RwSignal::new(0),
        problem: RwSignal::default(),
        is_busy: RwSignal::new(false),
    };
    // Those who can be named may arrive while somebody is being named.
    Effect::new(move || {
        discussion.members.track();
        if untrack(|| writing.asked.with(Option::is_some)) {
            writing.look();
        }
    });
    let takes_keyboard = composer.takes_keyboard;
    Effect::new(move || {
        if let Some(input) = writing.input.get() {
            input.set_value(&initial);
            if takes_keyboard {
                let _ = input.focus();
            }
        }
    });
    let send: Arc<dyn Fn() + Send + Sync> = {
        let composer = composer.clone();
        Arc::new(move || writing.submit(&composer))
    };
    let cancel = composer.close.clone().map(|close| {
        view! {
            <button type="button" class="quiet" data-action="cancel-comment" on:click=move |_| close()>
                {words!(common.cancel)}
            </button>
        }
        .into_any()
    });
    let names_people = composer.names_people;
    let on_input = {
        let begun = Arc::clone(&composer.begun);
        move |_| {
            begun();
            if names_people {
                discussion.fetch_members();
                writing.look();
            }
        }
    };
    let offers_shown = move |id: Box<dyn Fn() -> String + Send + Sync>| {
        attribute(move || writing.offered.with(|offered| !offered.is_empty()).then(&id))
    };
    let hint = if names_people { words!(together.composer_hint) } else { words!(together.note_hint) };
    let on_keydown = keys(writing, Arc::clone(&send), composer.close.clone());
    view! {
        <div class="composer">
            <textarea
                node_ref=writing.input
                rows="2"
                maxlength=COMMENT_CHARS.to_string()
                aria-label=composer.label
                placeholder=composer.label
                data-testid="comment-input"
                aria-haspopup="listbox"
                aria-autocomplete="list"
                aria-controls=offers_shown(Box::new(|| OFFERS.to_owned()))
                aria-activedescendant=offers_shown(Box::new(move || option_id(writing.active.get())))
                on:input=on_input
                on:keydown=on_keydown
                on:focus=move |_| discussion.fetch_members()
            ></textarea>
            {offers(writing)}
            <p class="form-error" role="alert">{text(move || writing.problem.get())}</p>
            <div class="composer-actions">
                <span class="muted composer-hint">{hint}</span>
                {cancel}
                <button
                    type="button"
                    class="button primary small"
                    data-action="send-comment"
                    aria-disabled=text(move || writing.is_busy.get().to_string())
                    on:click=move |_| send()
                >
                    {composer.send}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// Everybody of whom the name is known.
pub(super) fn known(discussion: Discussion) -> Vec<Named> {
    let mut known = discussion.members.get_untracked();
    discussion.said.with_untracked(|said| {
        for comment in said.comments() {
            known.extend(comment.mentions.iter().cloned());
        }
    });
    known
}

fn keys(
    writing: Writing,
    send: Arc<dyn Fn() + Send + Sync>,
    close: Option<Arc<dyn Fn() + Send + Sync>>,
) -> impl Fn(ev::KeyboardEvent) {
    move |event| {
        let count = writing.offered.with_untracked(Vec::len);
        let active = writing.active.get_untracked();
        let is_done = match (event.key().as_str(), count) {
            ("Enter", _) if event.ctrl_key() || event.meta_key() => {
                send();
                true
            }
            ("ArrowDown", 1..) => {
                writing.active.set(active.saturating_add(1).checked_rem(count).unwrap_or_default());
                true
            }
            ("ArrowUp", 1..) => {
                writing.active.set(active.checked_sub(1).unwrap_or(count.saturating_sub(1)));
                true
            }
            ("Enter" | "Tab", 1..) => {
                writing.choose(active);
                true
            }
            ("Escape", 1..) => {
                writing.forget();
                true
            }
            ("Escape", 0) => {
                close.iter().for_each(|close| close());
                close.is_some()
            }
            _ => false,
        };
        if is_done {
            event.prevent_default();
        }
        // What is typed here is no business of the grid.
        event.stop_propagation();
    }
}

fn offers(writing: Writing) -> AnyView {
    dynamic(move || {
        let offered = writing.offered.get();
        if offered.is_empty() {
            return ().into_any();
        }
        let options = offered
            .iter()
            .enumerate()
            .map(|(index, person)| {
                let is_active = text(move || (writing.active.get() == index).to_string());
                // The field keeps the keyboard.
                let on_mousedown = move |event: ev::MouseEvent| {
                    event.prevent_default();
                    writing.choose(index);
                };
                view! {
                    <li id=option_id(index) role="option" aria-selected=is_active data-testid="mention-option" on:mousedown=on_mousedown>
                        {person.name.clone()}
                    </li>
                }
                .into_any()
            })
            .collect::<Vec<_>>();
        view! { <ul id=OFFERS class="mention-options" role="listbox" aria-label=words!(together.people)>{options}</ul> }
            .into_any()
    })
    .into_any()
}

fn option_id(index: usize) -> String {
    format!("{OFFERS}-{index}")
}
