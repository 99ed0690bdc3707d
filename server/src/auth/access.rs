//! What somebody may do, asked for every request and every message.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use coval_shared::protocol::{DocumentId, ErrorCode, SignInId, UserId, WorkspaceId};
use coval_shared::rights::{Right, Role};
use coval_shared::secret::Secret;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::known::Known;
use super::{AuthError, Principal, Tokens, draw, hash};
use crate::bus::{Bus, Hint};
use crate::document::Clock;
use crate::error::Refusal;
use crate::store::{Grant, LiveSignIn, Store, StoreError};

/// How often the database is asked whether somebody's rights have changed.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// How long a ticket is good, in milliseconds.
pub(crate) const TICKET_MS: i64 = 30_000;

/// Knows who may do what.
#[derive(Clone)]
pub(crate) struct Access(Arc<Inner>);

struct Inner {
    store: Store,
    tokens: Tokens,
    clock: Clock,
    known: Known,
    changes: watch::Sender<u64>,
    bus: Bus,
}

impl Access {
    pub(crate) fn new(store: Store, tokens: Tokens, clock: Clock, bus: Bus) -> Self {
        Self(Arc::new(Inner { store, tokens, clock, known: Known::default(), changes: watch::Sender::new(0), bus }))
    }

    /// What signs the tokens.
    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// The time, in milliseconds since 1970 UTC.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.0.clock)()
    }

    /// What `user` is for the document, if that allows `right`. A document of which they may not even know is refused
    /// as one that is not there.
    pub(crate) async fn document(&self, user: UserId, document: DocumentId, right: Right) -> Result<Role, Refusal> {
        if let Some(role) = self.cached_document(user, document) {
            return allow(role, right);
        }
        let (epoch, now_ms) = (self.0.known.epoch(), self.now_ms());
        let grant = self.blocking(move |store| store.document_grant(user, document, now_ms)).await?;
        let grant = grant.ok_or(StoreError::NotFound)?;
        self.0.known.learn_document(epoch, user, document, grant);
        allow(grant.role, right)
    }

    /// What `user` is in the workspace, if that allows `right`. A workspace of which they may not even know is refused
    /// as one that is not there.
    pub(crate) async fn workspace(&self, user: UserId, workspace: WorkspaceId, right: Right) -> Result<Role, Refusal> {
        if let Some(grant) = self.0.known.workspace(user, workspace) {
            return allow(grant.role, right);
        }
        let epoch = self.0.known.epoch();
        let role = self.blocking(move |store| store.workspace_role(user, workspace)).await?;
        let role = role.ok_or_else(|| Refusal::new(ErrorCode::NotFound, "there is no such workspace"))?;
        self.0.known.learn_workspace(epoch, user, workspace, Grant { role, until_ms: None });
        allow(role, right)
    }

    /// What `user` is for the document, if that is known without asking the database.
    pub(crate) fn cached_document(&self, user: UserId, document: DocumentId) -> Option<Role> {
        self.0.known.document(user, document, self.now_ms()).map(|grant| grant.role)
    }

    /// Moves whenever somebody's rights may have changed, or a sign-in may have ended.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Whether the sign-in lives still.
    pub(crate) async fn still(&self, principal: &Principal) -> Result<bool, Refusal> {
        Ok(self.live(principal.user, principal.sign_in).await?.is_some())
    }

    /// Whose token it is.
    pub(crate) async fn principal(&self, token: &str) -> Result<Principal, Refusal> {
        let refused =
            || Refusal::new(ErrorCode::Unauthenticated, "the token is not good any more; refresh it or sign in");
        let (user, sign_in) = self.0.tokens.read(token, self.now_ms()).ok_or_else(refused)?;
        self.live(user, sign_in).await?.map(principal).ok_or_else(refused)
    }

    async fn live(&self, user: UserId, sign_in: SignInId) -> Result<Option<LiveSignIn>, Refusal> {
        let now_ms = self.now_ms();
        if let Some(live) = self.0.known.sign_in(user, sign_in, now_ms) {
            return Ok(Some(live));
        }
        let epoch = self.0.known.epoch();
        let live = self.blocking(move |store| store.live_sign_in(user, sign_in, now_ms)).await?;
        if let Some(live) = &live {
            self.0.known.learn_sign_in(epoch, live.clone());
        }
        Ok(live)
    }

    /// Draws a ticket, good for one socket within [`TICKET_MS`].
    pub(crate) async fn ticket(&self, principal: &Principal) -> Result<Secret, Refusal> {
        let ticket = draw().map_err(failed)?;
        let (hash, sign_in, now_ms) = (hash(ticket.reveal()), principal.sign_in, self.now_ms());
        self.blocking(move |store| store.add_ticket(&hash, sign_in, now_ms + TICKET_MS, now_ms)).await?;
        Ok(ticket)
    }

    /// Whose ticket it is. It is good once.
    pub(crate) async fn redeem(&self, ticket: &str) -> Result<Principal, Refusal> {
        let (hash, now_ms) = (hash(ticket), self.now_ms());
        let live = self.0.store.take_ticket(hash, now_ms).await?;
        live.map(principal).ok_or_else(|| {
            Refusal::new(
                ErrorCode::TicketInvalid,
                "the ticket is not good any more; fetch another one and connect again",
            )
        })
    }

    /// Somebody's rights have changed, or a sign-in has ended, by this server: what was known may be wrong, here and
    /// elsewhere.
    pub(crate) fn changed(&self) {
        self.forget();
        self.0.bus.publish(&Hint::Rights);
    }

    fn forget(&self) {
        self.0.known.forget();
        self.tell();
    }

    fn tell(&self) {
        self.0.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Forgets what is known whenever it changes, as the database says once a second and other servers at once. Never
    /// ends.
    pub(crate) async fn watch(self) {
        let mut ticks = interval(ASK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hints = self.0.bus.subscribe();
        let mut seen = None;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                hint = hints.recv() => match hint {
                    Ok(Hint::Rights | Hint::Lost) | Err(RecvError::Lagged(_)) => {
                        self.forget();
                        continue;
                    }
                    Ok(_) => continue,
                    Err(RecvError::Closed) => {
                        ticks.tick().await;
                    }
                },
            }
            if self.0.known.forget_ended(self.now_ms()) {
                self.tell();
            }
            // While the database is away, what is known stays.
            let Ok(count) = self.blocking(Store::rights_changes).await else { continue };
            if seen.replace(count).is_some_and(|before| before != count) {
                self.forget();
            }
        }
    }

    /// Runs `work`, which blocks, on a thread for such.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = self.0.store.clone();
        match web::block(move || work(&store)).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(Refusal::busy()),
        }
    }
}

/// The refusal for a server that can't make what it needs.
pub(crate) fn failed(error: AuthError) -> Refusal {
    tracing::error!(%error, "signing in fails");
    Refusal::new(ErrorCode::Internal, "the server can't do this now; its log says why")
}

fn allow(role: Role, right: Right) -> Result<Role, Refusal> {
    if role.may(right) {
        return Ok(role);
    }
    let needed = Role::ALL.into_iter().find(|role| role.may(right)).unwrap_or(Role::Owner);
    let message = format!("this needs the role {}, and yours is {}; ask an owner", needed.name(), role.name());
    Err(Refusal::new(ErrorCode::Forbidden, message))
}

fn principal(live: LiveSignIn) -> Principal {
    let LiveSignIn { id, user, name, is_guest, is_operator, .. } = live;
    Principal { user, sign_in: id, name, is_guest, is_operator }
}
