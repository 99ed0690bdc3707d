//! Clocks that are wrong: a day ahead, a day behind, and from one to the other.

use std::sync::atomic::{AtomicI64, Ordering};

use coval_shared::protocol::{DocumentId, UserId};
use coval_shared::template::apple_dcf;
use ot_core::json::JsonOp;
use ot_core::{Revision, Sequence, path};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::auth::{Access, Tokens};
use crate::bus::Bus;
use crate::document::Documents;
use crate::store::{DatabaseUrl, NewSignIn, NewUser, SESSION_PAUSE_MS, Store};

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));
const ADA: UserId = UserId(Uuid::from_u128(2));
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
const NOON_MS: i64 = 1_795_219_200_000;

fn store() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).unwrap();
    (store, folder)
}

#[tokio::test]
async fn the_order_of_edits_comes_from_revisions_however_the_clock_jumps() {
    static NOW: AtomicI64 = AtomicI64::new(NOON_MS);
    let (store, _folder) = store();
    let mut body = apple_dcf().unwrap();
    body["log"] = json!("");
    store.create_for_a_test(DOCUMENT, &body);
    let documents = Documents::new(store.clone(), || NOW.load(Ordering::Relaxed), Handle::current(), Bus::local());
    // A day ahead, two days back, an hour that comes twice, and before 1970.
    let jumps = [0, DAY_MS, -2 * DAY_MS, DAY_MS, -HOUR_MS, 1, HOUR_MS, -2 * NOON_MS, 2 * NOON_MS];
    let mut times = Vec::new();
    for (jump, number) in jumps.into_iter().zip(0_u64..) {
        times.push(NOW.fetch_add(jump, Ordering::Relaxed) + jump);
        let op: JsonOp = serde_json::from_value(json!(["log", {"es": [number.to_string()]}])).unwrap();
        let made = documents.submit(DOCUMENT, ADA, op, Revision(number)).await.unwrap();
        assert_eq!(made, Revision(number + 1));
    }
    let count = u64::try_from(jumps.len()).unwrap();
    let stored = store.operations(DOCUMENT, Revision(0), Revision(count), usize::MAX).unwrap().unwrap();
    assert_eq!(stored.iter().map(|op| op.revision.0).collect::<Vec<_>>(), (1..=count).collect::<Vec<_>>());
    assert_eq!(stored.iter().map(|op| op.sequence).collect::<Vec<_>>(), (1..=count).map(Sequence).collect::<Vec<_>>());
    assert_eq!(store.document_at(DOCUMENT, Revision(count)).unwrap().1["log"], "876543210");
    assert_eq!(store.document_at(DOCUMENT, Revision(3)).unwrap().1["log"], "210");
    // People read the revisions in that order too, each with the time that the clock showed.
    let rows = store.revision_list(DOCUMENT, Revision(count), 100).unwrap();
    let told: Vec<(u64, i64)> = rows.iter().rev().map(|row| (row.revision.0, row.committed_at_ms)).collect();
    assert_eq!(told, (1..=count).zip(times).collect::<Vec<_>>());
    // A jump ends a session like a pause, so that none seems to last a day. Only the sixth edit followed soon.
    let told = store.edit_sessions(DOCUMENT, Revision(count), 0, 100).unwrap().sessions;
    let lengths: Vec<u64> = told.iter().rev().map(|session| session.edits).collect();
    assert_eq!(lengths, [1, 1, 1, 1, 2, 1, 1, 1]);
    assert!(told.iter().all(|session| (0..SESSION_PAUSE_MS).contains(&(session.ended_at_ms - session.begun_at_ms))));
    assert!(told.windows(2).all(|two| two[0].first > two[1].last), "{told:?}");
    // Another server that finds all this begins where it ended.
    let next = Documents::new(store.clone(), || 0, Handle::current(), Bus::local());
    let made = next.submit(DOCUMENT, ADA, JsonOp::replace(path!["log"], "end"), Revision(count)).await.unwrap();
    assert_eq!(made, Revision(count + 1));
}

#[tokio::test]
async fn whoever_is_signed_in_stays_so_by_the_cookie_however_the_clock_jumps() {
    static NOW: AtomicI64 = AtomicI64::new(NOON_MS);
    let (store, _folder) = store();
    let now = || NOW.load(Ordering::Relaxed);
    let user = NewUser {
        id: ADA,
        email: Some("ada@example.com"),
        name: "Ada",
        password_hash: None,
        is_guest: false,
        is_operator: false,
    };
    store.create_user(&user, now()).unwrap();
    let new = NewSignIn { user: ADA, refresh_hash: "r0", agent: "", expires_at_ms: now() + 30 * DAY_MS };
    let id = store.begin_sign_in(&new, now()).unwrap();
    let tokens = || Tokens::new(b"a key of thirty-two bytes or more");
    let access = Access::new(store.clone(), tokens(), || NOW.load(Ordering::Relaxed), Bus::local());
    let token = || access.tokens().issue(ADA, id, now()).unwrap();
    let before = token();
    let ada = access.principal(before.reveal()).await.unwrap();
    let ticket = access.ticket(&ada).await.unwrap();

    // A day ahead: what is good for a short time is over, and the sign-in is not.
    NOW.fetch_add(DAY_MS, Ordering::Relaxed);
    assert!(access.principal(before.reveal()).await.is_err());
    assert!(access.redeem(ticket.reveal()).await.is_err());
    assert!(access.still(&ada).await.unwrap(), "her sockets stay");
    store.refresh_sign_in("r0", "r1", now() + 30 * DAY_MS, now()).unwrap();
    let ahead = token();
    assert!(access.principal(ahead.reveal()).await.is_ok());
    let from_ahead = access.ticket(&ada).await.unwrap();

    // And back: a token of tomorrow is good for nobody, or it would be so for a day.
    NOW.fetch_sub(DAY_MS, Ordering::Relaxed);
    assert!(access.principal(ahead.reveal()).await.is_err());
    assert!(access.still(&ada).await.unwrap());
    let refreshed = store.refresh_sign_in("r1", "r2", now() + 30 * DAY_MS, now()).unwrap();
    assert!(matches!(refreshed, crate::store::Refreshed::Yes(_)), "{refreshed:?}");
    assert!(access.principal(token().reveal()).await.is_ok());
    // A ticket stays good for one socket.
    assert!(access.redeem(from_ahead.reveal()).await.is_ok());
    assert!(access.redeem(from_ahead.reveal()).await.is_err());
}
