//! The memory of a page through a working day, replayed as quickly as the server stores it.

use coval_tests::Page;
use serde_json::{Value, json};

use crate::colleague::Colleague;
use crate::{Failure, Scene, documents, probe};

/// What others do in an hour.
const EDITS: usize = 1_800;
const MOVES_PER_EDIT: usize = 2;

/// What the person does in an hour.
const OWN_EDITS: usize = 60;

/// What a page holds, in bytes, after its garbage is collected.
#[derive(Clone, Copy, Debug)]
struct Held {
    scripts: f64,
    wasm: f64,
    nodes: f64,
}

pub async fn measure(scene: &mut Scene, hours: usize) -> Result<(), Failure> {
    let model = documents::make(scene, "Ten thousand cells", &documents::model()).await?;
    let page = scene.window(&[]).await;
    probe::open(&page, &model).await;
    let mut others = Vec::new();
    for _ in 0..2 {
        others.push(Colleague::enter(scene, "Grace", &model).await?);
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
    let ratio = (end.scripts + end.wasm) / (begin.scripts + begin.wasm);
    println!("memory of scripts and WebAssembly at the end: {ratio:.2} times that after the first hour");
    Ok(())
}

async fn hour(page: &Page, others: &mut [Colleague], number: usize) -> Result<(), Failure> {
    let count = others.len();
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
            page.enter(&coval_tests::Place::cell("r6", "p3"), &format!("{value}")).await;
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
    let prototype = json!({ "expression": "WebAssembly.Memory.prototype" });
    let prototype = window.command("Runtime.evaluate", prototype).await["result"]["objectId"].clone();
    let memories = window.command("Runtime.queryObjects", json!({ "prototypeObjectId": prototype })).await;
    let sum = json!({
        "objectId": memories["objects"]["objectId"],
        "functionDeclaration": "function() { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) }",
        "returnByValue": true,
    });
    let wasm: Value = window.command("Runtime.callFunctionOn", sum).await["result"]["value"].clone();
    Ok(Held {
        scripts: metric("JSHeapUsedSize")?,
        wasm: wasm.as_f64().ok_or("the browser does not tell of WebAssembly")?,
        nodes: metric("Nodes")?,
    })
}

impl Held {
    fn print(&self, when: &str) {
        let megabytes = |bytes: f64| bytes / 1_048_576.0;
        println!(
            "{when:<58} scripts {:>6.1} MB   WebAssembly {:>6.1} MB   nodes {:>7}",
            megabytes(self.scripts),
            megabytes(self.wasm),
            self.nodes
        );
    }
}
