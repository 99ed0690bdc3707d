//! What was acknowledged stays, whatever happens to the process.

use ot_core::{Revision, Sequence};

use crate::client::{Client, enter};
use crate::server::Server;

#[tokio::test]
async fn every_acknowledged_edit_survives_a_kill_of_the_process() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let mut acknowledged = 0_u64;
    for life in 0..3 {
        let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
        assert_eq!(ours.machine.revision(), Revision(acknowledged));
        // Enough for snapshots in between.
        for edit in 0..70 {
            let op = enter(ours.value(), "beta", None, &format!("{}.{:03}", life + 1, edit + 1));
            ours.edit(&mut ada, op).await;
            acknowledged += 1;
            ours.follow(&mut ada, Revision(acknowledged)).await;
        }
        let before = ours.value().clone();
        server.kill_and_restart();
        let (_, after) = Client::in_document(&server, "Ada", demo).await;
        assert_eq!(after.machine.revision(), Revision(acknowledged));
        assert_eq!(after.value(), &before);
    }
}

#[tokio::test]
async fn edits_that_are_on_their_way_when_the_process_is_killed_are_there_once_or_not_at_all() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    for round in 0_u64..5 {
        let op = enter(ours.value(), "growth", Some("fy2025"), &format!("{}%", round + 10));
        ours.edit(&mut ada, op).await;
        // Sooner or later, so that some are stored and some are not.
        tokio::time::sleep(std::time::Duration::from_millis(round * 2)).await;
        server.kill_and_restart();

        ada = Client::as_client(&server, ada.id, "Ada").await;
        for committed in ada.resume(demo, ours.machine.revision()).await {
            ours.machine.receive(&committed).unwrap();
        }
        if let Some(again) = ours.machine.resend() {
            ada.submit(demo, again.sequence.0, again.base, again.op).await;
        }
        ours.follow(&mut ada, Revision(round + 1)).await;
        assert_eq!(ours.machine.revision(), Revision(round + 1), "one revision for each edit");
    }
    let (_, fresh) = Client::in_document(&server, "Grace", demo).await;
    assert_eq!(fresh.value(), ours.value());
}

#[tokio::test]
async fn a_submission_sent_again_is_acknowledged_with_the_same_revision_and_applied_once() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let (mut ada, ours) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, mut theirs) = Client::in_document(&server, "Grace", demo).await;
    let op = enter(ours.value(), "beta", None, "1.7");
    ada.submit(demo, 1, Revision(0), op.clone()).await;
    assert_eq!(ada.ack().await, (Sequence(1), Revision(1)));
    grace.updates().await;
    ada.submit(demo, 1, Revision(0), op.clone()).await;
    assert_eq!(ada.ack().await, (Sequence(1), Revision(1)));
    grace.hears_nothing().await;

    // On a new connection, after others went on, and after a restart.
    server.kill_and_restart();
    grace = Client::as_client(&server, grace.id, "Grace").await;
    let missed = grace.resume(demo, Revision(0)).await;
    missed.iter().for_each(|committed| drop(theirs.machine.receive(committed).unwrap()));
    let other = enter(theirs.value(), "beta", None, "1.8");
    theirs.edit(&mut grace, other).await;
    theirs.follow(&mut grace, Revision(2)).await;

    ada = Client::as_client(&server, ada.id, "Ada").await;
    let opened = ada.open(demo).await;
    assert_eq!(opened.last_sequence, Sequence(1));
    ada.submit(demo, 1, Revision(0), op).await;
    assert_eq!(ada.ack().await, (Sequence(1), Revision(1)));
    grace.hears_nothing().await;
    let (_, fresh) = Client::in_document(&server, "Emmy", demo).await;
    assert_eq!((fresh.machine.revision(), fresh.value()), (Revision(2), theirs.value()));
}

#[tokio::test]
async fn a_client_that_was_away_gets_what_it_missed_once_and_in_order() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let (_, mut away) = Client::in_document(&server, "Grace", demo).await;
    for number in 1..=130_u64 {
        let op = enter(ours.value(), "beta", None, &format!("1.{number:03}"));
        ours.edit(&mut ada, op).await;
        ours.follow(&mut ada, Revision(number)).await;
    }
    // Before the restart the history is in memory; after it only what follows the last snapshot is.
    for restarts in [false, true] {
        if restarts {
            server.kill_and_restart();
        }
        for since in [0, 1, 99, 100, 101, 129, 130] {
            let mut grace = Client::new(&server, "Grace").await;
            let missed = grace.resume(demo, Revision(since)).await;
            let revisions: Vec<_> = missed.iter().map(|committed| committed.revision.0).collect();
            assert_eq!(revisions, (since + 1..=130).collect::<Vec<_>>(), "since {since}");
        }
    }
    let mut grace = Client::new(&server, "Grace").await;
    for committed in grace.resume(demo, Revision(0)).await {
        away.machine.receive(&committed).unwrap();
    }
    assert_eq!(away.value(), ours.value());
}

#[tokio::test]
async fn an_edit_on_a_base_from_before_the_restart_still_fits() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let (_, theirs) = Client::in_document(&server, "Grace", demo).await;
    for number in 1..=120_u64 {
        let op = enter(ours.value(), "beta", None, &format!("1.{number:03}"));
        ours.edit(&mut ada, op).await;
        ours.follow(&mut ada, Revision(number)).await;
    }
    server.kill_and_restart();
    let (mut grace, _) = Client::in_document(&server, "Grace", demo).await;
    let op = enter(theirs.value(), "growth", Some("fy2025"), "9%");
    grace.submit(demo, 1, Revision(3), op).await;
    assert_eq!(grace.ack().await, (Sequence(1), Revision(121)));
    let (_, fresh) = Client::in_document(&server, "Emmy", demo).await;
    assert_eq!(fresh.value()["sections"][0]["items"][0]["values"]["fy2025"], 0.09);
}

#[tokio::test]
async fn two_servers_on_one_database_put_all_edits_in_one_order() {
    let mut first = Server::start();
    let second = Server::start_on(first.database(), &[]);
    let demo = first.demo().await;
    let (mut ada, mut ours) = Client::in_document(&first, "Ada", demo).await;
    let (mut grace, mut theirs) = Client::in_document(&second, "Grace", demo).await;
    for round in 0_u64..6 {
        // Neither server knows what the other has stored since.
        let op = enter(ours.value(), "beta", None, &format!("1.{round}1"));
        ours.edit(&mut ada, op).await;
        ours.follow(&mut ada, Revision(2 * round + 1)).await;
        let op = enter(theirs.value(), "terminal_growth", None, &format!("2.{round}1%"));
        theirs.edit(&mut grace, op).await;
        theirs.follow(&mut grace, Revision(2 * round + 2)).await;
    }
    // The first server hears of the rest with its next edit.
    let op = enter(ours.value(), "growth", Some("fy2025"), "7%");
    ours.edit(&mut ada, op).await;
    ours.follow(&mut ada, Revision(13)).await;
    for server in [&first, &second] {
        let mut fresh = Client::new(server, "Emmy").await;
        let document = fresh.open(demo).await;
        assert!(document.machine.revision() >= Revision(12));
    }
    // Not dropped, since the database lies in its folder.
    first.kill();
    let third = Server::start_on(second.database(), &[]);
    let (_, stored) = Client::in_document(&third, "Emmy", demo).await;
    assert_eq!((stored.machine.revision(), stored.value()), (Revision(13), ours.value()));
}
