//! Comments and annotations as they are stored, whom they concern, and where what they hang on is.

use std::collections::BTreeSet;

use coval_server::store::{
    AnnotationChange, CommentQuery, Hanging, NewAnnotation, NewComment, NewUser, Store, StoreError, Whose,
};
use coval_shared::anchor::{Anchor, Anchored};
use coval_shared::limits::{COMMENTS_PER_THREAD, NOTIFICATIONS};
use coval_shared::mention;
use coval_shared::protocol::{
    AnnotationId, AnnotationKind, Comment, CommentId, DocumentId, NotificationKind, UserId, WorkspaceId,
};
use coval_shared::rest::{Action, CommentState};
use coval_shared::rights::Role;
use ot_core::json::JsonOp;
use ot_core::text::TextOp;
use ot_core::{ClientId, Committed, Revision, Sequence, path};
use serde_json::json;
use uuid::Uuid;

use crate::database::{Database, on_both_databases};
use crate::fixtures;

on_both_databases!(
    a_thread_is_begun_answered_settled_and_opened_again,
    a_comment_that_is_sent_twice_is_there_once,
    whoever_may_not_read_the_document_is_neither_named_nor_told,
    an_answer_tells_everybody_in_the_thread_once,
    what_is_deleted_says_nothing_any_more,
    a_comment_is_changed_by_its_author_alone,
    lists_are_filtered_and_go_on_where_they_ended,
    a_thread_takes_no_more_comments_than_it_may,
    an_annotation_is_made_changed_and_deleted,
    anchors_are_carried_over_the_ops_since_and_stored_again,
    the_oldest_notifications_are_forgotten,
    everything_that_is_said_is_in_the_record,
);

const ADA: UserId = UserId(Uuid::from_u128(1));
const GRACE: UserId = UserId(Uuid::from_u128(2));
const VERA: UserId = UserId(Uuid::from_u128(3));
const STRANGER: UserId = UserId(Uuid::from_u128(4));
const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(100));
const TEXT: &str = "Growth slows to 4% in 2027.";

/// A store with three people in a workspace, one who is not, and a document.
fn peopled(database: &Database) -> (Store, WorkspaceId) {
    let store = database.open();
    for (id, name) in [(ADA, "Ada"), (GRACE, "Grace"), (VERA, "Vera"), (STRANGER, "Stranger")] {
        let new = NewUser { id, email: None, name, password_hash: None, is_guest: false, is_operator: false };
        store.create_user(&new, 1).unwrap();
    }
    fixtures::create(&store, DOCUMENT, "Memo", &json!(TEXT), 1).unwrap();
    let workspace = store.workspace_of(DOCUMENT).unwrap();
    for user in [ADA, GRACE, VERA] {
        store.set_workspace_role(workspace, user, Role::Commenter, 1).unwrap();
    }
    (store, workspace)
}

fn comment(number: u128) -> CommentId {
    CommentId(Uuid::from_u128(number))
}

fn new(number: u128, author: UserId, body: &str) -> NewComment {
    NewComment {
        id: comment(number),
        document: DOCUMENT,
        thread: None,
        author,
        body: body.to_owned(),
        anchored: None,
        revision: Revision::ZERO,
    }
}

fn answer(number: u128, thread: u128, author: UserId, body: &str) -> NewComment {
    NewComment { thread: Some(comment(thread)), ..new(number, author, body) }
}

fn all() -> CommentQuery {
    CommentQuery { state: CommentState::All, thread: None, with: None, after: None, limit: 1_000 }
}

fn ids(comments: &[Comment]) -> Vec<u128> {
    comments.iter().map(|comment| comment.id.0.as_u128()).collect()
}

fn told(said: &coval_server::store::Said) -> Vec<(UserId, NotificationKind)> {
    said.notified.iter().map(|notified| (notified.user, notified.notification.kind)).collect()
}

fn a_thread_is_begun_answered_settled_and_opened_again(database: &Database) {
    let (store, workspace) = peopled(database);
    // Markup of the web is text like any other.
    let body = "<img src=x onerror=alert(1)> \"'\\ javascript:alert(1)\n\u{202e}😀";
    let begun = store.add_comment(&new(10, ADA, body), 1_000).unwrap().changed.remove(0);
    assert_eq!((begun.body.as_str(), begun.thread, begun.author.name.as_str()), (body, comment(10), "Ada"));
    assert_eq!((begun.created_at_ms, begun.resolved_at_ms, begun.anchor), (1_000, None, None));
    store.add_comment(&answer(11, 10, GRACE, "Why?"), 2_000).unwrap();
    let settled = store.resolve_thread(comment(10), GRACE, true, 3_000).unwrap();
    assert_eq!(told(&settled), [(ADA, NotificationKind::Resolved)]);
    let root = &settled.changed[0];
    assert_eq!(
        (root.resolved_at_ms, root.resolved_by.as_ref().map(|by| by.name.as_str())),
        (Some(3_000), Some("Grace"))
    );
    assert_eq!(told(&store.resolve_thread(comment(10), GRACE, true, 4_000).unwrap()), []);
    // Who answers has not settled it.
    let answered = store.add_comment(&answer(12, 10, ADA, "Because."), 5_000).unwrap();
    assert_eq!(ids(&answered.changed), [12, 10]);
    assert_eq!(answered.changed[1].resolved_at_ms, None);
    store.resolve_thread(comment(10), ADA, true, 6_000).unwrap();
    let opened = store.resolve_thread(comment(10), ADA, false, 7_000).unwrap();
    assert_eq!(told(&opened), [(GRACE, NotificationKind::Reopened)]);
    // Only a thread is settled, not an answer in it.
    assert_eq!(store.resolve_thread(comment(11), ADA, true, 8_000).unwrap_err(), StoreError::NotFound);
    let listed = store.comments(DOCUMENT, &all()).unwrap();
    assert_eq!(ids(&listed), [10, 11, 12]);
    assert!(store.verify_events(workspace).unwrap().broken.is_none());
}

fn a_comment_that_is_sent_twice_is_there_once(database: &Database) {
    let (store, _) = peopled(database);
    let once = new(10, ADA, &format!("Look, {}", mention::written(GRACE)));
    assert_eq!(told(&store.add_comment(&once, 1_000).unwrap()), [(GRACE, NotificationKind::Mention)]);
    let twice = store.add_comment(&once, 2_000).unwrap();
    assert_eq!((twice.changed[0].created_at_ms, twice.notified.len()), (1_000, 0));
    assert_eq!(store.add_comment(&new(10, GRACE, "Mine"), 3_000).unwrap_err(), StoreError::Conflict);
    assert_eq!(store.add_comment(&answer(10, 10, ADA, "Mine"), 3_000).unwrap().notified.len(), 0);
    assert_eq!(ids(&store.comments(DOCUMENT, &all()).unwrap()), [10]);
    assert_eq!(store.unread_notifications(GRACE).unwrap(), 1);
}

fn whoever_may_not_read_the_document_is_neither_named_nor_told(database: &Database) {
    let (store, _) = peopled(database);
    let body = [GRACE, STRANGER, UserId(Uuid::from_u128(999)), ADA].map(mention::written).join(" ");
    let said = store.add_comment(&new(10, ADA, &body), 1_000).unwrap();
    let named: Vec<_> = said.changed[0].mentions.iter().map(|named| named.name.as_str()).collect();
    assert_eq!(named, ["Ada", "Grace"]);
    assert_eq!(told(&said), [(GRACE, NotificationKind::Mention)]);
    assert_eq!(store.notifications(STRANGER, None, 10).unwrap(), []);
    let [notification] = store.notifications(GRACE, None, 10).unwrap().try_into().unwrap();
    assert_eq!(notification.actor.unwrap().name, "Ada");
    assert_eq!((notification.comment, notification.thread), (Some(comment(10)), Some(comment(10))));
    assert_eq!((notification.document, notification.title.as_deref()), (Some(DOCUMENT), Some("Memo")));
}

fn an_answer_tells_everybody_in_the_thread_once(database: &Database) {
    let (store, _) = peopled(database);
    store.add_comment(&new(10, ADA, &format!("{} sees this", mention::written(VERA))), 1_000).unwrap();
    store.add_comment(&answer(11, 10, GRACE, "So?"), 2_000).unwrap();
    let said = store.add_comment(&answer(12, 10, ADA, &format!("So, {}!", mention::written(GRACE))), 3_000).unwrap();
    assert_eq!(told(&said), [(GRACE, NotificationKind::Mention), (VERA, NotificationKind::Reply)]);
    // Named again, one is not told again.
    let edited = store.edit_comment(comment(12), ADA, &format!("So, {0} and {0}", mention::written(GRACE)), 4_000);
    assert_eq!(told(&edited.unwrap()), []);
    let edited = store.edit_comment(comment(12), ADA, &format!("And {}", mention::written(VERA)), 5_000).unwrap();
    assert_eq!(told(&edited), [(VERA, NotificationKind::Mention)]);
    store.read_notifications(VERA, None, 6_000).unwrap();
    assert_eq!(store.unread_notifications(VERA).unwrap(), 0);
    assert_eq!(store.unread_notifications(GRACE).unwrap(), 1);
    assert_eq!(store.add_comment(&answer(13, 99, ADA, "Where?"), 7_000).unwrap_err(), StoreError::NotFound);
}

fn what_is_deleted_says_nothing_any_more(database: &Database) {
    let (store, _) = peopled(database);
    store.add_comment(&new(10, ADA, &format!("A secret, {}", mention::written(GRACE))), 1_000).unwrap();
    store.add_comment(&answer(11, 10, GRACE, "Oh"), 2_000).unwrap();
    assert_eq!(store.delete_comment(comment(10), Whose::Own(GRACE), 3_000).unwrap_err(), StoreError::NotFound);
    let gone = store.delete_comment(comment(10), Whose::Own(ADA), 3_000).unwrap().changed.remove(0);
    assert_eq!((gone.body.as_str(), gone.mentions.len(), gone.deleted_at_ms), ("", 0, Some(3_000)));
    assert_eq!(store.notifications(GRACE, None, 10).unwrap(), []);
    assert_eq!(store.edit_comment(comment(10), ADA, "Back", 4_000).unwrap_err(), StoreError::NotFound);
    // What others answered stands where it stood.
    assert_eq!(ids(&store.comments(DOCUMENT, &all()).unwrap()), [10, 11]);
    store.delete_comment(comment(11), Whose::Any(ADA), 5_000).unwrap();
    assert_eq!(ids(&store.comments(DOCUMENT, &all()).unwrap()), []);
    assert_eq!(store.add_comment(&answer(12, 10, ADA, "Late"), 6_000).unwrap_err(), StoreError::NotFound);
}

fn a_comment_is_changed_by_its_author_alone(database: &Database) {
    let (store, _) = peopled(database);
    store.add_comment(&new(10, ADA, "Firts"), 1_000).unwrap();
    assert_eq!(store.edit_comment(comment(10), GRACE, "Hers", 2_000).unwrap_err(), StoreError::NotFound);
    let edited = store.edit_comment(comment(10), ADA, "First", 3_000).unwrap().changed.remove(0);
    assert_eq!((edited.body.as_str(), edited.edited_at_ms), ("First", Some(3_000)));
}

fn lists_are_filtered_and_go_on_where_they_ended(database: &Database) {
    let (store, _) = peopled(database);
    for (number, author) in [(10, ADA), (20, GRACE), (30, VERA)] {
        store.add_comment(&new(number, author, "Begun"), 1_000).unwrap();
    }
    store.add_comment(&answer(21, 20, ADA, "Mine too"), 2_000).unwrap();
    store.add_comment(&answer(31, 30, GRACE, &mention::written(ADA)), 2_000).unwrap();
    store.resolve_thread(comment(20), ADA, true, 3_000).unwrap();
    let list = |query: CommentQuery| ids(&store.comments(DOCUMENT, &query).unwrap());
    assert_eq!(list(CommentQuery { state: CommentState::Open, ..all() }), [10, 30, 31]);
    assert_eq!(list(CommentQuery { state: CommentState::Resolved, ..all() }), [20, 21]);
    assert_eq!(list(CommentQuery { thread: Some(comment(30)), ..all() }), [30, 31]);
    assert_eq!(list(CommentQuery { with: Some(ADA), ..all() }), [10, 20, 21, 30, 31]);
    assert_eq!(list(CommentQuery { with: Some(VERA), ..all() }), [30, 31]);
    assert_eq!(list(CommentQuery { limit: 2, ..all() }), [10, 20]);
    assert_eq!(list(CommentQuery { limit: 2, after: Some(comment(20)), ..all() }), [21, 30]);
    assert_eq!(list(CommentQuery { with: Some(ADA), state: CommentState::Open, limit: 1, ..all() }), [10]);
    assert_eq!(store.comments(DocumentId(Uuid::from_u128(5)), &all()).unwrap(), []);
}

fn a_thread_takes_no_more_comments_than_it_may(database: &Database) {
    let (store, _) = peopled(database);
    store.add_comment(&new(10, ADA, "Begun"), 1_000).unwrap();
    database.tamper(&format!(
        "INSERT INTO comments (id, document_id, thread_id, author_id, body, anchor_revision, is_anchor_lost, quote, \
                               created_at_ms) \
         WITH RECURSIVE counted (number) AS \
             (SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < {}) \
         SELECT '{}-' || number, document_id, thread_id, author_id, 'More', 0, false, '', 1 FROM comments, counted",
        COMMENTS_PER_THREAD - 2,
        Uuid::from_u128(7)
    ));
    store.add_comment(&answer(11, 10, ADA, "The last"), 2_000).unwrap();
    let Err(StoreError::LimitReached(reason)) = store.add_comment(&answer(12, 10, ADA, "Too many"), 3_000) else {
        panic!("it takes more");
    };
    assert!(reason.contains("500"), "{reason}");
}

fn an_annotation_is_made_changed_and_deleted(database: &Database) {
    let (store, _) = peopled(database);
    let anchored = Anchor::Text { path: path![], start: 16, end: 18 }.hang(&json!(TEXT)).unwrap();
    let id = AnnotationId(Uuid::from_u128(50));
    let new = NewAnnotation {
        id,
        document: DOCUMENT,
        author: ADA,
        kind: AnnotationKind::Highlight,
        colour: 3,
        body: String::new(),
        anchored,
        revision: Revision::ZERO,
    };
    let made = store.add_annotation(&new, 1_000).unwrap();
    assert_eq!((made.kind, made.colour, made.quote.as_str()), (AnnotationKind::Highlight, 3, "4%"));
    assert_eq!(store.add_annotation(&new, 2_000).unwrap(), made);
    let of_another = NewAnnotation { author: GRACE, ..new };
    assert_eq!(store.add_annotation(&of_another, 2_000).unwrap_err(), StoreError::Conflict);
    let change = AnnotationChange { body: Some("Source?".to_owned()), colour: None };
    assert_eq!(store.change_annotation(id, GRACE, &change, 3_000).unwrap_err(), StoreError::NotFound);
    let changed = store.change_annotation(id, ADA, &change, 3_000).unwrap();
    assert_eq!((changed.body.as_str(), changed.colour, changed.edited_at_ms), ("Source?", 3, Some(3_000)));
    assert_eq!(store.annotations(DOCUMENT, None, 10).unwrap(), [changed]);
    assert_eq!(store.annotations(DOCUMENT, Some(id), 10).unwrap(), []);
    assert_eq!(store.delete_annotation(id, Whose::Own(GRACE), 4_000).unwrap_err(), StoreError::NotFound);
    let gone = store.delete_annotation(id, Whose::Any(GRACE), 4_000).unwrap();
    assert_eq!((gone.body.as_str(), gone.deleted_at_ms), ("", Some(4_000)));
    assert_eq!(store.annotations(DOCUMENT, None, 10).unwrap(), []);
    assert_eq!(store.annotation(id).unwrap_err(), StoreError::NotFound);
}

fn anchors_are_carried_over_the_ops_since_and_stored_again(database: &Database) {
    const OPS: u64 = 1_200;
    let (store, _) = peopled(database);
    let anchored = Anchor::Text { path: path![], start: 16, end: 18 }.hang(&json!(TEXT)).unwrap();
    store.add_comment(&NewComment { anchored: Some(anchored), ..new(10, ADA, "Why?") }, 1_000).unwrap();
    let ops: Vec<Committed<JsonOp>> = (1..=OPS)
        .map(|number| Committed {
            revision: Revision(number),
            client: ClientId(Uuid::from_u128(1)),
            sequence: Sequence(number),
            op: JsonOp::edit_text(path![], TextOp::new().insert("😀")),
        })
        .collect();
    ops.chunks(300).for_each(|ops| store.append(DOCUMENT, ops, None, 2_000).unwrap());
    let stored = store.comment(comment(10)).unwrap();
    assert_eq!(stored.anchor_revision, Revision::ZERO);
    let moved = 16 + usize::try_from(OPS).unwrap();
    let expected = Anchor::Text { path: path![], start: moved, end: moved + 2 };
    let anchored = Anchored { anchor: stored.anchor.unwrap(), quote: stored.quote, is_lost: false };
    let mut hanging = [Hanging { anchored, revision: Revision::ZERO }];
    store.carry(DOCUMENT, &mut hanging, Revision(OPS)).unwrap();
    assert_eq!((&hanging[0].anchored.anchor, hanging[0].revision), (&expected, Revision(OPS)));
    store.carry_stored(DOCUMENT).unwrap();
    let carried = store.comment(comment(10)).unwrap();
    assert_eq!(
        (carried.anchor, carried.anchor_revision, carried.is_anchor_lost),
        (Some(expected), Revision(OPS), false)
    );
    let (revision, newest) = store.newest(DOCUMENT).unwrap();
    assert_eq!((revision, newest.as_str().unwrap().chars().count()), (Revision(OPS), moved + TEXT.len() - 16));
}

fn the_oldest_notifications_are_forgotten(database: &Database) {
    let (store, workspace) = peopled(database);
    database.tamper(&format!(
        "INSERT INTO notifications (id, user_id, kind, detail, workspace_id, created_at_ms) \
         WITH RECURSIVE counted (number) AS \
             (SELECT 100000 UNION ALL SELECT number + 1 FROM counted WHERE number < 100000 + {NOTIFICATIONS} - 1) \
         SELECT '00000000-0000-0000-0000-000000' || number, '{ADA}', '\"mention\"', '{{}}', '{}', 1 FROM counted",
        workspace.0
    ));
    assert_eq!(store.unread_notifications(ADA).unwrap(), u64::try_from(NOTIFICATIONS).unwrap());
    let notice = coval_server::store::Notice::new(NotificationKind::Invited, workspace);
    store.notify(&notice, &BTreeSet::from([ADA]), 5_000).unwrap();
    assert_eq!(store.unread_notifications(ADA).unwrap(), u64::try_from(NOTIFICATIONS).unwrap());
    let newest = store.notifications(ADA, None, 2).unwrap();
    assert_eq!((newest[0].kind, newest[0].created_at_ms), (NotificationKind::Invited, 5_000));
    let older = store.notifications(ADA, Some(newest[0].id), 1).unwrap();
    assert_eq!(older[0], newest[1]);
    store.read_notifications(ADA, Some(&[newest[0].id]), 6_000).unwrap();
    assert_eq!(store.unread_notifications(ADA).unwrap(), u64::try_from(NOTIFICATIONS).unwrap() - 1);
}

fn everything_that_is_said_is_in_the_record(database: &Database) {
    let (store, workspace) = peopled(database);
    store.add_comment(&new(10, ADA, "Why?"), 1_000).unwrap();
    store.add_comment(&answer(11, 10, GRACE, "So."), 2_000).unwrap();
    store.resolve_thread(comment(10), ADA, true, 3_000).unwrap();
    store.delete_comment(comment(11), Whose::Own(GRACE), 4_000).unwrap();
    let activity = store.document_activity(DOCUMENT, None, 10).unwrap();
    let actions: Vec<_> = activity.iter().map(|entry| entry.action.clone()).collect();
    assert_eq!(
        actions,
        [
            Action::CommentDeleted { comment: comment(11) },
            Action::CommentResolved { thread: comment(10) },
            Action::CommentReplied { thread: comment(10), comment: comment(11) },
            Action::CommentAdded { comment: comment(10) },
            Action::DocumentCreated { title: "Memo".to_owned() },
        ]
    );
    assert_eq!(activity[0].actor.as_ref().unwrap().name, "Grace");
    assert_eq!((activity[0].title.as_deref(), activity[4].actor.is_none()), (Some("Memo"), true));
    let part = store.workspace_activity(workspace, Some(activity[1].number), 2).unwrap();
    assert_eq!(part, activity[2..4]);
    // What cannot be read does not hide the rest.
    database.tamper("UPDATE events SET detail = '{', actor_id = 'nobody' WHERE action = 'comment_added'");
    let tampered = store.document_activity(DOCUMENT, None, 10).unwrap();
    assert_eq!((&tampered[3].action, &tampered[3].actor), (&Action::Unreadable, &None));
    assert!(store.verify_events(workspace).unwrap().broken.is_some());
}
