//! What people say about the document: threads of comments, and notes and highlights on cells.
//!
//! - `thread`: one thread.
//! - `composer`: where a comment is written.
//! - `mentions`: people in the text of a comment.
//! - `notes`: annotations.

mod composer;
mod mentions;
mod notes;
mod thread;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use coval_shared::anchor::{Anchor, Anchored};
use coval_shared::history::memo_op;
use coval_shared::model::{CellRef, ItemId, PeriodId};
use coval_shared::protocol::{Comment, CommentId};
use coval_shared::rest::AddComment;
use leptos::html::Div;
use leptos::prelude::*;

use self::composer::{Composer, composer};
use crate::chunk::{Part, SplitLoaderError};
use crate::connection::rest::{RestError, Verb};
use crate::dynamic::{attribute, dynamic, each, text, when};
use crate::platform::clock;
use crate::state::discussion::{Filter, Listed, Wanted};
use crate::state::document::TextChange;
use crate::state::{Discussion, DocumentSession};
use crate::words;

/// How many threads are drawn before somebody asks for more.
const SHOWN: usize = 40;

/// Something on its way to the server.
type Sending = Pin<Box<dyn Future<Output = Result<(), RestError>>>>;

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(talk, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || match use_context::<Discussion>() {
        Some(discussion) => panel(discussion),
        None => panel(Discussion::new(session, expect_context())),
    }))
}

/// What the panel shows. Cheap to copy.
#[derive(Clone, Copy)]
struct Shown {
    discussion: Discussion,
    filter: RwSignal<Filter>,
    /// Whether the notes are shown and not the threads.
    is_notes: RwSignal<bool>,
    /// What a new thread is about.
    target: RwSignal<Target>,
    /// Counts how often somebody asked to write something.
    begun: RwSignal<u32>,
    /// The thread to which the person was led.
    current: RwSignal<Option<CommentId>>,
    /// How many threads are drawn.
    count: RwSignal<usize>,
    /// Follows the minutes, for ages.
    minute: RwSignal<u32>,
}

/// What a new comment is about.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    /// The cells in which the person is.
    Here,
    /// This place; nothing for the whole document.
    There(Option<Anchor>),
}

impl Shown {
    /// What a new comment is about at the moment, followed.
    fn anchor(&self) -> Option<Anchor> {
        match self.target.get() {
            Target::There(anchor) => anchor,
            Target::Here => self.discussion.followed_here(),
        }
    }

    /// What is written stays about what it was begun about, wherever the person goes.
    fn hold(&self) {
        if self.target.get_untracked() == Target::Here {
            self.target.set(Target::There(untrack(|| self.anchor())));
        }
    }

    /// The text that a new comment is about goes along with what is written around it. When it is gone, the comment is
    /// about the whole memo.
    fn carry(&self, change: &TextChange) {
        let TextChange::Edited(op) = change else { return };
        let Target::There(Some(anchor @ Anchor::Text { .. })) = self.target.get_untracked() else {
            return;
        };
        let mut anchored = Anchored { anchor, quote: String::new(), is_lost: false };
        anchored.carry(&memo_op(op.clone()));
        let there = (!anchored.is_lost && anchored.anchor.check().is_ok()).then_some(anchored.anchor);
        self.target.set(Target::There(there));
    }

    fn lead(&self, wanted: Wanted) {
        self.is_notes.set(false);
        match wanted {
            Wanted::New(anchor) => {
                self.target.set(Target::There(anchor));
                self.begun.update(|count| *count = count.wrapping_add(1));
            }
            Wanted::Comment(id) => {
                let thread = self.discussion.said.with_untracked(|said| {
                    let thread = said.comment(id)?.thread;
                    said.comment(thread).cloned()
                });
                let Some(first) = thread else {
                    // It may be settled, and then it was not asked for yet.
                    self.filter.set(Filter::Resolved);
                    return self.current.set(Some(id));
                };
                self.filter.set(if first.resolved_at_ms.is_some() { Filter::Resolved } else { Filter::Open });
                self.current.set(Some(first.id));
                if let Some(anchor) = first.anchor.as_ref().filter(|_| !first.is_anchor_lost) {
                    self.discussion.go_to(anchor);
                }
            }
        }
    }
}

fn panel(discussion: Discussion) -> AnyView {
    let shown = Shown {
        discussion,
        filter: RwSignal::default(),
        is_notes: RwSignal::new(false),
        target: RwSignal::new(Target::Here),
        begun: RwSignal::new(0),
        current: RwSignal::new(None),
        count: RwSignal::new(SHOWN),
        minute: RwSignal::new(0),
    };
    discussion.session.listen_to_text(move |change| shown.carry(change));
    if let Ok(handle) = set_interval_with_handle(
        move || shown.minute.update(|minute| *minute = minute.wrapping_add(1)),
        std::time::Duration::from_secs(60),
    ) {
        on_cleanup(move || handle.clear());
    }
    Effect::new(move || {
        // Where somebody is led may not have arrived yet.
        let is_loaded = discussion.is_loaded.get();
        let wanted = discussion.wanted.get();
        let is_new = matches!(wanted, Some(Wanted::New(_)));
        if let Some(wanted) = wanted.filter(|_| is_loaded || is_new) {
            discussion.wanted.set(None);
            shown.lead(wanted);
        }
    });
    Effect::new(move || {
        let is_asked = shown.filter.get() == Filter::Resolved && discussion.is_loaded.get();
        if is_asked && discussion.resolved.with(|listed| *listed == Listed::Nothing) {
            discussion.fetch_resolved();
        }
    });
    let tab = move |is_notes: bool, name: &'static str, id: &'static str| {
        let pressed = attribute(move || Some((shown.is_notes.get() == is_notes).to_string()));
        view! {
            <button type="button" class="tab" aria-pressed=pressed data-tab=id on:click=move |_| shown.is_notes.set(is_notes)>
                {name}
            </button>
        }
        .into_any()
    };
    let content = dynamic(move || if shown.is_notes.get() { notes::list(shown) } else { threads(shown) });
    view! {
        <div class="tabs" role="group" aria-label=words!(together.comments)>
            {tab(false, words!(together.threads), "threads")}
            {tab(true, words!(together.notes), "notes")}
        </div>
        {content}
    }
    .into_any()
}

fn threads(shown: Shown) -> AnyView {
    let discussion = shown.discussion;
    let may_comment = discussion.session.may_comment;
    let new = when(may_comment.into(), move || new_thread(shown));
    let filters = [
        (Filter::Open, words!(together.filter_open), "open"),
        (Filter::Mine, words!(together.filter_mine), "mine"),
        (Filter::Resolved, words!(together.filter_resolved), "resolved"),
    ]
    .map(|(filter, name, id)| {
        let pressed = attribute(move || Some((shown.filter.get() == filter).to_string()));
        view! {
            <button type="button" class="chip" aria-pressed=pressed data-filter=id on:click=move |_| shown.filter.set(filter)>
                {name}
            </button>
        }
        .into_any()
    });
    let all = Memo::new(move |_| {
        let (me, filter) = (discussion.me(), shown.filter.get());
        let threads = discussion.said.with(|said| said.threads());
        threads.into_iter().filter(|thread| filter.shows(thread, me)).map(|thread| thread.id()).collect::<Vec<_>>()
    });
    let keys = Signal::derive(move || {
        let count = shown.count.get();
        all.with(|all| all.iter().take(count).map(CommentId::to_string).collect::<Vec<_>>())
    });
    let more = when(Signal::derive(move || all.with(Vec::len) > shown.count.get() || is_more(shown)), move || {
        let on_click = move |_| {
            shown.count.update(|count| *count = count.saturating_add(SHOWN));
            if is_more(shown) {
                discussion.fetch_resolved();
            }
        };
        view! {
            <button type="button" class="button" data-action="more-comments" on:click=on_click>
                {words!(together.more)}
            </button>
        }
        .into_any()
    });
    let empty = when(Signal::derive(move || all.with(Vec::is_empty)), move || nothing(shown));
    let unread = when(Signal::derive(move || discussion.unread() > 0), move || {
        view! {
            <button type="button" class="quiet" data-action="read-all-comments" on:click=move |_| discussion.take_note_of_all()>
                {words!(together.mark_all_read)}
            </button>
        }
        .into_any()
    });
    view! {
        {new}
        <div class="filters" role="group" aria-label=words!(together.filter)>
            {filters.into_iter().collect::<Vec<_>>()}
            <span class="spacer"></span>
            {unread}
        </div>
        <div class="threads" aria-live="polite" data-testid="threads">
            {each(keys, move |key| thread::card(shown, &key))}
        </div>
        {empty}
        {more}
    }
    .into_any()
}

fn is_more(shown: Shown) -> bool {
    shown.filter.get() == Filter::Resolved && shown.discussion.resolved.with(|listed| matches!(listed, Listed::UpTo(_)))
}

/// What stands there when there is no thread: why, and what to do.
fn nothing(shown: Shown) -> AnyView {
    let discussion = shown.discussion;
    dynamic(move || {
        if let Some(problem) = discussion.problem.get() {
            return view! {
                <div class="empty" role="alert">
                    <p>{problem.words()}</p>
                    <button type="button" class="button" on:click=move |_| discussion.fetch()>{words!(common.try_again)}</button>
                </div>
            }
            .into_any();
        }
        let words = match (discussion.is_loaded.get(), shown.filter.get()) {
            (false, _) => words!(common.loading),
            (true, Filter::Open) => words!(together.no_open_threads),
            (true, Filter::Mine) => words!(together.no_threads_of_mine),
            (true, Filter::Resolved) => words!(together.no_resolved_threads),
        };
        view! { <p class="muted panel-empty">{words}</p> }.into_any()
    })
    .into_any()
}

/// Where a thread is begun, with what it will be about.
fn new_thread(shown: Shown) -> AnyView {
    let discussion = shown.discussion;
    let place = text(move || match shown.anchor() {
        Some(anchor) => place_words(discussion.session, &anchor),
        None => words!(together.whole_document).to_owned(),
    });
    let switch = move || {
        let is_whole = untrack(|| shown.anchor()).is_none();
        let here = discussion.here();
        shown.target.set(if is_whole && here.is_some() { Target::Here } else { Target::There(None) });
    };
    let switch_words = text(move || {
        let words = if shown.anchor().is_some() {
            words!(together.on_whole_document)
        } else {
            words!(together.on_selected_cell)
        };
        words.to_owned()
    });
    let can_switch = Signal::derive(move || shown.anchor().is_some() || discussion.session.at.get().is_some());
    let button = when(can_switch, move || {
        view! {
            <button type="button" class="quiet" data-action="switch-comment-target" on:click=move |_| switch()>
                {switch_words}
            </button>
        }
        .into_any()
    });
    let field = dynamic(move || {
        let is_asked = shown.begun.get() > 0;
        composer(
            discussion,
            Composer {
                label: words!(together.new_comment),
                send: words!(together.send),
                body: String::new(),
                names_people: true,
                may_be_empty: false,
                takes_keyboard: is_asked,
                submit: Arc::new(move |body| Box::pin(begin(shown, body))),
                close: None,
                begun: Arc::new(move || shown.hold()),
            },
        )
    });
    view! {
        <section class="new-thread" aria-label=words!(together.new_comment)>
            <div class="new-thread-place">
                <span class="thread-place" data-testid="comment-target">{place}</span>
                {button}
            </div>
            {field}
        </section>
    }
    .into_any()
}

async fn begin(shown: Shown, body: String) -> Result<(), RestError> {
    let discussion = shown.discussion;
    let (session, account) = (discussion.session, discussion.workspace().account());
    // The server knows the place only when it has the edits that the place is made by.
    let revision = session.saved_revision().await;
    let comment = AddComment {
        id: Some(CommentId(clock::new_uuid())),
        body,
        anchor: untrack(|| shown.target.try_with(|_| shown.anchor()).flatten()),
        revision,
    };
    let path = format!("/api/document/{}/comments", session.id());
    let comment: Comment = account.change(Verb::Post, &path, &comment).await?;
    discussion.take_comment(comment);
    let _ = shown.target.try_set(Target::Here);
    let _ = shown.filter.try_set(Filter::Open);
    Ok(())
}

/// An anchor in words, as it stands in the document now.
fn place_words(session: DocumentSession, anchor: &Anchor) -> String {
    let _ = session.layout.read();
    match anchor {
        Anchor::Cell { item, period } => session.cell_words(&CellRef { item: item.clone(), period: period.clone() }),
        Anchor::Cells { items, periods } => {
            let word = |item: Option<&ItemId>, period: Option<&PeriodId>| {
                let cell = item.map(|item| CellRef { item: item.clone(), period: period.cloned() });
                cell.map(|cell| session.cell_words(&cell)).unwrap_or_default()
            };
            format!("{} – {}", word(items.first(), periods.first()), word(items.last(), periods.last()))
        }
        Anchor::Text { .. } => words!(together.selected_text).to_owned(),
    }
}

/// Scrolls `element` into sight.
fn reveal(element: NodeRef<Div>) {
    if let Some(element) = element.get() {
        element.scroll_into_view();
    }
}
