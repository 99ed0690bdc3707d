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
    /// as one that is not there, and edits of one that is in the archive are refused.
    pub(crate) async fn document(&self, user: UserId, document: DocumentId, right: Right) -> Result<Role, Refusal> {
        let grant = self.grant(user, document).await?;
        let role = allow(grant.role, right)?;
        if grant.is_archived && right == Right::Edit {
            return Err(Refusal::new(
                ErrorCode::Conflict,
                "the document is in the archive; restore it first, then edit it",
            ));
        }
        Ok(role)
    }

    /// The same for what is done to the document as a whole, which may be in the archive.
    pub(crate) async fn even_archived(
        &self,
        user: UserId,
        document: DocumentId,
        right: Right,
    ) -> Result<Role, Refusal> {
        allow(self.grant(user, document).await?.role, right)
    }

    async fn grant(&self, user: UserId, document: DocumentId) -> Result<Grant, Refusal> {
        if let Some(grant) = self.0.known.document(user, document, self.now_ms()) {
            return Ok(grant);
        }
        let (epoch, now_ms) = (self.0.known.epoch(), self.now_ms());
        let grant = self.blocking(move |store| store.document_grant(user, document, now_ms)).await?;
        let grant = grant.ok_or(StoreError::NotFound)?;
        self.0.known.learn_document(epoch, user, document, grant);
        Ok(grant)
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
        self.0.known.learn_workspace(epoch, user, workspace, Grant { role, until_ms: None, is_archived: false });
        allow(role, right)
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Instant;

    use coval_shared::protocol::DocumentId;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::store::{DatabaseUrl, NewSignIn, NewUser};

    const ADA: UserId = UserId(Uuid::from_u128(1));
    const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(2));

    /// The time as one test has it.
    static NOW: AtomicI64 = AtomicI64::new(1_000_000);

    fn now() -> i64 {
        NOW.load(Ordering::Relaxed)
    }

    async fn signed_in(folder: &tempfile::TempDir) -> (Access, Principal) {
        let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).unwrap();
        let new = NewUser {
            id: ADA,
            email: Some("ada"),
            name: "Ada",
            password_hash: None,
            is_guest: false,
            is_operator: false,
        };
        store.create_user(&new, 0).unwrap();
        store.create_for_a_test(DOCUMENT, &json!("text"));
        store.set_workspace_role(WorkspaceId(DOCUMENT.0), ADA, Role::Editor, 0).unwrap();
        let sign_in = NewSignIn { user: ADA, refresh_hash: "hash", agent: "", expires_at_ms: i64::MAX };
        let sign_in = store.begin_sign_in(&sign_in, 0).unwrap();
        let access = Access::new(store, Tokens::new(b"a key of thirty-two bytes, or so"), now, Bus::local());
        let principal = access.live(ADA, sign_in).await.unwrap().map(principal).unwrap();
        (access, principal)
    }

    #[actix_web::test]
    async fn a_ticket_is_good_once_and_for_half_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let (access, ada) = signed_in(&folder).await;
        let begun = now();
        let code = |refused: Result<Principal, Refusal>| refused.map(|_| ()).unwrap_err().code();

        let ticket = access.ticket(&ada).await.unwrap();
        NOW.store(begun + TICKET_MS - 1, Ordering::Relaxed);
        assert_eq!(access.redeem(ticket.reveal()).await.unwrap().user, ADA);
        assert_eq!(code(access.redeem(ticket.reveal()).await), ErrorCode::TicketInvalid, "it was used");

        let ticket = access.ticket(&ada).await.unwrap();
        NOW.store(now() + TICKET_MS, Ordering::Relaxed);
        assert_eq!(code(access.redeem(ticket.reveal()).await), ErrorCode::TicketInvalid, "its time is over");
        assert_eq!(code(access.redeem("").await), ErrorCode::TicketInvalid);
    }

    #[actix_web::test]
    async fn a_check_of_rights_that_are_known_takes_less_than_ten_microseconds() {
        const CHECKS: u32 = 2_000;
        let folder = tempfile::tempdir().unwrap();
        let (access, _) = signed_in(&folder).await;
        // Others are known as well.
        for number in 3..10_003 {
            let grant = Grant { role: Role::Viewer, until_ms: None, is_archived: false };
            access.0.known.learn_document(access.0.known.epoch(), UserId(Uuid::from_u128(number)), DOCUMENT, grant);
        }
        access.document(ADA, DOCUMENT, Right::Edit).await.unwrap();
        let mut rounds = Vec::new();
        for _ in 0..50 {
            let begun = Instant::now();
            for _ in 0..CHECKS {
                access.document(ADA, DOCUMENT, Right::Edit).await.unwrap();
            }
            rounds.push(begun.elapsed() / CHECKS);
        }
        rounds.sort_unstable();
        println!("a check of rights: {:?}, the median of {} rounds", rounds[rounds.len() / 2], rounds.len());
        // Others may be at work on the machine: of several rounds one has it to itself.
        assert!(rounds[0] < Duration::from_micros(10), "{rounds:?}");
    }
}
