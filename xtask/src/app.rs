//! Building the app that the browser loads, into `dist/`: Trunk makes the page and its styles, [`bundle`] the code.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Outcome};
use crate::shell::{command, make_directory, run, step};
use crate::toolchain::Wasm;
use crate::workspace::{Workspace, files_below};

pub(crate) mod bundle;

/// What the app is built from.
const SOURCES: &[&str] = &[
    "frontend",
    "shared",
    "ot-core",
    "www",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "xtask/src/app.rs",
    "xtask/src/app",
];

/// A smaller file is sent as it is: its compressed form saves less than a packet.
const WORTH_COMPRESSING: u64 = 1024;

/// Builds the app for release and puts compressed forms beside its files, unless `dist/` already holds what the
/// sources would give.
///
/// # Errors
/// When Trunk fails or a file can't be written.
pub(crate) fn build(workspace: &Workspace, wasm: &Wasm) -> Outcome {
    let digest = digest(workspace.root(), SOURCES.iter().map(|source| workspace.path(source)))?;
    let stamp = stamp(workspace);
    let is_current =
        workspace.dist().join("index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|found| found == digest);
    if is_current {
        println!("==> the app in dist/ is up to date");
        return Ok(());
    }
    step("building the app for the browser", "about 3 min the first time", || {
        // Trunk asks cargo to stay offline, so what the app needs must be here before.
        run(command("cargo").args(["fetch", "--quiet"]))?;
        run(trunk(wasm)?.args(["build", "--release", "--offline"]))?;
        precompress(&workspace.dist())
    })?;
    report(workspace)?;
    if let Some(parent) = stamp.parent() {
        make_directory(parent)?;
    }
    fs::write(&stamp, digest).context(|| format!("can't write {}", stamp.display()))
}

/// Builds the app with names and checks, for a look at what is being worked on.
///
/// # Errors
/// Those of [`build`].
pub(crate) fn build_for_debugging(workspace: &Workspace, wasm: &Wasm) -> Outcome {
    // Whoever asks for the app that people download shall not take this one for it.
    match fs::remove_file(stamp(workspace)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).context(|| "can't forget which app is in dist/".to_owned());
        }
        _ => {}
    }
    step("building the app for debugging", "some seconds", || {
        run(command("cargo").args(["fetch", "--quiet"]))?;
        run(trunk(wasm)?.args(["build", "--offline"]))
    })
}

/// A command that runs Trunk. It builds the page alone; the hook in `Trunk.toml` adds the code.
///
/// # Errors
/// Those of [`Wasm::tool`].
pub(crate) fn trunk(wasm: &Wasm) -> Outcome<std::process::Command> {
    let mut command = wasm.tool("trunk")?;
    // Trunk takes NO_COLOR for an option that must be `true` or `false` and refuses the usual `1`.
    command.env_remove("NO_COLOR").env("TRUNK_SKIP_VERSION_CHECK", "true");
    Ok(command)
}

/// How many bytes a browser that takes Brotli downloads on the first visit: every file of the app but the chunks of its
/// code that are loaded when somebody asks for what they do.
///
/// # Errors
/// When the app was not built.
pub(crate) fn transferred_size(workspace: &Workspace) -> Outcome<u64> {
    let mut total = 0;
    for file in files(workspace)? {
        if !bundle::is_later_chunk(&file) {
            total += compressed_size(&file)?;
        }
    }
    if total == 0 {
        return Err(Failure::new(format!("there is no app in {}", workspace.dist().display())));
    }
    Ok(total)
}

/// Says what the browser downloads, and when.
fn report(workspace: &Workspace) -> Outcome {
    println!("    a first visit transfers {} bytes with Brotli", transferred_size(workspace)?);
    for file in files(workspace)?.iter().filter(|file| bundle::is_later_chunk(file)) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        println!("    {name}, when it is needed: {} bytes", compressed_size(file)?);
    }
    Ok(())
}

/// The app's files, without their compressed forms.
fn files(workspace: &Workspace) -> Outcome<Vec<PathBuf>> {
    let is_variant = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "br" || extension == "gz");
    let mut files = files_below(&workspace.dist())?;
    files.retain(|file| !is_variant(file));
    Ok(files)
}

fn compressed_size(file: &Path) -> Outcome<u64> {
    let size = |file: &Path| fs::metadata(file).map(|metadata| metadata.len());
    size(&variant(file, "br")).or_else(|_| size(file)).context(|| format!("can't read {}", file.display()))
}

/// The name under which the compressed form of `file` lies beside it.
fn variant(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.to_path_buf().into_os_string();
    name.push(format!(".{suffix}"));
    name.into()
}

/// What the last build was made from. It lies outside of `dist/`, whose files the server serves.
fn stamp(workspace: &Workspace) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    workspace.root().hash(&mut hasher);
    workspace.target().join("app").join(format!("{:016x}.stamp", hasher.finish()))
}

/// Contents rather than times: a fresh clone or a changed branch has new times and often the same contents.
fn digest(root: &Path, places: impl IntoIterator<Item = PathBuf>) -> Outcome<String> {
    let mut hasher = DefaultHasher::new();
    for place in places {
        for file in files_below(&place)? {
            let bytes = fs::read(&file).context(|| format!("can't read {}", file.display()))?;
            (file.strip_prefix(root).unwrap_or(&file), bytes).hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn precompress(dist: &Path) -> Outcome {
    for file in files_below(dist)? {
        let size = fs::metadata(&file).context(|| format!("can't read {}", file.display()))?.len();
        if size >= WORTH_COMPRESSING && is_compressible(&file) {
            let bytes = fs::read(&file).context(|| format!("can't read {}", file.display()))?;
            for (suffix, compressed) in [("br", brotli(&bytes)), ("gz", gzip(&bytes))] {
                let compressed = compressed.context(|| format!("can't compress {}", file.display()))?;
                let name = variant(&file, suffix);
                fs::write(&name, compressed).context(|| format!("can't write {}", name.display()))?;
            }
        }
    }
    Ok(())
}

fn is_compressible(file: &Path) -> bool {
    let compressible = ["css", "html", "ico", "js", "json", "map", "svg", "txt", "wasm", "webmanifest"];
    file.extension().is_some_and(|extension| compressible.iter().any(|known| extension == *known))
}

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_compressed_forms_give_back_the_file() {
        let text = "growth = 5%\n".repeat(500).into_bytes();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &*brotli(&text).unwrap(), &mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        flate2::read::GzDecoder::new(&*gzip(&text).unwrap()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }

    #[test]
    fn pictures_and_compressed_files_are_left_alone() {
        assert!(is_compressible(Path::new("app-1f.wasm")));
        assert!(!is_compressible(Path::new("icon.png")));
        assert!(!is_compressible(Path::new("app-1f.wasm.br")));
    }
}
