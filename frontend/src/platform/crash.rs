//! What people see when the app itself fails: a page that says what is safe and what to do.
//!
//! After a panic none of the app's code may run again, so the page works without any: a link loads the app anew, another
//! one saves a report. Unsent edits are kept on the device already, and are sent by the next page.

use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};

use web_sys::{Document, Element};

use super::worker;

/// What the page says.
#[derive(Clone, Copy, Debug)]
pub struct CrashWords {
    /// What happened.
    pub what: &'static str,
    /// What is safe.
    pub safe: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// The link that loads the app anew.
    pub reload: &'static str,
    /// The link that saves a report.
    pub report: &'static str,
}

static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// Whether the app has failed: what is kept is kept, and nobody is to be asked about the rest.
#[must_use]
pub fn has_failed() -> bool {
    HAS_FAILED.load(Ordering::Relaxed)
}

/// From now on, a panic writes to the console and shows in place of the page what happened, in the words that `words` then
/// gives.
pub fn install(words: fn() -> CrashWords) {
    panic::set_hook(Box::new(move |info| {
        HAS_FAILED.store(true, Ordering::Relaxed);
        console_error_panic_hook::hook(info);
        show(info, &words());
    }));
}

/// From now on, a panic in this worker writes to the console and tells the page `words`.
pub fn install_in_worker(words: &'static str) {
    panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        worker::post(words);
    }));
}

fn show(info: &PanicHookInfo<'_>, words: &CrashWords) {
    // Nothing here may fail: there is no second hook.
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let Some(body) = document.body() else { return };
    let page = document.create_element("main").ok();
    let Some(page) = page else { return };
    page.set_class_name("crash");
    // Every element takes attributes and children; what can't be shown is left out.
    let _ = page.set_attribute("role", "alert");
    let parts = [
        element(&document, "h1", words.what),
        element(&document, "p", words.safe),
        element(&document, "p", words.advice),
        link(&document, words.reload, "", None),
        link(&document, words.report, &report_address(&report(info)), Some(REPORT)),
    ];
    for part in parts.into_iter().flatten() {
        let _ = page.append_child(&part);
    }
    body.set_text_content(None);
    let _ = body.append_child(&page);
}

/// What a saved report is called.
const REPORT: &str = "coval-report.txt";

/// What whoever mends the app has to know. Nothing of any document is in it but what the failure itself says.
fn report(info: &PanicHookInfo<'_>) -> String {
    let browser = web_sys::window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default();
    format!("Coval {}\n{info}\n{browser}\n", env!("CARGO_PKG_VERSION"))
}

/// The report as an address, so that a link can save it.
fn report_address(report: &str) -> String {
    let escaped: String = report
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("data:text/plain;charset=utf-8,{escaped}")
}

fn element(document: &Document, name: &str, words: &str) -> Option<Element> {
    let element = document.create_element(name).ok()?;
    element.set_text_content(Some(words));
    Some(element)
}

fn link(document: &Document, words: &str, address: &str, saved_as: Option<&str>) -> Option<Element> {
    let link = element(document, "a", words)?;
    link.set_class_name("button");
    link.set_attribute("href", address).ok()?;
    // The browser follows it, and not what is left of the app.
    link.set_attribute("rel", "external").ok()?;
    if let Some(name) = saved_as {
        link.set_attribute("download", name).ok()?;
    }
    Some(link)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_report_is_an_address_whatever_is_in_it() {
        assert_eq!(report_address("a b#é\n"), "data:text/plain;charset=utf-8,a%20b%23%C3%A9%0A");
    }
}
