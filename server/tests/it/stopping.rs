//! A server that is asked to stop: what is done then, and what the next one finds.

use std::time::{Duration, Instant};

use coval_server::store::{DatabaseUrl, NOBODY, Store};
use coval_shared::protocol::JobId;
use coval_shared::rest::CalculationState;
use serde_json::json;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::client::Client;
use crate::crew::Crew;
use crate::faults::{newest, nothing_is_lost, seed};
use crate::server::{PATIENCE, Server};
use crate::signed_in::SignedIn;
use crate::wire::{Traffic, Wire};

/// How long a server may take to stop, whatever it is doing.
const DEADLINE: Duration = Duration::from_secs(10);

async fn runs(who: &SignedIn, calculation: &str) {
    let begun = Instant::now();
    while who.get(calculation).await.json()["progress"] == 0.0 {
        assert!(begun.elapsed() < PATIENCE, "it does not run");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_calculation_that_runs_when_the_server_stops_runs_again_on_the_next_one() {
    let mut server = Server::start();
    let demo = server.demo().await;
    let ada = server.signed_in("Ada").await;
    let mut client = Client::of(&server, &ada).await;
    let long = json!({"kind": "monte_carlo", "parameters": {"outputs": ["value_per_share"], "trials": 2_000_000}});
    let started = ada.post(&format!("/api/document/{demo}/calculations"), &long).await.json();
    let way = format!("/api/calculation/{}", started["id"].as_str().unwrap());
    runs(&ada, &way).await;

    let begun = Instant::now();
    server.terminate();
    assert_eq!(client.closed().await.unwrap().code, CloseCode::Away);
    assert!(server.wait().success());
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    let id: JobId = serde_json::from_value(started["id"].clone()).unwrap();
    let left = store.calculation(id).unwrap();
    assert_eq!((left.state, left.progress, left.attempts), (CalculationState::Waiting, 0, 0), "a stop is no failure");
    let unfinished = store.unfinished_calculations().unwrap();
    assert_eq!(unfinished.iter().map(|left| left.node.as_str()).collect::<Vec<_>>(), [NOBODY]);

    server.kill_and_restart();
    let ada = server.signed_in("Ada").await;
    runs(&ada, &way).await;
    assert_eq!(ada.delete(&way).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_when_the_server_stops_is_stored_or_sent_again() {
    let mut server = Server::start();
    let document = server.demo().await;
    let port = |address: &str| address.rsplit_once(':').unwrap().1.parse().unwrap();
    let wire = Wire::to(port(server.address()), Traffic::Bytes, seed()).await;
    let crew = Crew::start(document, &vec![wire.address(); 4], Duration::from_millis(2), seed());
    for _ in 0..3 {
        crew.proceeds_by(30).await;
        let begun = Instant::now();
        server.terminate();
        assert!(server.wait().success());
        assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
        server.kill_and_restart();
        wire.lead_to(port(server.address()));
    }
    crew.proceeds_by(30).await;
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    let works = crew.settle(|| newest(&store, document)).await;
    nothing_is_lost(&server, &store, document, &works).await;
}
