//! Small cases, all of them: every sequence of up to three edits on a small document, by up to three users.

use ot_core::client::Received;
use ot_core::json::{Json, JsonOp};
use ot_core::rich::{Attributes, Delta, Document, Rich};
use ot_core::server::Submitted;
use ot_core::text::{Rope, Text, TextOp};
use ot_core::undo::UndoManager;
use ot_core::{Client, ClientId, OtType, Revision, Server, Side, Submission, compose_all, path};
use serde_json::{Value, json};
use uuid::Uuid;

/// A type with a small document of which all small edits can be listed.
trait Small: OtType {
    fn start() -> Self::Snapshot;

    /// All edits of `document` that `user` makes.
    fn edits(document: &Self::Snapshot, user: usize) -> Vec<Self::Op>;
}

impl Small for Text {
    fn start() -> Rope {
        Rope::from("ab")
    }

    fn edits(document: &Rope, user: usize) -> Vec<TextOp> {
        let length = document.len_chars();
        let inserts = (0..=length).map(|at| TextOp::new().retain(at).insert(["x", "y", "z"][user]));
        let deletes = (0..length).map(|at| TextOp::new().retain(at).delete(1));
        inserts.chain(deletes).collect()
    }
}

impl Small for Rich {
    fn start() -> Document {
        Document::from("ab")
    }

    fn edits(document: &Document, user: usize) -> Vec<Delta> {
        let length = Self::length(document);
        let colour = Attributes::from_iter([(String::from("color"), json!(user))]);
        let inserts = (0..=length).step_by(2).map(|at| Delta::new().retain(at).insert(["x", "y", "z"][user]));
        let deletes = (0..length).map(|at| Delta::new().retain(at).delete(1));
        let colours = (0..length.min(1)).map(|at| Delta::new().retain(at).retain_with(1, colour.clone()));
        inserts.chain(deletes).chain(colours).collect()
    }
}

impl Small for Json {
    fn start() -> Value {
        json!({"list": [1], "key": {"in": 2}})
    }

    fn edits(document: &Value, user: usize) -> Vec<JsonOp> {
        let list = || path!["list", 0];
        let all = [
            JsonOp::insert(list(), json!(user)),
            JsonOp::remove(list()),
            JsonOp::replace(list(), json!(user)),
            JsonOp::remove(path!["key"]),
            JsonOp::move_to(path!["key"], list()).unwrap(),
            JsonOp::move_to(list(), path!["key", "to"]).unwrap(),
            JsonOp::move_to(path!["key", "in"], path!["new"]).unwrap(),
            JsonOp::insert(path!["key", "to"], json!(user)),
        ];
        let fits = |op: &JsonOp| Self::apply(&mut document.clone(), op).is_ok();
        all.into_iter().filter(fits).collect()
    }
}

fn applied<T: OtType>(document: &T::Snapshot, op: &T::Op) -> T::Snapshot {
    let mut document = document.clone();
    T::apply(&mut document, op).unwrap_or_else(|error| panic!("{op:?} on {document:?}: {error}"));
    document
}

/// Every sequence of 1 to `length` edits by `user`.
fn sequences<T: Small>(user: usize, length: usize) -> Vec<Vec<T::Op>> {
    let mut open = vec![(Vec::new(), T::start())];
    let mut all = Vec::new();
    for _ in 0..length {
        let mut longer = Vec::new();
        for (ops, document) in &open {
            for op in T::edits(document, user) {
                let ops: Vec<_> = ops.iter().cloned().chain([op.clone()]).collect();
                longer.push((ops, applied::<T>(document, &op)));
            }
        }
        all.extend(longer.iter().map(|(ops, _)| ops.clone()));
        open = longer;
    }
    all
}

/// TP1 on lists, each op behind each other, and on the two lists composed; and what takes a list back.
fn laws_on_lists<T: Small>(ours: usize, theirs: usize) {
    let start = T::start();
    let (all_ours, all_theirs) = (sequences::<T>(0, ours), sequences::<T>(1, theirs));
    for a in &all_ours {
        let after_a = a.iter().fold(start.clone(), |document, op| applied::<T>(&document, op));
        let whole = compose_all::<T>(a.iter().cloned()).unwrap();
        assert_eq!(applied::<T>(&start, &whole), after_a, "{a:?}");
        assert_eq!(applied::<T>(&after_a, &T::invert(&whole, &start).unwrap()), start, "{a:?}");
        for b in &all_theirs {
            let after_b = b.iter().fold(start.clone(), |document, op| applied::<T>(&document, op));
            let (mut a_behind, mut b_behind) = (a.clone(), Vec::new());
            for op in b {
                let mut op = op.clone();
                for ours in &mut a_behind {
                    let moved = T::transform(ours, &op, Side::Left);
                    op = T::transform(&op, ours, Side::Right);
                    *ours = moved;
                }
                b_behind.push(op);
            }
            let a_then_b = b_behind.iter().fold(after_a.clone(), |document, op| applied::<T>(&document, op));
            let b_then_a = a_behind.iter().fold(after_b.clone(), |document, op| applied::<T>(&document, op));
            assert_eq!(a_then_b, b_then_a, "{a:?} and {b:?}");

            let other = compose_all::<T>(b.iter().cloned()).unwrap();
            let a_then_b = applied::<T>(&after_a, &T::transform(&other, &whole, Side::Right));
            let b_then_a = applied::<T>(&after_b, &T::transform(&whole, &other, Side::Left));
            assert_eq!(a_then_b, b_then_a, "{a:?} and {b:?}, composed");
        }
    }
}

#[test]
fn the_laws_hold_on_all_small_lists_of_text_edits() {
    laws_on_lists::<Text>(3, 2);
}

#[test]
fn the_laws_hold_on_all_small_lists_of_rich_text_edits() {
    laws_on_lists::<Rich>(2, 2);
}

#[test]
fn the_laws_hold_on_all_small_lists_of_json_edits() {
    laws_on_lists::<Json>(2, 2);
}

/// Three clients and a server, with everything under way.
struct Session<T: OtType> {
    server: Server<T>,
    clients: Vec<Client<T>>,
    waiting: Vec<Option<Submission<T::Op>>>,
}

/// What arrives before an edit.
#[derive(Clone, Copy, Debug)]
enum Arrives {
    Nothing,
    /// What was submitted arrives at the server, and nobody hears of it.
    Submissions,
    Everything,
}

impl<T: Small> Clone for Session<T>
where
    Server<T>: Clone,
    Client<T>: Clone,
{
    fn clone(&self) -> Self {
        Self { server: self.server.clone(), clients: self.clients.clone(), waiting: self.waiting.clone() }
    }
}

impl<T: Small> Session<T> {
    fn new() -> Self {
        let client = |id| Client::new(ClientId(Uuid::from_u128(id)), T::start(), Revision::ZERO);
        Self {
            server: Server::new(T::start(), Revision::ZERO),
            clients: (1..=3).map(client).collect(),
            waiting: vec![None, None, None],
        }
    }

    fn edit(&mut self, user: usize, op: T::Op) {
        if let Some(submission) = self.clients[user].edit(op).unwrap() {
            self.waiting[user] = Some(submission);
        }
    }

    fn submissions_arrive(&mut self) -> bool {
        let mut arrived = false;
        for waiting in &mut self.waiting {
            if let Some(submission) = waiting.take() {
                assert!(matches!(self.server.submit(submission).unwrap(), Submitted::Committed(_)));
                arrived = true;
            }
        }
        arrived
    }

    fn everything_arrives(&mut self) {
        loop {
            let arrived = self.submissions_arrive();
            for (client, waiting) in self.clients.iter_mut().zip(&mut self.waiting) {
                for committed in self.server.since(client.revision()).unwrap() {
                    if let Received::Acknowledged(Some(next)) = client.receive(committed).unwrap() {
                        *waiting = Some(next);
                    }
                }
            }
            if !arrived && self.waiting.iter().all(Option::is_none) {
                break;
            }
        }
        for client in &self.clients {
            assert_eq!(client.document(), self.server.document());
            assert_eq!(client.confirmed(), self.server.document());
        }
    }
}

/// Every session of three edits: whoever makes them, and whatever has arrived before each.
fn all_sessions_converge<T: Small>()
where
    Session<T>: Clone,
{
    // The names of the users do not matter, so the first one is always the same, and the second one that or another.
    let mut open = vec![Session::<T>::new()];
    for users in 1..=3 {
        let mut longer = Vec::new();
        for session in &open {
            for arrives in [Arrives::Nothing, Arrives::Submissions, Arrives::Everything] {
                let mut session = session.clone();
                match arrives {
                    Arrives::Nothing => {}
                    Arrives::Submissions if users == 1 => continue,
                    Arrives::Submissions => drop(session.submissions_arrive()),
                    Arrives::Everything if users == 1 => continue,
                    Arrives::Everything => session.everything_arrives(),
                }
                for user in 0..users {
                    for op in T::edits(session.clients[user].document(), user) {
                        let mut session = session.clone();
                        session.edit(user, op);
                        longer.push(session);
                    }
                }
            }
        }
        for session in &longer {
            session.clone().everything_arrives();
        }
        open = longer;
    }
    assert!(open.len() > 1_000, "only {} sessions", open.len());
}

#[test]
fn all_small_text_sessions_converge() {
    all_sessions_converge::<Text>();
}

#[test]
fn all_small_rich_text_sessions_converge() {
    all_sessions_converge::<Rich>();
}

#[test]
fn all_small_json_sessions_converge() {
    all_sessions_converge::<Json>();
}

/// Every sequence of up to three edits, each one's own or somebody else's: all can be undone, and redone. Alone, undo
/// leads back to the start. `is_right` says whether a document is one in which everything of one's own is undone.
fn undo_laws<T: Small>(is_right: impl Fn(&T::Snapshot, &[(usize, T::Op)]) -> bool) {
    let mut open = vec![Vec::new()];
    while let Some(made) = open.pop() {
        let end = undone_and_redone::<T>(&made, &is_right);
        if made.len() < 3 {
            for user in 0..2 {
                let longer = |op| made.iter().cloned().chain([(user, op)]).collect();
                open.extend(T::edits(&end, user).into_iter().map(longer));
            }
        }
    }
}

/// Returns the document after the edits.
fn undone_and_redone<T: Small>(
    made: &[(usize, T::Op)],
    is_right: impl Fn(&T::Snapshot, &[(usize, T::Op)]) -> bool,
) -> T::Snapshot {
    let mut document = T::start();
    let mut undo = UndoManager::<T>::default();
    for (user, op) in made {
        undo.close_group();
        if *user == 0 {
            undo.edited(op, &document, Vec::new(), 0).unwrap();
        } else {
            undo.remote(op);
        }
        document = applied::<T>(&document, op);
    }
    let end = document.clone();
    while let Some(next) = undo.undo(&document, Vec::new()).unwrap() {
        document = applied::<T>(&document, &next.op);
    }
    assert!(is_right(&document, made), "{made:?} is undone to {document:?}");
    if made.iter().all(|(user, _)| *user == 0) {
        assert_eq!(document, T::start(), "{made:?}");
    }
    // Nobody edits between undo and redo.
    while let Some(next) = undo.redo(&document, Vec::new()).unwrap() {
        document = applied::<T>(&document, &next.op);
    }
    assert_eq!(document, end, "{made:?}");
    end
}

/// None of one's own letters are left, all of the others' that they have not removed, and of the first ones those that
/// the others have not removed.
#[test]
fn undo_takes_back_ones_own_letters_and_no_others_in_all_small_texts() {
    undo_laws::<Text>(|document, made| {
        let mut theirs: Vec<char> = "ab".chars().collect();
        let mut text = Text::start().to_string();
        for (user, op) in made {
            let before = text.clone();
            ot_core::text::apply_to_string(&mut text, op).unwrap();
            if *user == 1 {
                for letter in ["a", "b", "y"] {
                    let count = |text: &str| text.matches(letter).count();
                    for _ in count(&text)..count(&before) {
                        let at = theirs.iter().position(|kept| letter.starts_with(*kept)).unwrap();
                        theirs.remove(at);
                    }
                    for _ in count(&before)..count(&text) {
                        theirs.extend(letter.chars());
                    }
                }
            }
        }
        let mut left: Vec<char> = document.to_string().chars().collect();
        left.sort_unstable();
        theirs.sort_unstable();
        left == theirs
    });
}

#[test]
fn undo_takes_back_ones_own_work_in_all_small_rich_texts() {
    undo_laws::<Rich>(|document, _| {
        let text = serde_json::to_string(document).unwrap();
        !text.contains('x') && !text.contains("\"color\":0")
    });
}

#[test]
fn undo_takes_back_ones_own_values_in_all_small_json_documents() {
    undo_laws::<Json>(|document, _| !document.to_string().contains('0'));
}
