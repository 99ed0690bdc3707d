//! What can be done on the page, for those who find it by name.

use std::sync::Arc;

use leptos::prelude::*;
use uuid::Uuid;

use super::Action;
use crate::chunk;
use crate::components::palette;
use crate::dynamic::dynamic;
use crate::platform::{clock, page};

/// Something that can be done.
#[derive(Clone)]
pub struct Command {
    /// What it is called.
    pub name: String,
    /// The deed whose keys do the same, if there are any.
    pub deed: Option<Deed>,
    /// Does it.
    pub run: Action,
}

impl Command {
    /// Something that no key does.
    pub fn new(name: impl Into<String>, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { name: name.into(), deed: None, run: Arc::new(run) }
    }

    /// The same, when the keys of `deed` do it too.
    #[must_use]
    pub fn with_keys(mut self, deed: Deed) -> Self {
        self.deed = Some(deed);
        self
    }
}

/// What keys do that commands do too. The table of all keys is in [`palette`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Take back one's newest work.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Show all keys.
    ShowKeys,
    /// Print.
    Print,
}

/// What stands in front of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    Palette,
    Keys,
}

/// Gives commands, as they are at this moment.
type Source = Arc<dyn Fn() -> Vec<Command> + Send + Sync>;

/// All commands of the page. Cheap to copy; everything may offer some: it is in the context.
#[derive(Clone, Copy)]
pub struct Commands {
    sources: StoredValue<Vec<(Uuid, Source)>>,
    front: RwSignal<Option<Front>>,
}

impl Commands {
    /// None yet. Ctrl or Cmd with K opens the palette from now on, F1 and ? the list of keys, while `is_open` says so.
    pub fn new(is_open: impl Fn() -> bool + 'static) -> Self {
        let commands = Self { sources: StoredValue::default(), front: RwSignal::new(None) };
        page::on_key(move |event| {
            let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            let wanted = match event.key().as_str() {
                "k" | "K" if (event.ctrl_key() || event.meta_key()) && !event.shift_key() => Front::Palette,
                "F1" if is_plain => Front::Keys,
                "?" if is_plain && !page::is_typing() => Front::Keys,
                _ => return,
            };
            if is_open() {
                event.prevent_default();
                event.stop_propagation();
                commands.front.update(|front| *front = (*front != Some(wanted)).then_some(wanted));
            }
        });
        commands
    }

    /// Offers what `source` gives, until whoever offers it is gone from the page.
    pub fn offer(self, source: impl Fn() -> Vec<Command> + Send + Sync + 'static) {
        let key = clock::new_uuid();
        self.sources.update_value(|sources| sources.push((key, Arc::new(source))));
        on_cleanup(move || self.sources.update_value(|sources| sources.retain(|(known, _)| *known != key)));
    }

    /// What is offered, the newest first: what belongs to the page stands before what is everywhere.
    #[must_use]
    pub fn all(self) -> Vec<Command> {
        let sources = self.sources.get_value();
        sources.iter().rev().flat_map(|(_, source)| source()).collect()
    }

    /// Opens the palette.
    pub fn open_palette(self) {
        self.front.set(Some(Front::Palette));
    }

    /// Shows all keys.
    pub fn show_keys(self) {
        self.front.set(Some(Front::Keys));
    }

    /// What stands in front of the page.
    pub fn shown(self) -> AnyView {
        let close: Action = Arc::new(move || {
            let _ = self.front.try_set(None);
        });
        dynamic(move || {
            let close = Arc::clone(&close);
            match self.front.get() {
                None => ().into_any(),
                Some(Front::Palette) => chunk::over(move || Box::pin(palette::part(self, Arc::clone(&close)))),
                Some(Front::Keys) => chunk::over(move || Box::pin(palette::key_list(Arc::clone(&close)))),
            }
        })
        .into_any()
    }
}
