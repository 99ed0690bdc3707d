//! What can be done with a whole document: the menu in its head, and the same as commands.

use leptos::ev;
use leptos::prelude::*;

use super::commands::{Command, Commands, Deed};
use super::exports;
use super::menu::{MenuButton, choice, menu};
use crate::chunk;
use crate::dynamic::{dynamic, text};
use crate::panels::{self, Panels};
use crate::platform::{focus, page};
use crate::state::DocumentSession;
use crate::state::document::Step;
use crate::words;

/// What stands in front of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    Exports,
    Print,
}

/// The menu of a document. Cheap to copy.
#[derive(Clone, Copy)]
pub struct DocumentMenu {
    session: DocumentSession,
    front: RwSignal<Option<Front>>,
}

impl DocumentMenu {
    /// The menu of `session`, whose commands are offered from now on.
    pub fn new(session: DocumentSession, panels: Panels) -> Self {
        let this = Self { session, front: RwSignal::new(None) };
        if let Some(commands) = use_context::<Commands>() {
            commands.offer(move || this.commands(panels));
        }
        let keys = window_event_listener(ev::keydown, move |event| this.obey_key(&event));
        on_cleanup(move || keys.remove());
        this
    }

    fn obey_key(self, event: &ev::KeyboardEvent) {
        let is_asked = event.key().eq_ignore_ascii_case("p") && (event.ctrl_key() || event.meta_key());
        if is_asked && !event.shift_key() && !event.alt_key() {
            // The browser would print what is in sight.
            event.prevent_default();
            return self.front.set(Some(Front::Print));
        }
        // A field takes back what was typed in it; the grid and the memo have done it already.
        if event.default_prevented() || event.target().is_some_and(|target| focus::takes_text(&target)) {
            return;
        }
        if let Some(step) = step_of(event) {
            event.prevent_default();
            if self.session.may_edit.get_untracked() {
                self.session.step(step);
            }
        }
    }

    /// The button that opens it.
    pub fn button(self) -> AnyView {
        let is_open = RwSignal::new(false);
        let button = MenuButton {
            label: text(|| words!(common.document_menu).to_owned()),
            action: "open-document-menu",
            face: view! { <span class="dots" aria-hidden="true"></span> }.into_any(),
        };
        let commands = use_context::<Commands>();
        menu(button, is_open, move || {
            let everywhere = commands.map(|commands| {
                view! {
                    <hr/>
                    {choice(words!(common.palette), "open-palette", is_open, move || commands.open_palette())}
                    {choice(words!(common.key_map), "show-keys", is_open, move || commands.show_keys())}
                }
                .into_any()
            });
            view! {
                {choice(words!(common.export), "export", is_open, move || self.front.set(Some(Front::Exports)))}
                {choice(words!(common.print), "print", is_open, move || self.front.set(Some(Front::Print)))}
                {everywhere}
            }
            .into_any()
        })
    }

    /// What stands in front of the document.
    pub fn shown(self) -> AnyView {
        let session = self.session;
        dynamic(move || match self.front.get() {
            None => ().into_any(),
            Some(Front::Exports) => chunk::over(move || Box::pin(exports::part(session, self.closing()))),
            Some(Front::Print) => chunk::over(move || Box::pin(exports::print(session, self.closing()))),
        })
        .into_any()
    }

    fn closing(self) -> super::Action {
        std::sync::Arc::new(move || {
            let _ = self.front.try_set(None);
        })
    }

    fn commands(self, panels: Panels) -> Vec<Command> {
        let session = self.session;
        let steps = session.steps.get_untracked();
        let step = |(step, name, deed)| {
            steps.allow(step).then(|| Command::new(name, move || session.step(step)).with_keys(deed))
        };
        let undo = (Step::Undo, words!(common.key_undo), Deed::Undo);
        let redo = (Step::Redo, words!(common.key_redo), Deed::Redo);
        let mut all: Vec<Command> = [undo, redo].into_iter().filter_map(step).collect();
        all.push(Command::new(words!(common.export), move || self.front.set(Some(Front::Exports))));
        all.push(Command::new(words!(common.print), move || self.front.set(Some(Front::Print))).with_keys(Deed::Print));
        all.extend(panels::commands(session, panels));
        all.push(Command::new(words!(common.all_documents), || page::go("/")));
        all.push(Command::new(words!(list.new_document), || page::go("/?new")));
        all
    }
}

/// Whether a key asks to take something back, or to do it again.
#[must_use]
pub fn step_of(event: &ev::KeyboardEvent) -> Option<Step> {
    let is_control = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.is_composing();
    match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
        ("z", false) => is_control.then_some(Step::Undo),
        ("z", true) | ("y", false) => is_control.then_some(Step::Redo),
        _ => None,
    }
}
