//! One thread: its place, what was said, and what can be done with it.

use std::sync::Arc;

use coval_shared::mention::{Piece, pieces};
use coval_shared::protocol::{Comment, CommentId, DocumentKind, Named};
use coval_shared::rest::{AddReply, EditComment, Nothing};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::composer::{Composer, composer, known};
use super::{Shown, place_words, reveal};
use crate::components::age;
use crate::connection::rest::{RestError, Verb};
use crate::dynamic::{dynamic, each, text, when};
use crate::platform::{clock, page};
use crate::state::Discussion;
use crate::state::discussion::Thread;
use crate::state::view::{colour_of, initials};
use crate::words;

/// How many answers are drawn at first: the newest.
const REPLIES: usize = 10;

/// The thread with the id `key`.
pub(super) fn card(shown: Shown, key: &str) -> AnyView {
    let discussion = shown.discussion;
    let Ok(id) = Uuid::parse_str(key).map(CommentId) else {
        return ().into_any();
    };
    let thread =
        Memo::new(move |_| discussion.said.with(|said| said.threads().into_iter().find(|thread| thread.id() == id)));
    let is_resolved = Memo::new(move |_| thread.with(|thread| thread.as_ref().is_some_and(Thread::is_resolved)));
    let is_unread = Memo::new(move |_| {
        thread.with(|thread| {
            let Some(thread) = thread else { return false };
            discussion.seen.with(|seen| seen.is_unread(thread, discussion.me()))
        })
    });
    let is_current = Memo::new(move |_| shown.current.get() == Some(id));
    let element = NodeRef::<Div>::new();
    Effect::new(move || {
        if is_current.get() {
            reveal(element);
        }
    });
    let classes = text(move || {
        let (unread, current) = (is_unread.get(), is_current.get());
        format!("thread{}{}", if unread { " unread" } else { "" }, if current { " current" } else { "" })
    });
    let take_note = move || {
        if let Some(thread) = thread.get_untracked() {
            discussion.take_note(&thread);
        }
    };
    let is_replying = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
    let reply = when(is_replying.into(), move || {
        composer(
            discussion,
            Composer {
                label: words!(together.reply),
                send: words!(together.reply),
                body: String::new(),
                names_people: true,
                may_be_empty: false,
                takes_keyboard: true,
                submit: Arc::new(move |body| Box::pin(answer(discussion, id, body))),
                close: Some(Arc::new(move || is_replying.set(false))),
                begun: Arc::new(|| {}),
            },
        )
    });
    let may = Signal::derive(move || discussion.session.may_comment.get() && !is_replying.get());
    let actions = when(may, move || {
        let resolve = move |_| {
            let is_open = !is_resolved.get_untracked();
            spawn_local(async move {
                let outcome = settle(discussion, id, is_open).await;
                let _ = problem.try_set(outcome.err().map(|error| error.words()).unwrap_or_default());
            });
        };
        let resolve_words = text(move || {
            let words = if is_resolved.get() { words!(together.reopen) } else { words!(together.resolve) };
            words.to_owned()
        });
        view! {
            <div class="thread-actions">
                <button type="button" class="quiet" data-action="reply-comment" on:click=move |_| is_replying.set(true)>
                    {words!(together.reply)}
                </button>
                <button type="button" class="quiet" data-action="resolve-thread" on:click=resolve>{resolve_words}</button>
            </div>
        }
        .into_any()
    });
    view! {
        <div
            class=classes
            node_ref=element
            role="article"
            data-testid="thread"
            data-thread=key.to_owned()
            data-resolved=text(move || is_resolved.get().to_string())
            data-unread=text(move || is_unread.get().to_string())
            on:click=move |_| take_note()
            on:focusin=move |_| take_note()
        >
            {dynamic(move || thread.with(|thread| thread.as_ref().map(|thread| place(discussion, thread)).into_any()))}
            {said(shown, thread)}
            <p class="form-error" role="alert">{text(move || problem.get())}</p>
            {reply}
            {actions}
        </div>
    }
    .into_any()
}

/// What the thread is about, and the way there.
fn place(discussion: Discussion, thread: &Thread) -> AnyView {
    let first = &thread.first;
    let resolved = first.resolved_by.as_ref().map(|by| {
        let words = words!(together.resolved_by, name = by.name.clone()).to_string();
        view! { <span class="muted thread-resolved">{words}</span> }.into_any()
    });
    let unread = view! { <span class="unread-dot" role="img" aria-label=words!(together.unread)></span> }.into_any();
    let place = match first.anchor.clone() {
        None => view! { <span class="thread-place">{words!(together.whole_document)}</span> }.into_any(),
        Some(_) if first.is_anchor_lost => {
            let words = words!(together.place_gone, quote = first.quote.clone()).to_string();
            view! { <span class="thread-place lost">{words}</span> }.into_any()
        }
        Some(anchor) => {
            let words = match place_words(discussion.session, &anchor) {
                words if words.is_empty() => first.quote.clone(),
                _ if discussion.session.kind.get_untracked() == Some(DocumentKind::Memo) => {
                    format!("“{}”", first.quote)
                }
                words => words,
            };
            view! {
                <button type="button" class="thread-place link" data-action="go-to-place" on:click=move |_| discussion.go_to(&anchor)>
                    {words}
                </button>
            }
            .into_any()
        }
    };
    view! { <div class="thread-head">{unread} {place} {resolved}</div> }.into_any()
}

fn said(shown: Shown, thread: Memo<Option<Thread>>) -> AnyView {
    let shows_all = RwSignal::new(false);
    let hidden = Memo::new(move |_| {
        match (thread.with(|thread| thread.as_ref().map_or(0, |it| it.replies.len())), shows_all.get()) {
            (_, true) => 0,
            (count, false) => count.saturating_sub(REPLIES),
        }
    });
    let first =
        Signal::derive(move || thread.with(|thread| thread.iter().map(|it| it.id().to_string()).collect::<Vec<_>>()));
    let replies = Signal::derive(move || {
        let hidden = hidden.get();
        thread.with(|thread| {
            let replies = thread.iter().flat_map(|thread| &thread.replies).skip(hidden);
            replies.map(|comment| comment.id.to_string()).collect::<Vec<_>>()
        })
    });
    let earlier = when(Signal::derive(move || hidden.get() > 0), move || {
        let words = text(move || words!(together.earlier_replies, count = hidden.get()).to_string());
        view! {
            <button type="button" class="quiet" data-action="earlier-replies" on:click=move |_| shows_all.set(true)>{words}</button>
        }
        .into_any()
    });
    view! {
        {each(first, move |key| comment(shown, &key))}
        {earlier}
        {each(replies, move |key| comment(shown, &key))}
    }
    .into_any()
}

fn comment(shown: Shown, key: &str) -> AnyView {
    let discussion = shown.discussion;
    let Ok(id) = Uuid::parse_str(key).map(CommentId) else {
        return ().into_any();
    };
    let now = Memo::new(move |_| discussion.said.with(|said| said.comment(id).cloned()));
    let is_edited = RwSignal::new(false);
    let edit = when(is_edited.into(), move || {
        let body =
            now.with_untracked(|comment| comment.as_ref().map(|comment| comment.body.clone()).unwrap_or_default());
        composer(
            discussion,
            Composer {
                label: words!(together.edit_comment),
                send: words!(together.save),
                body,
                names_people: true,
                may_be_empty: false,
                takes_keyboard: true,
                submit: Arc::new(move |body| Box::pin(say_anew(discussion, id, body))),
                close: Some(Arc::new(move || is_edited.set(false))),
                begun: Arc::new(|| {}),
            },
        )
    });
    let content = dynamic(move || {
        let _ = shown.minute.get();
        let is_edited_now = is_edited.get();
        now.with(|comment| comment.as_ref().map(|comment| look(shown, comment, is_edited, is_edited_now)).into_any())
    });
    view! { <div class="comment" id=format!("comment-{key}") data-testid="comment" data-comment=key.to_owned()>{content} {edit}</div> }
        .into_any()
}

fn look(shown: Shown, comment: &Comment, is_edited: RwSignal<bool>, is_edited_now: bool) -> AnyView {
    let discussion = shown.discussion;
    let age = age::in_words(comment.created_at_ms, clock::since_epoch());
    let edited =
        comment.edited_at_ms.map(|_| view! { <span class="muted">{words!(together.edited)}</span> }.into_any());
    let body = if comment.deleted_at_ms.is_some() {
        view! { <p class="muted comment-body">{words!(together.deleted)}</p> }.into_any()
    } else if is_edited_now {
        ().into_any()
    } else {
        body(discussion, comment)
    };
    let is_own = discussion.me() == Some(comment.author.id) && comment.deleted_at_ms.is_none() && !is_edited_now;
    let actions = is_own.then(|| own_actions(discussion, comment.id, is_edited));
    view! {
        <div class="comment-head">
            <span class=format!("avatar small {}", colour_of(comment.author.id.colour())) aria-hidden="true">
                {initials(&comment.author.name)}
            </span>
            <strong class="comment-author">{comment.author.name.clone()}</strong>
            <span class="muted comment-age">{age}</span>
            {edited}
            <span class="spacer"></span>
            {link(discussion, comment.id)}
            {actions}
        </div>
        {body}
    }
    .into_any()
}

/// What was said. All of it is text; who is named stands out.
fn body(discussion: Discussion, comment: &Comment) -> AnyView {
    let others = known(discussion);
    let name = |id| {
        let is_it = |person: &&Named| person.id == id;
        comment.mentions.iter().find(is_it).or_else(|| others.iter().find(is_it)).map(|person| person.name.clone())
    };
    let parts = pieces(&comment.body)
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned().into_any(),
            Piece::Person(id) => {
                let name = name(id).unwrap_or_else(|| words!(together.somebody).to_owned());
                let class = if discussion.me() == Some(id) { "mention me" } else { "mention" };
                view! { <span class=class>"@" {name}</span> }.into_any()
            }
        })
        .collect::<Vec<_>>();
    view! { <p class="comment-body" data-testid="comment-body">{parts}</p> }.into_any()
}

fn link(discussion: Discussion, id: CommentId) -> AnyView {
    let is_copied = RwSignal::new(false);
    let copy = move |_| {
        let path = format!("/document/{}#comment-{id}", discussion.session.id());
        spawn_local(async move {
            let _ = is_copied.try_set(page::copy(&page::absolute(&path)).await);
        });
    };
    let words = text(move || {
        let words = if is_copied.get() { words!(together.copied) } else { words!(together.copy_link) };
        words.to_owned()
    });
    view! {
        <button type="button" class="quiet small" data-action="copy-comment-link" on:click=copy on:blur=move |_| is_copied.set(false)>
            {words}
        </button>
    }
    .into_any()
}

/// Deleting asks once more, in place: it can't be undone.
fn own_actions(discussion: Discussion, id: CommentId, is_edited: RwSignal<bool>) -> AnyView {
    let is_asking = RwSignal::new(false);
    let delete = move |_| {
        if !is_asking.get_untracked() {
            return is_asking.set(true);
        }
        spawn_local(async move {
            let path = format!("/api/comment/{id}");
            // Its end comes back over the socket; a refusal leaves the comment where it is.
            let _ = discussion.workspace().account().send(Verb::Delete, &path, &Nothing {}).await;
        });
    };
    let words = text(move || {
        let words = if is_asking.get() { words!(together.delete_really) } else { words!(together.delete) };
        words.to_owned()
    });
    view! {
        <button type="button" class="quiet small" data-action="edit-comment" on:click=move |_| is_edited.set(true)>
            {words!(together.edit)}
        </button>
        <button type="button" class="quiet small" data-action="delete-comment" on:click=delete on:blur=move |_| is_asking.set(false)>
            {words}
        </button>
    }
    .into_any()
}

async fn answer(discussion: Discussion, thread: CommentId, body: String) -> Result<(), RestError> {
    let reply = AddReply { id: Some(CommentId(clock::new_uuid())), body };
    let path = format!("/api/comment/{thread}/replies");
    let comment: Comment = discussion.workspace().account().change(Verb::Post, &path, &reply).await?;
    discussion.take_comment(comment);
    Ok(())
}

async fn say_anew(discussion: Discussion, id: CommentId, body: String) -> Result<(), RestError> {
    let account = discussion.workspace().account();
    let comment: Comment = account.change(Verb::Patch, &format!("/api/comment/{id}"), &EditComment { body }).await?;
    discussion.take_comment(comment);
    Ok(())
}

async fn settle(discussion: Discussion, thread: CommentId, is_resolved: bool) -> Result<(), RestError> {
    let verb = if is_resolved { "resolve" } else { "reopen" };
    let path = format!("/api/comment/{thread}/{verb}");
    let comment: Comment = discussion.workspace().account().change(Verb::Post, &path, &Nothing {}).await?;
    discussion.take_comment(comment);
    Ok(())
}
