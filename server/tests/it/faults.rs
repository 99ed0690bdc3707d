//! Bad days: what happens to people's work when processes, wires and databases fail.

use std::collections::BTreeMap;
use std::time::Duration;

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::protocol::DocumentId;
use ot_core::{Committed, Revision};
use tokio::time::sleep;

use crate::client::Client;
use crate::crew::{Crew, Work};
use crate::dice::Dice;
use crate::postgres::Postgres;
use crate::server::Server;
use crate::wire::{Faults, Traffic, Wire};

/// How many times a server is killed in an ordinary run; `COVAL_KILLS` asks for more.
const KILLS: u64 = 12;

/// What decides everything that is random here; `COVAL_SEED` asks for another.
///
/// It is printed, and what a test prints is shown when it fails: with that number its faults come again.
pub(crate) fn seed() -> u64 {
    let seed = number("COVAL_SEED").unwrap_or(20_261_122);
    println!("the same faults again: COVAL_SEED={seed}");
    seed
}

pub(crate) fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number")))
}

fn port(address: &str) -> u16 {
    address.rsplit_once(':').unwrap().1.parse().unwrap()
}

/// A wire to the server on which messages go as they are.
async fn wire_to(server: &Server) -> Wire {
    Wire::to(port(server.address()), Traffic::Frames, seed()).await
}

/// The newest revision that is stored.
pub(crate) fn newest(store: &Store, document: DocumentId) -> Revision {
    store.revisions(&[document]).unwrap().first().map(|(_, revision)| *revision).unwrap()
}

/// What everybody was told is stored is stored, once, and as they were told; and all see the same as somebody new.
pub(crate) async fn nothing_is_lost(server: &Server, store: &Store, document: DocumentId, works: &[Work]) {
    let stored: Vec<Committed<_>> =
        store.operations(document, Revision::ZERO, newest(store, document), usize::MAX).unwrap().unwrap();
    let revisions: Vec<u64> = stored.iter().map(|committed| committed.revision.0).collect();
    assert_eq!(revisions, (1..=newest(store, document).0).collect::<Vec<_>>(), "revisions without a gap");
    let mut places = BTreeMap::new();
    for committed in &stored {
        let before = places.insert((committed.client, committed.sequence), committed.revision);
        assert_eq!(before, None, "{:?} of {:?} is stored twice", committed.sequence, committed.client);
    }
    let (_, fresh) = Client::in_document(server, "Emmy", document).await;
    assert_eq!(fresh.machine.revision(), newest(store, document));
    for work in works {
        for (sequence, revision) in &work.acknowledged {
            assert_eq!(places.get(&(work.client, *sequence)), Some(revision), "{sequence:?} was acknowledged");
        }
        assert_eq!(&work.document, fresh.value(), "somebody sees something else");
    }
}

async fn kill_at_random(database: &str, kills: u64) {
    let mut server = Server::start_on(database, &[]);
    let document = server.demo().await;
    let wire = wire_to(&server).await;
    let mut dice = Dice::new(seed());
    let crew = Crew::start(document, &vec![wire.address(); 4], Duration::from_millis(3), seed());
    crew.proceeds_by(10).await;
    for _ in 0..kills {
        // Under load, and once in four times while the clients come back.
        if !dice.once_in(4) {
            crew.proceeds_by(usize::try_from(dice.between(1, 40)).unwrap()).await;
        }
        sleep(Duration::from_millis(dice.between(0, 30))).await;
        server.kill_and_restart();
        wire.lead_to(port(server.address()));
    }
    crew.proceeds_by(10).await;
    let store = Store::open(DatabaseUrl::parse(database)).unwrap();
    let works = crew.settle(|| newest(&store, document)).await;
    nothing_is_lost(&server, &store, document, &works).await;
    let connections = works.iter().map(|work| work.connections).sum::<usize>();
    let acknowledged = works.iter().map(|work| work.acknowledged.len()).sum::<usize>();
    println!("{kills} kills: {acknowledged} edits acknowledged, none lost");
    assert!(connections > works.len(), "nobody was cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_at_any_moment_loses_nothing_acknowledged_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("coval.sqlite").display().to_string();
    kill_at_random(&database, number("COVAL_KILLS").unwrap_or(KILLS)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_at_any_moment_loses_nothing_acknowledged_on_postgres() {
    let postgres = Postgres::shared();
    kill_at_random(&postgres.database(), number("COVAL_KILLS").unwrap_or(KILLS)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_lost_doubled_swapped_and_late_do_not_keep_people_from_agreeing() {
    let server = Server::start();
    let document = server.demo().await;
    let wire = wire_to(&server).await;
    wire.harm(Faults { lost: 25, doubled: 12, swapped: 15, delayed: 4 });
    let crew = Crew::start(document, &vec![wire.address(); 4], Duration::from_millis(10), seed());
    crew.proceeds_by(150).await;
    wire.harm(Faults::default());
    wire.shake();
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    let works = crew.settle(|| newest(&store, document)).await;
    nothing_is_lost(&server, &store, document, &works).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_cut_off_costs_time_and_no_work() {
    let postgres = Postgres::shared();
    let url = postgres.database();
    let (head, name) = url.rsplit_once('/').unwrap();
    let wire = Wire::to(port(head), Traffic::Bytes, seed()).await;
    let server = Server::start_on(&format!("postgres://coval@{}/{name}", wire.address()), &[]);
    let document = server.demo().await;
    let crew = Crew::start(document, &vec![server.address().to_owned(); 3], Duration::from_millis(5), seed());
    crew.proceeds_by(30).await;
    // For so short that only some notice, and then for longer than anybody waits for a database.
    wire.cut();
    sleep(Duration::from_millis(50)).await;
    wire.heal();
    crew.proceeds_by(30).await;
    let ada = server.signed_in("Ada").await;
    wire.cut();
    assert_eq!(crate::http::get(server.address(), "/health").await.status, 200);
    for path in ["/ready", "/api/documents"] {
        assert_eq!(ada.get(path).await.status, 503, "{path}");
    }
    let before = crew.acknowledged();
    sleep(Duration::from_millis(200)).await;
    assert_eq!(crew.acknowledged(), before, "something was acknowledged without a database");
    wire.heal();
    crew.proceeds_by(30).await;
    let store = Store::open(DatabaseUrl::parse(&url)).unwrap();
    let works = crew.settle(|| newest(&store, document)).await;
    nothing_is_lost(&server, &store, document, &works).await;
}
