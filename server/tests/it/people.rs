//! Who is in a workspace or a document, and how fast a change reaches what is open.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::protocol::{ClientMessage, DocumentId, ErrorCode, ServerMessage};
use coval_shared::rights::Role;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use uuid::Uuid;

use crate::client::{Client, enter};
use crate::http;
use crate::postgres::Postgres;
use crate::server::{DEMO_PASSWORD, Server};
use crate::signed_in::SignedIn;

/// How fast a change of rights reaches open sockets.
const SOON: Duration = Duration::from_secs(2);

const PASSWORD: &str = "a password of the tests";

/// The demo's workspace.
fn workspace(server: &Server, document: DocumentId) -> String {
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    store.workspace_of(document).unwrap().to_string()
}

/// Invites somebody into the workspace, who signs up.
async fn newcomer(server: &Server, place: &str, email: &str, role: Role) -> SignedIn {
    let ada = server.signed_in("Ada").await;
    let path = format!("/api/workspace/{place}/invitations");
    let invited = ada.post(&path, &json!({"email": email, "role": role})).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    let body = json!({"token": invited.json()["token"], "email": email, "name": "Emmy", "password": PASSWORD});
    let answer = http::send(server.address(), "POST", "/api/sign-up", &[], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    SignedIn::from(server.address(), &answer)
}

fn in_an_hour() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    i64::try_from(now).unwrap() + 3_600_000
}

/// Makes a share link. Returns its id and its token.
async fn share(ada: &SignedIn, document: DocumentId, role: Role, expires_at_ms: i64) -> (String, Value) {
    let path = format!("/api/document/{document}/share-links");
    let shared = ada.post(&path, &json!({"role": role, "expires_at_ms": expires_at_ms})).await;
    assert_eq!(shared.status, 201, "{}", shared.text());
    let shared = shared.json();
    (shared["link"]["id"].as_str().unwrap().to_owned(), shared["token"].clone())
}

/// Opens a share link without being signed in.
async fn guest(server: &Server, token: &Value, name: &str) -> SignedIn {
    let body = json!({"token": token, "name": name});
    let answer = http::send(server.address(), "POST", "/api/share", &[], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut opened = answer;
    let inner = opened.json()["signed_in"].clone();
    opened.body = inner.to_string().into_bytes();
    SignedIn::from(server.address(), &opened)
}

/// A socket of somebody who is in `document`.
async fn socket_in(server: &Server, who: &SignedIn, document: DocumentId) -> Client {
    let mut client = Client::of(server, who).await;
    client.open(document).await;
    client
}

/// The next news of rights, and that it came soon.
async fn access_update(client: &mut Client, since: Instant) -> Option<Role> {
    loop {
        if let ServerMessage::AccessUpdate { role, .. } = client.next().await {
            assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
            return role;
        }
    }
}

#[tokio::test]
async fn an_invitation_is_good_once_and_for_the_one_who_was_invited() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let place = workspace(&server, demo);
    let path = format!("/api/workspace/{place}/invitations");
    let invited = ada.post(&path, &json!({"email": "Emmy@Example.com", "role": "commenter"})).await.json();
    let list = ada.get(&path).await.json();
    assert_eq!(list["items"][0]["email"], "emmy@example.com");
    assert!(!list.to_string().contains(invited["token"].as_str().unwrap()), "the token is shown once");
    let sign_up = async |email: &str| {
        let body = json!({"token": invited["token"], "email": email, "name": "Emmy", "password": PASSWORD});
        http::send(server.address(), "POST", "/api/sign-up", &[], &body).await
    };
    let other = sign_up("hedy@example.com").await;
    assert_eq!((other.status, other.json()["field"].as_str()), (422, Some("email")));
    let emmy = sign_up("emmy@example.com").await;
    assert_eq!(emmy.status, 200, "{}", emmy.text());
    let emmy = SignedIn::from(server.address(), &emmy);
    assert_eq!(sign_up("emmy@example.com").await.status, 404);
    let members = ada.get(&format!("/api/workspace/{place}/members")).await.json();
    let member = members["items"].as_array().unwrap().iter().find(|member| member["user"] == json!(emmy.user)).unwrap();
    assert_eq!(member["role"], "commenter");
    assert_eq!(ada.get(&path).await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_invitation_that_was_taken_back_is_not_good() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let place = workspace(&server, demo);
    let invited = ada.post(&format!("/api/workspace/{place}/invitations"), &json!({"role": "editor"})).await.json();
    let path = format!("/api/invitation/{}", invited["invitation"]["id"].as_str().unwrap());
    assert_eq!(server.signed_in("Grace").await.delete(&path).await.status, 403);
    assert_eq!(ada.delete(&path).await.status, 204);
    assert_eq!(ada.delete(&path).await.status, 404);
    let body = json!({"token": invited["token"], "email": "x@example.com", "name": "X", "password": PASSWORD});
    assert_eq!(http::send(server.address(), "POST", "/api/sign-up", &[], &body).await.status, 404);
}

#[tokio::test]
async fn a_workspace_is_never_without_an_owner() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let place = workspace(&server, demo);
    let own = format!("/api/workspace/{place}/members/{}", ada.user);
    assert_eq!(ada.send("PUT", &own, &json!({"role": "editor"})).await.status, 409);
    assert_eq!(ada.delete(&own).await.status, 409);
    let grace = server.signed_in("Grace").await;
    let hers = format!("/api/workspace/{place}/members/{}", grace.user);
    assert_eq!(ada.send("PUT", &hers, &json!({"role": "owner"})).await.status, 204);
    assert_eq!(ada.delete(&own).await.status, 204);
    assert_eq!(ada.get(&format!("/api/workspace/{place}/members")).await.status, 404);
    assert_eq!(grace.delete(&hers).await.status, 409);
}

#[tokio::test]
async fn only_owners_decide_who_is_in() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let place = workspace(&server, demo);
    for name in ["Grace", "Vera"] {
        let who = server.signed_in(name).await;
        let member = format!("/api/workspace/{place}/members/{}", ada.user);
        let body = json!({"role": "viewer"});
        for answer in [
            who.send("PUT", &member, &body).await,
            who.delete(&member).await,
            who.post(&format!("/api/workspace/{place}/invitations"), &body).await,
            who.get(&format!("/api/workspace/{place}/invitations")).await,
            who.post(
                &format!("/api/document/{demo}/share-links"),
                &json!({"role": "viewer", "expires_at_ms": in_an_hour()}),
            )
            .await,
            who.get(&format!("/api/document/{demo}/share-links")).await,
            who.send("PUT", &format!("/api/document/{demo}/members/{}", who.user), &json!({"role": "owner"})).await,
        ] {
            assert_eq!(answer.status, 403, "{name}: {}", answer.text());
        }
        let members = who.get(&format!("/api/workspace/{place}/members")).await;
        assert_eq!(members.status, 200);
        assert!(!members.text().contains("@example.com"), "e-mails are for owners");
    }
}

#[tokio::test]
async fn what_belongs_to_others_answers_as_what_is_not_there() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let place = workspace(&server, demo);
    let (_, token) = share(&ada, demo, Role::Viewer, in_an_hour()).await;
    let (link, _) = share(&ada, demo, Role::Viewer, in_an_hour()).await;
    // Somebody with a document of this workspace alone is a stranger to the workspace; and one of another to all of it.
    let guest = guest(&server, &token, "Guest").await;
    let missing = Uuid::now_v7();
    for path in ["/api/workspace/{id}/members", "/api/workspace/{id}/invitations"] {
        let theirs = guest.get(&path.replace("{id}", &place)).await;
        let none = guest.get(&path.replace("{id}", &missing.to_string())).await;
        assert_eq!((theirs.status, theirs.text()), (404, none.text()), "{path}");
    }
    ada.delete(&format!("/api/document/{demo}/members/{}", guest.user)).await;
    let hers = [format!("/api/document/{demo}/members"), format!("/api/document/{demo}/share-links")];
    for path in hers {
        let theirs = guest.get(&path).await;
        let none = guest.get(&path.replace(&demo.to_string(), &missing.to_string())).await;
        assert_eq!((theirs.status, theirs.text()), (404, none.text()), "{path}");
    }
    let theirs = guest.delete(&format!("/api/share-link/{link}")).await;
    let none = guest.delete(&format!("/api/share-link/{missing}")).await;
    assert_eq!((theirs.status, theirs.text()), (404, none.text()));
    let mut client = Client::of(&server, &guest).await;
    client.send(&ClientMessage::DocumentOpen { document: demo, since: None }).await;
    assert_eq!(client.error().await.0, ErrorCode::UnknownDocument);
}

#[tokio::test]
async fn a_guest_reads_until_the_link_is_ended() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let (link, token) = share(&ada, demo, Role::Viewer, in_an_hour()).await;
    let guest = guest(&server, &token, "Hedy").await;
    let me = guest.get("/api/me").await.json();
    assert_eq!((me["name"].as_str(), me["is_guest"].as_bool(), me["email"].as_str()), (Some("Hedy"), Some(true), None));
    let mut client = Client::of(&server, &guest).await;
    let mut ours = client.open(demo).await;
    let op = enter(ours.value(), "beta", None, "1.6");
    ours.edit(&mut client, op).await;
    assert_eq!(client.error().await.0, ErrorCode::Forbidden);
    let begun = Instant::now();
    assert_eq!(ada.delete(&format!("/api/share-link/{link}")).await.status, 204);
    assert_eq!(access_update(&mut client, begun).await, None);
    assert_eq!(guest.get(&format!("/api/document/{demo}/members")).await.status, 404);
    let again = http::send(server.address(), "POST", "/api/share", &[], &json!({"token": token})).await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn a_link_that_ends_by_itself_closes_what_is_open() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let ends = in_an_hour() - 3_600_000 + 1_500;
    let (_, token) = share(&ada, demo, Role::Editor, ends).await;
    let guest = guest(&server, &token, "Hedy").await;
    let mut client = socket_in(&server, &guest, demo).await;
    let begun = Instant::now() + Duration::from_millis(1_500);
    assert_eq!(access_update(&mut client, begun).await, None);
}

#[tokio::test]
async fn whoever_is_signed_in_joins_by_a_link_as_themselves_and_the_higher_role_counts() {
    let server = Server::start();
    let (ada, demo, vera) = (server.signed_in("Ada").await, server.demo().await, server.signed_in("Vera").await);
    let (_, token) = share(&ada, demo, Role::Editor, in_an_hour()).await;
    let opened = vera.post("/api/share", &json!({"token": token})).await.json();
    assert_eq!((opened["role"].as_str(), &opened["signed_in"]), (Some("editor"), &Value::Null));
    let (mut client, mut ours) = Client::in_document(&server, "Vera", demo).await;
    let op = enter(ours.value(), "beta", None, "1.6");
    ours.edit(&mut client, op).await;
    client.ack().await;
}

#[tokio::test]
async fn a_link_ends_with_the_power_of_whoever_made_it() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let place = workspace(&server, demo);
    let emmy = newcomer(&server, &place, "emmy@example.com", Role::Owner).await;
    let (_, of_ada) = share(&ada, demo, Role::Viewer, in_an_hour()).await;
    let (_, of_emmy) = share(&emmy, demo, Role::Viewer, in_an_hour()).await;
    let read = format!("/api/document/{demo}/snapshot");
    let (by_ada, by_emmy) = (guest(&server, &of_ada, "Guest").await, guest(&server, &of_emmy, "Guest").await);
    assert_eq!((by_ada.get(&read).await.status, by_emmy.get(&read).await.status), (200, 200));

    let member = format!("/api/workspace/{place}/members/{}", emmy.user);
    assert_eq!(ada.send("PUT", &member, &json!({"role": "editor"})).await.status, 204);
    assert_eq!((by_ada.get(&read).await.status, by_emmy.get(&read).await.status), (200, 404));
    let body = json!({"token": of_emmy, "name": "Late"});
    let late = http::send(server.address(), "POST", "/api/share", &[], &body).await;
    assert_eq!(late.status, 404, "{}", late.text());
    assert_eq!(ada.send("PUT", &member, &json!({"role": "owner"})).await.status, 204);
    assert_eq!(by_emmy.get(&read).await.status, 404, "what has ended does not begin again");

    // Who owns the document itself needs no workspace for it, until that ends as well.
    let own = format!("/api/document/{demo}/members/{}", emmy.user);
    assert_eq!(ada.send("PUT", &own, &json!({"role": "owner"})).await.status, 204);
    let (_, of_emmy) = share(&emmy, demo, Role::Viewer, in_an_hour()).await;
    let by_emmy = guest(&server, &of_emmy, "Guest").await;
    assert_eq!(ada.send("PUT", &member, &json!({"role": "viewer"})).await.status, 204);
    assert_eq!(by_emmy.get(&read).await.status, 200);
    assert_eq!(ada.send("PUT", &own, &json!({"role": "editor"})).await.status, 204);
    assert_eq!((by_ada.get(&read).await.status, by_emmy.get(&read).await.status), (200, 404));
}

#[tokio::test]
async fn a_link_is_not_made_for_owners_nor_for_ever() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let path = format!("/api/document/{demo}/share-links");
    for (body, field) in [
        (json!({"role": "owner", "expires_at_ms": in_an_hour()}), "role"),
        (json!({"role": "viewer", "expires_at_ms": 0}), "expires_at_ms"),
        (json!({"role": "viewer", "expires_at_ms": i64::MAX}), "expires_at_ms"),
    ] {
        let answer = ada.post(&path, &body).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (422, Some(field)));
    }
}

/// Demotes and then removes somebody whose socket is on one server, by way of the other.
async fn rights_reach_open_sockets(decides: &Server, holds: &Server) {
    let (ada, demo) = (decides.signed_in("Ada").await, decides.demo().await);
    let place = workspace(decides, demo);
    let emmy = newcomer(decides, &place, "emmy@example.com", Role::Editor).await.at(holds.address());
    let mut client = Client::of(holds, &emmy).await;
    let mut ours = client.open(demo).await;
    let member = format!("/api/workspace/{place}/members/{}", emmy.user);

    let begun = Instant::now();
    assert_eq!(ada.send("PUT", &member, &json!({"role": "viewer"})).await.status, 204);
    assert_eq!(access_update(&mut client, begun).await, Some(Role::Viewer));
    let op = enter(ours.value(), "beta", None, "1.6");
    ours.edit(&mut client, op).await;
    assert_eq!(client.error().await.0, ErrorCode::Forbidden);

    let begun = Instant::now();
    assert_eq!(ada.delete(&member).await.status, 204);
    assert_eq!(access_update(&mut client, begun).await, None);
    client.send(&ClientMessage::DocumentOpen { document: demo, since: None }).await;
    assert_eq!(client.error().await.0, ErrorCode::UnknownDocument);

    let (mut author, mut theirs) = Client::in_document(decides, "Ada", demo).await;
    let op = enter(theirs.value(), "beta", None, "1.7");
    theirs.edit(&mut author, op).await;
    author.ack().await;
    client.hears_nothing().await;
}

#[tokio::test]
async fn demotion_and_removal_reach_open_sockets_within_two_seconds() {
    let server = Server::start();
    rights_reach_open_sockets(&server, &server).await;
}

#[tokio::test]
async fn demotion_and_removal_reach_sockets_of_another_server_within_two_seconds() {
    let postgres = Postgres::shared();
    let database = postgres.database();
    let (one, other) = (Server::start_on(&database, &[]), Server::start_on(&database, &[]));
    rights_reach_open_sockets(&one, &other).await;
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_the_sign_in_within_two_seconds() {
    let server = Server::start();
    let demo = server.demo().await;
    let stays = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    let leaves = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    let (mut open, mut closed) = (socket_in(&server, &stays, demo).await, socket_in(&server, &leaves, demo).await);
    let begun = Instant::now();
    assert_eq!(leaves.post("/api/session/sign-out", &json!({})).await.status, 204);
    assert_eq!(closed.closed().await.unwrap().code, CloseCode::Policy);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    open.hears_nothing().await;
    let begun = Instant::now();
    let third = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    assert_eq!(third.post("/api/session/sign-out-everywhere", &json!({})).await.status, 204);
    assert_eq!(open.closed().await.unwrap().code, CloseCode::Policy);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let ticket = ada.ticket().await;
    let mut first = Client::silent(&server).await;
    first.hello(&ticket).await;
    assert!(matches!(first.next().await, ServerMessage::Welcome { .. }));
    let mut second = Client::silent(&server).await;
    second.hello(&ticket).await;
    assert_eq!(second.error().await.0, ErrorCode::TicketInvalid);
    assert_eq!(second.closed().await.unwrap().code, CloseCode::Policy);
    // Nor is a ticket good for anything else, or anything else a ticket.
    let as_token = [("Authorization", format!("Bearer {}", ada.ticket().await))];
    let as_token: Vec<_> = as_token.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(http::request(server.address(), "GET", "/api/me", &as_token).await.status, 401);
    let mut third = Client::silent(&server).await;
    third.hello(&ada.token).await;
    assert_eq!(third.error().await.0, ErrorCode::TicketInvalid);
}

#[tokio::test]
async fn a_change_of_the_password_ends_the_other_sign_ins() {
    let server = Server::start();
    let demo = server.demo().await;
    let ada = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    let other = server.signed_in("Ada").await;
    let mut client = socket_in(&server, &other, demo).await;
    let change =
        async |current: &str, new: &str| ada.post("/api/me/password", &json!({"current": current, "new": new})).await;
    assert_eq!(change("wrong", PASSWORD).await.json()["field"], "current");
    assert_eq!(change(DEMO_PASSWORD, "short").await.json()["field"], "new");
    assert_eq!(change(DEMO_PASSWORD, PASSWORD).await.status, 204);
    assert_eq!(client.closed().await.unwrap().code, CloseCode::Policy);
    assert_eq!(other.get("/api/me").await.status, 401);
    assert_eq!(ada.get("/api/me").await.status, 200);
    SignedIn::new(server.address(), "ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn every_change_of_rights_stands_in_the_record_of_the_workspace() {
    let server = Server::start();
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let place = workspace(&server, demo);
    let emmy = newcomer(&server, &place, "emmy@example.com", Role::Editor).await;
    ada.send("PUT", &format!("/api/workspace/{place}/members/{}", emmy.user), &json!({"role": "viewer"})).await;
    ada.send("PUT", &format!("/api/document/{demo}/members/{}", emmy.user), &json!({"role": "editor"})).await;
    ada.delete(&format!("/api/document/{demo}/members/{}", emmy.user)).await;
    let (link, token) = share(&ada, demo, Role::Viewer, in_an_hour()).await;
    guest(&server, &token, "Guest").await;
    ada.delete(&format!("/api/share-link/{link}")).await;
    ada.delete(&format!("/api/workspace/{place}/members/{}", emmy.user)).await;
    let activity = ada.get(&format!("/api/workspace/{place}/activity?limit=100")).await.json();
    let actions: Vec<&str> =
        activity["items"].as_array().unwrap().iter().map(|item| item["action"].as_str().unwrap()).collect();
    for action in [
        "member_invited",
        "member_added",
        "member_role_changed",
        "document_shared",
        "document_unshared",
        "share_link_created",
        "share_link_used",
        "share_link_revoked",
        "member_removed",
    ] {
        assert!(actions.contains(&action), "{action} is missing: {actions:?}");
    }
}
