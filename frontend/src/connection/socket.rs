//! The socket itself, driven by the [`Machine`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coval_shared::protocol::{ClientMessage, FromClient, Glossary, SUBPROTOCOL, ServerMessage};
use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::future::{Either, poll_fn, select};
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ot_core::ClientId;

use super::account::Account;
use super::machine::{Command, Event, Machine, Phase};
use crate::platform::{clock, page};

/// How often the machine hears that time has passed.
const TICK: Duration = Duration::from_millis(250);

/// What the connection tells the open documents.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// The server has said welcome: documents can be opened.
    Opened,
    /// The server said something.
    Message(Box<ServerMessage>),
    /// The connection is gone. Nothing that is sent arrives until it is opened again.
    Lost,
}

/// Where the connection stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A first connection is on its way.
    Connecting,
    /// Connected.
    Open,
    /// Lost, and being opened again at this moment.
    Reconnecting,
    /// Lost, and tried again after this many seconds.
    Waiting(u64),
    /// The browser has no network.
    Offline,
}

/// The page's connection. One for all documents.
pub struct Connection {
    client: Cell<ClientId>,
    account: Rc<Account>,
    machine: RefCell<Machine>,
    was_open: Cell<bool>,
    /// Whether nobody needs it any more.
    is_ended: Cell<bool>,
    /// Counts the sockets, so that a late word from an old one is not taken for the new one's.
    generation: Cell<u64>,
    outgoing: RefCell<Option<UnboundedSender<String>>>,
    /// What the numbers on the socket that is open now stand for.
    glossary: RefCell<Glossary>,
    status: RwSignal<Status>,
    listener: Box<dyn Fn(Incoming)>,
}

impl Connection {
    /// A connection of `client` for whoever is signed in, and whose news go to `listener`. It opens when it is
    /// [wanted](Self::want).
    pub fn new(client: ClientId, account: Rc<Account>, listener: impl Fn(Incoming) + 'static) -> Rc<Self> {
        let connection = Rc::new(Self {
            client: Cell::new(client),
            account,
            machine: RefCell::new(Machine::default()),
            was_open: Cell::new(false),
            is_ended: Cell::new(false),
            generation: Cell::new(0),
            outgoing: RefCell::new(None),
            glossary: RefCell::default(),
            status: RwSignal::new(Status::Connecting),
            listener: Box::new(listener),
        });
        connection.listen_to_the_browser();
        connection
    }

    /// Where the connection stands.
    pub fn status(&self) -> ReadSignal<Status> {
        self.status.read_only()
    }

    /// Writes in the name of `client` from the next socket on.
    pub fn write_as(&self, client: ClientId) {
        self.client.set(client);
    }

    /// Opens the connection, if that has not been done.
    pub fn want(self: &Rc<Self>) {
        self.dispatch(Event::Wanted);
        if !page::is_online() {
            self.dispatch(Event::WentOffline);
        }
    }

    /// Stops waiting and connects at once.
    pub fn retry_now(self: &Rc<Self>) {
        self.dispatch(Event::RetryNow);
    }

    /// Closes the connection for good.
    pub fn end(self: &Rc<Self>) {
        self.dispatch(Event::WentOffline);
        self.is_ended.set(true);
    }

    /// Whether the server has said welcome on the socket that is open now.
    pub fn is_open(&self) -> bool {
        self.machine.borrow().phase() == Phase::Open
    }

    /// Sends a message, if the connection is open. Otherwise the message is dropped: the documents say what is still
    /// to say when they hear [`Incoming::Opened`].
    pub fn send(self: &Rc<Self>, message: &ClientMessage) {
        if !self.is_open() {
            return;
        }
        let number = match message {
            ClientMessage::DocumentEdit { document, .. } => self.glossary.borrow().number(*document),
            _ => None,
        };
        let Ok(text) = serde_json::to_string(&FromClient { message, number }) else {
            return;
        };
        let bytes = text.len();
        let is_sent = self.outgoing.borrow().as_ref().is_some_and(|outgoing| outgoing.unbounded_send(text).is_ok());
        let is_question = matches!(message, ClientMessage::DocumentOpen { .. } | ClientMessage::DocumentEdit { .. });
        if is_sent && is_question {
            self.dispatch(Event::AnswerDue { bytes });
        }
    }

    fn listen_to_the_browser(self: &Rc<Self>) {
        let this = Rc::clone(self);
        page::on_network_change(move |is_online| {
            this.dispatch(if is_online { Event::WentOnline } else { Event::WentOffline });
        });
        // A page that was left may be kept with its socket, and others would go on seeing somebody who has gone.
        let this = Rc::clone(self);
        page::on_left(move |is_left| {
            this.dispatch(if is_left { Event::WentOffline } else { Event::WentOnline });
        });
        // A page in the background sleeps; the person who comes back to it should not have to wait.
        let this = Rc::clone(self);
        page::on_shown(move || this.dispatch(Event::RetryNow));
        let this = Rc::clone(self);
        clock::every(TICK, move || this.dispatch(Event::Tick));
    }

    fn dispatch(self: &Rc<Self>, event: Event) {
        if self.is_ended.get() {
            return;
        }
        let now = clock::since_start();
        let command = self.machine.borrow_mut().handle(event, now, clock::random());
        match command {
            Some(Command::Open) => self.open_socket(),
            Some(Command::Close) => self.close_socket(),
            None => {}
        }
        let is_open = self.is_open();
        if self.was_open.replace(is_open) != is_open {
            (self.listener)(if is_open { Incoming::Opened } else { Incoming::Lost });
        }
        self.show_status(now);
    }

    fn show_status(&self, now: Duration) {
        let (phase, failures) = {
            let machine = self.machine.borrow();
            (machine.phase(), machine.failures())
        };
        let status = match phase {
            Phase::Idle => Status::Connecting,
            Phase::Offline => Status::Offline,
            Phase::Connecting { .. } if failures == 0 => Status::Connecting,
            Phase::Connecting { .. } => Status::Reconnecting,
            Phase::Open => Status::Open,
            Phase::Waiting { until } => {
                let left = until.saturating_sub(now);
                Status::Waiting(left.as_secs().saturating_add(1))
            }
        };
        if self.status.get_untracked() != status {
            self.status.set(status);
        }
    }

    fn close_socket(&self) {
        self.generation.set(self.generation.get().saturating_add(1));
        // The socket's task ends, and closes it, when nobody can send any more.
        self.outgoing.replace(None);
    }

    fn open_socket(self: &Rc<Self>) {
        self.close_socket();
        let generation = self.generation.get();
        let (sender, receiver) = mpsc::unbounded();
        self.outgoing.replace(Some(sender));
        self.glossary.replace(Glossary::default());
        let this = Rc::clone(self);
        spawn_local(async move {
            this.run_socket(generation, receiver).await;
            if this.generation.get() == generation {
                this.outgoing.replace(None);
                this.dispatch(Event::Lost);
            }
        });
    }

    /// Speaks over one socket until either end has had enough.
    async fn run_socket(self: &Rc<Self>, generation: u64, mut outgoing: UnboundedReceiver<String>) {
        // It is good for one socket, and not for long.
        let Some(ticket) = self.account.ticket().await else {
            return;
        };
        if self.generation.get() != generation {
            return;
        }
        let Ok(mut socket) = WebSocket::open_with_protocol(&page::socket_address(), SUBPROTOCOL) else {
            return;
        };
        let opened = poll_fn(|context| socket.poll_ready_unpin(context));
        if let Either::Right(_) = select(opened, outgoing.next()).await {
            return;
        }
        if !matches!(socket.state(), State::Open) {
            return;
        }
        let hello = ClientMessage::Hello { client: self.client.get(), ticket };
        let Ok(hello) = serde_json::to_string(&hello) else {
            return;
        };
        if socket.send(Message::Text(hello)).await.is_err() {
            return;
        }
        loop {
            match select(socket.next(), outgoing.next()).await {
                Either::Left((Some(Ok(Message::Text(text))), _)) => {
                    if self.generation.get() != generation {
                        return;
                    }
                    self.hear(&text);
                }
                Either::Left((Some(Ok(Message::Bytes(_))), _)) => {}
                Either::Left((Some(Err(_)) | None, _)) => return,
                Either::Right((Some(text), _)) => {
                    if socket.send(Message::Text(text)).await.is_err() {
                        return;
                    }
                }
                Either::Right((None, _)) => return,
            }
        }
    }

    fn hear(self: &Rc<Self>, text: &str) {
        match self.read(text) {
            Ok(ServerMessage::Welcome { .. }) => self.dispatch(Event::Welcomed),
            Ok(message) => {
                self.dispatch(Event::Heard);
                (self.listener)(Incoming::Message(Box::new(message)));
            }
            // A newer server may say more than this page understands.
            Err(error) => {
                leptos::logging::warn!("a message of the server was not understood: {error}")
            }
        }
    }

    fn read(&self, text: &str) -> Result<ServerMessage, String> {
        let said = serde_json::from_str(text).map_err(|error| error.to_string())?;
        self.glossary.borrow_mut().take(said).map_err(|error| error.to_string())
    }
}
