//! History, versions, branches, merges and calculations over HTTP, as people use them.

use std::time::{Duration, Instant};

use coval_shared::protocol::{CalculationEnd, DocumentId, ServerMessage};
use ot_core::Revision;
use serde_json::{Value, json};

use crate::client::{Client, Opened, enter};
use crate::postgres::Postgres;
use crate::server::Server;
use crate::signed_in::SignedIn;

/// Enters what is in `inputs` in the cell of a single row, one after the other.
async fn edit(client: &mut Client, opened: &mut Opened, row: &str, inputs: &[&str]) {
    for input in inputs {
        let op = enter(opened.value(), row, None, input);
        opened.edit(client, op).await;
        let next = Revision(opened.machine.revision().0 + 1);
        opened.follow(client, next).await;
    }
}

async fn page(who: &SignedIn, path: &str) -> Value {
    let answer = who.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn post(who: &SignedIn, path: &str, body: Value, status: u16) -> Value {
    let answer = who.post(path, &body).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.text());
    answer.json()
}

/// What the cell of a single row of a document holds, as it is stored.
async fn held(who: &SignedIn, document: DocumentId, row: &str) -> Value {
    let newest =
        page(who, &format!("/api/document/{document}/revisions?limit=1")).await["items"][0]["revision"].clone();
    let newest = newest.as_u64().unwrap_or(0);
    let past = page(who, &format!("/api/document/{document}/revision/{newest}")).await;
    let sections = past["body"]["sections"].as_array().unwrap().clone();
    let mut items = sections.iter().flat_map(|section| section["items"].as_array().unwrap());
    items.find(|item| item["name"] == row).unwrap()["value"].clone()
}

#[tokio::test]
async fn the_history_tells_who_did_what_and_a_restore_is_a_new_revision() {
    let server = Server::start();
    let demo = server.demo().await;
    let ada = server.signed_in("Ada").await;
    let (mut client, mut opened) = Client::in_document(&server, "Ada", demo).await;
    let before = opened.value().clone();
    edit(&mut client, &mut opened, "beta", &["1.2", "1.3"]).await;
    let (mut other, mut theirs) = Client::in_document(&server, "Grace", demo).await;
    edit(&mut other, &mut theirs, "beta", &["1.4"]).await;
    opened.follow(&mut client, Revision(3)).await;

    let sessions = page(&ada, &format!("/api/document/{demo}/history")).await;
    let told: Vec<_> = sessions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["author"]["name"].as_str().unwrap(), item["edits"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("Grace", 1), ("Ada", 2)]);
    let cell = page(&ada, &format!("/api/document/{demo}/history?cell=beta&limit=2")).await;
    let changes: Vec<_> = cell["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["author"]["name"].as_str().unwrap(),
                item["before"].as_str().unwrap(),
                item["after"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(changes, [("Grace", "1.3", "1.4"), ("Ada", "1.2", "1.3")]);
    let next = cell["next"].as_str().unwrap();
    let rest = page(&ada, &format!("/api/document/{demo}/history?cell=beta&cursor={next}")).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), rest["next"].as_str()), (1, None));

    let diff = page(&ada, &format!("/api/document/{demo}/diff?from=1&to=3")).await;
    assert_eq!(diff["changes"].as_array().unwrap().len(), 1);
    assert_eq!(
        (diff["changes"][0]["before"].as_str(), diff["changes"][0]["after"].as_str()),
        (Some("1.2"), Some("1.4"))
    );
    let past = page(&ada, &format!("/api/document/{demo}/revision/0")).await;
    assert_eq!(past["body"], before);
    assert_eq!(ada.get(&format!("/api/document/{demo}/revision/99")).await.status, 404);
    assert_eq!(ada.get(&format!("/api/document/{demo}/diff?from=0&to=99")).await.status, 404);

    let named =
        post(&ada, &format!("/api/document/{demo}/versions"), json!({"name": " Board ", "revision": 2}), 201).await;
    assert_eq!((named["name"].as_str(), named["author"]["name"].as_str()), (Some("Board"), Some("Ada")));
    post(&ada, &format!("/api/document/{demo}/versions"), json!({"name": "a\nb"}), 422).await;
    assert_eq!(page(&ada, &format!("/api/document/{demo}/versions")).await["items"].as_array().unwrap().len(), 1);

    let restored = post(&ada, &format!("/api/document/{demo}/restore"), json!({"revision": 0}), 200).await;
    assert_eq!(restored["revision"], 4);
    opened.follow(&mut client, Revision(4)).await;
    theirs.follow(&mut other, Revision(4)).await;
    assert_eq!((opened.value(), theirs.value()), (&before, &before));
    let again = post(&ada, &format!("/api/document/{demo}/restore"), json!({"revision": 0}), 200).await;
    assert_eq!(again["revision"], Value::Null);
    let revisions = page(&ada, &format!("/api/document/{demo}/revisions")).await;
    assert_eq!(revisions["items"].as_array().unwrap().len(), 4, "nothing is taken out of the history");
    assert_eq!(revisions["items"][2]["name"], "Board");
    assert_eq!(ada.delete(&format!("/api/document/{demo}/version/2")).await.status, 204);
    assert_eq!(ada.delete(&format!("/api/document/{demo}/version/2")).await.status, 404);
}

async fn branch_and_merge(server: &Server) {
    let demo = server.demo().await;
    let (ada, grace) = (server.signed_in("Ada").await, server.signed_in("Grace").await);
    let (mut client, mut parent) = Client::in_document(server, "Ada", demo).await;
    edit(&mut client, &mut parent, "beta", &["1.2"]).await;
    let made = post(&grace, &format!("/api/document/{demo}/branches"), json!({"name": "High beta"}), 201).await;
    let branch: DocumentId = serde_json::from_value(made["id"].clone()).unwrap();
    assert_eq!((made["forked_at"].as_u64(), made["author"]["name"].as_str()), (Some(1), Some("Grace")));
    let refused = post(&grace, &format!("/api/document/{branch}/branches"), json!({"name": "Twig"}), 409).await;
    assert_eq!(refused["code"], "conflict");

    let (mut other, mut theirs) = Client::in_document(server, "Grace", branch).await;
    assert_eq!(theirs.value(), parent.value());
    edit(&mut other, &mut theirs, "beta", &["1.5"]).await;
    edit(&mut other, &mut theirs, "terminal_growth", &["2%"]).await;
    edit(&mut client, &mut parent, "beta", &["1.6"]).await;

    let way = format!("/api/document/{branch}/merge");
    let preview = page(&ada, &format!("{way}?direction=into_parent")).await;
    let conflicts = preview["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), 1);
    let conflict = &conflicts[0];
    assert_eq!(
        (&conflict["base"], &conflict["ours"], &conflict["theirs"], &conflict["default"]),
        (&json!("1.2"), &json!("1.5"), &json!("1.6"), &json!("ours"))
    );
    assert_eq!(preview["changes"].as_array().unwrap().len(), 2);
    let (at_parent, at_branch) = (preview["parent_revision"].clone(), preview["branch_revision"].clone());
    let merge = |choices: Value| json!({"direction": "into_parent", "parent_revision": at_parent, "branch_revision": at_branch, "choices": choices});
    let refused = post(&ada, &way, merge(json!({"items/nothing": "ours"})), 422).await;
    assert_eq!(refused["code"], "invalid");

    // Somebody edits while Ada looks at the conflicts.
    edit(&mut client, &mut parent, "risk_free_rate", &["4.5%"]).await;
    let path = conflict["path"].as_str().unwrap();
    let decided = merge(json!({path: "theirs"}));
    let (first, second) = tokio::join!(ada.post(&way, &decided), grace.post(&way, &decided));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert!(statuses[0] == 200 && (statuses[1] == 409 || statuses[1] == 200), "{} {}", first.text(), second.text());
    let revisions: Vec<Value> = [first, second]
        .iter()
        .filter(|answer| answer.status == 200)
        .map(|answer| answer.json()["revision"].clone())
        .collect();
    assert!(
        revisions.contains(&json!(4)) && revisions.iter().all(|made| *made == 4 || made.is_null()),
        "{revisions:?}"
    );
    parent.follow(&mut client, Revision(4)).await;
    for (row, value) in [("beta", json!(1.6)), ("terminal_growth", json!(0.02)), ("risk_free_rate", json!(0.045))] {
        assert_eq!(held(&ada, demo, row).await, value, "{row}");
    }

    // Back the other way: only what the parent did is brought over, and then both are the same.
    let preview = page(&grace, &format!("{way}?direction=from_parent")).await;
    assert_eq!(preview["conflicts"], json!([]), "{preview}");
    let update =
        json!({"direction": "from_parent", "parent_revision": 4, "branch_revision": preview["branch_revision"]});
    let updated = post(&grace, &way, update.clone(), 200).await;
    theirs.follow(&mut other, Revision(updated["revision"].as_u64().unwrap())).await;
    assert_eq!(theirs.value(), parent.value());
    let preview = page(&grace, &format!("{way}?direction=into_parent")).await;
    assert_eq!((&preview["changes"], &preview["conflicts"]), (&json!([]), &json!([])));
    let nothing = json!({"direction": "into_parent", "parent_revision": preview["parent_revision"],
                         "branch_revision": preview["branch_revision"]});
    assert_eq!(post(&grace, &way, nothing, 200).await["revision"], Value::Null);
    let branches = page(&ada, &format!("/api/document/{demo}/branches")).await;
    assert_eq!(
        (branches["items"][0]["name"].as_str(), branches["items"].as_array().unwrap().len()),
        (Some("High beta"), 1)
    );
    assert_eq!(ada.get(&format!("/api/document/{demo}/merge?direction=into_parent")).await.status, 422, "no branch");
}

#[tokio::test]
async fn a_branch_comes_back_with_conflicts_to_choose_on_sqlite() {
    branch_and_merge(&Server::start()).await;
}

#[tokio::test]
async fn a_branch_comes_back_with_conflicts_to_choose_on_postgres() {
    let postgres = Postgres::shared();
    branch_and_merge(&Server::start_on(&postgres.database(), &[])).await;
}

async fn ended(who: &SignedIn, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let calculation = page(who, &format!("/api/calculation/{id}")).await;
        if !calculation["finished_at_ms"].is_null() {
            return calculation;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{calculation}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn calculations_run_as_jobs_and_their_person_hears_of_the_end() {
    let server = Server::start();
    let demo = server.demo().await;
    let (ada, vera) = (server.signed_in("Ada").await, server.signed_in("Vera").await);
    let mut client = Client::new(&server, "Vera").await;
    let way = format!("/api/document/{demo}/calculations");
    let export = json!({"kind": "export", "parameters": {"format": "xlsx"}});
    let started = post(&vera, &way, export, 202).await;
    let id = started["id"].as_str().unwrap();
    let done = ended(&vera, id).await;
    assert_eq!((done["state"].as_str(), done["progress"].as_f64()), (Some("done"), Some(1.0)), "{done}");
    let file = vera.get(&format!("/api/calculation/{id}/file")).await;
    assert_eq!((file.status, file.body.starts_with(b"PK")), (200, true));
    loop {
        if let ServerMessage::CalculationFinished { calculation, end, .. } = client.next().await {
            assert_eq!((calculation.to_string().as_str(), end), (id, CalculationEnd::Done));
            break;
        }
    }
    let long = json!({"kind": "monte_carlo", "parameters": {"outputs": ["value_per_share"], "trials": 2_000_000}});
    let started = post(&ada, &way, long.clone(), 202).await;
    let running = started["id"].as_str().unwrap();
    assert_eq!(vera.delete(&format!("/api/calculation/{running}")).await.status, 403, "it is Ada's");
    assert_eq!(ada.delete(&format!("/api/calculation/{running}")).await.status, 204);
    assert_eq!(ended(&ada, running).await["state"], "cancelled");
    for _ in 0..4 {
        post(&ada, &way, long.clone(), 202).await;
    }
    assert_eq!(post(&ada, &way, long, 409).await["code"], "limit_reached");
    let wrong = post(&vera, &way, json!({"kind": "tornado", "parameters": {"output": "nothing"}}), 202).await;
    for calculation in page(&ada, &way).await["items"].as_array().unwrap() {
        if calculation["finished_at_ms"].is_null() && calculation["id"] != wrong["id"] {
            ada.delete(&format!("/api/calculation/{}", calculation["id"].as_str().unwrap())).await;
        }
    }
    let failed = ended(&vera, wrong["id"].as_str().unwrap()).await;
    assert_eq!((failed["state"].as_str(), failed["error"]["code"].as_str()), (Some("failed"), Some("invalid")));
    post(&vera, &way, json!({"kind": "guess", "parameters": {}}), 422).await;
    assert_eq!(ada.get("/api/calculation/0199b1ef-0000-7000-8000-000000000009").await.status, 404);
}

#[tokio::test]
async fn whoever_only_reads_changes_nothing_and_strangers_see_nothing() {
    let server = Server::start();
    let demo = server.demo().await;
    let vera = server.signed_in("Vera").await;
    let document = format!("/api/document/{demo}");
    for path in ["history", "revisions", "revision/0", "diff?from=0", "versions", "branches", "calculations"] {
        assert_eq!(vera.get(&format!("{document}/{path}")).await.status, 200, "{path}");
        let answer = crate::http::get(server.address(), &format!("{document}/{path}")).await;
        assert_eq!(answer.status, 401, "{path}");
        let foreign = format!("/api/document/0199b1ef-0000-7000-8000-00000000dead/{path}");
        assert_eq!(vera.get(&foreign).await.status, 404, "{path}");
    }
    let merge = json!({"direction": "into_parent", "parent_revision": 0, "branch_revision": 0});
    for (path, body) in [
        ("restore", json!({"revision": 0})),
        ("versions", json!({"name": "Mine"})),
        ("branches", json!({"name": "Mine"})),
        ("merge", merge),
    ] {
        let refused = vera.post(&format!("{document}/{path}"), &body).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("forbidden")), "{path}");
    }
    assert_eq!(vera.delete(&format!("{document}/version/0")).await.status, 403);
}
