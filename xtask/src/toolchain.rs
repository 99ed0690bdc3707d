//! The WebAssembly toolchain: a compiler with the wasm target, `wasm-bindgen`, `wasm-split-cli` and Trunk.
//!
//! Native builds keep the machine's own toolchain. Only the commands made here see the wasm one.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::failure::{Context, Failure, Outcome};
use crate::shell::{command, find_program, make_directory, path_with, read, run, step, succeeds};
use crate::workspace::Workspace;

/// The target of the app.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The version of Trunk that the project builds with.
const TRUNK: &str = "0.21.14";

/// The version of the program that splits the app. It and `wasm_split_helpers` in `Cargo.lock` have to fit.
const SPLITTER: &str = "0.2.3";

/// The name under which rustup knows Debian's compiler.
const LINKED: &str = "coval-wasm";

/// A toolchain that builds the app.
#[derive(Debug)]
pub(crate) struct Wasm {
    compiler: Compiler,
    bindgen: PathBuf,
    splitter: PathBuf,
    trunk: PathBuf,
}

/// Which compiler has the wasm target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compiler {
    /// The one that native builds use too.
    Active,
    /// Debian's, through rustup.
    Linked,
    /// Debian's, on a machine without rustup.
    System,
}

impl Wasm {
    /// Makes sure that everything is there; what is there already costs a fraction of a second.
    ///
    /// # Errors
    /// When a part is missing and can't be installed.
    pub(crate) fn ensure(workspace: &Workspace) -> Outcome<Self> {
        let compiler = ensure_compiler(workspace)?;
        let version = locked_version(workspace, "wasm-bindgen")?;
        let bindgen = ensure_tool(workspace, &Tool::wasm_bindgen(&version))?;
        let splitter = ensure_tool(workspace, &Tool::splitter())?;
        let trunk = ensure_tool(workspace, &Tool::trunk())?;
        Ok(Self { compiler, bindgen, splitter, trunk })
    }

    /// A command that sees this toolchain as the only one.
    ///
    /// # Errors
    /// When a tool's directory can't stand in PATH.
    pub(crate) fn command(&self, program: &str) -> Outcome<Command> {
        let mut command = self.compiler.command(program);
        let mut first = self.tools();
        if self.compiler == Compiler::System {
            first.push(PathBuf::from("/usr/bin"));
        }
        command.env("PATH", path_with(&first)?);
        Ok(command)
    }

    /// A command that sees this toolchain's tools, and the native compiler.
    ///
    /// # Errors
    /// When a tool's directory can't stand in PATH.
    pub(crate) fn tool(&self, program: &str) -> Outcome<Command> {
        let mut tool = command(program);
        tool.env("PATH", path_with(&self.tools())?);
        Ok(tool)
    }

    fn tools(&self) -> Vec<PathBuf> {
        vec![self.bindgen.clone(), self.splitter.clone(), self.trunk.clone()]
    }

    /// Makes sure that this toolchain has clippy.
    ///
    /// # Errors
    /// When it is missing and can't be installed.
    pub(crate) fn ensure_clippy(&self) -> Outcome {
        if succeeds(self.compiler.command("cargo").args(["clippy", "--version"])) {
            return Ok(());
        }
        if self.compiler == Compiler::Active {
            return run(command("rustup").args(["component", "add", "clippy"]));
        }
        debian::install("clippy for the wasm toolchain", &["rust-web-clippy"])
    }
}

impl Compiler {
    fn command(self, program: &str) -> Command {
        let mut command = command(program);
        match self {
            Self::Active => {}
            // `cargo xtask` runs under rustup, which passes the native toolchain on in these variables.
            Self::Linked => {
                command.env("RUSTUP_TOOLCHAIN", LINKED).env_remove("LD_LIBRARY_PATH").env_remove("RUSTC");
            }
            Self::System => {
                command.env_remove("RUSTUP_TOOLCHAIN").env_remove("LD_LIBRARY_PATH").env_remove("RUSTC");
                if let Ok(path) = path_with(&[PathBuf::from("/usr/bin")]) {
                    command.env("PATH", path);
                }
            }
        }
        command
    }

    /// Whether this compiler compiles for the target: the library may be missing or of another version.
    fn works(self, workspace: &Workspace) -> bool {
        let out = workspace.tools().join("probe");
        if make_directory(&out).is_err() {
            return false;
        }
        let mut probe = match self {
            Self::System => {
                let mut probe = command("/usr/bin/rustc");
                probe.env_remove("RUSTUP_TOOLCHAIN").env_remove("LD_LIBRARY_PATH");
                probe
            }
            _ => self.command("rustc"),
        };
        succeeds(
            probe
                .args(["--target", TARGET, "--crate-name", "probe", "--crate-type", "lib", "--emit", "metadata"])
                .arg("--out-dir")
                .arg(out)
                .arg("-"),
        )
    }
}

fn ensure_compiler(workspace: &Workspace) -> Outcome<Compiler> {
    let debians = if find_program("rustup").is_some() { Compiler::Linked } else { Compiler::System };
    for compiler in [Compiler::Active, debians] {
        if compiler.works(workspace) {
            return Ok(compiler);
        }
    }
    if debians == Compiler::Linked {
        let added = step(
            "adding the wasm target with rustup",
            "20 s, or fails at once where its server is out of reach",
            || run(command("rustup").args(["target", "add", TARGET]).env_remove("RUST_BACKTRACE")),
        );
        if added.is_ok() && Compiler::Active.works(workspace) {
            return Ok(Compiler::Active);
        }
        println!("    rustup can't add it here; taking Debian's compiler for the app instead");
    }
    install_debians_compiler(workspace, debians).map_err(|failure| {
        failure.hint(format!(
            "the app needs a Rust compiler with the target {TARGET}: `rustup target add {TARGET}` does it where rustup reaches its server"
        ))
    })?;
    if debians.works(workspace) {
        Ok(debians)
    } else {
        Err(Failure::new(format!("Debian's compiler does not build for {TARGET} after its library was built")))
    }
}

/// Debian's `rustc-web` has the sources of the standard library; the library for wasm is built from them once.
fn install_debians_compiler(workspace: &Workspace, compiler: Compiler) -> Outcome {
    if !debian::can_install() || !debian::knows("rustc-web") {
        return Err(Failure::new(format!("no Rust compiler here builds for {TARGET}, and none can be installed")));
    }
    let lld = debian::dependencies("rust-web-llvm")
        .iter()
        .find_map(|name| name.strip_prefix("llvm-").map(|version| format!("lld-{version}")))
        .unwrap_or_else(|| "lld-22".to_owned());
    debian::install(
        "a compiler with wasm support",
        &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", &lld],
    )?;
    if compiler == Compiler::Linked {
        run(command("rustup").args(["toolchain", "link", LINKED, "/usr"]))?;
    }
    if compiler.works(workspace) {
        return Ok(());
    }
    step("building the standard library for wasm", "about 30 s", || build_standard_library(workspace, compiler))
}

fn build_standard_library(workspace: &Workspace, compiler: Compiler) -> Outcome {
    let project = workspace.tools().join("wasm-std");
    // Built afresh: what an earlier compiler left here would be copied along.
    if project.exists() {
        fs::remove_dir_all(&project).context(|| format!("can't remove {}", project.display()))?;
    }
    make_directory(&project.join("src"))?;
    let manifest = "[package]\nname = \"coval-empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n";
    for (file, text) in [("Cargo.toml", manifest), ("src/lib.rs", "")] {
        fs::write(project.join(file), text).context(|| format!("can't write {file} in {}", project.display()))?;
    }
    run(compiler
        .command("cargo")
        .current_dir(&project)
        .args(["build", "--quiet", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,proc_macro,test")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", project.join("target"))
        // The app is built with link-time optimisation, which reads bitcode.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes"))?;
    let built = project.join("target").join(TARGET).join("release/deps");
    let installed = Path::new("/usr/lib/rustlib").join(TARGET).join("lib");
    if installed.exists() {
        fs::remove_dir_all(&installed).context(|| format!("can't remove {}", installed.display()))?;
    }
    make_directory(&installed)?;
    for entry in fs::read_dir(&built).context(|| format!("can't read {}", built.display()))?.flatten() {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libcoval_empty") {
            fs::copy(entry.path(), installed.join(&name)).context(|| format!("can't install {text}"))?;
        }
    }
    Ok(())
}

/// A program that `cargo install` brings.
pub(crate) struct Tool {
    package: &'static str,
    version: String,
    /// The programs that must be there.
    programs: &'static [&'static str],
    /// Whether the first program answers `--version`. One that does not is taken only from a directory whose name tells.
    tells_version: bool,
    options: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    about: &'static str,
}

impl Tool {
    /// Without `--locked`: its lock file may name versions that a registry mirror does not serve yet.
    fn wasm_bindgen(version: &str) -> Self {
        Self {
            package: "wasm-bindgen-cli",
            version: version.to_owned(),
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            tells_version: true,
            options: &[],
            environment: &[],
            about: "about 2 min",
        }
    }

    fn splitter() -> Self {
        Self {
            package: "wasm_split_cli_support",
            version: SPLITTER.to_owned(),
            programs: &["wasm-split-cli"],
            tells_version: false,
            options: &["--features", "build-binary"],
            environment: &[],
            about: "about 1 min",
        }
    }

    /// Without optimisation: Trunk calls other programs and copies files, and its own release profile, with
    /// link-time optimisation of everything, takes more than twice as long to build.
    fn trunk() -> Self {
        Self {
            package: "trunk",
            version: TRUNK.to_owned(),
            programs: &["trunk"],
            tells_version: true,
            options: &["--locked", "--no-default-features", "--features", "rustls"],
            environment: &[
                ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
                ("CARGO_PROFILE_RELEASE_LTO", "off"),
                ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
            ],
            about: "about 3 min",
        }
    }

    /// What checks the dependencies.
    pub(crate) fn cargo_deny(version: &str) -> Self {
        Self {
            package: "cargo-deny",
            version: version.to_owned(),
            programs: &["cargo-deny"],
            tells_version: true,
            options: &["--locked"],
            environment: &[("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")],
            about: "about 8 min",
        }
    }

    /// The directory on PATH that has this tool in this version.
    pub(crate) fn on_path(&self) -> Option<PathBuf> {
        if !self.tells_version {
            return None;
        }
        let program = find_program(self.programs.first()?)?;
        program.parent().filter(|directory| self.is_in(directory)).map(Path::to_path_buf)
    }

    /// Whether a directory has this tool in this version.
    pub(crate) fn is_in(&self, directory: &Path) -> bool {
        let file = |program: &&str| directory.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
        let Some(main) = self.programs.first() else {
            return false;
        };
        let is_version = || {
            read(command(file(main)).arg("--version"))
                .is_ok_and(|text| text.split_whitespace().any(|word| word == self.version))
        };
        self.programs.iter().all(|program| file(program).is_file()) && (!self.tells_version || is_version())
    }
}

/// The directory that has a tool, after it was installed if need be.
///
/// # Errors
/// When it can't be installed.
pub(crate) fn ensure_tool(workspace: &Workspace, tool: &Tool) -> Outcome<PathBuf> {
    if let Some(directory) = tool.on_path() {
        return Ok(directory);
    }
    // A directory for each version, so that two checkouts with different lock files don't undo each other's work.
    let home = workspace.tools().join(format!("{}-{}", tool.package, tool.version));
    let directory = home.join("bin");
    if tool.is_in(&directory) {
        return Ok(directory);
    }
    let build = workspace.tools().join("build");
    step(&format!("installing {} {}", tool.package, tool.version), tool.about, || {
        let mut arguments: Vec<OsString> =
            vec!["install".into(), "--quiet".into(), "--force".into(), "--root".into(), home.into()];
        arguments.extend(["--target-dir".into(), build.clone().into()]);
        arguments.extend(["--version".into(), format!("={}", tool.version).into()]);
        arguments.extend(tool.options.iter().map(OsString::from));
        arguments.push(tool.package.into());
        run(command("cargo").args(arguments).envs(tool.environment.iter().copied()))
    })?;
    if tool.is_in(&directory) {
        // Kept until now so that an interrupted installation goes on where it stopped.
        fs::remove_dir_all(&build).context(|| format!("can't remove {}", build.display()))?;
        Ok(directory)
    } else {
        Err(Failure::new(format!("{} was installed in {} but does not run", tool.package, directory.display())))
    }
}

/// The version of a package in `Cargo.lock`.
fn locked_version(workspace: &Workspace, package: &str) -> Outcome<String> {
    let path = workspace.path("Cargo.lock");
    let text = fs::read_to_string(&path).context(|| format!("can't read {}", path.display()))?;
    version_in(&text, package).ok_or_else(|| Failure::new(format!("Cargo.lock names no {package}")))
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_package_with_exactly_this_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }

    #[test]
    fn a_directory_without_the_programs_does_not_have_the_tool() {
        assert!(!Tool::trunk().is_in(Path::new("/nonexistent")));
    }
}
