//! A disk that is full or fails: nothing is acknowledged, everything can be read, and it gets well by itself.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::protocol::{DocumentId, ErrorCode, ServerMessage};
use ot_core::{Revision, Sequence};
use serde_json::json;
use tokio::time::sleep;

use crate::client::{Client, enter};
use crate::crew::Crew;
use crate::faults::{newest, nothing_is_lost, seed};
use crate::http::Answer;
use crate::server::{PATIENCE, Server};
use crate::signed_in::SignedIn;

/// A small change over HTTP.
async fn rename(who: &SignedIn, document: DocumentId) -> Answer {
    who.send("PATCH", &format!("/api/document/{document}"), &json!({"title": "Another"})).await
}

/// A change over HTTP was refused, by a code of its own.
fn is_refused(refused: &Answer) {
    let code = refused.json()["code"].clone();
    assert_eq!((refused.status, code.as_str()), (503, Some("read_only")), "{}", refused.text());
}

/// Lets the files of a process grow by `bytes` more than the largest of `files` is, or without end.
fn limit_files(process: u32, files: &std::path::Path, bytes: Option<u64>) {
    let limit = bytes.map_or("unlimited".to_owned(), |bytes| {
        let sizes = std::fs::read_dir(files).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
        (sizes.max().unwrap() + bytes).to_string()
    });
    let status = std::process::Command::new("prlimit")
        .args(["--pid", &process.to_string(), &format!("--fsize={limit}:")])
        .status()
        .expect("prlimit is missing: it is part of util-linux");
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_costs_time_and_no_work() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("coval.sqlite").display().to_string();
    let server = Server::start_on(&database, &[]);
    let document = server.demo().await;
    let crew = Crew::start(document, &vec![server.address().to_owned(); 3], Duration::from_millis(3), seed());
    crew.proceeds_by(30).await;
    let ada = server.signed_in("Ada").await;
    for room in [0, 20_000, 100_000] {
        limit_files(server.process(), folder.path(), Some(room));
        // Until nothing fits any more, however small.
        let begun = std::time::Instant::now();
        let refused = loop {
            let before = crew.acknowledged();
            sleep(Duration::from_millis(700)).await;
            let answer = rename(&ada, document).await;
            // Later a little may fit again, since the database tidies up its files.
            if crew.acknowledged() == before && answer.status != 200 {
                break answer;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "the disk does not fill up");
        };
        is_refused(&refused);
        // What is stored can be read.
        assert_eq!(crate::http::get(server.address(), "/health").await.status, 200);
        assert_eq!(ada.get("/api/documents").await.status, 200);
        limit_files(server.process(), folder.path(), None);
        crew.proceeds_by(30).await;
    }
    let store = Store::open(DatabaseUrl::parse(&database)).unwrap();
    let works = crew.settle(|| newest(&store, document)).await;
    nothing_is_lost(&server, &store, document, &works).await;
}

/// Lets all that a server writes to its SQLite file fail with an error of the system, until it is dropped.
struct Failing {
    tracer: Child,
}

impl Failing {
    fn with(error: &str, server: &Server) -> Self {
        let calls = "write,pwrite64,fsync,fdatasync";
        let (process, inject) = (server.process().to_string(), format!("inject={calls}:error={error}"));
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-p", &process, "-e", &format!("trace={calls}"), "-e", &inject]);
        for end in ["", "-wal"] {
            command.args(["-P", &format!("{}{end}", server.database())]);
        }
        let tracer = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let failing = Self { tracer: tracer.expect("strace is missing") };
        let begun = Instant::now();
        while !is_traced(server.process()) {
            assert!(begun.elapsed() < PATIENCE, "strace may not attach: be root, or set kernel.yama.ptrace_scope to 0");
            std::thread::sleep(Duration::from_millis(5));
        }
        failing
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        // By this it lets go of the server, which goes on.
        let _ = Command::new("kill").args(["-INT", &self.tracer.id().to_string()]).status();
        let _ = self.tracer.wait();
    }
}

/// Whether all threads of a process are.
fn is_traced(process: u32) -> bool {
    std::fs::read_dir(format!("/proc/{process}/task")).unwrap().all(|thread| {
        // One that has ended meanwhile needs no tracing.
        let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap_or_default();
        !status.contains("TracerPid:\t0")
    })
}

async fn writes_that_fail_cost_time_and_no_work(error: &str) {
    let server = Server::start();
    let document = server.demo().await;
    let crew = Crew::start(document, &vec![server.address().to_owned(); 3], Duration::from_millis(5), seed());
    crew.proceeds_by(30).await;
    let ada = server.signed_in("Ada").await;
    let (mut grace, theirs) = Client::in_document(&server, "Grace", document).await;
    let mut vera = Client::new(&server, "Vera").await;
    for round in 0..2 {
        let failing = Failing::with(error, &server);
        // What was written before is acknowledged.
        sleep(Duration::from_millis(300)).await;
        let before = crew.acknowledged();
        is_refused(&rename(&ada, document).await);
        let op = enter(theirs.value(), "beta", None, "1.5");
        grace.submit(document, 1, theirs.machine.revision(), op).await;
        loop {
            match grace.next().await {
                ServerMessage::DocumentUpdated { .. } => {}
                ServerMessage::Error { code, message, sequence, .. } => {
                    assert_eq!((code, sequence), (ErrorCode::ReadOnly, Some(Sequence(1))), "{message}");
                    assert!(message.contains("try again"), "{message}");
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        // Everything can be read, by whoever is here and by whoever opens it now.
        for path in ["/api/documents", &format!("/api/document/{document}/snapshot")] {
            assert_eq!(ada.get(path).await.status, 200, "{path}");
        }
        if round == 0 {
            assert!(vera.open(document).await.machine.revision() > Revision(0));
        }
        sleep(Duration::from_millis(300)).await;
        assert_eq!(crew.acknowledged(), before, "something was acknowledged that the disk did not take");
        drop(failing);
        crew.proceeds_by(30).await;
    }
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    let works = crew.settle(|| newest(&store, document)).await;
    nothing_is_lost(&server, &store, document, &works).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_costs_time_and_no_work() {
    writes_that_fail_cost_time_and_no_work("EIO").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_costs_time_and_no_work() {
    writes_that_fail_cost_time_and_no_work("ENOSPC").await;
}
