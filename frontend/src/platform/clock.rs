//! Time and chance.

use std::time::Duration;

use gloo_timers::callback::{Interval, Timeout};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::WorkerGlobalScope;

/// The time since the page began to load, or the worker. Never goes backwards.
#[must_use]
pub fn since_start() -> Duration {
    let in_page = web_sys::window().and_then(|window| window.performance());
    let in_worker = || js_sys::global().dyn_into::<WorkerGlobalScope>().ok()?.performance();
    let millis = in_page.or_else(in_worker).map_or(0.0, |performance| performance.now());
    Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default()
}

/// The time since 1970 UTC.
#[must_use]
pub fn since_epoch() -> Duration {
    Duration::try_from_secs_f64(js_sys::Date::now() / 1000.0).unwrap_or_default()
}

/// The moment `at_ms`, in milliseconds since 1970 UTC, as people who speak `language` (BCP 47) write the day and the time
/// where they are.
#[must_use]
pub fn date_and_time(at_ms: i64, language: &str) -> String {
    as_written(at_ms, language, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// The day of that moment alone.
#[must_use]
pub fn day_words(at_ms: i64, language: &str) -> String {
    as_written(at_ms, language, &[("dateStyle", "long")])
}

/// The time of that moment alone.
#[must_use]
pub fn time_words(at_ms: i64, language: &str) -> String {
    as_written(at_ms, language, &[("timeStyle", "short")])
}

fn as_written(at_ms: i64, language: &str, styles: &[(&str, &str)]) -> String {
    let options = js_sys::Object::new();
    for (name, value) in styles {
        // An object that has just been made takes what it is given.
        let _ = js_sys::Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    #[allow(clippy::as_conversions, reason = "no moment is so far away that a double can't hold it")]
    let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
    String::from(date.to_locale_string(language, &options))
}

/// A random number from 0 to 1, 1 excluded.
#[must_use]
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// A new random identity.
#[must_use]
pub fn new_uuid() -> Uuid {
    Uuid::now_v7()
}

/// Calls `action` once, after `delay`.
pub fn after(delay: Duration, action: impl FnOnce() + 'static) {
    Timeout::new(millis(delay), action).forget();
}

/// Comes back after `delay`.
pub async fn sleep(delay: Duration) {
    let (sender, receiver) = futures_channel::oneshot::channel();
    after(delay, move || {
        // Whoever waited may be gone.
        let _ = sender.send(());
    });
    // The page that is left forgets its clocks too.
    let _ = receiver.await;
}

/// Calls `action` again and again, `period` apart, as long as the page lives.
pub fn every(period: Duration, action: impl FnMut() + 'static) {
    Interval::new(millis(period), action).forget();
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
