//! What is asked of a page.

use coval_tests::Page;
use serde_json::{Value, json};

use crate::Failure;

/// Calls `then` when what was changed until now is drawn: after the frame's own work, of the page's thread.
pub const DRAWN: &str = "\
    window.whenDrawn = (then) => requestAnimationFrame(() => { \
        const channel = new MessageChannel(); channel.port1.onmessage = () => then(performance.now()); \
        channel.port2.postMessage(0); });";

/// Runs a script in the page, as the body of a function.
pub async fn ask(page: &Page, script: &str) -> Result<Value, Failure> {
    Ok(page.window().client.execute(script, Vec::new()).await?)
}

/// Runs a script in each page that the window loads from now on, before anything of the page.
pub async fn before_all_pages(page: &Page, script: &str) {
    page.window().command("Page.enable", json!({})).await;
    page.window().command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
}
