//! What people in one document see of each other.

use coval_shared::model::{Calculation, CellRef, ItemId, Model, edit, outputs};
use coval_shared::protocol::ClientMessage;
use coval_shared::rest::DocumentOutputs;
use coval_shared::template::APPLE_DCF_TITLE;
use ot_core::{Revision, Sequence};

use crate::client::{Client, enter};
use crate::server::Server;

#[tokio::test]
async fn an_edit_is_acknowledged_to_its_author_and_told_to_the_others() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, mut theirs) = Client::in_document(&server, "Grace", demo).await;
    assert_eq!((ours.title.as_str(), ours.last_sequence), (APPLE_DCF_TITLE, Sequence(0)));

    let op = enter(ours.value(), "growth", Some("fy2025"), "6.5%");
    ours.edit(&mut ada, op.clone()).await;
    assert_eq!(ada.ack().await, (Sequence(1), Revision(1)));

    let updates = grace.updates().await;
    assert_eq!(updates.len(), 1);
    assert_eq!((updates[0].revision, updates[0].client, updates[0].sequence), (Revision(1), ada.id, Sequence(1)));
    theirs.machine.receive(&updates[0]).unwrap();
    assert_eq!(theirs.value(), ours.value());
    ada.hears_nothing().await;
}

#[tokio::test]
async fn people_who_edit_at_once_end_with_the_same_document() {
    let server = Server::start();
    let demo = server.demo().await;
    let mut people = Vec::new();
    for name in ["Ada", "Grace", "Emmy"] {
        people.push(Client::in_document(&server, name, demo).await);
    }
    // Nobody listens while all of them write: different cells, the same cell, the same label.
    let mut edits = 0;
    for round in 0..5 {
        for (index, (client, document)) in people.iter_mut().enumerate() {
            let own = ["growth", "cost_ratio", "tax_rate"][index];
            let number = format!("{}%", 10 * index + round + 1);
            let label = format!("{index}{round} Net sales");
            for op in [
                enter(document.value(), own, Some("fy2026"), &number),
                enter(document.value(), "beta", None, &format!("1.{index}{round}")),
                edit::set_label(document.value(), &ItemId("net_sales".to_owned()), &label).unwrap(),
            ] {
                document.edit(client, op).await;
                edits += 1;
            }
        }
    }
    // What waits behind a submission goes out as one, so fewer revisions than edits may come.
    for (client, document) in &mut people {
        while !document.machine.is_synchronized() {
            let next = document.machine.revision().next();
            document.follow(client, next).await;
        }
    }
    let newest = people.iter().map(|(_, document)| document.machine.revision()).max().unwrap();
    for (client, document) in &mut people {
        document.follow(client, newest).await;
    }
    assert!(newest.0 >= 3 && newest.0 <= edits);
    for (_, document) in &people[1..] {
        assert_eq!(document.value(), people[0].1.value());
    }

    let figures = outputs_of(&server, people[0].1.document).await;
    assert_eq!(figures.revision, newest);
    let model = Model::read(people[0].1.value()).unwrap();
    assert_eq!(figures.outputs, outputs(&model, &Calculation::new(&model)));
}

#[tokio::test]
async fn the_outputs_are_those_of_a_calculation_elsewhere_to_the_last_bit() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let inputs = [
        ("beta", None, "1.3"),
        ("growth", Some("fy2027"), "=prev(growth) * 1.1"),
        ("growth", Some("fy2027"), "=revnue"),
        ("growth", Some("fy2027"), ""),
        ("terminal_growth", None, "2.25%"),
        ("cost_ratio", Some("fy2029"), "=1/0"),
    ];
    for (item, period, input) in inputs {
        let op = enter(ours.value(), item, period, input);
        ours.edit(&mut ada, op).await;
        let next = ours.machine.revision().next();
        ours.follow(&mut ada, next).await;

        let figures = outputs_of(&server, demo).await;
        let model = Model::read(ours.value()).unwrap();
        assert_eq!(figures.revision, ours.machine.revision());
        assert_eq!(figures.outputs, outputs(&model, &Calculation::new(&model)), "{item} {input}");
    }
}

#[tokio::test]
async fn people_see_who_else_is_there_and_where() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, _) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, _) = Client::in_document(&server, "Grace", demo).await;
    let people = ada.next_people().await;
    assert_eq!((people.len(), people[0].client, people[0].name.as_str()), (1, grace.id, "Grace"));
    assert_eq!(grace.next_people().await[0].name, "Ada");

    let beta = CellRef { item: ItemId("beta".to_owned()), period: None };
    grace.point(demo, Some(beta.clone())).await;
    assert_eq!(ada.next_people().await[0].cursor, Some(beta));
    grace.point(demo, None).await;
    assert_eq!(ada.next_people().await[0].cursor, None);

    drop(grace);
    assert_eq!(ada.next_people().await, []);
}

#[tokio::test]
async fn a_closed_document_is_silent_and_can_be_opened_again() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, theirs) = Client::in_document(&server, "Grace", demo).await;
    grace.send(&ClientMessage::DocumentClose { document: demo }).await;
    grace.hears_nothing().await;
    let op = enter(ours.value(), "beta", None, "1.4");
    ours.edit(&mut ada, op).await;
    ada.ack().await;
    grace.hears_nothing().await;
    let missed = grace.resume(demo, theirs.machine.revision()).await;
    assert_eq!(missed.len(), 1);
}

#[tokio::test]
async fn a_client_that_comes_back_on_another_connection_is_there_once() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut grace, _) = Client::in_document(&server, "Grace", demo).await;
    let (mut before, _) = Client::in_document(&server, "Ada", demo).await;
    assert_eq!(grace.next_people().await.len(), 1);

    // The first connection is still there: the server has not noticed yet that nobody is behind it.
    let mut after = Client::as_client(&server, before.id, "Ada").await;
    let mut ours = after.open(demo).await;
    let op = enter(ours.value(), "beta", None, "1.5");
    ours.edit(&mut after, op.clone()).await;
    assert_eq!(after.ack().await, (Sequence(1), Revision(1)));
    assert_eq!(grace.updates().await.len(), 1);

    // The old one ends, and is heard no more.
    before.closed().await;
    after.hears_nothing().await;
}

async fn outputs_of(server: &Server, document: coval_shared::protocol::DocumentId) -> DocumentOutputs {
    let answer = server.get(&format!("/api/document/{document}/outputs")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}
