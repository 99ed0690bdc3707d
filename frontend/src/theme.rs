//! How the app looks: light, dark, or as the system says.

use leptos::prelude::*;

use crate::platform::{page, storage};

const REMEMBERED_AS: &str = "coval.theme";

thread_local! {
    static THEME: ArcRwSignal<Theme> = ArcRwSignal::new(Theme::named(storage::remembered(REMEMBERED_AS).as_deref()));
}

/// A look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// That of the system.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All looks, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name in the page and where it is remembered. That of the system needs none.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    fn named(name: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or(Self::System)
    }
}

/// The look that the person chose, now and whenever they choose another.
#[must_use]
pub fn chosen() -> Theme {
    THEME.with(ArcRwSignal::get)
}

/// Looks so from now on, at later visits too: `www/start.js` reads what is remembered before anything is drawn.
pub fn choose(theme: Theme) {
    storage::remember(REMEMBERED_AS, theme.name());
    page::set_theme(theme.name());
    THEME.with(|signal| signal.set(theme));
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_was_remembered_is_found_again_and_anything_else_is_the_look_of_the_system() {
        for theme in Theme::ALL {
            assert_eq!(Theme::named(theme.name()), theme);
        }
        assert_eq!(Theme::named(Some("purple")), Theme::System);
    }
}
