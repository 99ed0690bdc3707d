//! Comments, annotations, notifications and activity over HTTP and sockets: who may, and who hears of it.

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::mention;
use coval_shared::protocol::{
    ClientMessage, CommentId, DocumentId, ErrorCode, NotificationKind, ServerMessage, WorkspaceId,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Client, enter};
use crate::server::Server;
use crate::signed_in::SignedIn;

/// The demo's server, its document, and its people.
async fn team() -> (Server, DocumentId, SignedIn, SignedIn, SignedIn) {
    let server = Server::start();
    let demo = server.demo().await;
    let ada = server.signed_in("Ada").await;
    let grace = server.signed_in("Grace").await;
    let vera = server.signed_in("Vera").await;
    (server, demo, ada, grace, vera)
}

fn on_beta(body: &str) -> Value {
    json!({"body": body, "anchor": {"cell": {"item": "beta", "period": null}}})
}

/// The workspace that the demo's document belongs to.
fn workspace(server: &Server, demo: DocumentId) -> WorkspaceId {
    Store::open(DatabaseUrl::parse(server.database())).unwrap().workspace_of(demo).unwrap()
}

#[tokio::test]
async fn a_thread_goes_its_way_and_everybody_in_the_document_hears_of_it() {
    let (server, demo, ada, grace, _) = team().await;
    let (mut here, _) = Client::in_document(&server, "Grace", demo).await;
    let path = format!("/api/document/{demo}/comments");
    let body = format!("<script>alert(1)</script> {}", mention::written(grace.user));
    let begun = ada.post(&path, &on_beta(&body)).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let begun = begun.json();
    assert_eq!((begun["body"].as_str(), begun["author"]["name"].as_str()), (Some(body.as_str()), Some("Ada")));
    assert_eq!(begun["mentions"][0]["name"], "Grace");
    assert!(!begun["quote"].as_str().unwrap().is_empty());
    let mut heard = (false, false);
    while heard != (true, true) {
        match here.next_of_all().await {
            ServerMessage::CommentChanged { comment, .. } => heard.0 |= json!(comment.id) == begun["id"],
            ServerMessage::Notification { notification } => {
                assert_eq!((notification.kind, notification.document), (NotificationKind::Mention, Some(demo)));
                heard.1 = true;
            }
            _ => {}
        }
    }
    let id = begun["id"].as_str().unwrap();
    let answer = grace.post(&format!("/api/comment/{id}/replies"), &json!({"body": "After tax."})).await;
    assert_eq!((answer.status, &answer.json()["thread"]), (201, &begun["id"]));
    let answer_id = answer.json()["id"].as_str().unwrap().to_owned();
    // Any comment of a thread names it.
    let settled = grace.post(&format!("/api/comment/{answer_id}/resolve"), &json!({})).await;
    assert_eq!((settled.status, &settled.json()["resolved_by"]["name"]), (200, &json!("Grace")));
    let open = ada.get(&format!("{path}?state=open")).await.json();
    assert_eq!(open["items"], json!([]));
    assert_eq!(grace.post(&format!("/api/comment/{id}/reopen"), &json!({})).await.status, 200);
    let first = ada.get(&format!("{path}?state=open&limit=1")).await.json();
    assert_eq!(first["items"][0]["id"], begun["id"]);
    let next = first["next"].as_str().unwrap();
    let second = ada.get(&format!("{path}?state=open&limit=1&cursor={next}")).await.json();
    assert_eq!((&second["items"][0]["id"], &second["next"]), (&json!(answer_id), &Value::Null));
    let edited = ada.send("PATCH", &format!("/api/comment/{id}"), &json!({"body": "Before tax?"})).await;
    assert_eq!((edited.status, &edited.json()["body"]), (200, &json!("Before tax?")));
    assert_eq!(grace.send("PATCH", &format!("/api/comment/{id}"), &json!({"body": "Hers"})).await.status, 403);
    assert_eq!(grace.delete(&format!("/api/comment/{id}")).await.status, 403);
    // An owner deletes anybody's.
    assert_eq!(ada.delete(&format!("/api/comment/{answer_id}")).await.status, 204);
    assert_eq!(ada.delete(&format!("/api/comment/{answer_id}")).await.status, 404);

    let told = ada.get("/api/notifications").await.json();
    let kinds: Vec<_> = told["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds.as_slice(), told["unread"].as_u64()), (&["reopened", "resolved"][..], Some(2)));
    let left = ada.post("/api/notifications/read", &json!({"ids": [told["items"][0]["id"]]})).await.json();
    assert_eq!(left["unread"], 1);
    assert_eq!(ada.post("/api/notifications/read", &json!({})).await.json()["unread"], 0);
}

#[tokio::test]
async fn who_only_reads_sees_what_is_said_and_says_nothing() {
    let (server, demo, ada, _, vera) = team().await;
    let path = format!("/api/document/{demo}/comments");
    let comment = ada.post(&path, &on_beta("Why?")).await.json();
    let id = comment["id"].as_str().unwrap();
    assert_eq!(vera.get(&path).await.json()["items"][0]["id"], comment["id"]);
    let highlight = json!({"kind": "highlight", "colour": 2, "anchor": {"cell": {"item": "beta", "period": null}}});
    let annotations = format!("/api/document/{demo}/annotations");
    let made = ada.post(&annotations, &highlight).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json()["id"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        ("POST", path.clone(), on_beta("Me too")),
        ("POST", format!("/api/comment/{id}/replies"), json!({"body": "Me too"})),
        ("PATCH", format!("/api/comment/{id}"), json!({"body": "Mine"})),
        ("POST", format!("/api/comment/{id}/resolve"), json!({})),
        ("POST", format!("/api/comment/{id}/reopen"), json!({})),
        ("POST", annotations.clone(), highlight),
        ("PATCH", format!("/api/annotation/{made}"), json!({"colour": 1})),
    ] {
        let answer = vera.send(method, &path, &body).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("forbidden")), "{method} {path}");
    }
    assert_eq!(vera.delete(&format!("/api/comment/{id}")).await.status, 403);
    assert_eq!(vera.delete(&format!("/api/annotation/{made}")).await.status, 403);
    assert_eq!(vera.get(&annotations).await.json()["items"][0]["quote"], comment["quote"]);
    assert_eq!(vera.get(&format!("/api/document/{demo}/activity")).await.status, 200);
    let workspace = workspace(&server, demo);
    assert_eq!(vera.get(&format!("/api/workspace/{workspace}/audit")).await.status, 403);
    let audit = ada.get(&format!("/api/workspace/{workspace}/audit")).await.json();
    assert_eq!((&audit["broken"], audit["count"].as_u64() >= Some(3)), (&Value::Null, true));
    let feed = vera.get(&format!("/api/workspace/{workspace}/activity")).await.json();
    assert_eq!(feed["items"][0]["action"], "annotation_created");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_foreign_are_answered_alike() {
    let (server, demo, ada, ..) = team().await;
    let nothing = Uuid::from_u128(77);
    for (method, path, body, code) in [
        ("GET", format!("/api/document/{nothing}/comments"), None, "unknown_document"),
        ("POST", format!("/api/document/{nothing}/comments"), Some(on_beta("Hm")), "unknown_document"),
        ("GET", format!("/api/document/{nothing}/annotations"), None, "unknown_document"),
        ("GET", format!("/api/document/{nothing}/activity"), None, "unknown_document"),
        ("GET", format!("/api/workspace/{nothing}/activity"), None, "not_found"),
        ("GET", format!("/api/workspace/{nothing}/audit"), None, "not_found"),
        ("POST", format!("/api/comment/{nothing}/replies"), Some(json!({"body": "Hm"})), "not_found"),
        ("POST", format!("/api/comment/{nothing}/resolve"), Some(json!({})), "not_found"),
        ("DELETE", format!("/api/annotation/{nothing}"), None, "not_found"),
        ("DELETE", "/api/comment/no-id".to_owned(), None, "not_found"),
    ] {
        let answer = match (&body, method) {
            (Some(body), _) => ada.send(method, &path, body).await,
            (None, "DELETE") => ada.delete(&path).await,
            (None, _) => ada.get(&path).await,
        };
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some(code)), "{method} {path}");
    }
    let path = format!("/api/document/{demo}/comments");
    let long = "x".repeat(10_001);
    for (body, field) in [
        (json!({"body": "  \n "}), "body"),
        (json!({"body": long}), "body"),
        (json!({"body": "x", "anchor": {"cell": {"item": "nobody", "period": null}}}), "anchor"),
        (json!({"body": "x", "anchor": {"text": {"path": [], "start": 0, "end": 3}}}), "anchor"),
        (json!({"body": "x", "anchor": {"text": {"path": [], "start": 3, "end": 3}}}), "anchor"),
    ] {
        let answer = ada.post(&path, &body).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (422, Some(field)), "{}", answer.text());
    }
    let ahead = json!({"body": "x", "anchor": {"cell": {"item": "beta", "period": null}}, "revision": 99});
    assert_eq!(ada.post(&path, &ahead).await.json()["code"], "revision_in_future");
    assert_eq!(ada.post(&path, &json!({"body": "x", "colour": 3})).await.status, 422);
    // What is sent twice is there once, and an id that is taken is not taken again.
    let chosen = json!({"id": Uuid::from_u128(5), "body": "Once"});
    let once = ada.post(&path, &chosen).await.json();
    assert_eq!(ada.post(&path, &chosen).await.json(), once);
    let grace = server.signed_in("Grace").await;
    assert_eq!(grace.post(&path, &chosen).await.json()["code"], "conflict");
    let nul = ada.post(&path, &json!({"body": "a\0b"})).await.json();
    assert_eq!(nul["body"], "a\u{fffd}b");
}

#[tokio::test]
async fn on_a_socket_it_is_the_same() {
    let (server, demo, ada, ..) = team().await;
    let (mut vera, _) = Client::in_document(&server, "Vera", demo).await;
    let (mut grace, _) = Client::in_document(&server, "Grace", demo).await;
    let comment = CommentId(Uuid::from_u128(9));
    let add = ClientMessage::CommentAdd {
        document: demo,
        comment,
        anchor: None,
        revision: ot_core::Revision::ZERO,
        body: "Said on a socket".to_owned(),
    };
    vera.send(&add).await;
    loop {
        if let ServerMessage::Error { code, about, .. } = vera.next().await {
            assert_eq!((code, about), (ErrorCode::Forbidden, Some(comment.0)));
            break;
        }
    }
    grace.send(&add).await;
    for client in [&mut grace, &mut vera] {
        loop {
            if let ServerMessage::CommentChanged { comment: said, .. } = client.next().await {
                assert_eq!((said.id, said.body.as_str()), (comment, "Said on a socket"));
                break;
            }
        }
    }
    grace.send(&ClientMessage::CommentResolved { document: demo, thread: comment, is_resolved: true }).await;
    loop {
        if let ServerMessage::CommentChanged { comment: said, .. } = vera.next().await {
            assert!(said.resolved_at_ms.is_some());
            break;
        }
    }
    let listed = ada.get(&format!("/api/document/{demo}/comments?state=resolved")).await.json();
    assert_eq!(listed["items"][0]["id"], json!(comment));
}

#[tokio::test]
async fn who_edits_is_in_the_activity_once() {
    let (server, demo, ada, grace, _) = team().await;
    let (mut client, mut opened) = Client::in_document(&server, "Grace", demo).await;
    for (revision, value) in [(1, "1.2"), (2, "1.3")] {
        let op = enter(opened.value(), "beta", None, value);
        opened.edit(&mut client, op).await;
        opened.follow(&mut client, ot_core::Revision(revision)).await;
    }
    let path = format!("/api/document/{demo}/activity");
    let mut edited = Vec::new();
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let feed = ada.get(&path).await.json();
        let entries = feed["items"].as_array().unwrap().iter();
        edited = entries.filter(|entry| entry["action"] == "document_edited").cloned().collect();
        if !edited.is_empty() {
            break;
        }
    }
    let [entry] = edited.as_slice() else { panic!("{edited:?}") };
    assert_eq!((&entry["actor"]["id"], &entry["actor"]["name"]), (&json!(grace.user), &json!("Grace")));
}

#[tokio::test]
async fn who_gets_another_role_is_told() {
    let (server, demo, ada, _, vera) = team().await;
    let workspace = workspace(&server, demo);
    let path = format!("/api/workspace/{}/members/{}", workspace.0, vera.user.0);
    assert_eq!(ada.send("PUT", &path, &json!({"role": "commenter"})).await.status, 204);
    let told = vera.get("/api/notifications").await.json();
    let first = &told["items"][0];
    assert_eq!((&first["kind"], &first["role"]), (&json!("role_changed"), &json!("commenter")));
    assert_eq!((&first["actor"]["name"], told["unread"].as_u64()), (&json!("Ada"), Some(1)));
    // Now she may.
    let comments = format!("/api/document/{demo}/comments");
    assert_eq!(vera.post(&comments, &json!({"body": "At last"})).await.status, 201);
}
