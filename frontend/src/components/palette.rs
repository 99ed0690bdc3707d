//! The palette: everything that can be done, and every document, by name; and the list of keys.

mod keys;
mod matching;

use std::sync::Arc;
use std::time::Duration;

use coval_shared::rest::{DocumentSummary, Page};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Action;
use super::commands::{Command, Commands};
use super::dialog::{dialog, plain_dialog};
use crate::chunk::{Part, SplitLoaderError};
use crate::connection::rest::encoded;
use crate::dynamic::{attribute, dynamic};
use crate::platform::{clock, focus, page};
use crate::state::Workspace;
use crate::words;
use keys::{TABLE, caps, places};

/// How many commands are shown at once.
const SHOWN: usize = 12;

/// How many documents are shown.
const DOCUMENTS: usize = 8;

/// How long after a key the server is asked.
const PAUSE: Duration = Duration::from_millis(120);

/// The palette.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn part(commands: Commands, close: Action) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || shown(commands, Arc::clone(&close))))
}

/// The list of keys.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn key_list(close: Action) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || key_map(Arc::clone(&close))))
}

/// One line of the palette.
#[derive(Clone)]
struct Entry {
    /// Above the first of several that belong together.
    group: Option<&'static str>,
    name: String,
    aside: String,
    run: Action,
}

#[derive(Clone, Copy)]
struct Palette {
    workspace: Workspace,
    typed: RwSignal<String>,
    documents: RwSignal<Vec<DocumentSummary>>,
    entries: Memo<Entries>,
    at: RwSignal<usize>,
    turn: StoredValue<u64>,
    close: StoredValue<Action>,
}

/// The lines: equal when they would look the same.
#[derive(Clone, Default)]
struct Entries(Vec<Entry>);

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        let looks = |entry: &Entry| (entry.group, entry.name.clone(), entry.aside.clone());
        self.0.iter().map(looks).eq(other.0.iter().map(looks))
    }
}

fn shown(commands: Commands, close: Action) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let all = StoredValue::new(commands.all());
    let (typed, documents) = (RwSignal::new(String::new()), RwSignal::new(Vec::new()));
    let palette = Palette {
        workspace,
        typed,
        documents,
        entries: Memo::new(move |_| Entries(entries(all, &typed.get(), &documents.get()))),
        at: RwSignal::new(0),
        turn: StoredValue::new(0),
        close: StoredValue::new(Arc::clone(&close)),
    };
    palette.look_for(String::new());
    plain_dialog(words!(common.palette).to_owned(), "palette", close, palette.view())
}

/// What fits, commands first, unless what was typed is more of a document's title.
fn entries(commands: StoredValue<Vec<Command>>, typed: &str, documents: &[DocumentSummary]) -> Vec<Entry> {
    let is_mac = page::is_mac();
    let mut entries = commands.with_value(|commands| {
        let fitting = matching::fitting(typed, commands.iter().map(|command| command.name.as_str()), SHOWN);
        let found = fitting.into_iter().filter_map(|place| commands.get(place));
        let entry = |command: &Command| Entry {
            group: None,
            name: command.name.clone(),
            aside: command.deed.and_then(keys::of).map(|keys| caps(keys, is_mac).join(" ")).unwrap_or_default(),
            run: Arc::clone(&command.run),
        };
        found.map(entry).collect::<Vec<_>>()
    });
    if let Some(first) = entries.first_mut() {
        first.group = Some(words!(common.commands));
    }
    let documents = documents.iter().take(DOCUMENTS).enumerate().map(|(index, document)| {
        let id = document.id;
        Entry {
            group: (index == 0).then(|| words!(common.documents)),
            name: document.title.clone(),
            aside: document.workspace_name.clone(),
            run: Arc::new(move || page::go(&format!("/document/{id}"))),
        }
    });
    // Nothing typed: most often one wants another document.
    if typed.trim().is_empty() {
        documents.chain(entries).collect()
    } else {
        entries.into_iter().chain(documents).collect()
    }
}

impl Palette {
    fn view(self) -> AnyView {
        let input = NodeRef::<Input>::new();
        let count = move || self.entries.with(|entries| entries.0.len());
        let lines = dynamic(move || {
            self.entries.with(|entries| {
                if entries.0.is_empty() {
                    return view! { <p class="muted palette-empty" role="status">{words!(common.nothing_found)}</p> }
                        .into_any();
                }
                entries
                    .0
                    .iter()
                    .enumerate()
                    .map(|(index, entry)| self.line(index, entry))
                    .collect::<Vec<_>>()
                    .into_any()
            })
        });
        let on_key = move |event: leptos::ev::KeyboardEvent| {
            let last = count().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => self.go(if self.at.get_untracked() >= last { 0 } else { self.at.get_untracked() + 1 }),
                "ArrowUp" => self.go(self.at.get_untracked().checked_sub(1).unwrap_or(last)),
                "PageUp" => self.go(0),
                "PageDown" => self.go(last),
                "Enter" => self.run(self.at.get_untracked()),
                _ => return,
            }
            event.prevent_default();
        };
        view! {
            <input
                node_ref=input
                type="text"
                id="palette-input"
                class="palette-input"
                role="combobox"
                autofocus
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                aria-label=words!(common.palette)
                aria-expanded="true"
                aria-autocomplete="list"
                aria-controls="palette-lines"
                aria-activedescendant=attribute(move || (count() > 0).then(|| format!("palette-line-{}", self.at.get())))
                placeholder=words!(common.palette_hint)
                on:input=move |event| self.look_for(event_target_value(&event))
                on:keydown=on_key
            />
            <div id="palette-lines" class="palette-lines" role="listbox" aria-label=words!(common.palette)>
                {lines}
            </div>
        }
        .into_any()
    }

    fn line(self, index: usize, entry: &Entry) -> AnyView {
        let is_here = attribute(move || Some((self.at.get() == index).to_string()));
        let group =
            entry.group.map(|group| view! { <p class="palette-group" role="presentation">{group}</p> }.into_any());
        view! {
            {group}
            <div
                id=format!("palette-line-{index}")
                class="palette-line"
                role="option"
                aria-selected=is_here
                on:mousemove=move |_| {
                    if self.at.get_untracked() != index {
                        self.at.set(index);
                    }
                }
                on:click=move |_| self.run(index)
            >
                <span class="palette-name">{entry.name.clone()}</span>
                <span class="palette-aside">{entry.aside.clone()}</span>
            </div>
        }
        .into_any()
    }

    fn go(self, to: usize) {
        self.at.set(to);
        focus::show(&format!("#palette-line-{to}"));
    }

    /// Closes the palette, which gives the keyboard back, and does what stands in a line.
    fn run(self, index: usize) {
        let Some(run) = self.entries.with_untracked(|entries| entries.0.get(index).map(|entry| Arc::clone(&entry.run)))
        else {
            return;
        };
        (self.close.get_value())();
        clock::after(Duration::ZERO, move || run());
    }

    fn look_for(self, typed: String) {
        self.at.set(0);
        self.typed.set(typed.clone());
        let turn = self.turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        let is_newest = move || self.turn.try_get_value() == turn;
        clock::after(if typed.is_empty() { Duration::ZERO } else { PAUSE }, move || {
            if !is_newest() {
                return;
            }
            spawn_local(async move {
                let words = typed.trim();
                let looks_for = words.chars().any(char::is_alphanumeric);
                let q = if looks_for { format!("&q={}", encoded(words)) } else { String::new() };
                let path = format!("/api/documents?limit={DOCUMENTS}{q}");
                // Without an answer there are commands still.
                let found = self.workspace.account().get::<Page<DocumentSummary>>(&path).await;
                if is_newest() {
                    let _ = self.documents.try_set(found.map_or_else(|_| Vec::new(), |page| page.items));
                }
            });
        });
    }
}

fn key_map(close: Action) -> AnyView {
    let is_mac = page::is_mac();
    let line = |shortcut: &keys::Shortcut| {
        let mut ways = Vec::new();
        for way in shortcut.keys {
            let caps = caps(way, is_mac).into_iter().map(|cap| view! { <kbd>{cap}</kbd> }.into_any());
            ways.push(view! { <span class="key-way">{caps.collect::<Vec<_>>()}</span> }.into_any());
        }
        view! {
            <div class="key-line">
                <dt>{(shortcut.what)()}</dt>
                <dd>{ways}</dd>
            </div>
        }
        .into_any()
    };
    let groups = places().map(|(place, name)| {
        let lines = TABLE.iter().filter(|shortcut| shortcut.place == place).map(line).collect::<Vec<_>>();
        view! {
            <section class="key-group">
                <h3>{name}</h3>
                <dl>{lines}</dl>
            </section>
        }
        .into_any()
    });
    let groups = groups.into_iter().collect::<Vec<_>>();
    let content = view! { <div class="key-groups">{groups}</div> }.into_any();
    dialog(words!(common.key_map).to_owned(), "key-map", close, content)
}
