//! Somebody else who edits, without a browser: as much of the protocol as that takes.

use coval_shared::protocol::DocumentId;
use coval_tests::http;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, http::HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

use crate::{Failure, Scene};

/// A connection with one document, for edits that no other edit moves.
pub struct Colleague {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    document: DocumentId,
    number: u64,
    revision: u64,
    sequence: u64,
}

impl Colleague {
    /// Signs `person` in and opens the document.
    pub async fn enter(scene: &Scene, person: &str, document: DocumentId) -> Result<Self, Failure> {
        let origin = scene.server.origin();
        let token = http::sign_in(&origin, &coval_tests::server::email(person), coval_tests::server::PASSWORD).await?;
        let url = format!("{origin}/api/socket-ticket");
        let ticket: Value = http::ask(&token, http::Method::POST, &url, &json!({})).await?.json()?;
        let mut request = format!("{}/ws", origin.replacen("http", "ws", 1)).into_client_request()?;
        request.headers_mut().insert("origin", HeaderValue::from_str(&origin)?);
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("coval.v1.json"));
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        let mut colleague = Self { socket, document, number: 0, revision: 0, sequence: 0 };
        colleague.say(&json!({"type": "hello", "client": Uuid::new_v4(), "ticket": ticket["ticket"]})).await?;
        colleague.say(&json!({"type": "document_open", "document": document, "since": null})).await?;
        loop {
            let message = colleague.hear().await?;
            if message["type"] == "document_snapshot" {
                colleague.number = message["number"].as_u64().ok_or("a snapshot without a number")?;
                colleague.revision = message["revision"].as_u64().ok_or("a snapshot without a revision")?;
                return Ok(colleague);
            }
        }
    }

    /// Submits an edit and waits until it is stored.
    pub async fn edit(&mut self, op: &Value) -> Result<(), Failure> {
        self.sequence += 1;
        self.say(&json!(["e", self.number, self.sequence, self.revision, op])).await?;
        loop {
            let message = self.hear().await?;
            if message[0] == "a" && message[2] == self.sequence {
                self.revision = message[3].as_u64().ok_or("an acknowledgement without a revision")?;
                return Ok(());
            }
            if message["type"] == "error" {
                return Err(format!("an edit was refused: {message}").into());
            }
        }
    }

    /// Shows others where one is in a model.
    pub async fn go_to(&mut self, item: &str, period: &str) -> Result<(), Failure> {
        let cursor = json!({"item": item, "period": period});
        self.say(&json!({"type": "cursor_update", "document": self.document, "cursor": cursor})).await
    }

    async fn say(&mut self, message: &Value) -> Result<(), Failure> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    async fn hear(&mut self) -> Result<Value, Failure> {
        loop {
            let frame = self.socket.next().await.ok_or("the server closed the connection")??;
            let Message::Text(text) = frame else { continue };
            let message: Value = serde_json::from_str(&text)?;
            if message[0] == "u" {
                let count = message[3].as_array().map_or(0, Vec::len) as u64;
                self.revision = message[2].as_u64().ok_or("an update without a revision")? + count - 1;
            }
            return Ok(message);
        }
    }
}
