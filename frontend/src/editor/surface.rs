//! The lines as elements of the page: an element for each, so that the browser lays out only the one that changes.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node, Range, ScrollIntoViewOptions, ScrollLogicalPosition, Text};

use super::lines::{Lines, Patch, Place, chars_of, units_of};

/// The element that people write in, and those of its lines.
pub(super) struct Surface {
    root: HtmlElement,
    lines: Vec<Element>,
}

impl Surface {
    /// Fills `root` with `lines`.
    pub(super) fn new(root: HtmlElement, lines: &Lines) -> Self {
        let mut surface = Self { root, lines: Vec::new() };
        surface.fill(lines);
        surface
    }

    /// Draws all lines anew.
    pub(super) fn fill(&mut self, lines: &Lines) {
        self.root.set_text_content(None);
        self.lines = lines.iter().filter_map(new_line).collect();
        for line in &self.lines {
            // An element that was just made has no reason to be refused.
            let _ = self.root.append_child(line);
        }
    }

    /// Draws what `patch` changes. The line `spared` stays as it is: an input method is at work in it.
    pub(super) fn patch(&mut self, patch: &Patch, spared: Option<&Element>) {
        let end = patch.at.saturating_add(patch.removed).min(self.lines.len());
        let mut inserted = patch.inserted.iter();
        let mut at = patch.at;
        while at < end {
            let (Some(line), Some(text)) = (self.lines.get(at), inserted.next()) else {
                break;
            };
            if spared.is_none_or(|spared| !line.is_same_node(Some(spared))) {
                set_text(line, text);
            }
            at = at.saturating_add(1);
        }
        for line in self.lines.drain(at.min(end)..end) {
            line.remove();
        }
        let next = self.lines.get(at).cloned();
        let new: Vec<Element> = inserted.filter_map(|text| new_line(text)).collect();
        for line in &new {
            // As above.
            let _ = self.root.insert_before(line, next.as_ref().map(AsRef::as_ref));
        }
        self.lines.splice(at..at, new);
    }

    /// Writes `text` into the line `index`, if something else stands there.
    pub(super) fn set_line(&self, index: usize, text: &str) {
        if let Some(line) = self.lines.get(index) {
            set_text(line, text);
        }
    }

    /// The element of the line in which `node` is, and its number.
    pub(super) fn line_of(&self, node: &Node) -> Option<(usize, Element)> {
        let mut node = node.clone();
        loop {
            let parent = node.parent_node()?;
            if parent.is_same_node(Some(&self.root)) {
                break;
            }
            node = parent;
        }
        let index = self
            .lines
            .partition_point(|line| line.compare_document_position(&node) & Node::DOCUMENT_POSITION_FOLLOWING != 0);
        let line = self.lines.get(index).filter(|line| line.is_same_node(Some(&node)))?;
        Some((index, line.clone()))
    }

    /// The number of the line whose element is `line`.
    pub(super) fn index_of(&self, line: &Element) -> Option<usize> {
        self.line_of(&line.first_child()?).map(|(index, _)| index)
    }

    /// Whether there is an element for each line and nothing else, as far as can be told by counting.
    pub(super) fn is_whole(&self) -> bool {
        usize::try_from(self.root.child_element_count()) == Ok(self.lines.len())
    }

    /// All that stands in the element, as the browser has it.
    pub(super) fn text(&self) -> String {
        let children = self.root.child_nodes();
        let texts = (0..children.length()).filter_map(|index| children.get(index)?.text_content());
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The code points before a point of the page; nothing for points elsewhere.
    pub(super) fn offset(&self, lines: &Lines, node: &Node, offset: u32) -> Option<usize> {
        if node.is_same_node(Some(&self.root)) {
            let line = usize::try_from(offset).ok()?;
            return Some(if line >= self.lines.len() { lines.chars() } else { lines.offset(Place { line, chars: 0 }) });
        }
        let (line, element) = self.line_of(node)?;
        let text = lines.line(line);
        let chars = if node.is_same_node(Some(&element)) {
            if offset == 0 { 0 } else { text.chars().count() }
        } else {
            chars_of(text, offset)
        };
        Some(lines.offset(Place { line, chars }))
    }

    /// The point of the page behind the first `offset` code points.
    pub(super) fn point(&self, lines: &Lines, offset: usize) -> Option<(Node, u32)> {
        let place = lines.place(offset);
        let line = self.lines.get(place.line)?;
        match line.first_child().and_then(|child| child.dyn_into::<Text>().ok()) {
            Some(text) => {
                let units = units_of(lines.line(place.line), place.chars).min(text.length());
                Some((text.into(), units))
            }
            None => Some((line.clone().into(), 0)),
        }
    }

    /// What is selected, from the end that stays to the one that moves; nothing when the selection is elsewhere.
    pub(super) fn selection(&self, lines: &Lines) -> Option<(usize, usize)> {
        let selection = document().get_selection().ok().flatten()?;
        let anchor = self.offset(lines, &selection.anchor_node()?, selection.anchor_offset())?;
        let focus = self.offset(lines, &selection.focus_node()?, selection.focus_offset())?;
        Some((anchor, focus))
    }

    /// Selects what lies between two offsets, unless it is selected.
    pub(super) fn select(&self, lines: &Lines, anchor: usize, focus: usize) {
        if self.selection(lines) == Some((anchor, focus)) {
            return;
        }
        let (Some(from), Some(to)) = (self.point(lines, anchor), self.point(lines, focus)) else {
            return;
        };
        if let Ok(Some(selection)) = document().get_selection() {
            // Without a selection the person clicks where they want to go on.
            let _ = selection.set_base_and_extent(&from.0, from.1, &to.0, to.1);
        }
    }

    /// What lies between two offsets, for marks and rectangles.
    pub(super) fn range(&self, lines: &Lines, start: usize, end: usize) -> Option<Range> {
        let (from, to) = (self.point(lines, start)?, self.point(lines, end)?);
        let range = document().create_range().ok()?;
        range.set_start(&from.0, from.1).ok()?;
        range.set_end(&to.0, to.1).ok()?;
        Some(range)
    }

    /// Brings the line at `offset` into sight.
    pub(super) fn reveal(&self, lines: &Lines, offset: usize) {
        if let Some(line) = self.lines.get(lines.place(offset).line) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            line.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// Gives the keyboard to the text.
    pub(super) fn take_keyboard(&self) {
        // Without the keyboard the text is no worse than before.
        let _ = self.root.focus();
    }

    /// Whether the keyboard is here.
    pub(super) fn has_keyboard(&self) -> bool {
        document().active_element().is_some_and(|active| active.is_same_node(Some(&self.root)))
    }
}

/// From so many bytes on, a line is laid out only where it is in sight. Browsers look after each such line with every
/// frame, which takes longer than to lay out a short one.
const LONG: usize = 120;

fn new_line(text: &str) -> Option<Element> {
    let line = document().create_element("div").ok()?;
    line.set_class_name(if text.len() < LONG { "line" } else { "line long" });
    set_text(&line, text);
    Some(line)
}

/// Writes `text` into `line`, as little of it as will do: carets and marks beside what changes stay where they are.
fn set_text(line: &Element, text: &str) {
    let only = line.first_child().filter(|_| line.child_nodes().length() == 1);
    if let Some(node) = only.and_then(|child| child.dyn_into::<Text>().ok()).filter(|_| !text.is_empty()) {
        let before = node.data();
        let (start, deleted, inserted) = difference(&before, text);
        if deleted > 0 || !inserted.is_empty() {
            // The offsets are within the text.
            let _ = node.replace_data(start, deleted, inserted);
        }
        return;
    }
    if text.is_empty() {
        line.set_text_content(None);
        // Without this, an empty line has no height and takes no caret.
        if let Ok(filler) = document().create_element("br") {
            let _ = line.append_child(&filler);
        }
    } else {
        line.set_text_content(Some(text));
    }
}

/// What makes `after` out of `before`: from which UTF-16 unit on, how many go, and what comes.
fn difference<'a>(before: &str, after: &'a str) -> (u32, u32, &'a str) {
    let start: usize = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old, new) = (before.get(start..).unwrap_or_default(), after.get(start..).unwrap_or_default());
    let end: usize =
        old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let old = old.get(..old.len().saturating_sub(end)).unwrap_or_default();
    let new = new.get(..new.len().saturating_sub(end)).unwrap_or_default();
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    (units(before.get(..start).unwrap_or_default()), units(old), new)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn only_what_differs_is_written() {
        assert_eq!(difference("cash", "cash flow"), (4, 0, " flow"));
        assert_eq!(difference("𝛼b", "𝛼𝛽b"), (2, 0, "𝛽"));
        assert_eq!(difference("aaa", "aa"), (2, 1, ""));
        assert_eq!(difference("same", "same"), (4, 0, ""));
    }
}
