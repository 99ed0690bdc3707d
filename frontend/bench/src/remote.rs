//! From the frame that brings somebody else's edit to the screen.

use std::time::Duration;

use serde_json::json;

use crate::colleague::Colleague;
use crate::figures::Times;
use crate::{AT_ONCE, Failure, Scene, probe};

/// Between two edits.
const BETWEEN: Duration = Duration::from_millis(50);

/// Notes when each frame of the socket comes to the page.
const HEAR: &str = "\
    window.WebSocket = class extends WebSocket { \
        constructor(...all) { super(...all); this.addEventListener('message', () => { \
            window.heardAt ??= performance.now(); }); } };";

pub async fn measure(scene: &mut Scene, count: usize) -> Result<(), Failure> {
    let model = scene.model().await?;
    let memo = scene.memo().await?;
    let page = scene.window(AT_ONCE).await;
    probe::before_all_pages(&page, HEAR).await;

    page.open_by_link(model).await;
    watch(&page, "td[data-item=r1][data-period=p0]").await?;
    let mut grace = Colleague::enter(scene, "Grace", model).await?;
    for value in 0..count {
        grace.edit(&json!(["sections", 0, "items", 0, "values", "p0", {"r": true, "i": value}])).await?;
        tokio::time::sleep(BETWEEN).await;
    }
    take(&page).await?.print("an edit of somebody else, model of 10,000 cells");

    page.open_by_link(memo).await;
    watch(&page, "[data-testid=memo] > .line:nth-child(1)").await?;
    let mut grace = Colleague::enter(scene, "Grace", memo).await?;
    for _ in 0..count {
        grace.edit(&json!([{"es": [140, "x"]}])).await?;
        tokio::time::sleep(BETWEEN).await;
    }
    take(&page).await?.print("a letter of somebody else in a memo of 200 KB");
    Ok(())
}

/// Has the page measure from now on how long each change of an element took since the frame that brought it.
async fn watch(page: &coval_tests::Page, selector: &str) -> Result<(), Failure> {
    let script = format!(
        "{} window.editTimes = []; window.heardAt = undefined; \
         new MutationObserver(() => {{ \
            const since = window.heardAt; window.heardAt = undefined; \
            if (since !== undefined) whenDrawn((now) => window.editTimes.push(now - since)); \
         }}).observe(document.querySelector({}), {{ subtree: true, childList: true, characterData: true }})",
        probe::DRAWN,
        json!(selector)
    );
    probe::ask(page, &script).await.map(drop)
}

async fn take(page: &coval_tests::Page) -> Result<Times, Failure> {
    Times::told(probe::ask(page, "return window.editTimes").await?)
}
