//! Tickets and sign-ins in the database: good once, and not for long.

use coval_server::store::{LiveSignIn, NewSignIn, NewUser, Store};
use coval_shared::protocol::UserId;
use uuid::Uuid;

use crate::database::{Database, on_both_databases};

/// The time at which everything begins, in milliseconds.
const NOW_MS: i64 = 1_800_000_000_000;

/// Shows a ticket, and waits for the answer.
fn shown(store: &Store, ticket: &str, now_ms: i64) -> Option<LiveSignIn> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.take_ticket(ticket.to_owned(), now_ms)).unwrap()
}

fn a_ticket_is_good_once_within_its_time_and_as_long_as_its_sign_in(database: &Database) {
    let store = database.open();
    let user = UserId(Uuid::from_u128(1));
    let ada = NewUser {
        id: user,
        email: Some("ada@example.com"),
        name: "Ada",
        password_hash: None,
        is_guest: false,
        is_operator: false,
    };
    store.create_user(&ada, NOW_MS).unwrap();
    let new = NewSignIn { user, refresh_hash: "refresh", agent: "", expires_at_ms: NOW_MS + 1_000_000 };
    let sign_in = store.begin_sign_in(&new, NOW_MS).unwrap();
    let add = |ticket: &str| store.add_ticket(ticket, sign_in, NOW_MS + 30_000, NOW_MS).unwrap();
    let take = |ticket: &str, now_ms: i64| shown(&store, ticket, now_ms).map(|live| live.user);

    add("first");
    assert_eq!(take("another", NOW_MS), None);
    assert_eq!(take("first", NOW_MS + 29_999), Some(user));
    assert_eq!(take("first", NOW_MS + 29_999), None, "it was good once");
    add("late");
    assert_eq!(take("late", NOW_MS + 30_000), None, "its time is over");
    add("twice at once");
    let takers: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            std::thread::spawn(move || shown(&store, "twice at once", NOW_MS).is_some())
        })
        .collect();
    let taken = takers.into_iter().filter_map(|taker| taker.join().unwrap().then_some(())).count();
    assert_eq!(taken, 1, "of those who come at once one gets in");
    add("left");
    store.end_sign_in(sign_in, NOW_MS).unwrap();
    assert_eq!(take("left", NOW_MS), None, "who has signed out opens nothing");
}

on_both_databases!(a_ticket_is_good_once_within_its_time_and_as_long_as_its_sign_in);
