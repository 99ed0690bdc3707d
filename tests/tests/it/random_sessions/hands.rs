//! What somebody does at random: keys, typing, clicks, pastes, all through the browser as a person's hands would.

use std::fmt;
use std::time::Duration;

use coval_tests::Page;
use fantoccini::actions::{
    Actions, InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::at_once::split_mix;
use crate::looks::told;

/// Where all chance of a session comes from.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let draw = split_mix(&mut self.0) >> 11;
        usize::try_from(draw).expect("53 bits fit") % end
    }

    pub(super) fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// One thing that somebody does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Presses a key, with others held down.
    Press(Vec<Key>, char),
    /// Types.
    Type(String),
    /// Clicks on one of the elements that fit and can be seen, with or without the Shift key.
    Click(&'static str, usize, bool),
    /// Drags from one of them to another one.
    Drag(&'static str, usize, usize),
    /// Pastes into what has the keyboard.
    Paste(String),
    /// Scrolls what fits to a place, in thousandths.
    Scroll(&'static str, usize),
    /// Chooses an entry of a list.
    Choose(&'static str, usize),
    /// Thinks.
    Wait(usize),
}

impl Step {
    pub(super) fn press(key: impl Into<char>) -> Self {
        Self::Press(Vec::new(), key.into())
    }

    pub(super) fn control(key: impl Into<char>) -> Self {
        Self::Press(vec![Key::Control], key.into())
    }

    pub(super) fn shift(key: impl Into<char>) -> Self {
        Self::Press(vec![Key::Shift], key.into())
    }

    pub(super) fn type_text(text: impl Into<String>) -> Self {
        Self::Type(text.into())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Press(held, key) => write!(f, "press {held:?} {}", key.escape_unicode()),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Does it. What can't be done, since nothing fits or something lies over it, is left out, as people would.
pub(super) async fn act(page: &Page, step: &Step) {
    match step {
        Step::Press(held, key) => page.press_with_all(held, *key).await,
        Step::Type(text) => page.type_text(text).await,
        Step::Click(selector, nth, is_stretching) => {
            let Some((x, y)) = middle(page, selector, *nth).await else { return };
            let shift = |is_down: bool| {
                let value = Key::Shift.into();
                let keys = KeyActions::new("keyboard".to_owned());
                keys.then(if is_down { KeyAction::Down { value } } else { KeyAction::Up { value } })
            };
            if *is_stretching {
                perform(page, shift(true), step).await;
            }
            let mouse = MouseActions::new("mouse".to_owned())
                .then(PointerAction::MoveTo { duration: None, x, y })
                .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
            perform(page, mouse, step).await;
            if *is_stretching {
                perform(page, shift(false), step).await;
            }
        }
        Step::Drag(selector, from, to) => {
            let (Some(from), Some(to)) = (middle(page, selector, *from).await, middle(page, selector, *to).await)
            else {
                return;
            };
            let mouse = MouseActions::new("mouse".to_owned())
                .then(PointerAction::MoveTo { duration: None, x: from.0, y: from.1 })
                .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                .then(PointerAction::MoveTo { duration: Some(Duration::from_millis(20)), x: to.0, y: to.1 })
                .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
            perform(page, mouse, step).await;
        }
        Step::Paste(text) => page.paste(text).await,
        Step::Scroll(selector, share) => {
            let script = format!(
                "const room = document.querySelector({}); \
                 if (room) room.scrollTop = (room.scrollHeight - room.clientHeight) * {share} / 1000",
                json!(selector)
            );
            told(page, &script).await;
        }
        Step::Choose(selector, nth) => {
            let script = format!(
                "const list = document.querySelector({}); \
                 if (list) {{ list.selectedIndex = {nth} % list.options.length; \
                   list.dispatchEvent(new Event('change', {{ bubbles: true }})); }}",
                json!(selector)
            );
            told(page, &script).await;
        }
        Step::Wait(millis) => {
            tokio::time::sleep(Duration::from_millis(u64::try_from(*millis).expect("a short while"))).await;
        }
    }
}

async fn perform(page: &Page, actions: impl Into<Actions>, step: &Step) {
    let outcome = page.window().client.perform_actions(actions).await;
    outcome.unwrap_or_else(|error| panic!("{} can't {step}: {error}", page.person()));
}

/// The middle of one of the elements that fit, when it can be clicked there.
async fn middle(page: &Page, selector: &str, nth: usize) -> Option<(f64, f64)> {
    let script = format!(
        "const all = [...document.querySelectorAll({})].filter((element) => element.checkVisibility() && !element.disabled); \
         if (all.length === 0) return null; \
         const element = all[{nth} % all.length]; \
         element.scrollIntoView({{ block: 'nearest', inline: 'nearest' }}); \
         const box = element.getBoundingClientRect(); \
         const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]; \
         const under = document.elementFromPoint(x, y); \
         return under && (element.contains(under) || under.contains(element)) ? [x, y] : null",
        json!(selector)
    );
    match told(page, &script).await {
        Value::Null => None,
        point => Some((point[0].as_f64()?, point[1].as_f64()?)),
    }
}
