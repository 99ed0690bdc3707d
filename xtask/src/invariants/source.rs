//! Reading Rust well enough to know which paths a file names.

/// A Rust file and what its code outside of tests names.
#[derive(Debug)]
pub(super) struct Source {
    /// The file, relative to the workspace, with forward slashes.
    pub(super) file: String,
    /// How many lines the file has.
    pub(super) lines: usize,
    /// Every path in the order of the text, with imports spelled out one by one.
    pub(super) paths: Vec<Named>,
}

/// A path like `std::time::Instant` and where it stands. `self` and `super` are resolved; a path that starts at the
/// crate's root starts with `crate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The line, counted from one.
    pub(super) line: usize,
    /// The path's segments: at least one.
    pub(super) segments: Vec<String>,
}

impl Source {
    /// Reads a file's text.
    pub(super) fn read(file: String, text: &str) -> Self {
        let module = module_of(&file);
        let tokens = without_tests(tokens(text));
        let paths = paths(&tokens)
            .into_iter()
            .map(|named| Named { line: named.line, segments: resolve(&module, named.segments) })
            .collect();
        Self { file, lines: text.lines().count(), paths }
    }

    /// The module that the file is, from the crate's root: `["store", "sqlite"]`.
    pub(super) fn module(&self) -> Vec<String> {
        module_of(&self.file)
    }
}

impl Named {
    /// The path as it is written.
    pub(super) fn text(&self) -> String {
        self.segments.join("::")
    }

    /// Whether the path starts with these segments.
    pub(super) fn starts_with(&self, start: &[&str]) -> bool {
        self.segments.len() >= start.len() && self.segments.iter().zip(start).all(|(segment, wanted)| segment == wanted)
    }
}

/// A name or a sign of Rust's text. Comments, strings, characters and numbers are none.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    line: usize,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Name(String),
    /// `::`
    Separator,
    Sign(char),
}

fn module_of(file: &str) -> Vec<String> {
    let Some((_, inside)) = file.split_once("/src/") else {
        return Vec::new();
    };
    let module = inside.trim_end_matches(".rs");
    if module == "main" || module == "lib" {
        return Vec::new();
    }
    module.split('/').map(str::to_owned).collect()
}

fn resolve(module: &[String], segments: Vec<String>) -> Vec<String> {
    let mut base = module.to_vec();
    let mut rest = segments.as_slice();
    let mut is_relative = false;
    while let [first, tail @ ..] = rest {
        match first.as_str() {
            "self" if !tail.is_empty() => {}
            "super" => drop(base.pop()),
            _ => break,
        }
        is_relative = true;
        rest = tail;
    }
    if !is_relative {
        return segments;
    }
    let mut resolved = vec!["crate".to_owned()];
    resolved.append(&mut base);
    resolved.extend_from_slice(rest);
    resolved
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = literal(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let name = rest.get(..length).unwrap_or_default();
            if !first.is_numeric() {
                tokens.push(Token { line, kind: Kind::Name(name.to_owned()) });
            }
            length
        } else if rest.starts_with("::") {
            tokens.push(Token { line, kind: Kind::Separator });
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(Token { line, kind: Kind::Sign(first) });
            }
            first.len_utf8()
        };
        let (passed, next) = rest.split_at_checked(length).unwrap_or((rest, ""));
        line += passed.matches('\n').count();
        rest = next;
    }
    tokens
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of the string, character or lifetime at the start of a text.
fn literal(text: &str) -> Option<usize> {
    if let Some(body) = text.strip_prefix('\'') {
        let mut characters = body.char_indices();
        let (_, first) = characters.next()?;
        if first == '\\' {
            return Some(1 + quoted(body, '\''));
        }
        let (next, second) = characters.next()?;
        // `'a'` is a character, `'a` a lifetime: the name after its sign is skipped too.
        return Some(if second == '\'' { 1 + next + 1 } else { 1 + name_length(body) });
    }
    // Only at the start: a search through all that follows would be done anew at each of its characters.
    let prefix = text.bytes().take(3).position(|byte| matches!(byte, b'"' | b'#'))?;
    let (marks, rest) = text.split_at_checked(prefix)?;
    match marks {
        "" | "b" | "c" => rest.strip_prefix('"').map(|body| prefix + 1 + quoted(body, '"')),
        "r" | "br" | "cr" => {
            let body = rest.trim_start_matches('#');
            let hashes = rest.len() - body.len();
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = body.strip_prefix('"')?;
            let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
            Some(prefix + hashes + 1 + length)
        }
        _ => None,
    }
}

/// The length up to and with the closing quote.
fn quoted(body: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in body.char_indices() {
        if character == quote && !is_escaped {
            return at + character.len_utf8();
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    body.len()
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len()).max(1)
}

/// Leaves out every item under `#[cfg(test)]`.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let is_test = |at: usize| {
        let mut rest = tokens.iter().skip(at).map(|token| &token.kind);
        matches!(rest.next(), Some(Kind::Sign('#')))
            && matches!(rest.next(), Some(Kind::Sign('[')))
            && matches!(rest.next(), Some(Kind::Name(name)) if name == "cfg")
            && matches!(rest.next(), Some(Kind::Sign('(')))
            && matches!(rest.next(), Some(Kind::Name(name)) if name == "test")
            && matches!(rest.next(), Some(Kind::Sign(')')))
    };
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_test(at) {
            at += item_length(tokens.get(at + 7..).unwrap_or_default()) + 7;
        } else {
            kept.push(token.clone());
            at += 1;
        }
    }
    kept
}

/// The number of tokens up to the end of an item: its closing brace, or a semicolon before any brace.
fn item_length(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Sign('{') => depth += 1,
            Kind::Sign('}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            Kind::Sign(';') if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn paths(tokens: &[Token]) -> Vec<Named> {
    let mut paths = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match &token.kind {
            Kind::Name(name) if name == "use" => at = import(tokens, at + 1, &[], &mut paths),
            Kind::Name(_) => {
                let (segments, next) = path(tokens, at);
                paths.push(Named { line: token.line, segments });
                at = next;
            }
            _ => at += 1,
        }
    }
    paths
}

/// The names joined by `::` from a place on, and the place after them.
fn path(tokens: &[Token], mut at: usize) -> (Vec<String>, usize) {
    let mut segments = Vec::new();
    while let Some(Token { kind: Kind::Name(name), .. }) = tokens.get(at) {
        segments.push(name.clone());
        at += 1;
        if !matches!(tokens.get(at), Some(Token { kind: Kind::Separator, .. })) {
            break;
        }
        at += 1;
    }
    (segments, at)
}

/// Spells out a tree of imports behind what stands before it, and returns the place after it.
fn import(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Named>) -> usize {
    if matches!(tokens.get(at), Some(Token { kind: Kind::Separator, .. })) {
        at += 1;
    }
    let line = tokens.get(at).map_or(0, |token| token.line);
    let (own, mut at) = path(tokens, at);
    let segments: Vec<String> = before.iter().cloned().chain(own).collect();
    if matches!(tokens.get(at), Some(Token { kind: Kind::Sign('{'), .. })) {
        at += 1;
        while let Some(token) = tokens.get(at) {
            match token.kind {
                Kind::Sign('}') => return at + 1,
                Kind::Sign(',') => at += 1,
                // Each branch consumes at least its first token, so that a malformed tree ends too.
                _ => at = import(tokens, at, &segments, found).max(at + 1),
            }
        }
        return at;
    }
    if matches!(tokens.get(at), Some(Token { kind: Kind::Sign('*'), .. })) {
        at += 1;
    }
    if matches!(tokens.get(at), Some(Token { kind: Kind::Name(name), .. }) if name == "as") {
        at += 2;
    }
    if !segments.is_empty() {
        found.push(Named { line, segments });
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &str, text: &str) -> Vec<(usize, String)> {
        Source::read(file.to_owned(), text).paths.iter().map(|named| (named.line, named.text())).collect()
    }

    fn has(text: &str, path: &str) -> bool {
        names("server/src/a.rs", text).iter().any(|(_, found)| found == path)
    }

    #[test]
    fn grouped_imports_are_spelled_out_with_their_lines() {
        let text = "use std::{\n    fs,\n    time::{Duration, Instant as Now},\n};\nfn f() {}\n";
        let found = names("shared/src/a.rs", text);
        assert_eq!(found[0], (2, "std::fs".to_owned()));
        assert_eq!(found[1], (3, "std::time::Duration".to_owned()));
        assert_eq!(found[2], (3, "std::time::Instant".to_owned()));
        assert_eq!(found[3], (5, "fn".to_owned()));
    }

    #[test]
    fn globs_and_leading_separators_are_paths_too() {
        assert!(has("use ::diesel::prelude::*;", "diesel::prelude"));
        assert!(has("fn f() { ::std::fs::read(p) }", "std::fs::read"));
    }

    #[test]
    fn comments_strings_and_characters_name_nothing() {
        let text = "// diesel\n/* diesel /* diesel */ diesel */\n\
                    let a = \"diesel \\\" diesel\"; let b = r#\"diesel \" diesel\"#; let c = b\"diesel\"; let d = '\"'; diesel2::x();";
        assert!(!has(text, "diesel"));
        assert!(has(text, "diesel2::x"));
    }

    #[test]
    fn lifetimes_do_not_swallow_what_follows() {
        assert!(has("fn f<'a>(x: &'a str) -> diesel::Y<'a> { '\\'' }", "diesel::Y"));
    }

    #[test]
    fn code_under_cfg_test_does_not_count_and_what_follows_does() {
        let text = "#[cfg(test)]\nmod tests {\n  use std::fs;\n  fn f() { a::b() }\n}\n#[cfg(test)]\nuse std::net;\nuse std::env;\n";
        assert!(!has(text, "std::fs") && !has(text, "a::b") && !has(text, "std::net"));
        assert!(has(text, "std::env"));
    }

    #[test]
    fn relative_paths_are_resolved() {
        assert_eq!(names("server/src/store/sqlite.rs", "use super::super::rest::x;")[0].1, "crate::rest::x");
        assert_eq!(names("server/src/store/sqlite.rs", "use super::y;")[0].1, "crate::store::y");
        assert_eq!(names("server/src/store.rs", "use self::sqlite::{self, z};")[1].1, "crate::store::sqlite::z");
        assert_eq!(names("server/src/main.rs", "self.x")[0].1, "self");
    }

    #[test]
    fn text_that_does_not_end_is_read_to_its_end() {
        for text in ["use a::{b", "/* open", "\"open", "r#\"open", "'", "'\\", "use ::", "#[cfg(test)]", "use a::{{{+"]
        {
            names("shared/src/a.rs", text);
        }
    }
}
