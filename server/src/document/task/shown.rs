//! What a task shows beside the ops: who is there, and what the key figures are.

use std::time::Duration;

use coval_shared::protocol::{DocumentKind, ErrorCode, Selection, ServerMessage, Stream};
use ot_core::{Revision, Side};
use tokio::time::Instant;

use super::Task;
use crate::bus::Hint;
use crate::document::figures::Done;
use crate::document::presence::carried;
use crate::document::room::Movement;
use crate::document::session::Session;
use crate::document::{Broadcast, ConnectionId, Outbox};

/// How often those who follow the key figures get them, at most.
const VALUES_EVERY: Duration = Duration::from_millis(500);

impl Task {
    /// Tells those who follow the key figures what they are now, if they are others and it is time.
    pub(super) async fn show_values(&mut self) {
        let now = Instant::now();
        if self.values_due().is_none_or(|due| due > now) {
            return;
        }
        self.valued = self.session.as_ref().map(Session::revision);
        self.value_after = now + VALUES_EVERY;
        let followers = self.room.followers(Stream::Outputs);
        self.send_values(followers, false).await;
    }

    /// When [`Task::show_values`] has something to do.
    pub(super) fn values_due(&self) -> Option<Instant> {
        let revision = self.session.as_ref().map(Session::revision);
        let is_news = revision.is_some() && revision != self.valued && self.room.has_followers(Stream::Outputs);
        is_news.then_some(self.value_after)
    }

    /// Tells `outboxes` the key figures, once they are calculated. Who asks is told as well that there are none.
    pub(super) async fn send_values(&mut self, outboxes: Vec<Outbox>, is_asked: bool) {
        let none = self.error(ErrorCode::Invalid, "the document has no key figures to follow".to_owned());
        let Ok((kind, revision, document)) =
            self.session().await.map(|session| (session.kind(), session.revision(), session.copy()))
        else {
            return;
        };
        let (id, figures, permits) = (self.id, self.figures.clone(), self.documents.permits());
        self.documents.runtime.spawn(async move {
            let message = match kind {
                DocumentKind::Memo => None,
                DocumentKind::Model => {
                    let update = |done: &Done| ServerMessage::ValuationUpdate {
                        document: id,
                        revision: done.revision,
                        outputs: done.outputs(),
                    };
                    figures.read(revision, document, &permits, update).await.ok()
                }
            };
            if let Some(message) = message.or(is_asked.then_some(none)).map(Broadcast::new) {
                outboxes.iter().for_each(|outbox| outbox.broadcast(&message));
            }
        });
    }

    /// Shows the others what somebody does. A place in the text that refers to an older revision is carried to the
    /// newest one, and forgotten where that is not possible.
    pub(super) async fn moves(&mut self, connection: ConnectionId, revision: Option<Revision>, movement: Movement) {
        let now = Instant::now();
        let (Movement::Selection(Some(Selection::Text { anchor, focus })), Some(revision)) = (&movement, revision)
        else {
            return self.room.moves(connection, movement, now);
        };
        self.store_staged().await;
        let Some(client) = self.room.member(connection).map(|member| member.client) else {
            return;
        };
        let Some(missed) = self.session.as_ref().and_then(|session| session.missed(revision)) else {
            return;
        };
        let place = |place: u64| {
            missed.iter().try_fold(place, |place, committed| {
                let side = if committed.client == client { Side::Right } else { Side::Left };
                carried(place, &committed.op, side)
            })
        };
        let selection = place(*anchor).zip(place(*focus)).map(|(anchor, focus)| Selection::Text { anchor, focus });
        self.room.moves(connection, Movement::Selection(selection), now);
    }

    /// Tells everybody who is here and where, and other nodes who is here, as far as it is time.
    pub(super) fn show_people(&mut self) {
        let now = Instant::now();
        self.room.show_people(self.id, self.told, now);
        if let Some(people) = self.room.say(now) {
            let bus = &self.documents.bus;
            bus.publish(&Hint::People { document: self.id, node: bus.node().to_owned(), people });
        }
    }
}
