//! Coval as a process, and people who are signed in to it.

use std::io;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use serde_json::Value;

use crate::book::Book;
use crate::client::{Client, Failure, Place, Reader, Said, client_id};
use crate::process::Process;
use crate::socket::Socket;

const SUBPROTOCOL: &str = "coval.v1.json";

/// A server with the demo's people.
pub struct Coval {
    /// Its process.
    pub process: Process,
    reader: Rc<Reader>,
}

impl Coval {
    /// Starts `program` on a database.
    pub fn start(program: &Path, database: &str) -> io::Result<Self> {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("COVAL_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--demo", "--port", "0", "--log", "error", "--database-url", database]);
        Ok(Self { process: Process::start(&mut command)?, reader: Rc::default() })
    }

    /// A text to write in.
    pub async fn memo(&self, text: &str) -> Result<Place, Failure> {
        let list: Value = self.get("/api/documents")?;
        let document = list["documents"][0]["id"].as_str().ok_or("there is no document")?.to_owned();
        let mut socket = self.socket(60_000).await?;
        socket.send(&format!(r#"{{"type":"document_open","document":"{document}","since":null}}"#)).await?;
        socket.next().await?;
        let text = serde_json::to_string(&text.chars().take(65_000).collect::<String>())?;
        socket
            .send(&format!(
                r#"{{"type":"document_edit","document":"{document}","sequence":1,"base":0,"op":["about",{{"i":{text}}}]}}"#
            ))
            .await?;
        loop {
            if let Said::Acknowledged { .. } = &*self.reader.read(socket.next().await?)? {
                return Ok(Place { document, way: "\"about\"," });
            }
        }
    }

    /// What a GET of this path answers.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        let url = format!("http://{}{path}", self.process.address());
        Ok(ureq::get(&url).call()?.body_mut().read_json()?)
    }

    /// A socket that has said hello.
    pub async fn socket(&self, number: usize) -> Result<Socket, Failure> {
        let mut socket = Socket::open(self.process.address(), "/ws", Some(SUBPROTOCOL)).await?;
        let hello = format!(r#"{{"type":"hello","client":"{}","name":"Load"}}"#, client_id(number));
        socket.send(&hello).await?;
        match &*self.reader.read(socket.next().await?)? {
            Said::Welcome => Ok(socket),
            other => Err(format!("no welcome but {other:?}").into()),
        }
    }

    /// A client with this number in a document.
    pub async fn client(
        &self,
        number: usize,
        place: &Place,
        is_writer: bool,
        book: &Rc<Book>,
    ) -> Result<Client, Failure> {
        let socket = self.socket(number).await?;
        Client::enter(socket, number, place.clone(), is_writer, Rc::clone(book), Rc::clone(&self.reader)).await
    }
}
