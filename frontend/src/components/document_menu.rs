//! What can be done with a whole document: the menu in its head, and the same as commands.

use leptos::ev;
use leptos::prelude::*;

use super::commands::{Command, Commands, Deed};
use super::exports;
use super::menu::{MenuButton, choice, menu};
use crate::chunk;
use crate::dynamic::{dynamic, text};
use crate::panels::{self, Panels};
use crate::platform::page;
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
        // The browser would print what is in sight.
        let keys = window_event_listener(ev::keydown, move |event| {
            let is_asked = event.key().eq_ignore_ascii_case("p") && (event.ctrl_key() || event.meta_key());
            if is_asked && !event.shift_key() && !event.alt_key() {
                event.prevent_default();
                this.front.set(Some(Front::Print));
            }
        });
        on_cleanup(move || keys.remove());
        this
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
        let undo = steps
            .can_undo
            .then(|| Command::new(words!(common.key_undo), move || session.step(Step::Undo)).with_keys(Deed::Undo));
        let redo = steps
            .can_redo
            .then(|| Command::new(words!(common.key_redo), move || session.step(Step::Redo)).with_keys(Deed::Redo));
        let mut all: Vec<Command> = undo.into_iter().chain(redo).collect();
        all.push(Command::new(words!(common.export), move || self.front.set(Some(Front::Exports))));
        all.push(Command::new(words!(common.print), move || self.front.set(Some(Front::Print))).with_keys(Deed::Print));
        all.extend(panels::commands(session, panels));
        all.push(Command::new(words!(common.all_documents), || page::go("/")));
        all.push(Command::new(words!(list.new_document), || page::go("/?new")));
        all
    }
}
