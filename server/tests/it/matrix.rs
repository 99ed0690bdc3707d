//! Who may do what: every route and every message, with every kind of person.
//!
//! The routes come from the description of the interface and the messages from the protocol, so that a new one has no way
//! around this. What everybody is answered is kept as a table to read; the laws that it obeys are checked here.

mod cast;
mod elsewhere;
mod messages;
mod routes;

use std::collections::BTreeMap;

use coval_shared::rights::Role;

use crate::openapi::compare_with_snapshot;
use crate::server::Server;
use cast::{Cast, Kind};

/// What one person is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answered {
    /// Whether they may.
    is_allowed: bool,
    /// The answer in a word: its status, its code, or both.
    text: String,
}

/// What is said of a row in which everybody asks for something that they made.
const OWN: &str = " of their own";

/// What everybody is answered, in the order of [`Kind::ALL`].
type Rows = BTreeMap<String, Vec<Answered>>;

/// The rows as a table.
fn table(rows: &Rows) -> String {
    let head = std::iter::once(String::new()).chain(Kind::ALL.map(|kind| kind.name().to_owned()));
    let body = rows.iter().map(|(name, cells)| {
        std::iter::once(name.clone()).chain(cells.iter().map(|cell| cell.text.clone())).collect::<Vec<_>>()
    });
    let lines: Vec<Vec<String>> = std::iter::once(head.collect()).chain(body).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap();
    let widths: Vec<usize> = (0..=Kind::ALL.len()).map(width).collect();
    let written = |line: &Vec<String>| {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    lines.iter().map(written).collect()
}

/// Whoever stands higher may do at least as much.
fn is_monotone(rows: &Rows) {
    let ladders = [
        &[Kind::Nobody, Kind::Stranger, Kind::Elsewhere][..],
        &[Kind::Nobody, Kind::Guest, Kind::Viewer, Kind::Commenter, Kind::Editor, Kind::Owner],
        &[Kind::Stranger, Kind::Operator],
        &[Kind::Stranger, Kind::Viewer],
    ];
    for (name, cells) in rows {
        let may = |kind: Kind| cells[Kind::ALL.iter().position(|other| *other == kind).unwrap()].is_allowed;
        for steps in ladders.iter().flat_map(|ladder| ladder.windows(2)) {
            assert!(!may(steps[0]) || may(steps[1]), "{name}: {} may and {} may not", steps[0].name(), steps[1].name());
        }
        let own = rows.get(&format!("{name}{OWN}")).into_iter().flatten();
        let is_possible = cells.iter().chain(own).any(|cell| cell.is_allowed);
        assert!(is_possible, "{name}: nobody may, so that this shows nothing");
    }
}

#[tokio::test]
async fn what_everybody_may_do_by_every_route_is_that_of_the_snapshot() {
    let server = Server::start();
    let cast = Cast::gather(&server).await;
    let rows = routes::ask_all(&cast).await;
    compare_with_snapshot("tests/matrix-routes.txt", &table(&rows));
    is_monotone(&rows);
}

#[tokio::test]
async fn what_everybody_may_say_on_a_socket_is_that_of_the_snapshot() {
    let server = Server::start();
    let cast = Cast::gather(&server).await;
    let rows = messages::say_all(&cast).await;
    compare_with_snapshot("tests/matrix-messages.txt", &table(&rows));
    is_monotone(&rows);
}

/// The role in the workspace, for those who have one.
fn role(kind: Kind) -> Option<Role> {
    match kind {
        Kind::Viewer => Some(Role::Viewer),
        Kind::Commenter => Some(Role::Commenter),
        Kind::Editor => Some(Role::Editor),
        Kind::Owner => Some(Role::Owner),
        Kind::Nobody | Kind::Stranger | Kind::Operator | Kind::Elsewhere | Kind::Guest => None,
    }
}
