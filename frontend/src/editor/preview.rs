//! The memo as it is read. Blocks that stay the same keep their elements, so that a long memo follows the typing.

mod figures;
mod markdown;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use self::figures::{Figure, Figures};
use self::markdown::{Node, Outline};
use crate::chunk::{Part, SplitLoaderError};
use crate::components::Action;
use crate::platform::clock;
use crate::state::{DocumentSession, Workspace};
use crate::words;

/// The preview follows when nothing has changed for so long: whoever types is not held up.
const PAUSE: Duration = Duration::from_millis(150);

/// Where changes go on, it is drawn meanwhile, as often as takes one part of so many of the time.
const SHARE: u32 = 100;

/// But at the latest after so long.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// How long figures are waited for before a memo is printed without them.
const PATIENCE: Duration = Duration::from_secs(4);

/// The preview of `session`, which follows `changes` of its text.
#[wasm_split_helpers::wasm_split(memo, fallible)]
pub(crate) fn part(session: DocumentSession, changes: RwSignal<u64>) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || view! { <Preview session changes/> }.into_any()))
}

#[component]
fn Preview(session: DocumentSession, changes: RwSignal<u64>) -> impl IntoView {
    let figures = Figures::new(expect_context::<Workspace>());
    let root = NodeRef::<Div>::new();
    let sheet = StoredValue::new_local(Rc::new(RefCell::new(Sheet::default())));
    let waiting = StoredValue::new(None::<Waiting>);
    let patience = StoredValue::new(PAUSE);
    let draw = move || {
        let (Some(root), Some(sheet)) = (root.try_get_untracked().flatten(), sheet.try_get_value()) else {
            return;
        };
        let begin = clock::since_start();
        session.with_text(|text| sheet.borrow_mut().draw(&root, text, figures));
        let took = clock::since_start().saturating_sub(begin);
        patience.set_value(took.saturating_mul(SHARE).clamp(PAUSE, LONGEST_WAIT));
    };
    Effect::new(move || {
        let _ = root.get();
        draw();
    });
    Effect::new(move |before: Option<()>| {
        changes.track();
        if before.is_some() {
            let now = clock::since_start();
            let first = waiting.with_value(|waiting| waiting.map(|waiting| waiting.first));
            waiting.set_value(Some(Waiting { first: first.unwrap_or(now), last: now }));
            if first.is_none() {
                clock::after(PAUSE, move || draw_in_a_pause(waiting, patience, draw));
            }
        }
    });
    view! {
        <div class="memo-preview" data-testid="preview" tabindex="0" role="region" aria-label=words!(memo.preview)>
            <div class="prose" node_ref=root></div>
        </div>
    }
}

/// The memo of `session` to be printed. `ready` is called once, when it stands there with its figures.
#[wasm_split_helpers::wasm_split(memo, fallible)]
pub(crate) fn printed(session: DocumentSession, ready: Action) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || {
        let ready = Arc::clone(&ready);
        view! { <Printed session ready/> }.into_any()
    }))
}

#[component]
fn Printed(session: DocumentSession, ready: Action) -> impl IntoView {
    let figures = Figures::new(expect_context::<Workspace>());
    let root = NodeRef::<Div>::new();
    let sheet = StoredValue::new_local(Sheet::default());
    let (is_drawn, is_late) = (RwSignal::new(false), RwSignal::new(false));
    root.on_load(move |root| {
        sheet.update_value(|sheet| {
            session.with_text(|text| sheet.draw(&root, text, figures));
        });
        is_drawn.set(true);
        clock::after(PATIENCE, move || {
            let _ = is_late.try_set(true);
        });
    });
    let is_ready = Memo::new(move |_| is_late.get() || is_drawn.get() && figures.are_known());
    Effect::new(move || {
        if is_ready.get() {
            ready();
        }
    });
    view! { <div class="prose" node_ref=root></div> }
}

/// When the changes came that are not drawn yet.
#[derive(Clone, Copy)]
struct Waiting {
    first: Duration,
    last: Duration,
}

fn draw_in_a_pause(
    waiting: StoredValue<Option<Waiting>>,
    patience: StoredValue<Duration>,
    draw: impl Fn() + Copy + 'static,
) {
    let (Some(Some(Waiting { first, last })), Some(longest)) = (waiting.try_get_value(), patience.try_get_value())
    else {
        return;
    };
    let now = clock::since_start();
    let pause = now.saturating_sub(last);
    if pause < PAUSE && now.saturating_sub(first) < longest {
        clock::after(PAUSE.saturating_sub(pause), move || draw_in_a_pause(waiting, patience, draw));
        return;
    }
    waiting.set_value(None);
    draw();
}

/// What is drawn: the blocks with their texts, and the figures among them.
#[derive(Default)]
struct Sheet {
    blocks: Vec<(String, Drawn)>,
}

#[derive(Clone)]
struct Drawn {
    element: web_sys::Node,
    titles: BTreeSet<String>,
    /// Keeps the figures of the block up to date, as long as it is there.
    owner: Owner,
}

impl Sheet {
    fn draw(&mut self, root: &HtmlElement, text: &str, figures: Figures) {
        let new = Outline::of(text);
        let source = |index: usize| new.source(index).and_then(|source| text.get(source)).unwrap_or_default();
        let known = self.blocks.len();
        let same_at_start = (0..new.len().min(known))
            .take_while(|index| self.blocks.get(*index).is_some_and(|(known, _)| known == source(*index)))
            .count();
        let longest_end = new.len().min(known).saturating_sub(same_at_start);
        let same_at_end = (1..=longest_end)
            .take_while(|back| {
                let before = self.blocks.get(known.saturating_sub(*back));
                before.is_some_and(|(known, _)| known == source(new.len().saturating_sub(*back)))
            })
            .count();
        let next = self.blocks.get(known.saturating_sub(same_at_end)).map(|(_, drawn)| drawn.element.clone());
        let changed: Vec<(String, Drawn)> = (same_at_start..new.len().saturating_sub(same_at_end))
            .filter_map(|index| Some((source(index).to_owned(), drawn(&new.node(index)?, figures)?)))
            .collect();
        for (_, drawn) in &changed {
            // The place is within the preview.
            let _ = root.insert_before(&drawn.element, next.as_ref());
        }
        let gone = self.blocks.splice(same_at_start..known.saturating_sub(same_at_end), changed);
        for (_, drawn) in gone {
            if let Some(parent) = drawn.element.parent_node() {
                let _ = parent.remove_child(&drawn.element);
            }
            drawn.owner.cleanup();
        }
        let titles: BTreeSet<String> = self.blocks.iter().flat_map(|(_, drawn)| drawn.titles.clone()).collect();
        figures.want(titles);
        let _ = root.set_attribute("data-empty", if self.blocks.is_empty() { words!(memo.preview_empty) } else { "" });
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        for (_, drawn) in &self.blocks {
            drawn.owner.cleanup();
        }
    }
}

fn drawn(node: &Node, figures: Figures) -> Option<Drawn> {
    let owner = Owner::new();
    let mut titles = BTreeSet::new();
    let element = owner.with(|| made(node, figures, &mut titles))?;
    Some(Drawn { element, titles, owner })
}

fn made(node: &Node, figures: Figures, titles: &mut BTreeSet<String>) -> Option<web_sys::Node> {
    match node {
        Node::Text(text) => Some(document().create_text_node(text).into()),
        Node::Figure { title, name } => {
            titles.insert(title.clone());
            let element = document().create_element("output").ok()?;
            let (shown, title, name) = (element.clone(), title.clone(), name.clone());
            Effect::new(move || show(&shown, &figures.figure(&title, &name)));
            Some(element.into())
        }
        Node::Element { name, attributes, children } => {
            let element: Element = document().create_element(name).ok()?;
            for (key, value) in attributes {
                element.set_attribute(key, value).ok()?;
            }
            for child in children {
                element.append_child(&made(child, figures, titles)?).ok()?;
            }
            element.dyn_into().ok()
        }
    }
}

fn show(element: &Element, figure: &Figure) {
    element.set_text_content(Some(&figure.text));
    element.set_class_name(if figure.is_good { "figure" } else { "figure wrong" });
    // Every element takes these.
    let _ = element.set_attribute("title", &figure.title);
    let _ = element.set_attribute("data-testid", "figure");
}
