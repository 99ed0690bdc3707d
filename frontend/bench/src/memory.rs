//! The memory of a page through a working day, replayed as quickly as the server stores it.

use std::fs;

use coval_tests::{Page, Place};
use fantoccini::key::Key;
use serde_json::json;

use crate::colleague::Colleague;
use crate::{Failure, Scene};

/// What others do in an hour.
const EDITS: usize = 1_800;
const MOVES_PER_EDIT: usize = 2;

/// What the person does in an hour.
const OWN_EDITS: usize = 60;

/// What a page holds, in bytes, after its garbage is collected.
#[derive(Clone, Copy, Debug)]
struct Held {
    scripts: f64,
    all: f64,
    nodes: f64,
}

pub async fn measure(scene: &mut Scene, hours: usize) -> Result<(), Failure> {
    let model = scene.model().await?;
    let page = scene.window(&[]).await;
    page.open_by_link(model).await;
    let mut others = Vec::new();
    for _ in 0..2 {
        others.push(Colleague::enter(scene, "Grace", model).await?);
    }
    // The first edits of each kind make room for the like of them.
    hour(&page, &mut others, 0).await?;
    let begin = held(&page).await?;
    begin.print("after the first hour");
    for number in 1..hours {
        hour(&page, &mut others, number).await?;
    }
    let end = held(&page).await?;
    end.print(&format!("after {hours} hours"));
    println!("memory of the page's process at the end: {:.2} times that after the first hour", end.all / begin.all);
    Ok(())
}

async fn hour(page: &Page, others: &mut [Colleague], number: usize) -> Result<(), Failure> {
    let count = others.len();
    page.select(&Place::cell("r6", "p3")).await;
    for edit in 0..EDITS {
        let colleague = &mut others[edit % count];
        let row = (edit * 7 % 200) * 2;
        for step in 0..MOVES_PER_EDIT {
            colleague.go_to(&format!("r{row}"), &format!("p{}", (edit + step) % 25)).await?;
        }
        let (section, item) = (row / 40, row % 40);
        let period = format!("p{}", edit % 25);
        let value = number * EDITS + edit;
        let op = json!(["sections", section, "items", item, "values", period, {"r": true, "i": value}]);
        colleague.edit(&op).await?;
        if edit % (EDITS / OWN_EDITS) == 0 {
            // By keys alone: scripts that ask the page something leave more behind than the app does.
            page.type_text(&format!("{value}")).await;
            page.press(Key::Enter).await;
            page.press(Key::Up).await;
        }
    }
    page.until_saved().await;
    Ok(())
}

async fn held(page: &Page) -> Result<Held, Failure> {
    let window = page.window();
    for _ in 0..2 {
        window.command("HeapProfiler.collectGarbage", json!({})).await;
    }
    window.command("Performance.enable", json!({})).await;
    let metrics = window.command("Performance.getMetrics", json!({})).await;
    let metric = |name: &str| -> Result<f64, Failure> {
        let all = metrics["metrics"].as_array().ok_or("the browser gives no metrics")?;
        let found = all.iter().find(|metric| metric["name"] == name).and_then(|metric| metric["value"].as_f64());
        Ok(found.ok_or_else(|| format!("the browser does not know {name}"))?)
    };
    Ok(Held {
        scripts: metric("JSHeapUsedSize")?,
        all: largest_renderer().ok_or("there is no process that draws pages")?,
        nodes: metric("Nodes")?,
    })
}

/// What the largest of the browser's processes that draw pages holds, WebAssembly with all else, in bytes.
fn largest_renderer() -> Option<f64> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let renderers = numbers.filter(|number| is_own(*number)).filter(|number| {
        fs::read(format!("/proc/{number}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains("--type=renderer"))
    });
    renderers.filter_map(resident).max_by(f64::total_cmp)
}

/// Whether a process was started by this one, or by one that was.
fn is_own(number: u32) -> bool {
    let parent = field(number, "PPid:").filter(|parent| *parent > 1);
    parent.is_some_and(|parent| parent == std::process::id() || is_own(parent))
}

fn resident(number: u32) -> Option<f64> {
    field(number, "VmRSS:").map(|kilobytes| f64::from(kilobytes) * 1024.0)
}

fn field(number: u32, name: &str) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{number}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

impl Held {
    fn print(&self, when: &str) {
        let megabytes = |bytes: f64| bytes / 1_048_576.0;
        println!(
            "{when:<58} scripts {:>6.1} MB   process {:>6.1} MB   nodes {:>7}",
            megabytes(self.scripts),
            megabytes(self.all),
            self.nodes
        );
    }
}
