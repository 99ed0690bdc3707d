//! Notes and highlights on cells, without a thread.

use std::sync::Arc;

use coval_shared::anchor::Anchor;
use coval_shared::protocol::{Annotation, AnnotationId, AnnotationKind, UserId};
use coval_shared::rest::{AddAnnotation, ChangeAnnotation, Nothing};
use leptos::html::Select;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ot_core::Revision;
use uuid::Uuid;

use super::composer::{Composer, composer};
use super::{SHOWN, Shown, place_words};
use crate::components::age;
use crate::connection::rest::{RestError, Verb};
use crate::dynamic::{attribute, dynamic, each, when};
use crate::platform::clock;
use crate::state::Discussion;
use crate::words;

/// The notes and highlights of the document.
pub(super) fn list(shown: Shown) -> AnyView {
    let discussion = shown.discussion;
    let all = Memo::new(move |_| {
        discussion.said.with(|said| said.annotations().into_iter().map(|it| it.id.to_string()).collect::<Vec<_>>())
    });
    let keys = Signal::derive(move || {
        let count = shown.count.get();
        all.with(|all| all.iter().take(count).cloned().collect::<Vec<_>>())
    });
    let new = when(discussion.session.may_comment.into(), move || new_note(shown));
    let empty = when(Signal::derive(move || all.with(Vec::is_empty)), || {
        view! { <p class="muted panel-empty">{words!(together.no_notes)}</p> }.into_any()
    });
    let more = when(Signal::derive(move || all.with(Vec::len) > shown.count.get()), move || {
        let on_click = move |_| shown.count.update(|count| *count = count.saturating_add(SHOWN));
        view! { <button type="button" class="button" on:click=on_click>{words!(together.more)}</button> }.into_any()
    });
    view! {
        {new}
        <div class="threads" aria-live="polite" data-testid="notes">{each(keys, move |key| card(shown, &key))}</div>
        {empty}
        {more}
    }
    .into_any()
}

fn new_note(shown: Shown) -> AnyView {
    let discussion = shown.discussion;
    let colour = RwSignal::new(discussion.me().map(UserId::colour).unwrap_or_default());
    let kind = NodeRef::<Select>::new();
    let place = dynamic(move || match shown.anchor() {
        Some(anchor) => place_words(discussion.session, &anchor).into_any(),
        None => view! { <span class="muted">{words!(together.select_a_cell)}</span> }.into_any(),
    });
    let field = composer(
        discussion,
        Composer {
            label: words!(together.note_text),
            send: words!(together.add),
            body: String::new(),
            names_people: false,
            may_be_empty: true,
            takes_keyboard: false,
            submit: Arc::new(move |body| {
                let is_highlight = kind.get_untracked().is_some_and(|kind| kind.value() == "highlight");
                let kind = if is_highlight { AnnotationKind::Highlight } else { AnnotationKind::Note };
                Box::pin(add(shown, kind, colour.get_untracked(), body))
            }),
            close: None,
            begun: Arc::new(|| {}),
        },
    );
    view! {
        <section class="new-thread" aria-label=words!(together.new_note)>
            <div class="new-thread-place">
                <span class="thread-place">{place}</span>
                <select node_ref=kind aria-label=words!(together.kind) data-testid="note-kind">
                    <option value="note">{words!(together.note)}</option>
                    <option value="highlight">{words!(together.highlight)}</option>
                </select>
            </div>
            {swatches(colour)}
            {field}
        </section>
    }
    .into_any()
}

fn swatches(colour: RwSignal<u8>) -> AnyView {
    let swatch = |number: u8| {
        let pressed = attribute(move || Some((colour.get() == number).to_string()));
        let name = words!(together.colour_number, number = u32::from(number).saturating_add(1)).to_string();
        view! {
            <button
                type="button"
                class=format!("swatch person-{number}")
                aria-pressed=pressed
                aria-label=name.clone()
                title=name
                on:click=move |_| colour.set(number)
            ></button>
        }
        .into_any()
    };
    let all = (0..UserId::COLOURS).map(swatch).collect::<Vec<_>>();
    view! { <div class="swatches" role="group" aria-label=words!(together.colour)>{all}</div> }.into_any()
}

fn card(shown: Shown, key: &str) -> AnyView {
    let discussion = shown.discussion;
    let Ok(id) = Uuid::parse_str(key).map(AnnotationId) else {
        return ().into_any();
    };
    let now = Memo::new(move |_| discussion.said.with(|said| said.annotation(id).cloned()));
    let is_edited = RwSignal::new(false);
    let edit = when(is_edited.into(), move || {
        let body = now.with_untracked(|note| note.as_ref().map(|note| note.body.clone()).unwrap_or_default());
        composer(
            discussion,
            Composer {
                label: words!(together.note_text),
                send: words!(together.save),
                body,
                names_people: false,
                may_be_empty: false,
                takes_keyboard: true,
                submit: Arc::new(move |body| Box::pin(change(discussion, id, body))),
                close: Some(Arc::new(move || is_edited.set(false))),
                begun: Arc::new(|| {}),
            },
        )
    });
    let content = dynamic(move || {
        let _ = shown.minute.get();
        now.with(|note| note.as_ref().map(|note| look(discussion, note, is_edited)).into_any())
    });
    view! { <div class="thread note" data-testid="note" data-note-id=key.to_owned()>{content} {edit}</div> }.into_any()
}

fn look(discussion: Discussion, note: &Annotation, is_edited: RwSignal<bool>) -> AnyView {
    let age = age::in_words(note.created_at_ms, clock::since_epoch());
    let anchor = note.anchor.clone();
    let place = if note.is_anchor_lost {
        let words = words!(together.place_gone, quote = note.quote.clone()).to_string();
        view! { <span class="thread-place lost">{words}</span> }.into_any()
    } else {
        let words = match &anchor {
            Anchor::Text { .. } => format!("“{}”", note.quote),
            anchor => place_words(discussion.session, anchor),
        };
        view! { <button type="button" class="thread-place link" on:click=move |_| discussion.go_to(&anchor)>{words}</button> }
            .into_any()
    };
    let id = note.id;
    let own = (discussion.me() == Some(note.author.id)).then(|| {
        let delete = move |_| {
            spawn_local(async move {
                let path = format!("/api/annotation/{id}");
                // Its end comes back over the socket; a refusal leaves it where it is.
                let _ = discussion.workspace().account().send(Verb::Delete, &path, &Nothing {}).await;
            });
        };
        view! {
            <button type="button" class="quiet small" data-action="edit-note" on:click=move |_| is_edited.set(true)>
                {words!(together.edit)}
            </button>
            <button type="button" class="quiet small" data-action="delete-note" on:click=delete>{words!(together.delete)}</button>
        }
        .into_any()
    });
    let kind = match note.kind {
        AnnotationKind::Note => words!(together.note),
        AnnotationKind::Highlight => words!(together.highlight),
    };
    view! {
        <div class="thread-head">
            <span class=format!("note-colour person-{}", note.colour) aria-hidden="true"></span>
            {place}
            <span class="muted">{kind}</span>
        </div>
        <p class="comment-body">{note.body.clone()}</p>
        <div class="comment-head">
            <span class="muted">{format!("{} · {age}", note.author.name)}</span>
            <span class="spacer"></span>
            {own}
        </div>
    }
    .into_any()
}

async fn add(shown: Shown, kind: AnnotationKind, colour: u8, body: String) -> Result<(), RestError> {
    let discussion = shown.discussion;
    let Some(anchor) = untrack(|| shown.anchor()) else {
        return Err(RestError::Refused(None, words!(together.select_a_cell).to_owned()));
    };
    let revision = discussion.session.fingerprint.with_untracked(|print| Revision(print.revision));
    let id = Some(AnnotationId(clock::new_uuid()));
    let note = AddAnnotation { id, kind, colour, body, anchor, revision: Some(revision) };
    let path = format!("/api/document/{}/annotations", discussion.session.id());
    let note: Annotation = discussion.workspace().account().change(Verb::Post, &path, &note).await?;
    discussion.take_annotation(note);
    Ok(())
}

async fn change(discussion: Discussion, id: AnnotationId, body: String) -> Result<(), RestError> {
    let change = ChangeAnnotation { body: Some(body), colour: None };
    let path = format!("/api/annotation/{id}");
    let note: Annotation = discussion.workspace().account().change(Verb::Patch, &path, &change).await?;
    discussion.take_annotation(note);
    Ok(())
}
