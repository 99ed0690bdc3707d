//! The cases of json1, beside ot-json1 on Node.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use ot_core::json::{Json, JsonOp};
use ot_core::{OtType, Side};
use serde::Deserialize;
use serde_json::Value;

use crate::measure::time;

const ROUNDS: usize = 25;

#[derive(Deserialize)]
struct Case {
    doc: Value,
    #[serde(default)]
    a: JsonOp,
    #[serde(default)]
    b: JsonOp,
    #[serde(default)]
    then: JsonOp,
}

pub(crate) fn run(vectors: &Path) -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    MultiGzDecoder::new(File::open(vectors)?).read_to_string(&mut text)?;
    let cases: Vec<Case> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let theirs = peer(vectors)?;
    let each = |total: Duration| total.as_secs_f64() * 1e6 / cases.len() as f64;
    let ours = [
        (
            "apply",
            median(|| {
                let mut documents: Vec<Value> = cases.iter().map(|case| case.doc.clone()).collect();
                time(|| {
                    for (document, case) in documents.iter_mut().zip(&cases) {
                        let _ = black_box(Json::apply(document, &case.a));
                    }
                })
            }),
        ),
        (
            "tryTransform",
            median(|| {
                time(|| {
                    cases.iter().for_each(|case| drop(black_box(Json::try_transform(&case.a, &case.b, Side::Left))))
                })
            }),
        ),
        (
            "compose",
            median(|| time(|| cases.iter().for_each(|case| drop(black_box(Json::compose(&case.a, &case.then)))))),
        ),
        (
            "invertWithDoc",
            median(|| time(|| cases.iter().for_each(|case| drop(black_box(Json::invert(&case.a, &case.doc)))))),
        ),
    ];
    println!("\n## json1: {} cases, microseconds each\n", cases.len());
    println!("| | ot-core | ot-json1 on Node | faster |\n|---|---|---|---|");
    for (name, total) in ours {
        let ours = each(total);
        match theirs.get(name) {
            Some(theirs) => println!("| `{name}` | {ours:.2} | {theirs:.2} | {:.1} × |", theirs / ours),
            None => println!("| `{name}` | {ours:.2} | – | – |"),
        }
    }
    Ok(())
}

/// What ot-json1 takes; nothing where `OT_BENCH_NODE_MODULES` does not say where it is installed.
fn peer(vectors: &Path) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let Some(modules) = env::var_os("OT_BENCH_NODE_MODULES") else { return Ok(BTreeMap::new()) };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("json1.cjs");
    let output = Command::new("node").arg(script).arg(vectors).env("NODE_PATH", modules).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn median(mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| run()).collect();
    times.sort();
    times[ROUNDS / 2]
}
