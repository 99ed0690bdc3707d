//! The memo as a text that many write at once.
//!
//! - `lines`: the text by lines, and what an edit does to them; no HTML yet.
//! - `surface`: the lines as elements, and where in them the selection is.
//! - `writing`: what becomes of what people type.
//! - `carets`: where others are.
//! - `tools`: the buttons above the text.
//! - [`preview`]: the memo as it is read, with live figures.

mod carets;
mod lines;
pub mod preview;
mod surface;
mod tools;
mod writing;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use coval_shared::anchor::Anchor;
use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use ot_core::json::Path;

use self::carets::Carets;
use self::writing::{Intent, Writing};
use crate::chunk::{self, Part, SplitLoaderError};
use crate::components::document_menu::step_of;
use crate::dynamic::{attribute, dynamic, text, when};
use crate::platform::page;
use crate::state::document::Step;
use crate::state::{Discussion, DocumentSession};
use crate::words;

/// The editor of `session`, whose code is a chunk of its own.
#[wasm_split_helpers::wasm_split(memo, fallible)]
pub(crate) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || view! { <Editor memo=Memo::new(session)/> }.into_any()))
}

/// What is shown of the memo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The text alone.
    Text,
    /// The text, and how it reads.
    Both,
    /// How it reads.
    Preview,
}

impl Shown {
    fn id(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Both => "both",
            Self::Preview => "preview",
        }
    }
}

/// A memo on the page. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Memo {
    session: DocumentSession,
    discussion: Option<Discussion>,
    writing: StoredValue<Rc<RefCell<Option<Writing>>>, LocalStorage>,
    carets: StoredValue<Rc<RefCell<Option<Carets>>>, LocalStorage>,
    is_drawing: StoredValue<bool>,
    shown: RwSignal<Shown>,
    /// Counts the changes of the text.
    changes: RwSignal<u64>,
}

impl Memo {
    fn new(session: DocumentSession) -> Self {
        let memo = Self {
            session,
            discussion: use_context(),
            writing: StoredValue::new_local(Rc::default()),
            carets: StoredValue::new_local(Rc::default()),
            is_drawing: StoredValue::new(false),
            shown: RwSignal::new(if page::is_narrow() { Shown::Text } else { Shown::Both }),
            changes: RwSignal::new(0),
        };
        session.listen_to_text(move |change| {
            memo.with(|writing| writing.changed(change));
            memo.changes.update(|changes| *changes = changes.wrapping_add(1));
            memo.draw_carets();
        });
        Effect::new(move || {
            session.carets.track();
            memo.draw_carets();
        });
        // Whoever follows somebody sees where they write.
        Effect::new(move || {
            if let Some(offset) = session.wanted_text.get() {
                session.wanted_text.set(None);
                memo.with(|writing| writing.reveal(offset));
            }
        });
        // A comment leads to the words that it is about.
        if let Some(discussion) = memo.discussion {
            Effect::new(move || {
                if let Some(Anchor::Text { start, end, .. }) = discussion.place.get() {
                    discussion.place.set(None);
                    memo.with(|writing| writing.go_to(start, end));
                }
            });
        }
        memo
    }

    fn with<T>(&self, act: impl FnOnce(&mut Writing) -> T) -> Option<T> {
        let writing = self.writing.try_get_value()?;
        let mut writing = writing.try_borrow_mut().ok()?;
        writing.as_mut().map(act)
    }

    /// Does what `act` finds is to be done.
    fn act(&self, act: impl FnOnce(&mut Writing) -> Option<Intent>) {
        if !self.session.may_edit.get_untracked() {
            return;
        }
        match self.with(act).flatten() {
            Some(Intent::Edit(op, caret)) => {
                let is_edited = self.session.edit_text(op);
                self.with(|writing| {
                    if is_edited {
                        writing.put_caret(Some(caret))
                    }
                });
            }
            Some(Intent::Step(step)) => self.step(step),
            None => {}
        }
    }

    fn step(&self, step: Step) {
        if self.session.steps.get_untracked().allow(step) {
            self.session.step(step);
            self.with(|writing| writing.put_caret(None));
        }
    }

    /// Begins a comment on what is selected, or on the memo as a whole.
    fn comment(&self) {
        let selected = self.with(|writing| writing.selected()).filter(|(start, end)| start < end);
        if let Some(discussion) = self.discussion {
            let anchor = selected.map(|(start, end)| Anchor::Text { path: Path::default(), start, end });
            discussion.comment_on(anchor);
        }
    }

    /// Draws the carets of others with the next frame, however much happens before.
    fn draw_carets(&self) {
        let memo = *self;
        if memo.is_drawing.try_update_value(|is_drawing| std::mem::replace(is_drawing, true)) != Some(false) {
            return;
        }
        request_animation_frame(move || {
            let _ = memo.is_drawing.try_set_value(false);
            let Some(carets) = memo.carets.try_get_value() else {
                return;
            };
            if let Some(carets) = carets.borrow_mut().as_mut() {
                let others = memo.session.carets.get_untracked();
                memo.with(|writing| carets.draw(&others, writing.lines(), writing.surface()));
            }
        });
    }
}

#[component]
fn Editor(memo: Memo) -> impl IntoView {
    let session = memo.session;
    let (root, layer) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    Effect::new(move || {
        if let (Some(root), Some(layer)) = (root.get(), layer.get()) {
            let writing = Writing::new(session, root.into());
            memo.writing.get_value().replace(Some(writing));
            memo.carets.get_value().replace(Some(Carets::new(layer.into())));
            memo.draw_carets();
        }
    });
    page::on_selection_change(move || {
        memo.with(Writing::select_changed);
    });
    on_cleanup(move || session.show_text_selection(None));
    let on_beforeinput = move |event: ev::InputEvent| {
        if !session.may_edit.get_untracked() {
            return event.prevent_default();
        }
        memo.act(|writing| writing.before_input(&event));
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let control = (event.ctrl_key() || event.meta_key()) && !event.is_composing();
        if control && event.alt_key() && event.code() == "KeyM" {
            event.prevent_default();
            return memo.comment();
        }
        if let Some(step) = step_of(&event) {
            event.prevent_default();
            memo.step(step);
        }
    };
    let read_only = attribute(move || Some((!session.may_edit.get()).to_string()));
    let editable = attribute(move || Some(session.may_edit.get().to_string()));
    let preview = when(Signal::derive(move || memo.shown.get() != Shown::Text), move || {
        chunk::shown(move || Box::pin(preview::part(session, memo.changes)))
    });
    let comment = when(session.may_comment.into(), move || tools::comment(memo));
    let tools = dynamic(move || if session.may_edit.get() { tools::tools(memo) } else { ().into_any() });
    view! {
        <main class="memo" data-shown=text(move || memo.shown.get().id().to_owned())>
            <div class="memo-tools" role="toolbar" aria-label=words!(memo.tools)>
                {tools}
                {comment}
                <span class="spacer"></span>
                {tools::views(memo)}
            </div>
            <div class="memo-views">
                <div class="memo-page">
                    <div class="memo-sheet">
                        <div
                            class="memo-text"
                            node_ref=root
                            contenteditable=editable
                            role="textbox"
                            aria-multiline="true"
                            aria-readonly=read_only
                            aria-label=words!(memo.text)
                            tabindex="0"
                            spellcheck="true"
                            data-testid="memo"
                            data-revision=text(move || session.fingerprint.with(|print| print.revision.to_string()))
                            data-digest=text(move || session.fingerprint.with(|print| print.digest.clone()))
                            on:beforeinput=on_beforeinput
                            on:input=move |_| memo.act(Writing::input)
                            on:compositionstart=move |_| {
                                memo.with(Writing::composition_began);
                            }
                            on:compositionend=move |_| {
                                memo.act(Writing::input);
                                memo.with(Writing::composition_ended);
                            }
                            on:keydown=on_keydown
                        ></div>
                        <div class="memo-carets" node_ref=layer aria-hidden="true"></div>
                    </div>
                </div>
                {preview}
            </div>
        </main>
    }
}
