//! The app's code: compiled, split into what every visit needs and what is loaded when somebody asks for it, and bound
//! to JavaScript.
//!
//! The compiler leaves its relocations in the program, `wasm-split-cli` cuts out what is reached only through functions
//! marked with `wasm_split`, and `wasm-bindgen` makes the rest a module of JavaScript. Trunk calls this after it has
//! built the page, so that `trunk build` and `trunk serve` bring whole apps.

use std::fs;
use std::path::{Path, PathBuf};

use super::digest;
use crate::failure::{Context, Failure, Outcome};
use crate::shell::{make_directory, run};
use crate::toolchain::{TARGET, Wasm};
use crate::workspace::{Workspace, files_below};

/// What the files of the first chunk are called: `coval.js` and `coval_bg.wasm`.
const NAME: &str = "coval";

/// What stands in the page where it is to say in which directory the code is.
const CODE: &str = r#"data-code="""#;

/// What stands there where it is to say which files a document needs, so that a page that begins with one asks for them
/// at once.
const OF_DOCUMENTS: &str = r#"data-document="""#;

/// The script that loads the other chunks.
const LOADER: &str = "__wasm_split.js";

/// What the page asks for by names that do not say yet in which directory they are. The code is asked for there too, so
/// that it comes beside the script that starts it and not after it.
const ASKED_FOR: [&str; 4] = ["styles.css", "coval.js", LOADER, "coval_bg.wasm"];

/// The part of the styles that the others build on.
const BASE: &str = "base.css";

/// How the app is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    /// Fast to build, with names.
    Debug,
    /// What people download.
    Release,
}

/// Adds the code to the page that Trunk is building.
///
/// # Errors
/// Those of [`add`], or when it is not Trunk that calls.
pub(crate) fn for_trunk(workspace: &Workspace, wasm: &Wasm) -> Outcome {
    let staging = std::env::var_os("TRUNK_STAGING_DIR").ok_or_else(|| {
        Failure::new("this is a step of `trunk build`").hint("`cargo xtask app` builds the whole app")
    })?;
    let profile = match std::env::var("TRUNK_PROFILE").as_deref() {
        Ok("release") => Profile::Release,
        _ => Profile::Debug,
    };
    add(workspace, wasm, Path::new(&staging), profile)
}

/// Puts the code into `staging`, in a directory whose name is the hash of its content, and tells the page there.
///
/// # Errors
/// When the app does not compile, or a file can't be written.
fn add(workspace: &Workspace, wasm: &Wasm, staging: &Path, profile: Profile) -> Outcome {
    let program = compile(workspace, wasm, profile)?;
    let work = workspace.target().join("app").join(match profile {
        Profile::Debug => "debug",
        Profile::Release => "release",
    });
    if work.exists() {
        fs::remove_dir_all(&work).context(|| format!("can't empty {}", work.display()))?;
    }
    let (split, code) = (work.join("split"), work.join("code"));
    make_directory(&split)?;
    run(wasm.command("wasm-split-cli")?.args([&program, &split]).args(["--target", "web", "--out-name", NAME]))?;
    let mut bind = wasm.command("wasm-bindgen")?;
    // The other chunks share the memory and the table of functions of the first, which exports them for that.
    bind.args(["--target", "web", "--no-typescript", "--keep-lld-exports"]);
    bind.args(["--out-name", NAME, "--out-dir"]).arg(&code);
    if profile == Profile::Release {
        bind.args(["--remove-name-section", "--remove-producers-section"]);
    }
    run(bind.arg(split.join(format!("{NAME}.wasm"))))?;
    for file in files_below(&split)? {
        let Some(name) = file.file_name().filter(|name| *name != format!("{NAME}.wasm").as_str()) else {
            continue;
        };
        let bytes = fs::read(&file).context(|| format!("can't read {}", file.display()))?;
        let is_program = file.extension().is_some_and(|extension| extension == "wasm");
        let bytes = if is_program && profile == Profile::Release { without_custom_sections(&bytes)? } else { bytes };
        fs::write(code.join(name), bytes).context(|| format!("can't write {}", code.join(name).display()))?;
    }
    // It names the code beside it, so it has to lie there.
    fs::copy(workspace.path("www/worker.js"), code.join("worker.js")).context(|| "can't copy the worker".to_owned())?;
    fs::write(code.join("styles.css"), styles(workspace)?).context(|| "can't write the styles".to_owned())?;
    fs::write(code.join("files.json"), list_of_files(&code)?).context(|| "can't write the list of files".to_owned())?;
    let directory = format!("{NAME}-{}", digest(&code, [code.clone()])?);
    copy(&code, &staging.join(&directory))?;
    let loader = fs::read_to_string(code.join(LOADER)).context(|| format!("can't read {LOADER}"))?;
    tell_page(&staging.join("index.html"), &directory, &chunks_of(&loader, "document")?)
}

/// Whether `file` belongs to a chunk that is loaded later than with the page.
pub(crate) fn is_later_chunk(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "wasm")
        && file.file_name().is_some_and(|name| name != format!("{NAME}_bg.wasm").as_str())
}

fn compile(workspace: &Workspace, wasm: &Wasm, profile: Profile) -> Outcome<PathBuf> {
    let mut cargo = wasm.command("cargo")?;
    cargo.args(["rustc", "--offline", "--package", "coval-frontend", "--bin", "coval-frontend", "--target", TARGET]);
    let directory = match profile {
        Profile::Debug => "debug",
        Profile::Release => {
            cargo.args(["--profile", "app"]);
            "app"
        }
    };
    run(cargo.args(["--", "-Clink-args=--emit-relocs"]))?;
    Ok(workspace.target().join(TARGET).join(directory).join("coval-frontend.wasm"))
}

/// The styles of all parts of the app as one file, those that the others build on first.
fn styles(workspace: &Workspace) -> Outcome<String> {
    let mut files = files_below(&workspace.path("www/styles"))?;
    files.sort_by_key(|file| (file.file_name().is_none_or(|name| name != BASE), file.clone()));
    let texts = files
        .iter()
        .map(|file| fs::read_to_string(file).context(|| format!("can't read {}", file.display())))
        .collect::<Outcome<Vec<_>>>()?;
    Ok(texts.join("\n"))
}

/// The names of the files in `code` as JSON, for whoever keeps the whole app on a device.
fn list_of_files(code: &Path) -> Outcome<String> {
    let files = files_below(code)?;
    let names = files.iter().filter_map(|file| file.strip_prefix(code).ok()?.to_str());
    let names: Vec<String> = names.map(|name| format!("\"{}\"", name.replace('\\', "/"))).collect();
    Ok(format!("[{}]\n", names.join(",")))
}

fn copy(from: &Path, to: &Path) -> Outcome {
    for file in files_below(from)? {
        let place = to.join(file.strip_prefix(from).unwrap_or(&file));
        if let Some(parent) = place.parent() {
            make_directory(parent)?;
        }
        fs::copy(&file, &place).context(|| format!("can't write {}", place.display()))?;
    }
    Ok(())
}

/// The files that the loader of chunks loads for the chunk `name`, as it writes them: its own, and those that it shares
/// with others.
fn chunks_of(loader: &str, name: &str) -> Outcome<Vec<String>> {
    let begin = format!("__wasm_split_load_{name} = ");
    let (_, load) = loader.split_once(&begin).ok_or_else(|| {
        Failure::new(format!("{LOADER} loads no chunk {name}")).hint("look how wasm-split-cli writes it now")
    })?;
    let load = load.split_once("export ").map_or(load, |(load, _)| load);
    let own = load.split('"').filter_map(|part| Some(part.strip_prefix("./")?.to_owned()));
    let shared = load.split("__chunk_").skip(1).map(|part| {
        let number: String = part.chars().take_while(char::is_ascii_digit).collect();
        format!("chunk_{number}.wasm")
    });
    Ok(own.chain(shared).collect())
}

fn tell_page(page: &Path, directory: &str, of_documents: &[String]) -> Outcome {
    let html = fs::read_to_string(page).context(|| format!("can't read {}", page.display()))?;
    let asked_for = ASKED_FOR.map(|file| (format!("href=\"/{file}\""), format!("href=\"/{directory}/{file}\"")));
    let code = (CODE.to_owned(), format!("data-code=\"/{directory}/{NAME}\""));
    let of_documents = (OF_DOCUMENTS.to_owned(), format!("data-document=\"{}\"", of_documents.join(" ")));
    let html = asked_for.into_iter().chain([code, of_documents]).try_fold(html, |html, (place, told)| {
        if html.contains(&place) {
            Ok(html.replace(&place, &told))
        } else {
            Err(Failure::new(format!("{} has no place to say where the code is: {place}", page.display())))
        }
    })?;
    fs::write(page, html).context(|| format!("can't write {}", page.display()))
}

/// A program without the sections that only tools read, names among them.
///
/// The binary format is that of the WebAssembly specification, 5.5: a magic number and a version, then sections, each
/// with a byte for its kind and its length in LEB128.
fn without_custom_sections(program: &[u8]) -> Outcome<Vec<u8>> {
    const CUSTOM: u8 = 0;
    let broken = || Failure::new("a chunk of the app is no WebAssembly");
    let (head, mut rest) = program.split_at_checked(8).ok_or_else(broken)?;
    let mut kept = head.to_vec();
    while let Some((&kind, after)) = rest.split_first() {
        let digits = after.iter().position(|byte| byte & 0x80 == 0).ok_or_else(broken)? + 1;
        let length = after.iter().take(digits).rev().fold(0_usize, |sum, byte| (sum << 7) | usize::from(byte & 0x7f));
        let (section, next) = rest.split_at_checked(1 + digits + length).ok_or_else(broken)?;
        if kind != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_that_only_tools_read_are_left_out() {
        let head = b"\0asm\x01\0\0\0";
        let program = [&head[..], b"\0\x05\x04name", b"\x01\x02ab", b"\0\x02\x01x", b"\x0a\x01c"].concat();
        assert_eq!(without_custom_sections(&program).unwrap(), [&head[..], b"\x01\x02ab", b"\x0a\x01c"].concat());
        assert!(without_custom_sections(b"\0asm").is_err());
        assert!(without_custom_sections(&[&head[..], b"\x01\x05ab"].concat()).is_err());
    }

    #[test]
    fn the_files_of_a_chunk_are_its_own_and_those_that_it_shares() {
        let load = |name: &str, chunks: &str| {
            format!(
                "export const __wasm_split_load_{name} = wrapAsyncCb(makeLoad(() => {{\n    \
                 const src = fetch(new URL(\"./split_{name}.wasm\", import.meta.url));\n}}\n, [{chunks}]));\n"
            )
        };
        let loader =
            load("talk", "__chunk_1") + &load("document", "__chunk_7, __chunk_28") + &load("memo", "__chunk_9");
        assert_eq!(chunks_of(&loader, "document").unwrap(), ["split_document.wasm", "chunk_7.wasm", "chunk_28.wasm"]);
        assert!(chunks_of(&loader, "editor").is_err());
    }

    #[test]
    fn only_chunks_that_come_later_are_left_out_of_a_first_visit() {
        assert!(is_later_chunk(Path::new("dist/coval-1/split_editor.wasm")));
        assert!(!is_later_chunk(Path::new("dist/coval-1/coval_bg.wasm")));
        assert!(!is_later_chunk(Path::new("dist/coval-1/chunks.js")));
    }
}
