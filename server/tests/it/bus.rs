//! Hints between nodes, over a real Redis server.

use std::time::{Duration, Instant};

use coval_server::bus::{Bus, BusSettings, Hint};
use coval_shared::protocol::DocumentId;
use ot_core::Revision;
use tokio::runtime::Handle;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;
use uuid::Uuid;

use crate::redis::Redis;

const PATIENCE: Duration = Duration::from_secs(20);

/// How long one listens before one is sure that nothing comes.
const QUIET: Duration = Duration::from_millis(300);

fn bus(redis: &Redis, prefix: &str, node: &str) -> Bus {
    let settings = BusSettings { url: redis.url(), prefix: prefix.to_owned(), node: node.to_owned() };
    Bus::connect(&settings, &Handle::current()).unwrap()
}

/// The same once it listens.
async fn connected(redis: &Redis, prefix: &str, node: &str) -> Bus {
    let bus = bus(redis, prefix, node);
    until(&bus, true).await;
    bus
}

async fn until(bus: &Bus, is_connected: bool) {
    let begun = Instant::now();
    while bus.counts().is_connected != is_connected {
        assert!(begun.elapsed() < PATIENCE, "the bus does not notice");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn hint(revision: u64) -> Hint {
    Hint::Revision { document: DocumentId(Uuid::from_u128(7)), revision: Revision(revision) }
}

async fn next(heard: &mut Receiver<Hint>) -> Hint {
    timeout(PATIENCE, heard.recv()).await.expect("no hint comes").unwrap()
}

/// The next hint that was sent.
async fn next_sent(heard: &mut Receiver<Hint>) -> Hint {
    loop {
        match next(heard).await {
            Hint::Lost => {}
            hint => return hint,
        }
    }
}

#[tokio::test]
async fn a_hint_reaches_every_other_node_of_the_installation_and_nobody_else() {
    let redis = Redis::start();
    let one = connected(&redis, "a", "one").await;
    let (two, three) = (connected(&redis, "a", "two").await, connected(&redis, "a", "three").await);
    let foreign = connected(&redis, "b", "one").await;
    let mut all = [&one, &two, &three, &foreign].map(Bus::subscribe);
    one.publish(&hint(1));
    one.publish(&Hint::Rights);
    let [own, two, three, foreign] = &mut all;
    for other in [two, three] {
        assert_eq!(next(other).await, hint(1));
        assert_eq!(next(other).await, Hint::Rights);
    }
    for deaf in [own, foreign] {
        assert!(timeout(QUIET, deaf.recv()).await.is_err());
    }
}

#[tokio::test]
async fn redis_may_come_late_and_go_and_come_back_and_nobody_waits_for_it() {
    let mut redis = Redis::start();
    redis.kill();
    let (one, two) = (bus(&redis, "a", "one"), bus(&redis, "a", "two"));
    let mut heard = two.subscribe();
    let begun = Instant::now();
    for revision in 0..10_000 {
        one.publish(&hint(revision));
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "somebody waited for Redis");
    assert!(one.counts().dropped > 0, "what waits for Redis has no bound");

    for round in 0..2 {
        redis.resume();
        until(&two, true).await;
        assert_eq!(next(&mut heard).await, Hint::Lost, "whoever was away knows that something may be missing");
        until(&one, true).await;
        // The one who speaks may take a moment longer.
        let sent = 20_000 + round;
        let begun = Instant::now();
        loop {
            one.publish(&hint(sent));
            if timeout(QUIET, next_sent(&mut heard)).await.is_ok_and(|heard| heard == hint(sent)) {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "hints do not come back");
        }
        redis.kill();
        until(&two, false).await;
        while heard.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn of_hints_that_wait_together_the_newest_of_each_kind_is_sent() {
    let mut redis = Redis::start();
    redis.kill();
    let one = bus(&redis, "a", "one");
    for revision in 1..=100 {
        one.publish(&hint(revision));
    }
    redis.resume();
    let two = connected(&redis, "a", "two").await;
    let mut heard = two.subscribe();
    let begun = Instant::now();
    while one.counts().sent == 0 {
        assert!(begun.elapsed() < PATIENCE, "nothing is sent");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    one.publish(&hint(101));
    while next_sent(&mut heard).await != hint(101) {}
    assert!(one.counts().sent < 10, "{:?}", one.counts());
}

#[tokio::test]
async fn an_url_that_is_none_is_refused_without_being_repeated() {
    let settings = BusSettings { url: "redis//very-secret".to_owned(), prefix: "a".to_owned(), node: "one".to_owned() };
    let error = Bus::connect(&settings, &Handle::current()).unwrap_err().to_string();
    assert!(error.contains("redis://") && !error.contains("very-secret"), "{error}");
}
