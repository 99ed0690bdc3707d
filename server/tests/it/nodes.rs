//! Several servers on one PostgreSQL and one Redis.

use std::sync::Arc;
use std::time::{Duration, Instant};

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::protocol::{CalculationEnd, DocumentId, ServerMessage};
use ot_core::{Revision, Sequence};
use serde_json::json;
use tokio::time::sleep;

use crate::client::{Client, enter};
use crate::crew::Crew;
use crate::dice::Dice;
use crate::faults::{newest, nothing_is_lost, seed};
use crate::postgres::Postgres;
use crate::redis::Redis;
use crate::server::Server;
use crate::wire::{Faults, Traffic, Wire};

/// How long news of another node may take while Redis is there, beside the time that a busy machine needs.
const SOON: Duration = Duration::from_secs(2);

/// How long a calculation may wait for its turn on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long news may take without Redis.
const LATER: Duration = Duration::from_secs(15);

/// Nodes on one database.
struct Cluster {
    nodes: Vec<Server>,
    redis: Redis,
    /// Between the nodes and Redis.
    wire: Wire,
    database: String,
    store: Store,
    document: DocumentId,
    _postgres: Arc<Postgres>,
}

impl Cluster {
    async fn of(count: usize) -> Self {
        let (postgres, redis) = (Postgres::shared(), Redis::start());
        let database = postgres.database();
        let wire = Wire::to(redis.port(), Traffic::Published, seed()).await;
        let mut nodes = Vec::new();
        for number in 0..count {
            nodes.push(start(&database, &wire, number));
        }
        let document = nodes[0].demo().await;
        let store = Store::open(DatabaseUrl::parse(&database)).unwrap();
        Self { nodes, redis, wire, database, store, document, _postgres: postgres }
    }

    fn addresses(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.address().to_owned()).collect()
    }

    async fn settle(&self, crew: Crew) {
        let works = crew.settle(|| newest(&self.store, self.document)).await;
        for node in &self.nodes {
            nothing_is_lost(node, &self.store, self.document, &works).await;
        }
    }
}

fn start(database: &str, wire: &Wire, number: usize) -> Server {
    let (redis, name) = (format!("redis://{}", wire.address()), format!("node{number}"));
    Server::start_on(database, &["--redis-url", &redis, "--node", &name])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_edited_on_any_node_reaches_everybody_on_every_node() {
    let cluster = Cluster::of(3).await;
    let document = cluster.document;
    let (mut ada, mut ours) = Client::in_document(&cluster.nodes[0], "Ada", document).await;
    let (mut grace, mut theirs) = Client::in_document(&cluster.nodes[1], "Grace", document).await;
    // Both listen, and nobody but Ada edits.
    for number in 1..=5_u64 {
        let op = enter(ours.value(), "beta", None, &format!("1.{number}1"));
        ours.edit(&mut ada, op).await;
        ours.follow(&mut ada, Revision(number)).await;
        let begun = Instant::now();
        theirs.follow(&mut grace, Revision(number)).await;
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        assert_eq!(theirs.value(), ours.value());
    }
    let crew =
        Crew::start(document, &[cluster.addresses(), cluster.addresses()].concat(), Duration::from_millis(8), seed());
    crew.proceeds_by(150).await;
    cluster.settle(crew).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_on_other_nodes_are_seen_until_they_leave_or_their_node_is_gone() {
    let mut cluster = Cluster::of(2).await;
    let document = cluster.document;
    let (mut ada, _ours) = Client::in_document(&cluster.nodes[0], "Ada", document).await;
    let (grace, _theirs) = Client::in_document(&cluster.nodes[1], "Grace", document).await;
    let names = async |client: &mut Client| -> Vec<String> {
        client.next_people().await.into_iter().map(|person| person.name).collect()
    };
    while names(&mut ada).await != ["Grace"] {}
    // Who comes later sees who is there.
    let (mut vera, _) = Client::in_document(&cluster.nodes[1], "Vera", document).await;
    loop {
        let mut seen = names(&mut vera).await;
        seen.sort();
        if seen == ["Ada", "Grace"] {
            break;
        }
    }
    while names(&mut ada).await.len() != 2 {}
    drop(grace);
    while names(&mut ada).await != ["Vera"] {}
    cluster.nodes[1].kill();
    while !names(&mut ada).await.is_empty() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_that_is_sent_again_to_another_node_counts_once() {
    let cluster = Cluster::of(2).await;
    let document = cluster.document;
    let (mut ada, ours) = Client::in_document(&cluster.nodes[0], "Ada", document).await;
    let op = enter(ours.value(), "beta", None, "1.7");
    ada.submit(document, 1, Revision(0), op.clone()).await;
    assert_eq!(ada.ack().await, (Sequence(1), Revision(1)));
    // Its acknowledgement was lost, and so was the node.
    let mut again = Client::as_client(&cluster.nodes[1], ada.id, "Ada").await;
    let opened = again.open(document).await;
    assert_eq!((opened.last_sequence, opened.machine.revision()), (Sequence(1), Revision(1)));
    again.submit(document, 1, Revision(0), op.clone()).await;
    assert_eq!(again.ack().await, (Sequence(1), Revision(1)));
    // To a node that had the document in memory before the submission was stored.
    let (mut grace, theirs) = Client::in_document(&cluster.nodes[1], "Grace", document).await;
    let op = enter(theirs.value(), "beta", None, "1.8");
    grace.submit(document, 1, Revision(1), op.clone()).await;
    assert_eq!(grace.ack().await, (Sequence(1), Revision(2)));
    let mut elsewhere = Client::as_client(&cluster.nodes[0], grace.id, "Grace").await;
    elsewhere.open(document).await;
    elsewhere.submit(document, 1, Revision(1), op).await;
    assert_eq!(elsewhere.ack().await, (Sequence(1), Revision(2)));
    assert_eq!(newest(&cluster.store, document), Revision(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_may_die_at_any_moment() {
    let mut cluster = Cluster::of(3).await;
    let mut dice = Dice::new(seed());
    let mut wires = Vec::new();
    for node in &cluster.nodes {
        let port = node.address().rsplit_once(':').unwrap().1.parse().unwrap();
        wires.push(Wire::to(port, Traffic::Frames, seed()).await);
    }
    let addresses: Vec<String> = wires.iter().map(Wire::address).collect();
    let crew =
        Crew::start(cluster.document, &[addresses.clone(), addresses].concat(), Duration::from_millis(8), seed());
    crew.proceeds_by(20).await;
    for _ in 0..6 {
        let number = usize::try_from(dice.between(0, 3)).unwrap();
        sleep(Duration::from_millis(dice.between(20, 300))).await;
        cluster.nodes[number].kill();
        // Its people go on at another node, and some come back to it later.
        let other = &cluster.nodes[(number + 1) % 3];
        wires[number].lead_to(other.address().rsplit_once(':').unwrap().1.parse().unwrap());
        crew.proceeds_by(10).await;
        cluster.nodes[number] = start(&cluster.database, &cluster.wire, number);
        wires[number].lead_to(cluster.nodes[number].address().rsplit_once(':').unwrap().1.parse().unwrap());
    }
    cluster.settle(crew).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_news_comes_later_and_nothing_is_lost() {
    let mut cluster = Cluster::of(2).await;
    let document = cluster.document;
    let (mut ada, mut ours) = Client::in_document(&cluster.nodes[0], "Ada", document).await;
    let (mut grace, mut theirs) = Client::in_document(&cluster.nodes[1], "Grace", document).await;
    cluster.redis.kill();
    let op = enter(ours.value(), "beta", None, "1.7");
    let begun = Instant::now();
    ours.edit(&mut ada, op).await;
    ours.follow(&mut ada, Revision(1)).await;
    assert!(begun.elapsed() < SOON, "an edit waited for Redis");
    theirs.follow(&mut grace, Revision(1)).await;
    assert!(begun.elapsed() < LATER, "{:?}", begun.elapsed());

    let crew =
        Crew::start(document, &[cluster.addresses(), cluster.addresses()].concat(), Duration::from_millis(8), seed());
    crew.proceeds_by(50).await;
    cluster.redis.resume();
    crew.proceeds_by(50).await;
    cluster.redis.kill();
    crew.proceeds_by(50).await;
    cluster.redis.resume();
    cluster.settle(crew).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_that_are_lost_are_made_up_for_from_the_table() {
    let cluster = Cluster::of(2).await;
    let document = cluster.document;
    let (mut ada, mut ours) = Client::in_document(&cluster.nodes[0], "Ada", document).await;
    let (mut grace, mut theirs) = Client::in_document(&cluster.nodes[1], "Grace", document).await;
    // Every one.
    cluster.wire.harm(Faults { lost: 1, ..Faults::default() });
    let op = enter(ours.value(), "beta", None, "1.7");
    ours.edit(&mut ada, op).await;
    let begun = Instant::now();
    theirs.follow(&mut grace, Revision(1)).await;
    assert!(begun.elapsed() < LATER, "{:?}", begun.elapsed());
    // Some, and others twice, late, and in another order.
    cluster.wire.harm(Faults { lost: 2, doubled: 3, swapped: 3, delayed: 3 });
    let crew =
        Crew::start(document, &[cluster.addresses(), cluster.addresses()].concat(), Duration::from_millis(8), seed());
    crew.proceeds_by(150).await;
    cluster.settle(crew).await;
}

/// How much time of processors a process has used, in seconds.
fn processor_seconds(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = status.rsplit_once(')').unwrap().1.split_whitespace().collect();
    // In hundredths; the first field behind the name is the third of all.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_is_stopped_from_any_node() {
    let cluster = Cluster::of(2).await;
    let (here, there) = (&cluster.nodes[0], &cluster.nodes[1]);
    let ada = here.signed_in("Ada").await;
    let elsewhere = ada.at(there.address());
    let mut client = Client::of(here, &ada).await;
    let long = json!({"kind": "monte_carlo", "parameters": {"outputs": ["value_per_share"], "trials": 2_000_000}});
    // The second time nobody tells the node, which finds out by itself.
    for (faults, patience) in [(Faults::default(), SOON), (Faults { lost: 1, ..Faults::default() }, LATER)] {
        let started = ada.post(&format!("/api/document/{}/calculations", cluster.document), &long).await;
        assert_eq!(started.status, 202, "{}", started.text());
        let id = started.json()["id"].as_str().unwrap().to_owned();
        let way = format!("/api/calculation/{id}");
        let begun = Instant::now();
        while ada.get(&way).await.json()["progress"] == 0.0 {
            assert!(begun.elapsed() < PATIENCE, "it does not begin");
            sleep(Duration::from_millis(20)).await;
        }
        cluster.wire.harm(faults);
        assert_eq!(elsewhere.delete(&way).await.status, 204);
        let cancelled = Instant::now();
        assert_eq!(ada.get(&way).await.json()["state"], "cancelled");
        // It is not only called so: the node has nothing to do any more.
        loop {
            let before = processor_seconds(here.process());
            sleep(Duration::from_millis(500)).await;
            let used = processor_seconds(here.process()) - before;
            if used < 0.15 {
                break;
            }
            assert!(cancelled.elapsed() < patience + Duration::from_secs(1), "it goes on: {used} s of 0.5 s");
        }
        if faults.lost == 0 {
            while !matches!(client.next().await, ServerMessage::CalculationFinished { calculation, end: CalculationEnd::Cancelled, .. } if calculation.to_string() == id)
            {
            }
        }
    }
}
