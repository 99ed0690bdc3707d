//! How the program begins and ends.

use std::net::TcpListener;

use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::client::{Client, enter};
use crate::server::{Server, run};

/// The program fails with one line that holds all of `words`.
fn fails_with(arguments: &[&str], words: &[&str]) {
    let (status, out, err) = run(arguments);
    assert_eq!(status.code(), Some(1), "{err}");
    assert_eq!(out, "");
    assert_eq!(err.lines().count(), 1, "{err}");
    for word in words {
        assert!(err.contains(word), "\"{word}\" is missing: {err}");
    }
}

#[test]
fn a_port_in_use_is_one_line_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("x.sqlite").display().to_string();
    fails_with(&["serve", "--port", &port, "--database-url", &database], &["can't listen on", &port, "--port"]);
}

#[test]
fn a_host_that_is_not_here_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("x.sqlite").display().to_string();
    fails_with(
        &["serve", "--host", "192.0.2.1", "--port", "0", "--database-url", &database],
        &["can't listen on", "192.0.2.1"],
    );
}

#[test]
fn a_file_that_is_no_database_is_one_line_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    let text = "not a database\n".repeat(1_000);
    std::fs::write(&file, &text).unwrap();
    let database = file.display().to_string();
    fails_with(&["serve", "--port", "0", "--database-url", &database], &["can't open the database", "notes.txt"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_folder_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().display().to_string();
    fails_with(&["serve", "--port", "0", "--database-url", &database], &["can't open the database", &database]);
}

#[test]
fn a_file_below_a_file_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let database = file.join("x.sqlite").display().to_string();
    fails_with(&["serve", "--port", "0", "--database-url", &database], &["can't open the database", &database]);
}

#[test]
fn a_postgres_server_that_is_not_there_is_one_line_without_the_password() {
    let database = "postgres://ada:very-secret@127.0.0.1:1/coval";
    fails_with(&["serve", "--port", "0", "--database-url", database], &["can't open the database", "127.0.0.1:1"]);
    let (_, _, err) = run(&["serve", "--port", "0", "--database-url", database]);
    assert!(!err.contains("very-secret"), "{err}");
}

#[test]
fn a_missing_folder_for_the_database_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a/b/coval.sqlite");
    drop(Server::start_on(database.to_str().unwrap(), &[]));
    assert!(database.is_file());
}

#[tokio::test]
async fn the_demo_is_made_once() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let op = enter(ours.value(), "beta", None, "1.1");
    ours.edit(&mut ada, op).await;
    ada.ack().await;
    server.kill_and_restart();
    let (_, after) = Client::in_document(&server, "Ada", server.demo().await).await;
    assert_eq!(after.value(), ours.value());
}

#[test]
fn help_says_what_it_does_with_defaults_and_examples() {
    let (status, out, _) = run(&["serve", "--help"]);
    assert!(status.success());
    for word in [
        "--host",
        "--port",
        "--database-url",
        "--demo",
        "--allow-origin",
        "--log",
        "COVAL_HOST",
        "COVAL_PORT",
        "COVAL_DATABASE_URL",
        "8080",
        "data/coval.sqlite",
        "postgres://",
        "Open the address",
        "browsers connect again",
        "Examples:",
        "/health",
    ] {
        assert!(out.contains(word), "{word} is missing:\n{out}");
    }
    assert!(run(&["--help"]).1.contains("serve"));
    assert!(run(&["--version"]).1.starts_with("coval "));
    assert_eq!(run(&["serve", "--port", "many"]).0.code(), Some(2));
}

#[tokio::test]
async fn a_server_that_is_asked_to_end_says_goodbye_and_ends() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let (mut ada, _) = Client::in_document(&server, "Ada", demo).await;
    let (mut silent, begun) = (Client::silent(&server).await, std::time::Instant::now());
    server.terminate();
    assert_eq!(ada.closed().await.unwrap().code, CloseCode::Away);
    assert_eq!(silent.closed().await.unwrap().code, CloseCode::Away);
    assert!(server.wait().success());
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
}
