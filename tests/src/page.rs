//! What a person sees and does in a window.

use std::fmt;
use std::time::Duration;

use coval_shared::protocol::DocumentId;
use fantoccini::Locator;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::Window;
use crate::server::email;
use crate::wait::{self, until};

/// A place in the grid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The value of an item in a period.
    Cell(String, String),
    /// The value of an item that has one.
    Single(String),
    /// The label of an item.
    Label(String),
}

impl Place {
    /// The value of `item` in `period`.
    pub fn cell(item: &str, period: &str) -> Self {
        Self::Cell(item.to_owned(), period.to_owned())
    }

    /// The one value of `item`.
    pub fn single(item: &str) -> Self {
        Self::Single(item.to_owned())
    }

    /// The label of `item`.
    pub fn label(item: &str) -> Self {
        Self::Label(item.to_owned())
    }

    fn selector(&self) -> String {
        match self {
            Self::Cell(item, period) => {
                format!("td[data-item=\"{item}\"][data-period=\"{period}\"]")
            }
            Self::Single(item) => format!("td[data-item=\"{item}\"]:not([data-period])"),
            Self::Label(item) => format!("th[data-label=\"{item}\"]"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell(item, period) => write!(f, "{item} {period}"),
            Self::Single(item) => write!(f, "{item}"),
            Self::Label(item) => write!(f, "the label of {item}"),
        }
    }
}

/// Everything that stands on the page at one moment.
#[derive(Clone, Debug, Deserialize)]
pub struct Look {
    /// The connection, as programs read it: `saved`, `saving`, `offline`, `reconnecting`, `connecting`.
    pub connection: Option<String>,
    /// The connection in words.
    pub words: String,
    /// The revision that the window has received.
    pub revision: Option<u64>,
    /// The digest of its document.
    pub digest: Option<String>,
    /// The cells with values, in the order of the grid.
    pub cells: Vec<Cell>,
    /// The labels, in the order of the grid.
    pub labels: Vec<Label>,
    /// The key figures.
    pub outputs: Vec<Output>,
    /// The names of everybody else.
    pub people: Vec<String>,
    /// Where everybody else is.
    pub cursors: Vec<Cursor>,
    /// The selected place.
    pub selected: Option<Place>,
    /// Whether the keyboard goes to the selected place.
    pub has_keyboard: bool,
    /// Whether the selected place is being edited.
    pub is_editing: bool,
    /// What the formula bar says.
    pub formula: String,
    /// What is wrong with the selected place, in words.
    pub error: String,
    /// What the page has to tell.
    pub notices: Vec<String>,
    /// Whether the page says that the document can only be read.
    pub is_read_only: bool,
    /// The page's whole text, when there is no grid.
    pub text: String,
}

/// A cell with a value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Cell {
    /// Where it is.
    pub place: Place,
    /// What stands in it.
    pub text: String,
    /// The value's 64 bits, in hexadecimal digits.
    pub bits: Option<String>,
    /// What is wrong with it, in full.
    pub error: Option<String>,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Label {
    /// Whose it is.
    pub item: String,
    /// What it says.
    pub text: String,
}

/// A key figure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Output {
    /// Whose value it is.
    pub item: String,
    /// The value's 64 bits, in hexadecimal digits.
    pub bits: Option<String>,
}

/// Somebody else's outline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Cursor {
    /// Who it is.
    pub name: String,
    /// The place that is outlined.
    pub place: Option<Place>,
    /// Whether the outline can be seen.
    pub is_visible: bool,
    /// The name that flies at it for some seconds after a move.
    pub flag: Option<String>,
}

impl Look {
    /// The cell at `place`.
    ///
    /// # Panics
    /// When there is none.
    pub fn cell(&self, place: &Place) -> &Cell {
        self.cells
            .iter()
            .find(|cell| cell.place == *place)
            .unwrap_or_else(|| panic!("there is no cell {place} on the page"))
    }

    /// The value at `place`; none in a cell that is blank or wrong.
    ///
    /// # Panics
    /// When there is no such cell, or its bits are none.
    pub fn value(&self, place: &Place) -> Option<f64> {
        self.cell(place).bits.as_deref().map(number)
    }

    /// The label of `item`.
    ///
    /// # Panics
    /// When there is none.
    pub fn label(&self, item: &str) -> &str {
        self.labels
            .iter()
            .find(|label| label.item == item)
            .map(|label| label.text.as_str())
            .unwrap_or_else(|| panic!("there is no item {item} on the page"))
    }

    /// The key figure `item`.
    ///
    /// # Panics
    /// When it is not on the page.
    pub fn output(&self, item: &str) -> &Output {
        self.outputs
            .iter()
            .find(|output| output.item == item)
            .unwrap_or_else(|| panic!("there is no output {item} on the page"))
    }

    /// Whether everything that the person did is stored.
    pub fn is_saved(&self) -> bool {
        self.connection.as_deref() == Some("saved")
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = || "none".to_owned();
        write!(
            f,
            "{:?} ({:?}), revision {}, digest {}, selected {}, {} cells, others {:?} at {:?}, notices {:?}",
            self.connection.clone().unwrap_or_else(unknown),
            self.words,
            self.revision.map_or_else(unknown, |revision| revision.to_string()),
            self.digest.clone().unwrap_or_else(unknown),
            self.selected.as_ref().map_or_else(unknown, Place::to_string),
            self.cells.len(),
            self.people,
            self.cursors,
            self.notices,
        )?;
        if self.revision.is_none() {
            write!(f, ", text {:?}", self.text)?;
        }
        Ok(())
    }
}

/// A person's window. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Page {
    window: Window,
    origin: String,
    person: String,
}

impl Page {
    /// The window in which `person` finds the server at `origin`.
    pub fn new(window: Window, origin: &str, person: &str) -> Self {
        Self { window, origin: origin.to_owned(), person: person.to_owned() }
    }

    /// The window itself.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Whose window it is.
    pub fn person(&self) -> &str {
        &self.person
    }

    /// Waits until the list of documents is there.
    pub async fn until_list(&self) {
        self.find("a[data-document]").await;
    }

    /// Fills in the page that asks who is there, with the keyboard alone.
    pub async fn sign_in(&self, password: &str) {
        self.find("#email").await;
        self.until_focused("email").await;
        self.type_text(&email(&self.person)).await;
        self.press(Key::Tab).await;
        self.type_text(password).await;
        self.press(Key::Enter).await;
    }

    /// Waits until the keyboard goes to the element with this id.
    pub async fn until_focused(&self, id: &str) {
        until(format!("the keyboard to go to {id}, in the window of {}", self.person), async || {
            let focused = self.ask("return document.activeElement?.id").await;
            if focused == id { Ok(()) } else { Err(focused.to_string()) }
        })
        .await;
    }

    /// The documents on the list, with the words of their rows.
    pub async fn documents(&self) -> Vec<(DocumentId, String)> {
        let script = "return [...document.querySelectorAll('a[data-document]')].map(row => [row.dataset.document, row.innerText])";
        serde_json::from_value(self.ask(script).await).expect("the rows of the list name documents")
    }

    /// Opens the document with this title by a click in the list, and waits until it is there and saved.
    pub async fn open(&self, title: &str) -> DocumentId {
        let id = until(format!("{title:?} in the list of {}", self.person), async || {
            let documents = self.documents().await;
            let found = documents.iter().find(|(_, words)| words.contains(title));
            found.map(|(id, _)| *id).ok_or_else(|| format!("{documents:?}"))
        })
        .await;
        let row = self.find(&format!("a[data-document=\"{id}\"]")).await;
        self.click(&row).await;
        self.until_saved().await;
        id
    }

    /// Loads the page of a document, as by a link.
    pub async fn open_by_link(&self, id: DocumentId) {
        self.go(&format!("/document/{id}")).await;
        self.until_saved().await;
    }

    /// Leaves Coval for another page.
    pub async fn leave(&self) {
        let outcome = self.window.client.goto("about:blank").await;
        outcome.unwrap_or_else(|error| panic!("{} can't leave: {error}", self.person));
    }

    /// Goes back to the page before.
    pub async fn go_back(&self) {
        self.window.client.back().await.unwrap_or_else(|error| panic!("{} can't go back: {error}", self.person));
    }

    /// What stands on the page.
    ///
    /// # Panics
    /// When the window is gone.
    pub async fn look(&self) -> Look {
        let look = self.ask(LOOK).await;
        serde_json::from_value(look.clone()).unwrap_or_else(|error| panic!("{error} in what the page tells: {look}"))
    }

    /// Waits until `is_so` of what stands on the page.
    ///
    /// # Panics
    /// When it never is.
    pub async fn until(&self, awaited: impl fmt::Display, is_so: impl Fn(&Look) -> bool) -> Look {
        until(format!("{awaited}, in the window of {}", self.person), async || {
            let look = self.look().await;
            if is_so(&look) { Ok(look) } else { Err(look.to_string()) }
        })
        .await
    }

    /// Waits until everything that the person did is stored.
    pub async fn until_saved(&self) -> Look {
        self.until("the indicator to say saved", |look| look.is_saved() && look.revision.is_some()).await
    }

    /// Waits until the cell at `place` has the value `expected`.
    pub async fn until_value(&self, place: &Place, expected: f64) -> Look {
        let awaited = format!("{place} to be {expected}");
        until(format!("{awaited}, in the window of {}", self.person), async || {
            let look = self.look().await;
            if look.revision.is_none() {
                return Err(look.to_string());
            }
            let value = look.value(place);
            if value.map(f64::to_bits) == Some(expected.to_bits()) {
                Ok(look)
            } else {
                Err(format!("{value:?} in {:?}; {look}", look.cell(place)))
            }
        })
        .await
    }

    /// Scrolls the grid, as far as needed, to a place that is not drawn: of a large model only what is near is.
    pub async fn reveal(&self, place: &Place) {
        let selector = serde_json::to_string(&place.selector()).expect("a selector is a text");
        let script = format!(
            "const room = document.querySelector('.sheet'); \
             const found = document.querySelector({selector}) !== null; \
             if (!found) {{ \
               const isAtEnd = room.scrollTop + room.clientHeight >= room.scrollHeight - 1; \
               room.scrollTop = isAtEnd ? 0 : room.scrollTop + room.clientHeight; \
             }} \
             return found"
        );
        until(format!("{place} to be drawn in the window of {}", self.person), async || {
            if self.ask(&script).await == true { Ok(()) } else { Err("it is not".to_owned()) }
        })
        .await;
    }

    /// Selects a place with the mouse, and waits until it has the keyboard.
    pub async fn select(&self, place: &Place) {
        let element = self.find(&place.selector()).await;
        self.click(&element).await;
        self.until_selected(place).await;
    }

    /// Waits until a place is selected and has the keyboard.
    pub async fn until_selected(&self, place: &Place) -> Look {
        self.until(format!("{place} to be selected"), |look| look.selected.as_ref() == Some(place) && look.has_keyboard)
            .await
    }

    /// Begins to edit what stands at a place.
    pub async fn edit(&self, place: &Place) {
        self.select(place).await;
        self.press(Key::F2).await;
        self.until(format!("{place} to be edited"), |look| look.is_editing).await;
    }

    /// Types `text` over what stands at a place, and does not enter it yet.
    pub async fn draft(&self, place: &Place, text: &str) {
        self.select(place).await;
        self.type_text(text).await;
    }

    /// Types `text` over what stands at a place, and enters it.
    pub async fn enter(&self, place: &Place, text: &str) {
        self.draft(place, text).await;
        self.press(Key::Enter).await;
    }

    /// Presses the keys of a text, one after the other.
    pub async fn type_text(&self, text: &str) {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            keys = stroke(keys, value);
        }
        self.perform(keys).await;
    }

    /// Presses a key.
    pub async fn press(&self, key: Key) {
        let keys = KeyActions::new("keyboard".to_owned());
        self.perform(stroke(keys, key.into())).await;
    }

    /// Presses `key` while `held` is down.
    pub async fn press_with(&self, held: Key, key: impl Into<char>) {
        self.press_with_all(&[held], key).await;
    }

    /// Presses `key` while all of `held` are down.
    pub async fn press_with_all(&self, held: &[Key], key: impl Into<char>) {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for held in held {
            keys = keys.then(KeyAction::Down { value: (*held).into() });
        }
        keys = stroke(keys, key.into());
        for held in held.iter().rev() {
            keys = keys.then(KeyAction::Up { value: (*held).into() });
        }
        self.perform(keys).await;
    }

    /// Pastes `text` into what has the keyboard, by the browser's own clipboard and command.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn paste(&self, text: &str) {
        self.copy(text, 1).await;
        self.paste_what_is_copied().await;
    }

    /// Puts `text`, so many times, on the clipboard.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn copy(&self, text: &str, times: usize) {
        let copy = "const [text, times, done] = arguments; \
                    navigator.clipboard.writeText(text.repeat(times)) \
                      .then(() => done(true), (error) => done(String(error)))";
        let copied = self.window.client.execute_async(copy, vec![text.into(), times.into()]).await;
        let copied = copied.unwrap_or_else(|error| panic!("{} can't copy: {error}", self.person));
        assert_eq!(copied, Value::Bool(true), "the clipboard of {} takes no text", self.person);
    }

    /// Gives the browser's command to paste.
    pub async fn paste_what_is_copied(&self) {
        let key = |kind: &str| {
            json!({ "type": kind, "modifiers": 2, "key": "v", "code": "KeyV", "windowsVirtualKeyCode": 86,
                    "commands": ["paste"] })
        };
        self.window.command("Input.dispatchKeyEvent", key("rawKeyDown")).await;
        self.window.command("Input.dispatchKeyEvent", json!({ "type": "keyUp", "modifiers": 2, "key": "v" })).await;
    }

    /// Clicks on the first element that fits a CSS selector, once there is one.
    pub async fn click_on(&self, selector: &str) {
        let element = self.find(selector).await;
        self.click(&element).await;
    }

    /// What stands in each element that fits a CSS selector.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let selector = serde_json::to_string(selector).expect("a selector is a text");
        let script = format!("return [...document.querySelectorAll({selector})].map(element => element.innerText)");
        serde_json::from_value(self.ask(&script).await).expect("elements have texts")
    }

    /// Waits until `is_so` of what stands in the elements that fit a CSS selector.
    pub async fn until_texts(&self, selector: &str, is_so: impl Fn(&[String]) -> bool) -> Vec<String> {
        until(format!("{selector}, in the window of {}", self.person), async || {
            let texts = self.texts(selector).await;
            if is_so(&texts) { Ok(texts) } else { Err(format!("{texts:?}")) }
        })
        .await
    }

    /// Whether the page complained of anything. See [`Window::complaints`].
    pub async fn complaints(&self) -> Vec<String> {
        self.window.complaints().await
    }

    async fn perform(&self, keys: KeyActions) {
        self.window
            .client
            .perform_actions(keys)
            .await
            .unwrap_or_else(|error| panic!("{} can't type: {error}", self.person));
    }

    /// Loads the page at `path` on the server.
    pub async fn go(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.window
            .client
            .goto(&url)
            .await
            .unwrap_or_else(|error| panic!("{} can't go to {url}: {error}", self.person));
    }

    async fn find(&self, selector: &str) -> Element {
        until(format!("{selector} in the window of {}", self.person), async || {
            let found = self.window.client.find(Locator::Css(selector)).await;
            found.map_err(|error| error.to_string())
        })
        .await
    }

    /// Clicks in the middle of an element, out from under what sticks to the edges.
    async fn click(&self, element: &Element) {
        let script = "arguments[0].scrollIntoView({ block: 'center', inline: 'center' })";
        let argument = serde_json::to_value(element).expect("an element has a name");
        let outcome = self.window.client.execute(script, vec![argument]).await;
        if outcome.is_ok() {
            element.click().await.unwrap_or_else(|error| panic!("{} can't click: {error}", self.person));
        }
    }

    async fn ask(&self, script: &str) -> Value {
        let answer = tokio::time::timeout(wait::PATIENCE, self.window.client.execute(script, Vec::new()));
        answer
            .await
            .unwrap_or_else(|_| panic!("the window of {} hangs", self.person))
            .unwrap_or_else(|error| panic!("the window of {} can't be read: {error}", self.person))
    }
}

/// The number whose 64 bits these are.
///
/// # Panics
/// When they are not 16 hexadecimal digits.
pub fn number(bits: &str) -> f64 {
    assert_eq!(bits.len(), 16, "{bits} are not 64 bits");
    let bits = u64::from_str_radix(bits, 16).unwrap_or_else(|error| panic!("{bits}: {error}"));
    f64::from_bits(bits)
}

fn stroke(keys: KeyActions, value: char) -> KeyActions {
    // A short pause between keys, as between a person's: without it a page never comes to draw.
    keys.then(KeyAction::Down { value }).then(KeyAction::Up { value }).pause(Duration::from_millis(1))
}

/// Reads the page at one moment. Whatever is read in two moments may not fit together.
const LOOK: &str = r#"
const all = (selector) => [...document.querySelectorAll(selector)];
const attribute = (element, name) => element?.getAttribute(name) ?? null;
const placeOf = (element) => {
  const label = element?.closest('[data-label]');
  if (label) return { label: label.dataset.label };
  const cell = element?.closest('[data-item]');
  if (!cell) return null;
  const { item, period } = cell.dataset;
  return period === undefined ? { single: item } : { cell: [item, period] };
};
const flagOf = (cursor) => {
  const { opacity, content } = getComputedStyle(cursor, '::after');
  return Number(opacity) > 0 && content.startsWith('"') ? JSON.parse(content) : null;
};
const grid = document.querySelector('[data-testid=grid]');
const connection = document.querySelector('[data-testid=connection]');
const selected = grid?.querySelector('.selected') ?? null;
const content = grid ?? document.querySelector('[data-testid=memo]');
const revision = attribute(content, 'data-revision');
return {
  connection: attribute(connection, 'data-state'),
  words: connection?.innerText ?? '',
  revision: revision === null ? null : Number(revision),
  digest: attribute(content, 'data-digest'),
  cells: all('td[data-item]').map((cell) => ({
    place: placeOf(cell),
    text: cell.firstChild.data,
    bits: attribute(cell, 'data-bits'),
    error: cell.classList.contains('error') ? cell.title : null,
  })),
  labels: all('th[data-label]').map((label) => ({
    item: label.dataset.label,
    text: label.querySelector('.label-text').textContent,
  })),
  outputs: all('[data-output]').map((output) => ({
    item: output.dataset.output,
    bits: attribute(output, 'data-bits'),
  })),
  people: all('[data-testid=avatar]').map((avatar) => avatar.dataset.name),
  cursors: all('[data-testid=remote-cursor]').map((cursor) => ({
    name: cursor.dataset.name,
    place: placeOf(cursor),
    is_visible: cursor.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      && parseFloat(getComputedStyle(cursor).borderTopWidth) > 0,
    flag: flagOf(cursor),
  })),
  selected: placeOf(selected),
  has_keyboard: selected !== null && selected.contains(document.activeElement),
  is_editing: selected?.querySelector('.editing') != null,
  formula: document.querySelector('[data-testid=formula-bar]')?.value ?? '',
  error: document.querySelector('[data-testid=formula-error]')?.innerText ?? '',
  notices: all('[data-testid=notice]').map((notice) => notice.innerText),
  is_read_only: document.querySelector('[data-testid=read-only]') !== null,
  text: grid === null ? document.body.innerText : '',
};
"#;
