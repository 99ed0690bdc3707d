//! Where others are in the text: their carets with their names, and what they have selected.

use std::collections::BTreeMap;

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{DomRect, Element, HtmlElement, Range};

use super::lines::Lines;
use super::surface::Surface;
use crate::platform::highlight;
use crate::state::session::Caret;
use crate::state::view::PersonView;

/// The element with the carets, which lies over the text, and who was where when it was last drawn.
pub(super) struct Carets {
    layer: HtmlElement,
    drawn: Vec<(Caret, Element)>,
    marked: Vec<String>,
}

impl Carets {
    pub(super) fn new(layer: HtmlElement) -> Self {
        Self { layer, drawn: Vec::new(), marked: Vec::new() }
    }

    /// Draws `carets` over the text.
    pub(super) fn draw(&mut self, carets: &[Caret], lines: &Lines, surface: &Surface) {
        let mut before = std::mem::take(&mut self.drawn);
        let origin = self.layer.get_bounding_client_rect();
        for caret in carets {
            let known = before.iter().position(|(known, _)| known.person.client == caret.person.client);
            let known = known.map(|index| before.swap_remove(index));
            // Whoever has moved shows their name once more, which a new element does.
            let element = match known {
                Some((known, element)) if known.focus == caret.focus && known.person == caret.person => Some(element),
                Some((_, element)) => {
                    element.remove();
                    self.new_caret(&caret.person)
                }
                None => self.new_caret(&caret.person),
            };
            let Some(element) = element else { continue };
            let rect = surface.range(lines, caret.focus, caret.focus).map(|range| rectangle(&range));
            put(&element, rect.as_ref(), &origin);
            self.drawn.push((caret.clone(), element));
        }
        for (_, element) in before {
            element.remove();
        }
        self.mark(carets, lines, surface);
    }

    /// Marks what the others have selected, a mark for each colour.
    fn mark(&mut self, carets: &[Caret], lines: &Lines, surface: &Surface) {
        let mut ranges: BTreeMap<&str, Vec<Range>> = BTreeMap::new();
        for caret in carets.iter().filter(|caret| caret.anchor != caret.focus) {
            let (start, end) = (caret.anchor.min(caret.focus), caret.anchor.max(caret.focus));
            ranges.entry(&caret.person.colour).or_default().extend(surface.range(lines, start, end));
        }
        for name in self.marked.iter().filter(|name| !ranges.contains_key(name.as_str())) {
            highlight::mark(name, &[]);
        }
        for (name, ranges) in &ranges {
            highlight::mark(name, ranges);
        }
        self.marked = ranges.into_keys().map(str::to_owned).collect();
    }

    fn new_caret(&self, person: &PersonView) -> Option<Element> {
        let element = document().create_element("span").ok()?;
        element.set_class_name(&format!("memo-caret {}", person.colour));
        element.set_attribute("data-name", &person.name).ok()?;
        element.set_attribute("data-testid", "memo-caret").ok()?;
        self.layer.append_child(&element).ok()?;
        Some(element)
    }
}

impl Drop for Carets {
    fn drop(&mut self) {
        for name in &self.marked {
            highlight::mark(name, &[]);
        }
    }
}

/// The rectangle of a caret. An empty line has none of its own, so it is that of the line.
fn rectangle(range: &Range) -> DomRect {
    let rect = range.get_bounding_client_rect();
    if rect.height() > 0.0 {
        return rect;
    }
    let line = range.start_container().ok().and_then(|node| node.dyn_into::<Element>().ok());
    line.map_or(rect, |line| line.get_bounding_client_rect())
}

/// Puts a caret where `rect` is. Where the browser has not laid the text out, it is not shown.
fn put(element: &Element, rect: Option<&DomRect>, origin: &DomRect) {
    let Some(style) = element.dyn_ref::<HtmlElement>().map(HtmlElement::style) else {
        return;
    };
    let rect = rect.filter(|rect| rect.height() > 0.0);
    let set = |name: &str, value: String| {
        // A browser that does not take the value shows the caret elsewhere.
        let _ = style.set_property(name, &value);
    };
    set("display", if rect.is_some() { "block" } else { "none" }.to_owned());
    if let Some(rect) = rect {
        set("left", format!("{}px", rect.left() - origin.left()));
        set("top", format!("{}px", rect.top() - origin.top()));
        set("height", format!("{}px", rect.height().min(32.0)));
    }
}
