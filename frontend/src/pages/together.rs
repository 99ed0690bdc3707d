//! What binds the page of a document to what people say about it: links to comments, and the keys.

use std::time::Duration;

use coval_shared::protocol::{ClientMessage, CommentId, Selection};
use leptos::ev;
use leptos::prelude::*;
use uuid::Uuid;

use super::Fragment;
use crate::components::commands::{Command, Commands};
use crate::panels::{Panel, Panels};
use crate::platform::clock;
use crate::sheet::Sheet;
use crate::sheet::range::Block;
use crate::state::{Blocks, Discussion, DocumentSession, Workspace};
use crate::words;

/// After how long others are told once more that somebody types: less than the server waits for it.
const AGAIN: Duration = Duration::from_secs(3);

/// Gives the page of `session` its discussion.
pub(super) fn begin(session: DocumentSession, workspace: Workspace, panels: Panels) {
    let discussion = Discussion::new(session, workspace);
    provide_context(discussion);
    provide_context(Blocks::new(session));
    if let Some(commands) = use_context::<Commands>() {
        commands.offer(move || {
            let may = session.may_comment.get_untracked();
            let comment = Command::new(words!(together.new_comment), move || discussion.comment_here());
            may.then_some(comment).into_iter().collect()
        });
    }
    Effect::new(move || {
        if discussion.wanted.with(Option::is_some) && panels.open.get_untracked() != Some(Panel::Comments) {
            panels.open.set(Some(Panel::Comments));
        }
    });
    if let Some(Fragment(fragment)) = use_context::<Fragment>() {
        Effect::new(move || {
            if let Some(comment) = fragment.with(|fragment| comment_in(fragment)) {
                discussion.show(comment);
            }
        });
    }
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_asked = event.alt_key() && (event.ctrl_key() || event.meta_key()) && event.code() == "KeyM";
        // The text of a memo has words of its own to comment on.
        if is_asked && !event.default_prevented() && session.may_comment.get_untracked() {
            event.prevent_default();
            discussion.comment_here();
        }
    });
    on_cleanup(move || keys.remove());
}

/// Tells others whenever an edit is on its way in `sheet`, and again while it goes on.
pub(super) fn tell_typing(sheet: Sheet) {
    let (session, told) = (sheet.session, StoredValue::new(None::<Duration>));
    let tell = move |is_typing| session.send(&ClientMessage::Typing { document: session.id(), is_typing });
    Effect::new(move || {
        let is_typing = sheet.draft.with(Option::is_some);
        let (now, before) = (clock::since_start(), told.get_value());
        if is_typing && before.is_none_or(|before| now.saturating_sub(before) > AGAIN) {
            told.set_value(Some(now));
            tell(true);
        } else if !is_typing && before.is_some() {
            told.set_value(None);
            tell(false);
        }
    });
}

/// Tells others which block of cells is selected in `sheet`; a comment that is begun here is about it.
pub(super) fn tell_block(sheet: Sheet) {
    if let Some(discussion) = use_context::<Discussion>() {
        Effect::new(move || discussion.selected.set(sheet.block.with(|block| block.as_ref().map(Block::anchor))));
    }
    Effect::new(move || {
        let selected = || {
            let focus = sheet.extent.get()?.shown();
            let anchor = sheet.selected.get()?.shown();
            (anchor != focus).then_some(Selection::Cells { anchor, focus })
        };
        sheet.session.show_selection(selected());
    });
}

/// The comment that the part of an address behind `#` leads to.
fn comment_in(fragment: &str) -> Option<CommentId> {
    let id = fragment.trim_start_matches('#').strip_prefix("comment-")?;
    Uuid::parse_str(id).ok().map(CommentId)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_link_leads_to_a_comment() {
        let id = "0199b1ef-0000-7000-8000-000000000001";
        let comment = Some(CommentId(Uuid::parse_str(id).unwrap()));
        assert_eq!(comment_in(&format!("#comment-{id}")), comment);
        assert_eq!(comment_in(&format!("comment-{id}")), comment);
        for other in ["", "#", "#comment-", "#comment-7", "#thread"] {
            assert_eq!(comment_in(other), None, "{other}");
        }
    }
}
