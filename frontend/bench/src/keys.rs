//! From a key to the screen, in a model of 10,000 cells and in a memo of 200 KB.

use std::time::Duration;

use coval_tests::{Page, Place};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;

use crate::figures::Times;
use crate::{AT_ONCE, Failure, Scene, probe};

/// Between two keys: somebody who types fast.
const BETWEEN: Duration = Duration::from_millis(60);

pub async fn measure(scene: &mut Scene, count: usize) -> Result<(), Failure> {
    let model = scene.model().await?;
    let memo = scene.memo().await?;
    let page = scene.window(AT_ONCE).await;

    page.open_by_link(model).await;
    page.select(&Place::cell("r4", "p2")).await;
    listen(&page).await?;
    // Four digits and Enter, again and again; Home and End keep the place in sight.
    for round in 0..count.div_ceil(5) {
        type_keys(&page, &format!("{}", 1000 + round * 37 % 9000)).await?;
        press(&page, Key::Enter).await?;
        if round % 12 == 11 {
            page.select(&Place::cell("r4", "p2")).await;
        }
    }
    take(&page, "letter").await?.print("a letter in a cell, model of 10,000 cells");
    take(&page, "enter").await?.print("Enter, with its calculation");
    page.until_saved().await;

    page.open_by_link(memo).await;
    page.click_on("[data-testid=memo] > .line:nth-child(11)").await;
    listen(&page).await?;
    for _ in 0..count.div_ceil(20) {
        type_keys(&page, "and cash flow grows ").await?;
    }
    take(&page, "letter").await?.print("a letter in a memo of 200 KB");
    for _ in 0..10 {
        press(&page, Key::Enter).await?;
    }
    take(&page, "enter").await?.print("a new line in it");
    page.until_saved().await;
    Ok(())
}

/// Has the page measure each key from now on, by the time at which the browser says it was pressed.
async fn listen(page: &Page) -> Result<(), Failure> {
    let script = format!(
        "{} window.keyTimes = {{ letter: [], enter: [] }}; \
         addEventListener('keydown', (event) => whenDrawn((now) => \
            window.keyTimes[event.key === 'Enter' ? 'enter' : 'letter'].push(now - event.timeStamp)), true);",
        probe::DRAWN
    );
    probe::ask(page, &script).await.map(drop)
}

async fn take(page: &Page, kind: &str) -> Result<Times, Failure> {
    Times::told(probe::ask(page, &format!("return window.keyTimes.{kind}")).await?)
}

async fn type_keys(page: &Page, text: &str) -> Result<(), Failure> {
    let strokes = text.chars().fold(KeyActions::new("keyboard".to_owned()), stroke);
    Ok(page.window().client.perform_actions(strokes).await?)
}

async fn press(page: &Page, key: Key) -> Result<(), Failure> {
    let strokes = stroke(KeyActions::new("keyboard".to_owned()), key.into());
    Ok(page.window().client.perform_actions(strokes).await?)
}

fn stroke(keys: KeyActions, value: char) -> KeyActions {
    keys.then(KeyAction::Down { value }).then(KeyAction::Up { value }).pause(BETWEEN)
}
