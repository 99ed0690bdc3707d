//! What becomes of what people type: the one who sits between the page, the lines and the document.
//!
//! The browser is asked what it would do (`beforeinput`), and the document does it; the page then shows what the document
//! says, whoever changed it. Input methods are the exception: what they compose, the browser writes into the line itself,
//! and the document takes it from there.

use coval_shared::limits::MEMO_BYTES;
use leptos::prelude::*;
use ot_core::text::{Run, Text, TextOp};
use ot_core::{OtType, Side};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, InputEvent, StaticRange};

use super::lines::{Lines, Place};
use super::surface::Surface;
use crate::platform::paste;
use crate::state::document::{Step, TextChange, end_of};
use crate::state::{DocumentSession, Notice};
use crate::words;

/// The text of a memo, being written.
pub(super) struct Writing {
    session: DocumentSession,
    lines: Lines,
    surface: Surface,
    /// What is selected, from the end that stays to the one that moves.
    selection: Option<(usize, usize)>,
    composing: Option<Composing>,
    /// Where the last change of the document ended.
    changed_at: usize,
}

/// A line in which an input method is at work.
struct Composing {
    line: Element,
    /// What stood there when the document last took it in.
    known: String,
}

/// What is to be done with the document when [`Writing`] is no longer held: the document calls back.
#[derive(Debug, PartialEq)]
pub(super) enum Intent {
    /// Apply the op, and put the caret behind this many code points.
    Edit(TextOp, usize),
    /// Take back, or do again.
    Step(Step),
}

impl Writing {
    /// The text of `session`, in `root`.
    pub(super) fn new(session: DocumentSession, root: HtmlElement) -> Self {
        let lines = Lines::new(&session.with_text(str::to_owned).unwrap_or_default());
        let surface = Surface::new(root, &lines);
        Self { session, lines, surface, selection: None, composing: None, changed_at: 0 }
    }

    pub(super) fn lines(&self) -> &Lines {
        &self.lines
    }

    pub(super) fn surface(&self) -> &Surface {
        &self.surface
    }

    /// What is selected, the earlier end first.
    pub(super) fn selected(&self) -> (usize, usize) {
        let (anchor, focus) = self.selection.unwrap_or((self.lines.chars(), self.lines.chars()));
        (anchor.min(focus), anchor.max(focus))
    }

    /// The person has selected something else.
    pub(super) fn select_changed(&mut self) {
        if let Some(selection) = self.surface.selection(&self.lines) {
            self.selection = Some(selection);
            self.session.show_text_selection(Some(selection));
        }
    }

    /// What the document is to do instead of what the browser is about to. Where it is nothing, and the event is not
    /// one of an input method, nothing happens at all.
    pub(super) fn before_input(&mut self, event: &InputEvent) -> Option<Intent> {
        let kind = event.input_type();
        if event.is_composing() || kind == "insertCompositionText" || !event.cancelable() {
            return None;
        }
        event.prevent_default();
        let (start, end) = self.target(event);
        let data = event.data_transfer();
        let length = data.as_ref().map_or(0, |data| paste::length(data, "text/plain"));
        if length > MEMO_BYTES {
            self.tell_too_long(length);
            return None;
        }
        let typed = || {
            let dropped = data.and_then(|data| data.get_data("text/plain").ok());
            event.data().or(dropped).unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n")
        };
        let text = match kind.as_str() {
            "insertText"
            | "insertReplacementText"
            | "insertFromPaste"
            | "insertFromDrop"
            | "insertFromYank"
            | "insertFromPasteAsQuotation" => typed(),
            "insertParagraph" | "insertLineBreak" => "\n".to_owned(),
            "historyUndo" => return Some(Intent::Step(Step::Undo)),
            "historyRedo" => return Some(Intent::Step(Step::Redo)),
            "formatBold" => return self.around("**"),
            "formatItalic" => return self.around("*"),
            deletion if deletion.starts_with("delete") => String::new(),
            _ => return None,
        };
        self.replace(start, end, &text)
    }

    /// Puts `text` in place of what lies between two offsets.
    pub(super) fn replace(&self, start: usize, end: usize, text: &str) -> Option<Intent> {
        if text.is_empty() && start == end {
            return None;
        }
        let bytes = self.session.with_text(str::len).unwrap_or_default();
        if bytes.saturating_add(text.len()) > MEMO_BYTES {
            self.tell_too_long(text.len());
            return None;
        }
        let op = TextOp::edit(start, end.saturating_sub(start), text);
        Some(Intent::Edit(op, start.saturating_add(text.chars().count())))
    }

    fn tell_too_long(&self, bytes: usize) {
        let what = words!(memo.too_long, size = bytes.div_ceil(1024), limit = MEMO_BYTES.div_ceil(1024));
        self.session.tell(Notice::new(what, words!(memo.too_long_advice)));
    }

    /// Puts `mark` around what is selected, or takes it away from there.
    pub(super) fn around(&self, mark: &str) -> Option<Intent> {
        let (start, end) = self.selected();
        let inside = self.lines.text(start, end);
        let bare = inside.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        let text = bare.map_or_else(|| format!("{mark}{inside}{mark}"), str::to_owned);
        let Intent::Edit(op, caret) = self.replace(start, end, &text)? else {
            return None;
        };
        // Between the marks, where there is nothing yet.
        let back = if inside.is_empty() { mark.chars().count() } else { 0 };
        Some(Intent::Edit(op, caret.saturating_sub(back)))
    }

    /// Puts in the braces of a figure, with the caret between them.
    pub(super) fn figure(&mut self) -> Option<Intent> {
        let (start, end) = self.selected();
        let Intent::Edit(op, caret) = self.replace(start, end, "{{}}")? else {
            return None;
        };
        Some(Intent::Edit(op, caret.saturating_sub(2)))
    }

    /// Puts `mark` before each selected line, or takes it away where all have it.
    pub(super) fn before_lines(&self, mark: &str) -> Option<Intent> {
        let (start, end) = self.selected();
        let (first, last) = (self.lines.place(start).line, self.lines.place(end).line);
        let lines: Vec<&str> =
            self.lines.iter().skip(first).take(last.saturating_sub(first).saturating_add(1)).collect();
        let have_it = lines.iter().all(|line| line.starts_with(mark));
        let changed: Vec<String> = lines
            .iter()
            .map(
                |line| {
                    if have_it { line.strip_prefix(mark).unwrap_or(line).to_owned() } else { format!("{mark}{line}") }
                },
            )
            .collect();
        let from = self.lines.offset(Place { line: first, chars: 0 });
        let to = self.lines.offset(Place { line: last, chars: self.lines.line(last).chars().count() });
        self.replace(from, to, &changed.join("\n"))
    }

    /// What an input method has changed in its line, or a browser that does not ask before.
    pub(super) fn input(&mut self) -> Option<Intent> {
        if !self.surface.is_whole() {
            return self.take_over();
        }
        let selection = document().get_selection().ok().flatten()?;
        let (index, line) = self.surface.line_of(&selection.focus_node()?)?;
        let known = match &self.composing {
            Some(composing) if composing.line.is_same_node(Some(&line)) => composing.known.clone(),
            _ => self.lines.line(index).to_owned(),
        };
        let shown = line.text_content().unwrap_or_default().replace('\n', "");
        let mine = TextOp::diff(&known, &shown);
        if mine.is_noop() {
            return None;
        }
        // Meanwhile others may have changed the line.
        let theirs = TextOp::diff(&known, self.lines.line(index));
        let op = Text::transform(&mine, &theirs, Side::Left);
        if let Some(composing) = &mut self.composing {
            composing.known = shown;
        }
        let start = self.lines.offset(Place { line: index, chars: 0 });
        let caret = start.saturating_add(end_of(&op));
        Some(Intent::Edit(moved(&op, start), caret))
    }

    /// An input method begins to work.
    pub(super) fn composition_began(&mut self) {
        let node = document().get_selection().ok().flatten().and_then(|selection| selection.focus_node());
        if let Some((index, line)) = node.and_then(|node| self.surface.line_of(&node)) {
            self.composing = Some(Composing { line, known: self.lines.line(index).to_owned() });
        }
    }

    /// An input method has done its work, which [`Writing::input`] has taken in.
    pub(super) fn composition_ended(&mut self) {
        if let Some(composing) = self.composing.take()
            && let Some(index) = self.surface.index_of(&composing.line)
        {
            self.surface.set_line(index, self.lines.line(index));
        }
    }

    /// Whether an input method is at work.
    pub(super) fn is_composing(&self) -> bool {
        self.composing.is_some()
    }

    /// The document has changed.
    pub(super) fn changed(&mut self, change: &TextChange) {
        match change {
            TextChange::Edited(op) => {
                for patch in self.lines.apply(op) {
                    self.surface.patch(&patch, self.composing.as_ref().map(|composing| &composing.line));
                }
                self.changed_at = end_of(op);
                self.selection = self.selection.map(|(anchor, focus)| {
                    let moved = |offset| Text::transform_cursor(&offset, op, Side::Left);
                    (moved(anchor), moved(focus))
                });
            }
            TextChange::Replaced => {
                self.lines = Lines::new(&self.session.with_text(str::to_owned).unwrap_or_default());
                self.composing = None;
                self.surface.fill(&self.lines);
            }
        }
        if let Some((anchor, focus)) = self.selection.filter(|_| !self.is_composing() && self.surface.has_keyboard()) {
            self.surface.select(&self.lines, anchor, focus);
        }
    }

    /// Puts the caret where it belongs after the person's own edit; none is given after a step back or forth.
    pub(super) fn put_caret(&mut self, caret: Option<usize>) {
        let caret = caret.unwrap_or(self.changed_at).min(self.lines.chars());
        self.selection = Some((caret, caret));
        if !self.is_composing() {
            self.surface.select(&self.lines, caret, caret);
            self.surface.reveal(&self.lines, caret);
        }
        self.session.show_text_selection(self.selection);
    }

    /// Selects a stretch and brings it into sight.
    pub(super) fn go_to(&mut self, start: usize, end: usize) {
        let end = end.min(self.lines.chars());
        self.surface.take_keyboard();
        self.selection = Some((start.min(end), end));
        self.surface.select(&self.lines, start.min(end), end);
        self.surface.reveal(&self.lines, start.min(end));
    }

    /// Brings a place into sight. The person's own caret stays where it is.
    pub(super) fn reveal(&self, offset: usize) {
        self.surface.reveal(&self.lines, offset.min(self.lines.chars()));
    }

    /// What the browser would replace.
    fn target(&self, event: &InputEvent) -> (usize, usize) {
        let range = event.get_target_ranges().get(0).dyn_into::<StaticRange>().ok();
        let offsets = range.and_then(|range| {
            let start = self.surface.offset(&self.lines, &range.start_container(), range.start_offset())?;
            let end = self.surface.offset(&self.lines, &range.end_container(), range.end_offset())?;
            Some((start.min(end), start.max(end)))
        });
        offsets.unwrap_or_else(|| self.selected())
    }

    /// The browser has changed more than a line: what it shows is taken over as a whole, and drawn anew.
    fn take_over(&mut self) -> Option<Intent> {
        let shown = self.surface.text();
        let known = self.session.with_text(str::to_owned).unwrap_or_default();
        self.composing = None;
        self.surface.fill(&self.lines);
        let op = TextOp::diff(&known, &shown);
        let caret = end_of(&op);
        (!op.is_noop()).then_some(Intent::Edit(op, caret))
    }
}

/// The same op, `offset` code points further on.
fn moved(op: &TextOp, offset: usize) -> TextOp {
    op.runs().fold(TextOp::new().retain(offset), |op, run| match run {
        Run::Retain(count) => op.retain(count),
        Run::Insert(text) => op.insert(text),
        Run::Delete(count) => op.delete(count),
    })
}
