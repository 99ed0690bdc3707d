//! Runs the engine against vectors that other implementations computed.
//!
//! `cargo run --release -p ot-core --example conformance -- SUITE FILE…` reads JSON lines, `.gz` too, and prints how many
//! cases pass, after a line for each that does not. The suites are `text-unicode-apply`, `text-unicode-compose`,
//! `text-unicode-transform`, `json1-vectors` and `rich-delta`.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::ExitCode;

use flate2::read::MultiGzDecoder;

use self::vectors::Outcome;

#[path = "../tests/it/vectors.rs"]
mod vectors;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let suite = arguments.next().unwrap_or_default();
    let check: fn(&str) -> Outcome = match suite.as_str() {
        "text-unicode-apply" => vectors::text_apply,
        "text-unicode-compose" => vectors::text_compose,
        "text-unicode-transform" => vectors::text_transform,
        "json1-vectors" => vectors::json1,
        "rich-delta" => vectors::rich,
        _ => return Err("the first argument is a suite: text-unicode-apply, text-unicode-compose, text-unicode-transform, json1-vectors or rich-delta".into()),
    };
    let files: Vec<String> = arguments.collect();
    if files.is_empty() {
        return Err("name the files of the suite behind it".into());
    }
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for file in files {
        let lines = lines(&file).map_err(|error| format!("{file}: {error}"))?;
        for (index, line) in lines.lines().enumerate() {
            let line = line.map_err(|error| format!("{file}: {error}"))?;
            if line.trim().is_empty() {
                continue;
            }
            match check(&line) {
                Ok(()) => passed += 1,
                Err(error) => {
                    failed += 1;
                    eprintln!("{file}:{}: {error}", index + 1);
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A file's text, unpacked if it begins as gzip does.
fn lines(file: &str) -> std::io::Result<Box<dyn BufRead>> {
    let mut start = [0; 2];
    let packed = File::open(file)?.read_exact(&mut start).is_ok() && start == [0x1f, 0x8b];
    let content = BufReader::new(File::open(file)?);
    Ok(if packed { Box::new(BufReader::new(MultiGzDecoder::new(content))) } else { Box::new(content) })
}
