//! What operators do: settings, health, measurements, backups, tidying up.

use std::path::Path;

use coval_server::store::{DatabaseUrl, Retention, Store};
use ot_core::Revision;

use crate::client::{Client, enter};
use crate::database::{Database, on_both_databases};
use crate::faults::newest;
use crate::http;
use crate::postgres::Postgres;
use crate::server::{Server, free_address, run};

mod on_both {
    use super::*;

    on_both_databases!(what_is_over_goes_after_its_time_and_nothing_else_does);
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[test]
fn a_setting_that_can_not_be_used_stops_the_start_and_is_named() {
    for (setting, hint) in [
        ("--redis-url=rediss://:very-secret@cache:6379", "no TLS"),
        ("--redis-url=http://:very-secret@cache", "redis://HOST:PORT"),
        ("--allow-origin=https://coval.example/", "without a path"),
        ("--node=a b", "letters, digits"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("coval.sqlite");
        let (status, _, err) = run(&["serve", "--port", "0", "--database-url", file.to_str().unwrap(), setting]);
        assert!(!status.success(), "{setting}");
        let flag = setting.split('=').next().unwrap();
        assert!(err.contains(flag) && err.contains(hint), "{err}");
        assert!(!err.contains("very-secret"), "{err}");
    }
}

/// Makes `count` edits.
async fn edit(server: &Server, count: u64) -> Revision {
    let document = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(server, "Ada", document).await;
    let before = ours.machine.revision().0;
    for number in 1..=count {
        let op = enter(ours.value(), "beta", None, &format!("1.{:03}", before + number));
        ours.edit(&mut ada, op).await;
        ours.follow(&mut ada, Revision(before + number)).await;
    }
    ours.machine.revision()
}

async fn backed_up_and_restored(database: &str, folder: &Path) {
    let programs = crate::postgres::programs();
    let programs = programs.to_str().unwrap();
    let tell = |command: &str, file: &Path| {
        run(&[command, file.to_str().unwrap(), "--database-url", database, "--postgres-programs", programs])
    };
    let file = folder.join("backup");
    let mut server = Server::start_on(database, &[]);
    let document = server.demo().await;
    assert_eq!(edit(&server, 5).await, Revision(5));
    let (status, out, err) = tell("backup", &file);
    assert!(status.success() && out.contains("1 documents, 5 ops"), "{out}{err}");
    let (status, _, err) = tell("backup", &file);
    assert!(!status.success() && err.contains("is there already"), "{err}");
    assert_eq!(edit(&server, 3).await, Revision(8));

    let (status, _, err) = tell("restore", &file);
    assert!(!status.success() && err.contains("in use"), "{err}");
    assert_eq!(edit(&server, 1).await, Revision(9), "a refused restore changes nothing");
    server.terminate();
    assert!(server.wait().success());

    let broken = folder.join("broken");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&broken, &whole[..whole.len() / 2]).unwrap();
    let (status, _, err) = tell("restore", &broken);
    assert!(!status.success() && err.contains("no whole backup") && err.lines().count() == 1, "{err}");
    let store = || Store::open(DatabaseUrl::parse(database)).unwrap();
    assert_eq!(newest(&store(), document), Revision(9), "a broken backup changes nothing");

    let (status, out, err) = tell("restore", &file);
    assert!(status.success() && out.contains("1 documents, 5 ops"), "{out}{err}");
    assert_eq!(newest(&store(), document), Revision(5));
    let server = Server::start_on(database, &[]);
    assert_eq!(edit(&server, 1).await, Revision(6));
}

#[tokio::test]
async fn a_backup_of_sqlite_under_a_running_server_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("coval.sqlite");
    backed_up_and_restored(database.to_str().unwrap(), folder.path()).await;
    let kept = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("coval.sqlite.before-"));
    assert_eq!(kept.count(), 1, "what was there before is kept");
}

#[tokio::test]
async fn a_backup_of_postgres_under_a_running_server_comes_back_whole() {
    let (postgres, folder) = (Postgres::shared(), tempfile::tempdir().unwrap());
    backed_up_and_restored(&postgres.database(), folder.path()).await;
}

#[test]
fn a_backup_of_nothing_is_refused_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (database, file) = (folder.path().join("coval.sqlite"), folder.path().join("backup"));
    let (status, _, err) = run(&["backup", file.to_str().unwrap(), "--database-url", database.to_str().unwrap()]);
    assert!(!status.success() && err.contains("there is no file"), "{err}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let (status, _, err) = run(&["restore", file.to_str().unwrap(), "--database-url", database.to_str().unwrap()]);
    assert!(!status.success() && err.contains("there is no file"), "{err}");
}

fn what_is_over_goes_after_its_time_and_nothing_else_does(database: &Database) {
    let store = database.open();
    let now = 1_000 * DAY_MS;
    let long_ago = now - 40 * DAY_MS;
    let recently = now - 10 * DAY_MS;
    database.tamper(&format!(
        "INSERT INTO workspaces (id, name, created_at_ms) VALUES ('w', 'W', 0);
         INSERT INTO users (id, email, name, is_guest, is_operator, created_at_ms) VALUES
             ('ada', 'ada@example.com', 'Ada', FALSE, FALSE, 0), ('old guest', NULL, 'G', TRUE, FALSE, {long_ago}),
             ('guest who did something', NULL, 'H', TRUE, FALSE, {long_ago}),
             ('new guest', NULL, 'I', TRUE, FALSE, {recently});
         INSERT INTO events (workspace_id, number, at_ms, actor_id, action, document_id, detail, hash) VALUES
             ('w', 1, 0, 'guest who did something', 'x', NULL, '{{}}', '');
         INSERT INTO sign_ins (id, user_id, refresh_hash, agent, created_at_ms, refreshed_at_ms, expires_at_ms, ended_at_ms)
             VALUES ('expired', 'ada', '1', '', 0, 0, {long_ago}, NULL), ('ended', 'ada', '2', '', 0, 0, {now}, {long_ago}),
             ('ended recently', 'ada', '3', '', 0, 0, {now}, {recently}), ('open', 'ada', '4', '', 0, 0, {now}, NULL);
         INSERT INTO tickets (hash, sign_in_id, expires_at_ms) VALUES ('1', 'open', {recently}), ('2', 'open', {now});
         INSERT INTO invitations (id, token_hash, workspace_id, role, invited_by, created_at_ms, expires_at_ms) VALUES
             ('old', '1', 'w', 'viewer', 'ada', 0, {long_ago}), ('new', '2', 'w', 'viewer', 'ada', 0, {recently});"
    ));
    let retention = Retention { sign_ins: 30, invitations: 30, share_links: 30, calculations: 90 };
    let cleared = store.maintain(now, retention).unwrap();
    assert_eq!((cleared.tickets, cleared.sign_ins, cleared.invitations, cleared.guests), (1, 2, 1, 1), "{cleared:?}");
    let again = store.maintain(now, retention).unwrap();
    assert_eq!(again, coval_server::store::Cleared::default());
}

#[test]
fn settings_come_from_the_file_the_environment_and_the_flags_in_this_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coval.toml");
    std::fs::write(&file, "port = 9000\nhost = \"127.0.0.2\"\nredis-url = \"redis://:very-secret@cache/0\"").unwrap();
    let (status, out, err) = run(&["serve", "--config", file.to_str().unwrap(), "--port", "9001", "--print-config"]);
    assert!(status.success(), "{err}");
    for line in ["port = 9001  # --port", "host = \"127.0.0.2\"  # file", "redis-url = \"redis://@cache/0\"  # file"] {
        assert!(out.lines().any(|found| found == line), "{line} is missing:\n{out}");
    }
    assert!(!out.contains("very-secret"), "{out}");
    std::fs::write(&file, "prot = 9000").unwrap();
    let (status, _, err) = run(&["serve", "--config", file.to_str().unwrap()]);
    assert!(status.code() == Some(1) && err.contains("\"prot\""), "{err}");
}

#[tokio::test]
async fn what_the_server_measures_is_on_a_port_of_its_own_and_names_nobody() {
    let address = free_address();
    let server = Server::start_with(&["--metrics-address", &address]);
    edit(&server, 3).await;
    assert_eq!(server.get("/api/document/none/outputs").await.status, 404);
    assert!(!http::get(server.address(), "/metrics").await.text().contains("coval_ops_total"));
    let page = http::get(&address, "/metrics").await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for line in ["coval_ops_total 3", "coval_documents_open 1", "coval_bus_connected 0"] {
        assert!(text.lines().any(|found| found == line), "{line} is missing:\n{text}");
    }
    assert!(text.contains("coval_request_seconds_count{method=\"GET\",status=\"4xx\"}"), "{text}");
    assert!(text.contains("coval_sign_ins_total{outcome=\"accepted\"} 1"), "{text}");
    let document = server.demo().await.to_string();
    for secret in [document.as_str(), "Ada", "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} is in the metrics");
    }
}

#[tokio::test]
async fn an_answer_names_its_request() {
    let server = Server::start();
    let answer = http::get(server.address(), "/health").await;
    assert_eq!(answer.header("x-request-id").map(str::len), Some(36));
    let answer = http::request(server.address(), "GET", "/api/nothing", &[("X-Request-Id", "from-a-proxy")]).await;
    assert_eq!((answer.status, answer.header("x-request-id")), (404, Some("from-a-proxy")));
}

#[tokio::test]
async fn a_server_says_whether_it_lives_and_whether_it_can_work() {
    let server = Server::start();
    for path in ["/health", "/ready"] {
        let answer = http::get(server.address(), path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{path}");
    }
}
