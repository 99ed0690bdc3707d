//! Telling people something outside of a document's ops, wherever they are connected.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use coval_shared::protocol::{DocumentId, ServerMessage, Stream, UserId};
use serde_json::json;
use tokio::sync::mpsc::error::TrySendError;

use super::{Broadcast, Command, ConnectionId, Documents, Outbox};
use crate::bus::Hint;

/// The connections of everybody who is signed in here.
#[derive(Clone, Debug, Default)]
pub(super) struct Listeners(Arc<Mutex<HashMap<UserId, Connections>>>);

type Connections = Vec<(ConnectionId, Outbox)>;

impl Documents {
    /// From now on `connection` hears what `user` is told.
    pub(crate) fn listen(&self, user: UserId, connection: ConnectionId, outbox: Outbox) {
        let mut listeners = self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.entry(user).or_default().push((connection, outbox));
    }

    /// `connection` is gone.
    pub(crate) fn stop_listening(&self, user: UserId, connection: ConnectionId) {
        let mut listeners = self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = listeners.get_mut(&user) {
            connections.retain(|(other, _)| *other != connection);
            if connections.is_empty() {
                listeners.remove(&user);
            }
        }
    }

    /// The people who are connected to this server.
    pub(crate) fn connected(&self) -> Vec<UserId> {
        self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Tells all connections of `user`, here and on other nodes.
    pub(crate) fn tell(&self, user: UserId, message: ServerMessage) {
        if self.bus.has_others() {
            self.bus.publish(&Hint::Tell { user, message: message.clone() });
        }
        self.tell_here(user, message);
    }

    /// Shows those who follow the calculations of a document how far one of `user` is, when `message` says so.
    pub(crate) fn show_calculation(&self, user: UserId, message: &ServerMessage) {
        let (document, data) = match message {
            ServerMessage::CalculationProgress { document, calculation, progress } => {
                (*document, json!({"calculation": calculation, "user": user, "progress": progress}))
            }
            ServerMessage::CalculationFinished { document, calculation, end, .. } => {
                (*document, json!({"calculation": calculation, "user": user, "end": end}))
            }
            _ => return,
        };
        self.announce(document, ServerMessage::StreamData { document, stream: Stream::Calculations, data });
    }

    /// Tells everybody who has the document open, here and on other nodes.
    pub(crate) fn announce(&self, document: DocumentId, message: ServerMessage) {
        if self.bus.has_others() {
            self.bus.publish(&Hint::Announce { document, message: message.clone() });
        }
        self.announce_here(document, message);
    }

    /// Tells everybody who has the document open here.
    pub(super) fn announce_here(&self, document: DocumentId, message: ServerMessage) {
        self.if_open(document, Command::Announce { message: message.into() });
    }

    /// Tells all connections of `user` here.
    pub(super) fn tell_here(&self, user: UserId, message: ServerMessage) {
        let message = Broadcast::new(message);
        let listeners = self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, outbox) in listeners.get(&user).into_iter().flatten() {
            outbox.broadcast(&message);
        }
    }

    /// Passes `command` to the document if it is in memory.
    fn if_open(&self, id: DocumentId, command: Command) {
        let Some(mailbox) = self.open_mailbox(id) else { return };
        if let Err(TrySendError::Full(command)) = mailbox.try_send(command) {
            // It is busy; whoever tells it something does not wait.
            self.runtime.spawn(async move { mailbox.send(command).await });
        }
    }
}
