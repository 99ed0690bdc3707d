//! What the app says, in the person's language.
//!
//! The texts stand in `locales/`, a file for each part of the app. [`words!`](crate::words) looks one up; what is missing
//! in one language does not compile.

use coval_shared::rights::Role;
use leptos::prelude::*;

use crate::platform::crash::CrashWords;
use crate::platform::{clock, storage};

#[allow(missing_docs, unreachable_pub, clippy::expect_used, reason = "made by leptos_i18n from the files in locales/")]
mod made {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

pub use made::i18n::*;

const REMEMBERED_AS: &str = "coval.language";

thread_local! {
    static LANGUAGE: ArcRwSignal<Locale> = ArcRwSignal::new(at_first());
}

/// The text with this name, in the language of the app: `words!(common.loading)`, `words!(offline.kept, count = 3)`.
#[macro_export]
macro_rules! words {
    ($($text:tt)*) => {
        leptos_i18n::td_string!($crate::texts::language(), $($text)*)
    };
}

/// The language of the app. The whole page is drawn anew when it changes, so nothing else has to follow it.
#[must_use]
pub fn language() -> Locale {
    LANGUAGE.with(|language| language.get_untracked())
}

/// The same, for whoever draws the page anew.
#[must_use]
pub fn followed_language() -> Locale {
    LANGUAGE.with(ArcRwSignal::get)
}

/// The name of a language for browsers (BCP 47).
#[must_use]
pub fn tag(language: Locale) -> &'static str {
    language.as_str()
}

/// The moment `at_ms`, in milliseconds since 1970 UTC, as those write the day and the time who speak the language of the
/// app.
#[must_use]
pub fn moment(at_ms: i64) -> String {
    clock::date_and_time(at_ms, language().as_str())
}

/// What a role is called.
#[must_use]
pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Viewer => crate::words!(together.viewer),
        Role::Commenter => crate::words!(together.commenter),
        Role::Editor => crate::words!(together.editor),
        Role::Owner => crate::words!(together.owner),
    }
}

/// Speaks another language from now on, at later visits too.
pub fn speak(language: Locale) {
    storage::remember(REMEMBERED_AS, Some(language.as_str()));
    LANGUAGE.with(|signal| signal.set(language));
}

/// What is said when the app itself has failed. The language is looked up anew: what the app holds may be in use.
#[must_use]
pub fn crash_words() -> CrashWords {
    let language = at_first();
    CrashWords {
        what: td_string!(language, offline.crash_what),
        safe: td_string!(language, offline.crash_safe),
        advice: td_string!(language, offline.crash_advice),
        reload: td_string!(language, offline.crash_reload),
        report: td_string!(language, offline.crash_report),
    }
}

/// The language that was chosen, or the one that the browser asks for. Outside of a browser, where tests run, English.
fn at_first() -> Locale {
    if cfg!(not(target_arch = "wasm32")) {
        return Locale::en;
    }
    storage::remembered(REMEMBERED_AS)
        .as_deref()
        .or(storage::browser_language().as_deref())
        .map_or(Locale::en, spoken_for)
}

/// The language for whoever asks for `tag` (BCP 47): any Chinese is better served by ours than by English.
fn spoken_for(tag: &str) -> Locale {
    if tag.to_ascii_lowercase().starts_with("zh") { Locale::zh_TW } else { Locale::en }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn whoever_reads_chinese_gets_chinese() {
        assert_eq!(spoken_for("zh-Hant-TW"), Locale::zh_TW);
        assert_eq!(spoken_for("de-AT"), Locale::en);
    }
}
