//! Frames while a model of 10,000 cells and a memo of 200 KB scroll by.

use coval_tests::Page;
use serde_json::json;

use crate::figures::Times;
use crate::{Failure, Scene, probe};

/// How fast, in pixels a second: a page of cells every quarter of a second.
const SPEED: u32 = 3_000;

/// How far, in pixels.
const DISTANCE: i32 = 8_000;

/// Puts in place of the grid a copy that nobody listens to, with as many rows as the model has: what the browser itself
/// takes for as much of a table.
const LEFT_ALONE: &str = "\
    const grid = document.querySelector('.sheet'); const copy = grid.cloneNode(true); \
    const body = copy.querySelector('tbody'); \
    const rows = [...body.querySelectorAll('tr:not(.gap, .section)')]; \
    body.replaceChildren(...Array.from({ length: 410 }, (_, index) => rows[index % rows.length].cloneNode(true))); \
    grid.replaceWith(copy); copy.scrollTop = 0;";

pub async fn measure(scene: &mut Scene) -> Result<(), Failure> {
    let model = scene.model().await?;
    let memo = scene.memo().await?;
    let page = scene.window(&[]).await;
    page.open_by_link(model).await;
    frames(&page, "scrolling 10,000 cells: from frame to frame").await?;
    probe::ask(&page, LEFT_ALONE).await?;
    frames(&page, "the same rows, all there and left alone").await?;
    page.open_by_link(memo).await;
    frames(&page, "scrolling 200 KB of a memo: from frame to frame").await
}

async fn frames(page: &Page, what: &str) -> Result<(), Failure> {
    let script = "\
        window.frames_ = []; let last; window.isCounting = true; \
        const count = (now) => { if (last !== undefined) window.frames_.push(now - last); last = now; \
            if (window.isCounting) requestAnimationFrame(count); }; \
        requestAnimationFrame(count);";
    probe::ask(page, script).await?;
    for distance in [-DISTANCE, DISTANCE] {
        let gesture = json!({"x": 700, "y": 500, "yDistance": distance, "speed": SPEED, "gestureSourceType": "mouse"});
        page.window().command("Input.synthesizeScrollGesture", gesture).await;
    }
    let told = probe::ask(page, "window.isCounting = false; return window.frames_").await?;
    let frames: Vec<f64> = serde_json::from_value(told)?;
    let seconds = frames.iter().sum::<f64>() / 1000.0;
    let rate = frames.len() as f64 / seconds;
    Times::new(frames).print(what);
    println!("{:<58} {rate:.1} frames a second over {seconds:.1} s", "");
    Ok(())
}
