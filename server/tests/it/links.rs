//! Values that flow from one document into another.

use std::time::{Duration, Instant};

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::model::edit::{clear_link, enter, remove_item, set_link, set_row_formula};
use coval_shared::model::{CellRef, ItemId, Link, Model};
use coval_shared::protocol::{DocumentId, ErrorCode, ServerMessage, WorkspaceId, is_server};
use ot_core::json::JsonOp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Client, Opened};
use crate::fixtures;
use crate::postgres::Postgres;
use crate::server::Server;

/// How long a value may take from one document into another.
const PATIENCE: Duration = Duration::from_secs(20);

const ASSUMPTIONS: DocumentId = DocumentId(Uuid::from_u128(0xa));
const VALUATION: DocumentId = DocumentId(Uuid::from_u128(0xb));
const SUMMARY: DocumentId = DocumentId(Uuid::from_u128(0xc));

/// A model in which `result` is twice `input`.
fn body() -> Value {
    json!({
        "schema": 2,
        "periods": [{"id": "p0", "label": "2025E", "kind": "forecast"}, {"id": "p1", "label": "2026E", "kind": "forecast"}],
        "sections": [{"id": "s", "label": "Rows", "items": [
            {"id": "input", "name": "input", "label": "Input", "format": "number", "span": "single", "value": 1},
            {"id": "result", "name": "result", "label": "Result", "format": "number", "span": "single",
             "formula": "{input} * 2"},
            {"id": "path", "name": "path", "label": "Path", "format": "number", "span": "period",
             "formula": "{input} + 10", "values": {"p0": 5}},
        ]}],
        "outputs": ["result"],
    })
}

/// Three documents beside the demo, not yet linked.
fn prepare(database: &str) {
    let store = Store::open(DatabaseUrl::parse(database)).unwrap();
    for (id, title) in [(ASSUMPTIONS, "Assumptions"), (VALUATION, "Valuation"), (SUMMARY, "Summary")] {
        fixtures::create(&store, id, title, &body(), 1_000).unwrap();
    }
}

struct Stage {
    server: Server,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("coval.sqlite").display().to_string();
        prepare(&database);
        Self { server: Server::start_on(&database, &[]), _folder: folder }
    }
}

/// Somebody in one document.
struct Person {
    client: Client,
    opened: Opened,
}

impl Person {
    async fn enter(server: &Server, name: &str, document: DocumentId) -> Self {
        let (client, opened) = Client::in_document(server, name, document).await;
        Self { client, opened }
    }

    async fn edit(&mut self, op: JsonOp) {
        self.opened.edit(&mut self.client, op).await;
        let next = self.opened.machine.revision().next();
        self.opened.follow(&mut self.client, next).await;
    }

    async fn put(&mut self, input: &str) {
        let op = enter(self.opened.value(), &single("input"), input).unwrap();
        self.edit(op).await;
    }

    async fn link(&mut self, source: DocumentId, item: &str) {
        let op = set_link(self.opened.value(), &id("input"), source, &id(item)).unwrap();
        self.edit(op).await;
    }

    /// Tries to link, and returns why that is refused.
    async fn link_is_refused(&mut self, source: DocumentId) -> String {
        let op = set_link(self.opened.value(), &id("input"), source, &id("result")).unwrap();
        self.opened.edit(&mut self.client, op).await;
        loop {
            match self.client.next().await {
                ServerMessage::Error { code: ErrorCode::OpInvalid, message, .. } => return message,
                ServerMessage::DocumentUpdated { .. } => {}
                other => panic!("no refusal but {other:?}"),
            }
        }
    }

    /// Follows the document until its input is `value`, and has this problem with its link.
    async fn sees(&mut self, value: f64, problem: Option<&str>) {
        while self.input() != Some(value) || self.link_now().and_then(|link| link.problem).as_deref() != problem {
            let next = self.opened.machine.revision().next();
            self.opened.follow(&mut self.client, next).await;
        }
    }

    fn input(&self) -> Option<f64> {
        self.opened.value().pointer("/sections/0/items/0/value").and_then(Value::as_f64)
    }

    fn link_now(&self) -> Option<Link> {
        Model::read(self.opened.value()).unwrap().item(&id("input")).unwrap().link.clone()
    }
}

fn id(item: &str) -> ItemId {
    ItemId(item.to_owned())
}

fn single(item: &str) -> CellRef {
    CellRef::single(id(item))
}

async fn result(server: &Server, document: DocumentId) -> Option<f64> {
    server.get(&format!("/api/document/{document}/outputs")).await.json()["outputs"][0]["value"].as_f64()
}

/// Waits until the result of `document` is `value`.
async fn comes_to(server: &Server, document: DocumentId, value: f64) {
    let begun = Instant::now();
    while result(server, document).await != Some(value) {
        assert!(begun.elapsed() < PATIENCE, "the result is {:?}, not {value}", result(server, document).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_chain(server: &Server) {
    let mut ada = Person::enter(server, "Ada", ASSUMPTIONS).await;
    let mut grace = Person::enter(server, "Grace", VALUATION).await;
    let mut emmy = Person::enter(server, "Emmy", SUMMARY).await;
    grace.link(ASSUMPTIONS, "result").await;
    emmy.link(VALUATION, "result").await;
    grace.sees(2.0, None).await;
    emmy.sees(4.0, None).await;
    ada.put("5").await;
    grace.sees(10.0, None).await;
    emmy.sees(20.0, None).await;
    comes_to(server, SUMMARY, 40.0).await;
}

#[tokio::test]
async fn a_value_flows_through_a_chain_of_documents_before_everybodys_eyes() {
    a_chain(&Stage::new().server).await;
}

#[tokio::test]
async fn a_value_flows_through_a_chain_on_postgres() {
    let postgres = Postgres::shared();
    let database = postgres.database();
    prepare(&database);
    a_chain(&Server::start_on(&database, &[])).await;
}

#[tokio::test]
async fn what_the_server_writes_is_an_op_of_its_own_in_the_history() {
    let stage = Stage::new();
    let mut grace = Person::enter(&stage.server, "Grace", VALUATION).await;
    grace.link(ASSUMPTIONS, "result").await;
    grace.sees(2.0, None).await;
    let history = Client::new(&stage.server, "Emmy").await.resume(VALUATION, ot_core::Revision(0)).await;
    let by_server: Vec<_> = history.iter().map(|committed| is_server(committed.client)).collect();
    assert_eq!(by_server, [false, true]);
}

#[tokio::test]
async fn of_an_item_over_periods_comes_the_value_of_the_last() {
    let stage = Stage::new();
    let mut grace = Person::enter(&stage.server, "Grace", VALUATION).await;
    grace.link(ASSUMPTIONS, "path").await;
    grace.sees(11.0, None).await;
}

#[tokio::test]
async fn one_value_comes_into_every_row_that_is_linked_to_it() {
    let stage = Stage::new();
    let mut grace = Person::enter(&stage.server, "Grace", VALUATION).await;
    grace.link(ASSUMPTIONS, "result").await;
    grace.sees(2.0, None).await;
    let again = set_link(grace.opened.value(), &id("result"), ASSUMPTIONS, &id("result")).unwrap();
    grace.edit(again).await;
    while grace.opened.value().pointer("/sections/0/items/1/value") != Some(&json!(2.0)) {
        let next = grace.opened.machine.revision().next();
        grace.opened.follow(&mut grace.client, next).await;
    }
}

#[tokio::test]
async fn a_circle_is_refused_with_the_way_and_the_rest_goes_on() {
    let stage = Stage::new();
    let mut ada = Person::enter(&stage.server, "Ada", ASSUMPTIONS).await;
    let mut grace = Person::enter(&stage.server, "Grace", VALUATION).await;
    let mut emmy = Person::enter(&stage.server, "Emmy", SUMMARY).await;
    grace.link(ASSUMPTIONS, "result").await;
    emmy.link(VALUATION, "result").await;
    let way = "the link would close a circle: \"Assumptions\" → \"Summary\" → \"Valuation\" → \"Assumptions\"; take the \
               value from another model";
    assert_eq!(ada.link_is_refused(SUMMARY).await, way);
    let mut ada = Person::enter(&stage.server, "Ada", ASSUMPTIONS).await;
    assert_eq!(ada.link_now(), None);
    ada.put("3").await;
    emmy.sees(12.0, None).await;
    let itself = "the link would close a circle: \"Assumptions\" → \"Assumptions\"; take the value from another model";
    assert_eq!(ada.link_is_refused(ASSUMPTIONS).await, itself);
}

#[tokio::test]
async fn of_links_that_close_a_circle_at_once_one_is_refused_and_nothing_runs_for_ever() {
    let stage = Stage::new();
    let documents = [ASSUMPTIONS, VALUATION, SUMMARY];
    let mut people = Vec::new();
    for document in documents {
        people.push(Person::enter(&stage.server, "Somebody", document).await);
    }
    for (person, source) in people.iter_mut().zip([VALUATION, SUMMARY, ASSUMPTIONS]) {
        let op = set_link(person.opened.value(), &id("input"), source, &id("result")).unwrap();
        person.opened.edit(&mut person.client, op).await;
    }
    let mut refused = 0;
    for person in &mut people {
        loop {
            match person.client.next().await {
                ServerMessage::DocumentAck { .. } => break,
                ServerMessage::Error { code: ErrorCode::OpInvalid, message, .. } => {
                    assert!(message.contains("circle"), "{message}");
                    refused += 1;
                    break;
                }
                _ => {}
            }
        }
    }
    assert_eq!(refused, 1);
    // Every link doubles what comes, so a circle would never come to rest.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let list = || async { stage.server.get("/api/documents").await.json() };
    let before = list().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(list().await, before);
}

#[tokio::test]
async fn a_value_that_a_kill_held_up_comes_when_the_document_is_opened() {
    let mut stage = Stage::new();
    let mut grace = Person::enter(&stage.server, "Grace", VALUATION).await;
    grace.link(ASSUMPTIONS, "result").await;
    grace.sees(2.0, None).await;
    let mut emmy = Person::enter(&stage.server, "Emmy", SUMMARY).await;
    emmy.link(VALUATION, "result").await;
    emmy.sees(4.0, None).await;
    stage.server.kill();
    // As if the server had ended between the change and what follows from it.
    let store = Store::open(DatabaseUrl::parse(stage.server.database())).unwrap();
    let mut stored = store.load(ASSUMPTIONS).unwrap();
    let op = enter(&stored.snapshot, &single("input"), "7").unwrap();
    assert!(stored.operations.is_empty(), "nobody has edited the assumptions");
    let committed = ot_core::Committed {
        revision: ot_core::Revision(1),
        client: ot_core::ClientId(Uuid::now_v7()),
        sequence: ot_core::Sequence(1),
        op,
    };
    stored.operations.push(committed);
    store.append(ASSUMPTIONS, &stored.operations, None, 2_000).unwrap();
    drop(store);
    stage.server.kill_and_restart();
    let mut emmy = Person::enter(&stage.server, "Emmy", SUMMARY).await;
    emmy.sees(28.0, None).await;
    comes_to(&stage.server, VALUATION, 28.0).await;
}

#[tokio::test]
async fn a_source_that_has_no_value_leaves_the_last_one_and_says_why() {
    let stage = Stage::new();
    let mut ada = Person::enter(&stage.server, "Ada", ASSUMPTIONS).await;
    let mut grace = Person::enter(&stage.server, "Grace", VALUATION).await;
    grace.link(ASSUMPTIONS, "result").await;
    grace.sees(2.0, None).await;
    let breaks = set_row_formula(ada.opened.value(), &id("result"), "1 / 0").unwrap();
    ada.edit(breaks).await;
    let problem = loop {
        let next = grace.opened.machine.revision().next();
        grace.opened.follow(&mut grace.client, next).await;
        if let Some(problem) = grace.link_now().unwrap().problem {
            break problem;
        }
    };
    assert!(problem.starts_with("#DIV/0 "), "{problem}");
    assert_eq!(grace.input(), Some(2.0));
    let mends = set_row_formula(ada.opened.value(), &id("result"), "input * 3").unwrap();
    ada.edit(mends).await;
    grace.sees(3.0, None).await;
    let removes = remove_item(ada.opened.value(), &id("result")).unwrap();
    ada.edit(removes).await;
    grace.sees(3.0, Some("the row that it comes from was removed")).await;
    grace.link(DocumentId(Uuid::from_u128(0xdead)), "result").await;
    grace.sees(3.0, Some("the model that it comes from is not there")).await;
    let unlinks = clear_link(grace.opened.value(), &id("input")).unwrap();
    grace.edit(unlinks).await;
    assert_eq!((grace.link_now(), grace.input()), (None, Some(3.0)));
}

#[tokio::test]
async fn nothing_flows_out_of_another_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("coval.sqlite").display().to_string();
    prepare(&database);
    let store = Store::open(DatabaseUrl::parse(&database)).unwrap();
    let (elsewhere, secret) = (WorkspaceId(Uuid::from_u128(0xe)), DocumentId(Uuid::from_u128(0xf)));
    fixtures::create_in(&store, elsewhere, secret, "Secret", &body(), 1_000).unwrap();
    let server = Server::start_on(&database, &[]);
    let mut grace = Person::enter(&server, "Grace", VALUATION).await;
    grace.link(secret, "result").await;
    grace.sees(1.0, Some("the model that it comes from is not there")).await;
    assert_eq!(store.dependents(secret), Ok(Vec::new()));
}

#[tokio::test]
async fn people_who_edit_on_both_sides_end_with_one_document() {
    let stage = Stage::new();
    let mut ada = Person::enter(&stage.server, "Ada", ASSUMPTIONS).await;
    let mut grace = Person::enter(&stage.server, "Grace", VALUATION).await;
    let mut emmy = Person::enter(&stage.server, "Emmy", VALUATION).await;
    grace.link(ASSUMPTIONS, "result").await;
    for round in 2..=20 {
        ada.put(&format!("{round}")).await;
        let cell = CellRef { item: id("path"), period: Some(coval_shared::model::PeriodId("p1".into())) };
        let op = enter(grace.opened.value(), &cell, &format!("{round}")).unwrap();
        grace.opened.edit(&mut grace.client, op).await;
    }
    let last = grace.opened.machine.revision();
    grace.opened.follow(&mut grace.client, last).await;
    grace.sees(40.0, None).await;
    emmy.sees(40.0, None).await;
    let newest = grace.opened.machine.revision().max(emmy.opened.machine.revision());
    grace.opened.follow(&mut grace.client, newest).await;
    emmy.opened.follow(&mut emmy.client, newest).await;
    assert_eq!(grace.opened.value(), emmy.opened.value());
    assert_eq!(grace.opened.value().pointer("/sections/0/items/2/values/p1"), Some(&json!(20.0)));
}

#[tokio::test]
async fn nobody_speaks_in_the_name_of_the_server() {
    let stage = Stage::new();
    let mut client = Client::silent(&stage.server).await;
    let server = coval_shared::protocol::server_client(Uuid::now_v7());
    let hello =
        coval_shared::protocol::ClientMessage::Hello { client: server, ticket: coval_shared::secret::Secret::new("x") };
    client.send(&hello).await;
    assert_eq!(client.error().await.0, ErrorCode::MalformedMessage);
}

#[tokio::test]
async fn a_document_of_the_first_version_is_lifted_when_somebody_opens_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("coval.sqlite").display().to_string();
    let mut old = body();
    old["schema"] = json!(1);
    let store = Store::open(DatabaseUrl::parse(&database)).unwrap();
    fixtures::create(&store, ASSUMPTIONS, "Old", &old, 1_000).unwrap();
    let server = Server::start_on(&database, &[]);
    let ada = Person::enter(&server, "Ada", ASSUMPTIONS).await;
    assert_eq!((ada.opened.value().get("schema"), ada.opened.machine.revision().0), (Some(&json!(2)), 1));
    let grace = Person::enter(&server, "Grace", ASSUMPTIONS).await;
    assert_eq!(grace.opened.machine.revision().0, 1);
}
