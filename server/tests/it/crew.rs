//! People who go on editing whatever happens to the wire and to the servers.

use std::time::{Duration, Instant};

use coval_shared::model::{CellRef, ItemId, PeriodId, edit};
use coval_shared::protocol::{ClientMessage, DocumentId, ErrorCode, Glossary, SUBPROTOCOL, ServerMessage};
use coval_shared::secret::Secret;
use futures_util::{SinkExt, StreamExt};
use ot_core::client::Received;
use ot_core::json::{Json, JsonOp};
use ot_core::{ClientId, Committed, Revision, Sequence, Submission};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::client::{Socket, connect};
use crate::dice::Dice;
use crate::http;
use crate::server::DEMO_PASSWORD;

/// How long somebody waits for an answer before they connect again.
const SUSPICION: Duration = Duration::from_millis(1500);

/// How long everybody may take to agree once all is well.
pub(crate) const RECOVERY: Duration = Duration::from_secs(60);

/// What the crew is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Keep editing.
    Edit,
    /// Make no more edits, and stay.
    Rest,
    /// Leave.
    Leave,
}

/// One person's work, when it is over.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) client: ClientId,
    /// What they were told is stored.
    pub(crate) acknowledged: Vec<(Sequence, Revision)>,
    pub(crate) document: Value,
    /// How often they had to connect.
    pub(crate) connections: usize,
}

/// People at work on one document.
pub(crate) struct Crew {
    order: watch::Sender<Order>,
    people: Vec<JoinHandle<Work>>,
    states: Vec<watch::Receiver<State>>,
}

/// How far somebody is.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    acknowledged: usize,
    revision: Revision,
    is_synchronized: bool,
}

impl Crew {
    /// Somebody for each of `addresses`, who edits about every `pace`.
    pub(crate) fn start(document: DocumentId, addresses: &[String], pace: Duration, seed: u64) -> Self {
        let (order, orders) = watch::channel(Order::Edit);
        let (mut people, mut states) = (Vec::new(), Vec::new());
        for (address, number) in addresses.iter().zip(1..) {
            let (state, watched) = watch::channel(State::default());
            let person = Person {
                client: ClientId(Uuid::now_v7()),
                document,
                address: address.clone(),
                pace,
                dice: Dice::new(seed).other(number),
                number,
                bearer: None,
                machine: None,
                orders: orders.clone(),
                state,
                work: Vec::new(),
                connections: 0,
            };
            people.push(tokio::spawn(person.run()));
            states.push(watched);
        }
        Self { order, people, states }
    }

    /// How many edits were acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.states.iter().map(|state| state.borrow().acknowledged).sum()
    }

    /// Waits until so many more edits are acknowledged.
    pub(crate) async fn proceeds_by(&self, edits: usize) {
        let (begun, goal) = (Instant::now(), self.acknowledged() + edits);
        while self.acknowledged() < goal {
            assert!(begun.elapsed() < RECOVERY, "only {} of {goal} edits are acknowledged", self.acknowledged());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Lets everybody finish, and waits until all have the newest revision. Returns what each did.
    pub(crate) async fn settle(self, newest: impl Fn() -> Revision) -> Vec<Work> {
        self.order.send_replace(Order::Rest);
        let begun = Instant::now();
        loop {
            let states: Vec<State> = self.states.iter().map(|state| *state.borrow()).collect();
            if states.iter().all(|state| state.is_synchronized) {
                let newest = newest();
                if states.iter().all(|state| state.revision == newest) {
                    break;
                }
            }
            assert!(begun.elapsed() < RECOVERY, "the crew does not agree: {states:?}, stored {}", newest());
            sleep(Duration::from_millis(50)).await;
        }
        self.order.send_replace(Order::Leave);
        let mut works = Vec::new();
        for person in self.people {
            works.push(person.await.unwrap());
        }
        works
    }
}

struct Person {
    client: ClientId,
    document: DocumentId,
    address: String,
    pace: Duration,
    dice: Dice,
    number: u64,
    /// The header `Authorization`, once they have signed in.
    bearer: Option<String>,
    machine: Option<ot_core::Client<Json>>,
    orders: watch::Receiver<Order>,
    state: watch::Sender<State>,
    work: Vec<(Sequence, Revision)>,
    connections: usize,
}

/// The connection is of no use any more.
struct Broken;

impl Person {
    async fn run(mut self) -> Work {
        while !self.is_done() {
            if self.converse().await.is_err() {
                let pause = self.dice.between(5, 60);
                sleep(Duration::from_millis(pause)).await;
            }
        }
        let machine = self.machine.unwrap();
        Work {
            client: self.client,
            acknowledged: self.work,
            document: machine.document().clone(),
            connections: self.connections,
        }
    }

    fn is_done(&self) -> bool {
        *self.orders.borrow() == Order::Leave
    }

    fn show(&self) {
        let machine = self.machine.as_ref();
        self.state.send_replace(State {
            acknowledged: self.work.len(),
            revision: machine.map(ot_core::Client::revision).unwrap_or_default(),
            is_synchronized: machine.is_some_and(ot_core::Client::is_synchronized),
        });
    }

    /// Works on one connection until the work is done or the connection broken.
    async fn converse(&mut self) -> Result<(), Broken> {
        self.connections += 1;
        let origin = format!("http://{}", self.address);
        let connecting = connect(&self.address, Some(&origin), Some(SUBPROTOCOL));
        let mut socket = timeout(SUSPICION, connecting).await.map_err(|_| Broken)?.map_err(|_| Broken)?;
        let hello = self.hello().await?;
        send(&mut socket, &hello).await?;
        let since = self.machine.as_ref().map(ot_core::Client::revision);
        let (mut is_open, mut glossary) = (false, Glossary::default());
        let mut heard = Instant::now();
        let mut edits = tokio::time::interval(self.pace);
        edits.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.is_done() {
            self.show();
            tokio::select! {
                message = socket.next() => {
                    let text = match message {
                        Some(Ok(Message::Text(text))) => text,
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Broken),
                        Some(Ok(_)) => continue,
                    };
                    let said = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                    // What was told of a number may have been lost.
                    let message = glossary.take(said).map_err(|_| Broken)?;
                    heard = Instant::now();
                    if matches!(message, ServerMessage::Welcome { .. }) {
                        send(&mut socket, &ClientMessage::DocumentOpen { document: self.document, since }).await?;
                    }
                    for submission in self.take(message, &mut is_open)? {
                        self.submit(&mut socket, submission).await?;
                    }
                }
                _ = edits.tick() => {
                    if is_open && *self.orders.borrow() == Order::Edit
                        && let Some(submission) = self.edit()
                    {
                        self.submit(&mut socket, submission).await?;
                    }
                    // Something was lost: the answer to an edit, or the edit.
                    let is_waiting = !is_open || self.machine.as_ref().is_some_and(|machine| !machine.is_synchronized());
                    if is_waiting && heard.elapsed() > SUSPICION {
                        return Err(Broken);
                    }
                }
            }
        }
        let _ = timeout(SUSPICION, socket.close(None)).await;
        Ok(())
    }

    /// Who it is, by a new ticket: half of the crew are Ada, the others Grace.
    async fn hello(&mut self) -> Result<ClientMessage, Broken> {
        let bearer = match &self.bearer {
            Some(bearer) => bearer.clone(),
            None => {
                let email = if self.number.is_multiple_of(2) { "grace@example.com" } else { "ada@example.com" };
                let answer = self.ask("/api/sign-in", &[], &json!({"email": email, "password": DEMO_PASSWORD})).await?;
                format!("Bearer {}", answer["token"].as_str().unwrap())
            }
        };
        self.bearer = Some(bearer.clone());
        let answer = self.ask("/api/socket-ticket", &[("Authorization", &bearer)], &json!({})).await?;
        let ticket = Secret::new(answer["ticket"].as_str().unwrap());
        Ok(ClientMessage::Hello { client: self.client, ticket })
    }

    async fn ask(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<Value, Broken> {
        let asked = http::try_send(&self.address, "POST", path, headers, body);
        match timeout(2 * SUSPICION, asked).await {
            Ok(Some(answer)) if answer.status == 200 => Ok(answer.json()),
            _ => Err(Broken),
        }
    }

    /// Takes in what the server says. Returns what to send.
    fn take(&mut self, message: ServerMessage, is_open: &mut bool) -> Result<Vec<Submission<JsonOp>>, Broken> {
        match message {
            ServerMessage::DocumentSnapshot { revision, snapshot, .. } if !*is_open => {
                *is_open = true;
                assert!(self.machine.is_none(), "too far behind to resume");
                self.machine = Some(ot_core::Client::new(self.client, snapshot, revision));
                Ok(Vec::new())
            }
            ServerMessage::DocumentResumed { updates, .. } if !*is_open => {
                *is_open = true;
                let mut next = self.receive(&updates)?;
                if next.is_empty() {
                    next.extend(self.machine.as_ref().and_then(ot_core::Client::resend));
                }
                Ok(next)
            }
            ServerMessage::DocumentUpdated { updates, .. } if *is_open => self.receive(&updates),
            ServerMessage::DocumentAck { sequence, revision, .. } if *is_open => {
                let machine = self.machine.as_mut().ok_or(Broken)?;
                match machine.acknowledge(sequence, revision) {
                    Ok(Received::Acknowledged(next)) => {
                        self.acknowledged(sequence, revision);
                        Ok(next.into_iter().collect())
                    }
                    Ok(_) => Ok(Vec::new()),
                    Err(_) => Err(Broken),
                }
            }
            // The database is away; or a frame that came twice, or in another order, asked for what is already so.
            ServerMessage::Error {
                code:
                    ErrorCode::Unavailable
                    | ErrorCode::ReadOnly
                    | ErrorCode::DocumentNotOpen
                    | ErrorCode::HelloExpected
                    | ErrorCode::OutOfSequence
                    | ErrorCode::RevisionInFuture,
                ..
            } => Err(Broken),
            ServerMessage::Error { code, message, .. } => panic!("refused: {code:?} {message}"),
            _ => Ok(Vec::new()),
        }
    }

    fn receive(&mut self, updates: &[Committed<JsonOp>]) -> Result<Vec<Submission<JsonOp>>, Broken> {
        let mut next = Vec::new();
        for committed in updates {
            let machine = self.machine.as_mut().ok_or(Broken)?;
            match machine.receive(committed) {
                Ok(Received::Acknowledged(more)) => {
                    self.acknowledged(committed.sequence, committed.revision);
                    next.extend(more);
                }
                Ok(_) => {}
                Err(_) => return Err(Broken),
            }
        }
        Ok(next)
    }

    fn acknowledged(&mut self, sequence: Sequence, revision: Revision) {
        self.work.push((sequence, revision));
    }

    /// Enters a number somewhere: mostly in rows of their own, at times where everybody does.
    fn edit(&mut self) -> Option<Submission<JsonOp>> {
        let (item, period) = match self.dice.between(0, 4) {
            0 => ("beta", None),
            1 => ("growth", Some("fy2025")),
            2 => ("growth", Some("fy2026")),
            _ => ("terminal_growth", None),
        };
        let machine = self.machine.as_mut()?;
        let percent = self.dice.between(100, 200);
        let text = if item == "beta" { format!("1.{percent}") } else { format!("1.{percent}%") };
        let cell = CellRef { item: ItemId(item.to_owned()), period: period.map(|period| PeriodId(period.to_owned())) };
        let op = edit::enter(machine.document(), &cell, &text).unwrap();
        machine.edit(op).unwrap()
    }

    async fn submit(&self, socket: &mut Socket, submission: Submission<JsonOp>) -> Result<(), Broken> {
        let Submission { sequence, base, op, .. } = submission;
        send(socket, &ClientMessage::DocumentEdit { document: self.document, sequence, base, op }).await
    }
}

async fn send(socket: &mut Socket, message: &ClientMessage) -> Result<(), Broken> {
    let text = serde_json::to_string(message).unwrap();
    timeout(SUSPICION, socket.send(Message::text(text))).await.map_err(|_| Broken)?.map_err(|_| Broken)
}
