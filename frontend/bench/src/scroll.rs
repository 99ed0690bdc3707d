//! Frames while a model of 10,000 cells and a memo of 200 KB scroll by.

use coval_tests::Page;
use serde_json::json;

use crate::figures::Times;
use crate::{Failure, Scene, probe};

/// How fast, in pixels a second: a page of cells every quarter of a second.
const SPEED: u32 = 3_000;

/// How far, in pixels.
const DISTANCE: i32 = 8_000;

pub async fn measure(scene: &mut Scene) -> Result<(), Failure> {
    let model = scene.model().await?;
    let memo = scene.memo().await?;
    let page = scene.window(&[]).await;
    page.open_by_link(model).await;
    frames(&page, "scrolling 10,000 cells: from frame to frame").await?;
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
