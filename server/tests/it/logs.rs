//! What operators find in the log.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;
use uuid::Uuid;

use crate::client::Client;
use crate::server::{PATIENCE, Server};

#[tokio::test]
async fn a_line_of_a_socket_says_which_connection_of_whom_on_which_node() {
    let folder = tempfile::tempdir().unwrap();
    let (database, log) = (folder.path().join("coval.sqlite"), folder.path().join("log"));
    let arguments = ["--log", "coval_server=debug", "--log-format", "json"];
    let errors = Stdio::from(File::create(&log).unwrap());
    let server = Server::start_logging(database.to_str().unwrap(), &arguments, errors);
    let ada = server.signed_in("Ada").await;
    let (mut first, mut second) = (Client::of(&server, &ada).await, Client::of(&server, &ada).await);
    for client in [&mut first, &mut second] {
        client.send_text("nonsense".to_owned()).await;
        client.error().await;
    }
    let begun = Instant::now();
    let spans = loop {
        let text = std::fs::read_to_string(&log).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let refused = lines.filter(|line| line["message"] == "a message was refused");
        let spans: Vec<Value> = refused.map(|line| line["span"].clone()).collect();
        if spans.len() == 2 {
            break spans;
        }
        assert!(begun.elapsed() < PATIENCE, "{text}");
        sleep(Duration::from_millis(20)).await;
    };
    for span in &spans {
        assert_eq!((span["name"].as_str(), span["node"].as_str()), (Some("socket"), Some("local")), "{span}");
        assert_eq!(span["user"], ada.user.0.to_string());
        assert!(Uuid::parse_str(span["request"].as_str().unwrap()).is_ok());
    }
    assert!(spans[0]["connection"].is_u64() && spans[0]["connection"] != spans[1]["connection"], "{spans:?}");
    assert_ne!(spans[0]["request"], spans[1]["request"]);
}
