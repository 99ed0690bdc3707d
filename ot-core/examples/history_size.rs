//! How many bytes the whole history of an editing trace takes, and how long it takes to load.
//!
//! `cargo run --release -p ot-core --example history_size -- TRACE…` reads sequential traces of josephg/editing-traces
//! (JSON, `.gz` too), makes every patch a revision of its own, and prints one line of JSON each. Times are medians of
//! several runs: `load_ms` decodes everything, `checkout_ms` then makes the newest document from nothing but the ops,
//! `newest_ms` opens the newest document alone.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Instant;

use flate2::read::GzDecoder;
use ot_core::codec::{Limits, decode_newest};
use ot_core::history::{History, Stamp};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{ClientId, Revision};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// How often everything is measured.
const RUNS: usize = 21;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    start_content: String,
    end_content: String,
    txns: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    #[serde(default)]
    time: String,
    patches: Vec<(usize, usize, String)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let trace: Trace = serde_json::from_str(&read(Path::new(&path))?)?;
        println!("{}", measure(&path, &trace)?);
    }
    Ok(())
}

fn measure(path: &str, trace: &Trace) -> Result<serde_json::Value, Box<dyn Error>> {
    let author = ClientId(Uuid::from_u128(0x0b5e_55ed_0000_4000_8000_0000_0000_0001));
    let mut history = History::<Text>::new(Rope::from(trace.start_content.as_str()), Revision::ZERO);
    for transaction in &trace.txns {
        let stamp = Stamp::new(author, milliseconds(&transaction.time));
        for (position, deleted, inserted) in &transaction.patches {
            history.push(&TextOp::new().retain(*position).delete(*deleted).insert(inserted), stamp)?;
        }
    }
    let limits = Limits::default();
    let bytes = history.to_bytes()?;
    let (mut encode, mut load, mut checkout, mut newest) = (vec![], vec![], vec![], vec![]);
    let mut exact = *history.document() == *trace.end_content;
    for run in 0..RUNS {
        let (time, again) = timed(|| history.to_bytes())?;
        encode.push(time);
        exact &= again == bytes;
        let (time, read) = timed(|| History::<Text>::from_bytes(&bytes, limits))?;
        load.push(time);
        let (time, document) = timed(|| read.replay(read.revision()))?;
        checkout.push(time);
        exact &= document == *history.document();
        let (time, (revision, document)) = timed(|| decode_newest::<Text>(&bytes, limits))?;
        newest.push(time);
        exact &= revision == history.revision() && document == *history.document();
        if run == 0 {
            exact &= (0..history.revision().0).map(Revision).all(|revision| {
                read.op(revision.next()) == history.op(revision.next())
                    && read.stamp(revision.next()) == history.stamp(revision.next())
            });
        }
    }
    Ok(json!({
        "trace": Path::new(path).file_name().map(|name| name.to_string_lossy()),
        "revisions": history.revision(),
        "bytes": bytes.len(),
        "encode_ms": median(encode),
        "load_ms": median(load),
        "checkout_ms": median(checkout),
        "newest_ms": median(newest),
        "exact": exact,
    }))
}

fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut text = String::new();
        GzDecoder::new(BufReader::new(File::open(path)?)).read_to_string(&mut text)?;
        Ok(text)
    } else {
        Ok(fs::read_to_string(path)?)
    }
}

/// The milliseconds since the year 0 of a time like `2021-04-19T06:06:58.219Z`, with months of 31 days: traces have no
/// use for the calendar. 0 for anything else.
fn milliseconds(time: &str) -> u64 {
    let numbers: Option<Vec<u64>> =
        time.trim_end_matches('Z').split(['-', 'T', ':', '.']).map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some([year, month, day, hour, minute, second, rest @ ..]) => {
            let days = (year * 12 + month) * 31 + day;
            let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
            seconds * 1000 + rest.first().copied().unwrap_or_default()
        }
        _ => 0,
    }
}

fn timed<X, E>(work: impl FnOnce() -> Result<X, E>) -> Result<(f64, X), E> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed().as_secs_f64() * 1000.0, result))
}

/// In milliseconds, to a thousandth.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).map_or(0.0, |time| (time * 1000.0).round() / 1000.0)
}
