//! The same engine on WebAssembly, on Node.

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Times the WebAssembly that `COVAL_BENCH_WASM` names; nothing without it.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let Some(module) = env::var_os("COVAL_BENCH_WASM") else { return Ok(()) };
    let figures = node(Path::new(&module), &[])?;
    println!("\n## The same on WebAssembly, on one thread of Node\n");
    println!("| | median, ms | aim, ms |\n|---|---|---|");
    for (key, name, aim) in [
        ("load", "reading and compiling", "–"),
        ("recalculate", "full recalculation", "6"),
        ("changeOne", "one input changed that reaches 100 cells", "–"),
    ] {
        match figures.get(key).and_then(Value::as_f64) {
            Some(time) => println!("| {name} | {time:.4} | {aim} |"),
            None => return Err(format!("Node gave no figure for {name}").into()),
        }
    }
    Ok(())
}

/// What Node measures of the module: the grid, or a simulation with so many trials.
pub(crate) fn node(module: &Path, arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("wasm.mjs");
    let output = Command::new("node").arg(script).arg(module).args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
