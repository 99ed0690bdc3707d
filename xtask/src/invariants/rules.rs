//! Which names may stand where.

use crate::invariants::Violation;
use crate::invariants::source::{Named, Source};

/// The most lines of a Rust file.
const LONGEST_FILE: usize = 800;

/// A crate that only some modules may name.
struct Confined {
    /// The crate, as it is named in code.
    names: &'static [&'static str],
    /// The modules, without `.rs`.
    to: &'static [&'static str],
    rule: &'static str,
}

const CONFINED: &[Confined] = &[
    Confined {
        names: &["diesel", "diesel_migrations", "libsqlite3_sys"],
        to: &["server/src/store"],
        rule: "only server/src/store knows Diesel",
    },
    Confined { names: &["redis"], to: &["server/src/bus"], rule: "only server/src/bus knows Redis" },
    Confined { names: &["actix_ws"], to: &["server/src/ws"], rule: "only server/src/ws knows frames" },
    Confined {
        names: &["web_sys"],
        to: &["frontend/src/platform", "frontend/src/sheet", "frontend/src/editor"],
        rule: "only frontend/src/platform and the editing surfaces know web-sys",
    },
];

/// The modules of a crate in layers: what stands in one layer names its own and later ones only.
struct Layers {
    folder: &'static str,
    layers: &'static [&'static [&'static str]],
    rule: &'static str,
}

const LAYERS: &[Layers] = &[
    Layers {
        folder: "server/src/",
        layers: &[&["rest", "ws"], &["document", "auth", "jobs"], &["store", "bus"]],
        rule: "in the server dependencies point from rest and ws to document, auth and jobs to store and bus",
    },
    Layers {
        folder: "frontend/src/",
        layers: &[&["pages"], &["components", "sheet", "editor", "charts"], &["state"], &["connection"], &["platform"]],
        rule: "in the app dependencies point from pages to components to state to connection to platform",
    },
];

/// What `ot-core` and `shared` must not name, since they do no I/O, read no clock and draw no random number.
const IMPURE: &[&[&str]] = &[
    &["std", "env"],
    &["std", "fs"],
    &["std", "io", "stderr"],
    &["std", "io", "stdin"],
    &["std", "io", "stdout"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time"],
];

/// The same by their last names, however they came into scope.
const IMPURE_NAMES: &[&str] = &["Instant", "SystemTime", "dbg", "eprint", "eprintln", "print", "println"];

/// The answers that are no failures.
const SUCCESSES: &[&str] =
    &["Ok", "Created", "Accepted", "NoContent", "PartialContent", "NotModified", "SwitchingProtocols", "build", "new"];

/// The places where a file breaks a rule.
pub(super) fn check(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    check_form(source, &mut found);
    let outside = ["/tests/", "/examples/", "/fuzz/", "/bench/"].iter().any(|folder| source.file.contains(folder));
    let is_test = outside || source.file.ends_with("/tests.rs");
    if is_test || source.file.starts_with("xtask/") {
        return found;
    }
    for named in &source.paths {
        let mut break_rule = |rule: &str| {
            found.push(Violation {
                rule: rule.to_owned(),
                file: source.file.clone(),
                line: Some(named.line),
                found: named.text(),
            });
        };
        for confined in CONFINED {
            let is_named = named.segments.iter().any(|segment| confined.names.contains(&segment.as_str()));
            if is_named && !confined.to.iter().any(|module| is_within(&source.file, module)) {
                break_rule(confined.rule);
            }
        }
        if source.file.starts_with("server/") && source.file != "server/src/error.rs" && is_status(named) {
            break_rule("only server/src/error.rs turns failures into HTTP status codes");
        }
        if (source.file.starts_with("ot-core/") || source.file.starts_with("shared/")) && is_impure(named) {
            break_rule("ot-core and shared do no I/O, read no clock and draw no random number");
        }
        for layers in LAYERS {
            if goes_up(layers, source, named) {
                break_rule(layers.rule);
            }
        }
    }
    found
}

fn check_form(source: &Source, found: &mut Vec<Violation>) {
    let mut whole_file = |rule: &str, what: String| {
        found.push(Violation { rule: rule.to_owned(), file: source.file.clone(), line: None, found: what });
    };
    if source.file.ends_with("/mod.rs") {
        whole_file("a module is `foo.rs` beside `foo/`", "mod.rs".to_owned());
    }
    if source.lines > LONGEST_FILE {
        whole_file("a file has at most 800 lines", format!("{} lines", source.lines));
    }
}

/// Whether a file is a module or below it.
fn is_within(file: &str, module: &str) -> bool {
    file.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn is_status(named: &Named) -> bool {
    let pairs = named.segments.windows(2);
    let refuses = pairs.into_iter().any(|pair| match pair {
        [kind, name] if kind == "HttpResponse" || kind == "HttpResponseBuilder" => {
            name.starts_with(char::is_uppercase) && !SUCCESSES.contains(&name.as_str())
        }
        [module, name] if module == "error" => name.starts_with("Error") && name.len() > "Error".len(),
        _ => false,
    });
    refuses || named.segments.iter().any(|segment| segment == "StatusCode")
}

fn is_impure(named: &Named) -> bool {
    IMPURE.iter().any(|start| named.starts_with(start))
        || named.segments.last().is_some_and(|last| IMPURE_NAMES.contains(&last.as_str()))
}

fn goes_up(layers: &Layers, source: &Source, named: &Named) -> bool {
    let rank = |module: Option<&String>| {
        module.and_then(|name| layers.layers.iter().position(|layer| layer.contains(&name.as_str())))
    };
    let is_here = source.file.starts_with(layers.folder) && named.starts_with(&["crate"]);
    let own = rank(source.module().first());
    let other = rank(named.segments.get(1));
    is_here && matches!((own, other), (Some(own), Some(other)) if other < own)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that a file with this text breaks.
    fn broken(file: &str, text: &str) -> Vec<String> {
        check(&Source::read(file.to_owned(), text)).into_iter().map(|violation| violation.rule).collect()
    }

    fn breaks(file: &str, text: &str, word: &str) -> bool {
        broken(file, text).iter().any(|rule| rule.contains(word))
    }

    #[test]
    fn diesel_outside_of_the_store_is_found_and_inside_allowed() {
        assert!(breaks("server/src/rest.rs", "use diesel::prelude::*;", "Diesel"));
        assert!(breaks("server/src/storeroom.rs", "use diesel::prelude::*;", "Diesel"));
        assert_eq!(broken("server/src/store.rs", "use diesel::prelude::*;"), Vec::<String>::new());
        assert_eq!(broken("server/src/store/rows.rs", "#[diesel(table_name = ops)] struct A;"), Vec::<String>::new());
    }

    #[test]
    fn redis_outside_of_the_bus_is_found() {
        assert!(breaks("server/src/document.rs", "fn f(c: redis::Client) {}", "Redis"));
        assert!(!breaks("server/src/bus.rs", "fn f(c: redis::Client) {}", "Redis"));
    }

    #[test]
    fn frames_outside_of_the_socket_are_found() {
        assert!(breaks("server/src/document/task.rs", "use actix_ws::Message;", "frames"));
        assert!(!breaks("server/src/ws/session.rs", "use actix_ws::Message;", "frames"));
    }

    #[test]
    fn web_sys_outside_of_the_platform_and_the_editing_surfaces_is_found_under_any_name() {
        assert!(breaks("frontend/src/pages/list.rs", "use leptos::web_sys::Event;", "web-sys"));
        assert!(!breaks("frontend/src/platform.rs", "use web_sys::Event;", "web-sys"));
        assert!(!breaks("frontend/src/sheet/keys.rs", "use web_sys::Event;", "web-sys"));
    }

    #[test]
    fn a_refusal_outside_of_the_error_file_is_found_and_an_answer_is_not() {
        assert!(breaks("server/src/rest.rs", "HttpResponse::NotFound().finish()", "status"));
        assert!(breaks("server/src/ws.rs", "use actix_web::http::StatusCode;", "status"));
        assert!(breaks("server/src/rest.rs", "actix_web::error::ErrorBadRequest(e)", "status"));
        assert!(!breaks("server/src/rest.rs", "HttpResponse::Ok().json(list)", "status"));
        assert!(!breaks("server/src/error.rs", "StatusCode::NOT_FOUND", "status"));
        assert!(!breaks("server/src/rest.rs", "#[cfg(test)] mod tests { use http::StatusCode; }", "status"));
    }

    #[test]
    fn clocks_files_and_sockets_in_the_pure_crates_are_found() {
        for text in [
            "use std::{fs, fmt};",
            "let now = std::time::SystemTime::now();",
            "use web_time::Instant;",
            "std::net::TcpStream::connect(a)",
            "println!(\"x\")",
        ] {
            assert!(breaks("ot-core/src/a.rs", text, "no I/O"), "{text}");
            assert!(breaks("shared/src/model/a.rs", text, "no I/O"), "{text}");
        }
        assert!(!breaks("shared/src/a.rs", "use std::{fmt, collections::BTreeMap};", "no I/O"));
        assert!(!breaks("server/src/main.rs", "use std::fs;", "no I/O"));
    }

    #[test]
    fn a_lower_layer_of_the_server_that_names_a_higher_one_is_found() {
        assert!(breaks("server/src/store/sqlite.rs", "use crate::document::Task;", "in the server"));
        assert!(breaks("server/src/document.rs", "crate::ws::send(frame)", "in the server"));
        assert!(breaks("server/src/bus.rs", "use super::rest;", "in the server"));
        assert!(!breaks("server/src/rest.rs", "use crate::{document, store};", "in the server"));
        assert!(!breaks("server/src/store.rs", "use crate::error::Problem;", "in the server"));
    }

    #[test]
    fn a_lower_layer_of_the_app_that_names_a_higher_one_is_found() {
        assert!(breaks("frontend/src/platform/clock.rs", "use crate::state::App;", "in the app"));
        assert!(breaks("frontend/src/connection.rs", "use crate::components::Avatar;", "in the app"));
        assert!(!breaks("frontend/src/pages/model.rs", "use crate::{sheet::Grid, platform};", "in the app"));
    }

    #[test]
    fn a_mod_rs_and_a_long_file_are_found_in_tests_too() {
        assert!(breaks("tests/tests/it/mod.rs", "", "foo.rs"));
        assert!(breaks("xtask/src/a.rs", &"\n".repeat(801), "800"));
        assert!(!breaks("xtask/src/a.rs", &"\n".repeat(800), "800"));
    }

    #[test]
    fn a_violation_names_file_line_and_what_stands_there() {
        let source = Source::read("server/src/rest.rs".to_owned(), "\n\nuse diesel::prelude::*;");
        let text = check(&source)[0].to_string();
        assert_eq!(text, "server/src/rest.rs:3: only server/src/store knows Diesel: diesel::prelude");
    }
}
