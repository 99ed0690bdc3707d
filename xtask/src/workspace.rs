//! Where things are: the checkout, cargo's target directory, and the cache that outlives both.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Outcome};

/// The checkout and the directories that chores write to.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    cache: PathBuf,
}

impl Workspace {
    /// Finds the checkout and makes it the working directory.
    ///
    /// # Errors
    /// When this is called from outside of a checkout, or neither `COVAL_CACHE`, `XDG_CACHE_HOME` nor `HOME` says
    /// where a cache may be.
    pub(crate) fn enter() -> Outcome<Self> {
        let here = env::current_dir().context(|| "can't tell the working directory".to_owned())?;
        // Cargo says where the package is that it runs. The path known to the compiler would be that of another
        // checkout when two of them share a target directory.
        let start = env::var_os("CARGO_MANIFEST_DIR").map_or(here, PathBuf::from);
        let root = start
            .ancestors()
            .find(|directory| directory.join("xtask/Cargo.toml").is_file())
            .map(Path::to_path_buf)
            .ok_or_else(|| Failure::new(format!("{} lies in no checkout of Coval", start.display())))?;
        env::set_current_dir(&root).context(|| format!("can't enter {}", root.display()))?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |path| root.join(path));
        let cache =
            cache_directory(|name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from), &root)?;
        Ok(Self { root, target, cache })
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the top of the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where the tools that the project installs for itself live, shared by all checkouts of one user.
    pub(crate) fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Where the built app is put.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }
}

/// All files below a directory in the order of their names, or the file itself. `target` directories and names that
/// start with a dot are left out; a place that is not there holds nothing.
///
/// # Errors
/// When a directory can't be read.
pub(crate) fn files_below(path: &Path) -> Outcome<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    let mut directories = vec![path.to_path_buf()];
    while let Some(directory) = directories.pop().filter(|directory| directory.exists()) {
        let entries = fs::read_dir(&directory).context(|| format!("can't read {}", directory.display()))?;
        for entry in entries {
            let path = entry.context(|| format!("can't read {}", directory.display()))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn cache_directory(variable: impl Fn(&str) -> Option<PathBuf>, root: &Path) -> Outcome<PathBuf> {
    let directory = variable("COVAL_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|path| path.join("coval")))
        .or_else(|| variable("HOME").or_else(|| variable("USERPROFILE")).map(|path| path.join(".cache").join("coval")))
        .ok_or_else(|| {
            Failure::new("there is no place for the tools that the project installs for itself")
                .hint("set COVAL_CACHE to a directory")
        })?;
    Ok(root.join(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(values: &[(&str, &str)]) -> Option<PathBuf> {
        let lookup = |name: &str| values.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value));
        cache_directory(lookup, Path::new("/checkout")).ok()
    }

    #[test]
    fn the_cache_is_where_the_nearest_variable_says() {
        let all = [("COVAL_CACHE", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")];
        assert_eq!(with(&all), Some(PathBuf::from("/a")));
        assert_eq!(with(&all[1..]), Some(PathBuf::from("/b/coval")));
        assert_eq!(with(&all[2..]), Some(PathBuf::from("/c/.cache/coval")));
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn a_relative_cache_is_below_the_checkout() {
        assert_eq!(with(&[("COVAL_CACHE", "cache")]), Some(PathBuf::from("/checkout/cache")));
    }
}
