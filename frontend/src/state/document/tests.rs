use super::*;
use coval_shared::protocol::{DocumentKind, UserId};
use coval_shared::rights::Role;
use ot_core::path;
use serde_json::json;
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const ID: DocumentId = DocumentId(Uuid::from_u128(1));
const ME: ClientId = ClientId(Uuid::from_u128(2));
const OTHER: ClientId = ClientId(Uuid::from_u128(3));

fn model(sales: f64) -> Value {
    json!({
        "schema": 1,
        "currency": "USD",
        "periods": [{"id": "p1", "label": "2024A", "kind": "history"}],
        "sections": [{"id": "s", "label": "Sales", "items": [
            {"id": "sales", "name": "sales", "label": "Sales", "unit": "", "format": "number", "span": "period",
             "values": {"p1": sales}, "note": ""},
            {"id": "cost", "name": "cost", "label": "Cost", "unit": "", "format": "number", "span": "period",
             "values": {"p1": 1.0}, "note": ""}
        ]}],
        "outputs": []
    })
}

fn snapshot(revision: u64, last: u64, sales: f64) -> ServerMessage {
    snapshot_of(DocumentKind::Model, (revision, last), model(sales))
}

fn snapshot_of(kind: DocumentKind, (revision, last): (u64, u64), snapshot: Value) -> ServerMessage {
    ServerMessage::DocumentSnapshot {
        document: ID,
        number: 1,
        title: "Title".into(),
        kind,
        role: Role::Editor,
        revision: Revision(revision),
        last_sequence: Sequence(last),
        writers: Vec::new(),
        snapshot,
    }
}

fn loaded() -> Document {
    let mut document = Document::new(ID, ME);
    let _ = document.open();
    let _ = document.hear(snapshot(7, 0, 10.0));
    document
}

fn loaded_memo() -> Document {
    let mut document = Document::new(ID, ME);
    let _ = document.hear(snapshot_of(DocumentKind::Memo, (4, 0), json!("Cash")));
    document
}

fn set(item: usize, value: f64) -> JsonOp {
    JsonOp::replace(path!["sections", 0, "items", item, "values", "p1"], json!(value))
}

fn committed(revision: u64, client: ClientId, sequence: u64, op: JsonOp) -> Committed<JsonOp> {
    Committed { revision: Revision(revision), client, sequence: Sequence(sequence), op }
}

fn updated(updates: Vec<Committed<JsonOp>>) -> ServerMessage {
    ServerMessage::DocumentUpdated { document: ID, updates }
}

fn resumed(updates: Vec<Committed<JsonOp>>) -> ServerMessage {
    let (title, writers) = ("Model".into(), Vec::new());
    ServerMessage::DocumentResumed {
        document: ID,
        number: 1,
        title,
        role: Role::Editor,
        last_sequence: Sequence(0),
        writers,
        updates,
    }
}

fn ack(sequence: u64, revision: u64) -> ServerMessage {
    ServerMessage::DocumentAck { document: ID, sequence: Sequence(sequence), revision: Revision(revision) }
}

fn refusal(code: ErrorCode, sequence: u64) -> ServerMessage {
    ServerMessage::Error {
        code,
        message: "no".into(),
        document: Some(ID),
        sequence: Some(Sequence(sequence)),
        about: None,
    }
}

/// What was sent, as (sequence, base) of edits.
fn edits(effects: &[Effect]) -> Vec<(u64, u64)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(ClientMessage::DocumentEdit { sequence, base, .. }) => Some((sequence.0, base.0)),
            _ => None,
        })
        .collect()
}

/// What was asked for, as the revisions in `document_open`.
fn opens(effects: &[Effect]) -> Vec<Option<u64>> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(ClientMessage::DocumentOpen { since, .. }) => Some(since.map(|revision| revision.0)),
            _ => None,
        })
        .collect()
}

fn lost(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .flat_map(|effect| match effect {
            Effect::Tell(notice) => notice.lost.clone(),
            _ => Vec::new(),
        })
        .collect()
}

fn sales(document: &Document) -> f64 {
    document.content().unwrap().json()["sections"][0]["items"][0]["values"]["p1"].as_f64().unwrap()
}

#[test]
fn an_edit_is_sent_at_once_and_the_next_ones_wait_for_its_answer() {
    let mut document = loaded();
    assert_eq!(edits(&document.edit(set(0, 11.0), "a".into(), 0).unwrap()), [(1, 7)]);
    assert_eq!(edits(&document.edit(set(0, 12.0), "b".into(), 0).unwrap()), []);
    assert_eq!(edits(&document.edit(set(1, 13.0), "c".into(), 0).unwrap()), []);
    assert_eq!(document.unsaved(), 3);
    assert_eq!(edits(&document.hear(ack(1, 8))), [(2, 8)]);
    assert_eq!(document.unsaved(), 2);
    assert_eq!(edits(&document.hear(ack(2, 9))), []);
    assert_eq!(document.unsaved(), 0);
}

#[test]
fn edits_made_without_a_connection_are_kept_and_sent_after_what_others_did() {
    let mut document = loaded();
    let _ = document.disconnect();
    assert_eq!(edits(&document.edit(set(0, 11.0), "a".into(), 0).unwrap()), []);
    let _ = document.edit(set(0, 12.0), "b".into(), 0).unwrap();
    assert_eq!(opens(&document.open()), [Some(7)]);
    let effects = document.hear(resumed(vec![committed(8, OTHER, 1, set(1, 5.0))]));
    assert_eq!(edits(&effects), [(1, 8)]);
    assert_eq!(sales(&document), 12.0);
    assert_eq!(document.unsaved(), 2);
}

#[test]
fn an_edit_that_arrived_before_the_cut_is_not_sent_again() {
    let mut document = loaded();
    let op = set(0, 11.0);
    let _ = document.edit(op.clone(), "a".into(), 0).unwrap();
    let _ = document.edit(set(0, 12.0), "b".into(), 0).unwrap();
    let _ = document.disconnect();
    let _ = document.open();
    let effects = document.hear(resumed(vec![committed(8, ME, 1, op)]));
    assert_eq!(edits(&effects), [(2, 8)]);
    assert_eq!(document.unsaved(), 1);
}

#[test]
fn a_missing_revision_is_asked_for_and_nothing_unsent_is_dropped() {
    let mut document = loaded();
    let _ = document.edit(set(0, 11.0), "a".into(), 0).unwrap();
    let effects = document.hear(updated(vec![committed(9, OTHER, 2, set(1, 5.0))]));
    assert_eq!(opens(&effects), [Some(7)]);
    // Until the answer is there, what comes is part of the answer.
    assert_eq!(document.hear(updated(vec![committed(10, OTHER, 3, set(1, 6.0))])), []);
    let answer = vec![
        committed(8, OTHER, 1, set(1, 4.0)),
        committed(9, OTHER, 2, set(1, 5.0)),
        committed(10, OTHER, 3, set(1, 6.0)),
    ];
    assert_eq!(edits(&document.hear(resumed(answer))), [(1, 10)]);
    assert_eq!(sales(&document), 11.0);
}

#[test]
fn a_refused_edit_is_undone_and_named() {
    let mut document = loaded();
    let _ = document.edit(set(0, 11.0), "Sales, 2024A: 11".into(), 0).unwrap();
    assert_eq!(opens(&document.hear(refusal(ErrorCode::OpInvalid, 1))), [None]);
    let effects = document.hear(snapshot(7, 0, 10.0));
    assert_eq!(lost(&effects), ["Sales, 2024A: 11"]);
    assert_eq!(sales(&document), 10.0);
    assert_eq!(document.unsaved(), 0);
    assert_eq!(edits(&document.edit(set(0, 12.0), "b".into(), 0).unwrap()), [(1, 7)]);
}

#[test]
fn an_edit_that_a_new_snapshot_contains_is_not_named_as_lost() {
    let mut document = loaded();
    let _ = document.edit(set(0, 11.0), "a".into(), 0).unwrap();
    let _ = document.edit(set(1, 12.0), "b".into(), 0).unwrap();
    let _ = document.disconnect();
    let _ = document.open();
    assert_eq!(lost(&document.hear(snapshot(20_000, 1, 11.0))), ["b"]);
}

#[test]
fn an_edit_that_could_not_be_stored_is_sent_again_later() {
    let mut document = loaded();
    let _ = document.edit(set(0, 11.0), "a".into(), 0).unwrap();
    for code in [ErrorCode::Unavailable, ErrorCode::ReadOnly] {
        let effects = document.hear(refusal(code, 1));
        assert!(effects.contains(&Effect::ResendLater));
        assert_eq!(edits(&document.resend()), [(1, 7)]);
        assert_eq!(document.unsaved(), 1);
    }
}

#[test]
fn an_edit_that_leaves_no_model_is_refused_at_once() {
    let mut document = loaded();
    let op = JsonOp::replace(path!["periods"], json!("none"));
    assert!(document.edit(op, "a".into(), 0).is_err());
    assert_eq!(document.unsaved(), 0);
    assert_eq!(sales(&document), 10.0);
}

#[test]
fn people_come_move_and_leave_and_oneself_is_not_among_them() {
    let person = |client: ClientId, name: &str| Person {
        client,
        user: UserId(client.0),
        name: name.into(),
        colour: 0,
        cursor: None,
        selection: None,
        is_typing: false,
    };
    let update = |is_all, people, left| ServerMessage::PresenceUpdate {
        document: ID,
        revision: Revision(7),
        is_all,
        count: 2,
        people,
        left,
    };
    let mut document = loaded();
    let third = ClientId(Uuid::from_u128(9));
    let shown = |people: &[Person]| [Effect::ShowPeople(people.to_vec())];
    let (grace, emmy) = (person(OTHER, "Grace"), person(third, "Emmy"));
    assert_eq!(
        document.hear(update(true, vec![person(ME, "Ada"), grace.clone()], vec![])),
        shown(std::slice::from_ref(&grace))
    );
    assert_eq!(document.hear(update(false, vec![emmy.clone()], vec![])), shown(&[grace, emmy.clone()]));
    let renamed = person(OTHER, "G. Hopper");
    assert_eq!(document.hear(update(false, vec![renamed.clone()], vec![third])), shown(&[renamed]));
    assert_eq!(document.hear(update(true, vec![emmy.clone()], vec![])), shown(&[emmy]));
}

#[test]
fn a_document_that_does_not_exist_is_said_to_be_missing() {
    let mut document = Document::new(ID, ME);
    let _ = document.open();
    let effects = document.hear(ServerMessage::Error {
        code: ErrorCode::UnknownDocument,
        message: "there is no document 1".into(),
        document: Some(ID),
        sequence: None,
        about: None,
    });
    assert_eq!(effects, [Effect::Show, Effect::Missing(words!(common.unknown_document).into())]);
}

#[test]
fn who_may_no_longer_edit_is_told_and_can_go_on_reading() {
    let mut document = Document::new(ID, ME);
    let _ = document.hear(snapshot(4, 0, 10.0));
    let effects = document.hear(ServerMessage::AccessUpdate { document: ID, role: Some(Role::Viewer) });
    let told = effects.iter().any(|effect| matches!(effect, Effect::Tell(notice) if notice.what.contains("Read-only")));
    assert!(told, "{effects:?}");
    let op = JsonOp::replace(path!["sections", 0, "items", 0, "values", "p1"], 1);
    assert_eq!(document.edit(op.clone(), String::new(), 0), Err(EditRefused::ReadOnly));
    let _ = document.hear(ServerMessage::AccessUpdate { document: ID, role: Some(Role::Editor) });
    assert!(document.edit(op, String::new(), 0).is_ok());
}

#[test]
fn who_may_no_longer_read_sees_nothing_more() {
    let mut document = Document::new(ID, ME);
    let _ = document.hear(snapshot(4, 0, 10.0));
    let effects = document.hear(ServerMessage::AccessUpdate { document: ID, role: None });
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Missing(_))), "{effects:?}");
    assert!(!document.is_live());
}

#[test]
fn who_may_no_longer_read_is_told_what_was_not_saved() {
    let mut document = loaded();
    let _ = document.edit(set(0, 11.0), "Sales: 11".into(), 0);
    let effects = document.hear(ServerMessage::AccessUpdate { document: ID, role: None });
    let told = effects.iter().find_map(|effect| match effect {
        Effect::Tell(notice) => Some(notice.lost.clone()),
        _ => None,
    });
    assert_eq!(told, Some(vec!["Sales: 11".to_owned()]));
    assert_eq!((document.unsaved(), document.content().is_none()), (0, true));
}

#[test]
fn a_memo_is_shown_as_others_write_it() {
    let mut document = loaded_memo();
    let op = TextOp::edit(4, 0, " flow");
    let update = committed(5, OTHER, 1, JsonOp::edit_text(path![], op.clone()));
    let effects = document.hear(updated(vec![update]));
    assert_eq!(effects, [Effect::Text(TextChange::Edited(op)), Effect::Show]);
    assert_eq!(document.content().and_then(Content::text), Some("Cash flow"));
}

#[test]
fn what_one_did_oneself_is_taken_back_under_what_others_did() {
    let mut document = loaded();
    let _ = document.edit(set(0, 11.0), "a".into(), 0).unwrap();
    let _ = document.hear(ack(1, 8));
    let _ = document.hear(updated(vec![committed(9, OTHER, 1, set(1, 5.0))]));
    assert_eq!(edits(&document.step(Step::Undo, "undo".into()).unwrap()), [(2, 9)]);
    assert_eq!(sales(&document), 10.0);
    assert_eq!(document.content().unwrap().json()["sections"][0]["items"][1]["values"]["p1"], json!(5.0));
    assert_eq!(document.step(Step::Undo, "undo".into()).unwrap(), []);
    let _ = document.hear(ack(2, 10));
    assert_eq!(edits(&document.step(Step::Redo, "redo".into()).unwrap()), [(3, 10)]);
    assert_eq!(sales(&document), 11.0);
}

#[test]
fn what_is_typed_in_a_memo_is_shown_sent_and_taken_back_as_one() {
    let mut document = loaded_memo();
    let typed = |position, text| JsonOp::edit_text(path![], TextOp::edit(position, 0, text));
    assert_eq!(edits(&document.edit(typed(4, "!"), "a".into(), 0).unwrap()), [(1, 4)]);
    let _ = document.edit(typed(5, "?"), "b".into(), 10).unwrap();
    // Somebody else writes before it.
    let op = TextOp::edit(0, 0, "More ");
    let effects = document.hear(updated(vec![committed(5, OTHER, 1, JsonOp::edit_text(path![], op.clone()))]));
    assert_eq!(effects.first(), Some(&Effect::Text(TextChange::Edited(op))));
    assert_eq!(document.content().and_then(Content::text), Some("More Cash!?"));
    let effects = document.step(Step::Undo, "undo".into()).unwrap();
    assert_eq!(effects.first(), Some(&Effect::Text(TextChange::Edited(TextOp::edit(9, 2, "")))));
    assert_eq!(document.content().and_then(Content::text), Some("More Cash"));
}
