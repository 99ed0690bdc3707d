//! What people see when the app itself fails: a message instead of a dead page.

use std::panic::{self, PanicHookInfo};

/// From now on, a panic writes to the console and shows a message in the page.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show(info);
    }));
}

fn show(info: &PanicHookInfo<'_>) {
    // Nothing here may fail: there is no second hook.
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let (Some(body), Ok(notice)) = (document.body(), document.create_element("div")) else {
        return;
    };
    let place =
        info.location().map(|location| format!(" ({}:{})", location.file(), location.line())).unwrap_or_default();
    notice.set_class_name("crash");
    let _ = notice.set_attribute("role", "alert");
    notice.set_text_content(Some(&format!(
        "Coval has stopped because of a fault of its own{place}. Everything that was marked as saved is safe on the \
         server. Reload the page to go on."
    )));
    let _ = body.append_child(&notice);
}
