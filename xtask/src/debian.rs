//! Debian's packages: the way to what a fresh Debian machine lacks.

use std::env;
use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::shell::{command, find_program, read, step, succeeds};

/// Whether packages can be installed here: a Debian-like system, and this program runs as root.
pub(crate) fn can_install() -> bool {
    find_program("apt-get").is_some() && read(command("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}

/// Installs packages.
///
/// # Errors
/// When this is not Debian as root, naming the packages, or when `apt-get` fails.
pub(crate) fn install(what: &str, packages: &[&str]) -> Outcome {
    let list = packages.join(" ");
    if !can_install() {
        return Err(Failure::new(format!("missing: {what}")).hint(format!(
            "on Debian run `apt-get install {list}` as root; elsewhere install what these packages hold and put it on PATH"
        )));
    }
    step(&format!("installing {what} from Debian: {list}"), "about 20 s", || {
        // A fresh image has no package lists, and an old one's may name files that the mirror no longer holds.
        if has_lists() && apt(&["install", "-y", "--no-install-recommends"], packages).is_ok() {
            return Ok(());
        }
        apt(&["update"], &[])?;
        apt(&["install", "-y", "--no-install-recommends"], packages)
    })
}

/// The packages that a package needs, as `apt-cache` names them.
pub(crate) fn dependencies(package: &str) -> Vec<String> {
    let Ok(text) = read(command("apt-cache").args(["depends", package])) else {
        return Vec::new();
    };
    text.lines().filter_map(|line| line.trim().strip_prefix("Depends:")).map(|name| name.trim().to_owned()).collect()
}

/// Whether the package lists know a package; they are fetched first when there are none.
pub(crate) fn knows(package: &str) -> bool {
    let known = || {
        read(command("apt-cache").args(["policy", package]))
            .is_ok_and(|text| text.lines().any(|line| line.contains("Candidate:") && !line.contains("(none)")))
    };
    known() || (can_install() && apt(&["update"], &[]).is_ok() && known())
}

/// Makes sure that libpq is there, which the server links against.
///
/// # Errors
/// When it is missing and can't be installed.
pub(crate) fn ensure_libpq() -> Outcome {
    if has_libpq() {
        return Ok(());
    }
    install("libpq, PostgreSQL's client library that the server links against", LIBPQ)
}

/// The packages that hold libpq and the program that finds it.
pub(crate) const LIBPQ: &[&str] = &["libpq-dev", "pkg-config"];

/// Whether a build finds libpq: it looks in these three places.
pub(crate) fn has_libpq() -> bool {
    let by_pg_config = || {
        let directory = read(command("pg_config").arg("--libdir")).unwrap_or_default();
        ["libpq.so", "libpq.dylib", "libpq.lib"].iter().any(|file| Path::new(directory.trim()).join(file).is_file())
    };
    env::var_os("PQ_LIB_DIR").is_some() || succeeds(command("pkg-config").args(["--exists", "libpq"])) || by_pg_config()
}

fn has_lists() -> bool {
    std::fs::read_dir("/var/lib/apt/lists")
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().contains("_Packages")))
}

/// What `apt-get` prints is shown only when it fails.
fn apt(arguments: &[&str], packages: &[&str]) -> Outcome {
    let mut apt = command("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-q").args(arguments).args(packages);
    read(&mut apt).map(drop)
}
