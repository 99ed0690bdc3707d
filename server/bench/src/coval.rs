//! Coval as a process, and people who are signed in to it.

use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use serde_json::{Value, json};
use ureq::Agent;
use uuid::Uuid;

use crate::book::Book;
use crate::client::{Client, Failure, client_id};
use crate::message::{Form, Named, Reader, Said};
use crate::process::Process;
use crate::socket::Socket;

const PASSWORD: &str = "correct horse battery staple";

/// A server with the demo's people, one of whom the load is.
pub struct Coval {
    /// Its process.
    pub process: Process,
    /// What asks it over HTTP.
    pub account: Account,
    reader: Rc<Reader>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Account {
    agent: Agent,
    address: String,
    token: String,
    workspace: String,
}

impl Coval {
    /// Starts `program` on a database.
    pub fn start(program: &Path, database: &str, form: Form) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("COVAL_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--demo", "--demo-password", PASSWORD, "--port", "0", "--log", "error"]);
        // What is measured is the server, not its patience with one address.
        command.args(["--limit-requests=0", "--limit-expensive=0", "--limit-sign-ins=0", "--limit-messages=0"]);
        let process = Process::start(command.args(["--database-url", database]))?;
        let account = Account::sign_in(process.address())?;
        Ok(Self { process, account, reader: Rc::new(Reader::new(form)) })
    }

    /// A socket that has said hello.
    pub async fn socket(&self, number: usize, ticket: &str) -> Result<Socket, Failure> {
        let mut socket = Socket::open(self.process.address(), "/ws", Some(self.reader.form.subprotocol())).await?;
        socket.say(&self.reader, &Named::Hello { client: client_id(number).0, ticket }.into()).await?;
        match &*self.reader.read(socket.next().await?)? {
            Said::Welcome => Ok(socket),
            other => Err(format!("no welcome but {other:?}").into()),
        }
    }

    /// A client with this number in a memo.
    pub async fn client(&self, number: usize, memo: Uuid, is_writer: bool, book: &Rc<Book>) -> Result<Client, Failure> {
        let ticket = self.account.ticket()?;
        self.client_with(&ticket, number, memo, is_writer, book).await
    }

    /// The same with a ticket that was fetched before.
    pub async fn client_with(
        &self,
        ticket: &str,
        number: usize,
        memo: Uuid,
        is_writer: bool,
        book: &Rc<Book>,
    ) -> Result<Client, Failure> {
        let socket = self.socket(number, ticket).await?;
        self.enter(socket, number, memo, is_writer, book).await
    }

    /// The client on a socket that has said hello.
    pub async fn enter(
        &self,
        socket: Socket,
        number: usize,
        memo: Uuid,
        is_writer: bool,
        book: &Rc<Book>,
    ) -> Result<Client, Failure> {
        Client::enter(socket, number, memo, is_writer, Rc::clone(book), Rc::clone(&self.reader)).await
    }
}

impl Account {
    fn sign_in(address: &str) -> Result<Self, Failure> {
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        let body = json!({ "email": "ada@example.com", "password": PASSWORD });
        let mut account = Self { agent, address: address.to_owned(), token: String::new(), workspace: String::new() };
        account.token = text(&account.post("/api/sign-in", &body)?, "/token")?;
        account.workspace = text(&account.get("/api/workspaces")?, "/items/0/id")?;
        Ok(account)
    }

    /// What a GET of this path answers.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        let request = self.agent.get(format!("http://{}{path}", self.address));
        let mut answer = request.header("Authorization", format!("Bearer {}", self.token)).call()?;
        let body = answer.body_mut().with_config().limit(64 << 20).read_to_string()?;
        if !answer.status().is_success() {
            return Err(format!("GET {path}: {} {body}", answer.status()).into());
        }
        Ok(serde_json::from_str(&body)?)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.agent.post(format!("http://{}{path}", self.address));
        let mut answer = request.header("Authorization", format!("Bearer {}", self.token)).send_json(body)?;
        let said = answer.body_mut().read_to_string()?;
        if !answer.status().is_success() {
            return Err(format!("POST {path}: {} {said}", answer.status()).into());
        }
        Ok(serde_json::from_str(&said)?)
    }

    /// A ticket for one socket.
    pub fn ticket(&self) -> Result<String, Failure> {
        text(&self.post("/api/socket-ticket", &json!({}))?, "/ticket")
    }

    /// A new memo.
    pub fn memo(&self, title: &str, body: &str) -> Result<Uuid, Failure> {
        let path = format!("/api/workspace/{}/documents", self.workspace);
        let made = self.post(&path, &json!({ "title": title, "body": body }))?;
        Ok(text(&made, "/id")?.parse()?)
    }
}

fn text(answer: &Value, at: &str) -> Result<String, Failure> {
    let found = answer.pointer(at).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("{at} is not in the answer {answer}"))?.to_owned())
}
