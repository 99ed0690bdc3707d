//! How a plan is played: a tie first, then what the plan says, then quiet.

use ot_core::codec::{Binary, Limits, decode_history, encode_history};
use ot_core::history::History;
use ot_core::json::{Json, JsonOp};
use ot_core::rich::{Attributes, Delta, Document, Rich};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{OtType, path};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Failure;
use super::plan::{Plan, Step};
use super::world::World;
use crate::generate::{Generated, Source};
use crate::targets::Lawful;

/// A type that sessions are played with.
pub(crate) trait Played: Generated<Op: Serialize + DeserializeOwned> {
    /// The document of a new session.
    fn start() -> Self::Snapshot;

    /// An edit of `start` that is in a tie with that of every other peer.
    fn tie(peer: usize) -> Self::Op;

    /// What has become of the place of the tie.
    fn tied(document: &Self::Snapshot) -> String;

    /// What must have become of it, as the crate documents: the op that is committed later has
    /// [`Side::Left`](ot_core::Side::Left). `order` has those who were committed, the latest first.
    fn tied_as_documented(order: &[usize]) -> String;

    /// A place in `document`.
    fn point(document: &Self::Snapshot, source: &mut impl Source) -> Self::Cursor;

    /// An op that acts where the cursor points, if one can act there and nowhere else.
    fn mark(cursor: &Self::Cursor) -> Option<Self::Op>;

    /// Whether there is something in the document where the cursor points.
    fn points_into(cursor: &Self::Cursor, document: &Self::Snapshot) -> bool;

    /// The history as it comes out of storage, if it can be written.
    fn stored(history: &History<Self>) -> Option<History<Self>>
    where
        Self: Sized,
    {
        let _ = history;
        None
    }
}

/// Through bytes.
fn reread<T: Binary>(history: &History<T>) -> Option<History<T>> {
    let bytes = encode_history(&history.to_parts()).unwrap();
    Some(History::from_parts(decode_history(&bytes, Limits::default()).unwrap()).unwrap())
}

fn digits(order: &[usize]) -> String {
    order.iter().map(ToString::to_string).collect()
}

impl Played for Text {
    fn start() -> Rope {
        Rope::from("<>")
    }

    fn tie(peer: usize) -> TextOp {
        TextOp::new().retain(1).insert(&peer.to_string())
    }

    fn tied(document: &Rope) -> String {
        document.to_string()
    }

    fn tied_as_documented(order: &[usize]) -> String {
        format!("<{}>", digits(order))
    }

    fn point(document: &Rope, source: &mut impl Source) -> usize {
        <Self as Lawful>::cursor(document, source)
    }

    fn mark(cursor: &usize) -> Option<TextOp> {
        <Self as Lawful>::mark(cursor)
    }

    fn points_into(cursor: &usize, document: &Rope) -> bool {
        <Self as Lawful>::points_into(cursor, document)
    }

    fn stored(history: &History<Self>) -> Option<History<Self>> {
        reread(history)
    }
}

fn coloured(peer: usize) -> Attributes {
    Attributes::from_iter([(String::from("color"), json!(peer))])
}

impl Played for Rich {
    fn start() -> Document {
        Document::try_from(Delta::new().insert("<>")).unwrap()
    }

    /// In the text, and in an attribute.
    fn tie(peer: usize) -> Delta {
        Delta::new().retain_with(1, coloured(peer)).insert(&peer.to_string())
    }

    fn tied(document: &Document) -> String {
        serde_json::to_value(document.as_delta()).unwrap().to_string()
    }

    fn tied_as_documented(order: &[usize]) -> String {
        let delta = Delta::new().insert_with("<", coloured(order[0])).insert(&format!("{}>", digits(order)));
        serde_json::to_value(delta).unwrap().to_string()
    }

    fn point(document: &Document, source: &mut impl Source) -> usize {
        <Self as Lawful>::cursor(document, source)
    }

    fn mark(cursor: &usize) -> Option<Delta> {
        <Self as Lawful>::mark(cursor)
    }

    fn points_into(cursor: &usize, document: &Document) -> bool {
        <Self as Lawful>::points_into(cursor, document)
    }

    fn stored(history: &History<Self>) -> Option<History<Self>> {
        reread(history)
    }
}

impl Played for Json {
    fn start() -> Value {
        json!({
            "value": "nobody's",
            "list": [],
            "text": "",
            "sum": 0.5,
            "rows": [{"label": "Revenue", "cells": {}}],
            "item": {},
            "pair": ["nobody's"],
        })
    }

    /// At a key, at a place of a list, in a string, about where a value moves to, and between what replaces an item and
    /// what comes behind it, at once.
    fn tie(peer: usize) -> JsonOp {
        let letter = TextOp::new().insert(&peer.to_string());
        let pair = if peer.is_multiple_of(2) {
            JsonOp::replace(path!["pair", 0], json!(peer))
        } else {
            JsonOp::insert(path!["pair", 1], json!(peer))
        };
        [
            pair,
            JsonOp::insert(path!["list", 0], json!(peer)),
            JsonOp::edit_text(path!["text"], letter),
            JsonOp::move_to(path!["item"], path!["rows", 0, "cells", peer.to_string()]).unwrap(),
        ]
        .iter()
        .fold(JsonOp::replace(path!["value"], json!(peer)), |op, next| Self::compose(&op, next).unwrap())
    }

    fn tied(document: &Value) -> String {
        let places = ["/value", "/list", "/text", "/rows/0/cells", "/pair"];
        let [value, list, text, item, pair] = places.map(|place| document.pointer(place).unwrap());
        format!("{value} {list} {text} {item} {pair}")
    }

    fn tied_as_documented(order: &[usize]) -> String {
        let list = json!(order);
        format!("{} {list} \"{}\" {{\"{}\":{{}}}} {list}", order[0], digits(order), order[0])
    }

    fn point(document: &Value, source: &mut impl Source) -> Self::Cursor {
        <Self as Lawful>::cursor(document, source)
    }

    fn mark(cursor: &Self::Cursor) -> Option<JsonOp> {
        <Self as Lawful>::mark(cursor)
    }

    fn points_into(cursor: &Self::Cursor, document: &Value) -> bool {
        <Self as Lawful>::points_into(cursor, document)
    }

    fn stored(history: &History<Self>) -> Option<History<Self>> {
        reread(history)
    }
}

/// Plays `plan`, and returns all that happened, one event a line.
pub(crate) fn play<T: Played>(plan: &Plan) -> Result<Vec<String>, Failure> {
    let mut world = World::<T>::new(plan);
    match session(&mut world, plan) {
        Ok(()) => Ok(world.into_trace()),
        Err(reason) => Err(Failure { reason, trace: world.into_trace(), plan: plan.clone() }),
    }
}

fn session<T: Played>(world: &mut World<T>, plan: &Plan) -> Result<(), String> {
    for peer in 0..plan.peers {
        world.edit(peer, T::tie(peer))?;
    }
    world.settle()?;
    let (tied, documented) = (T::tied(world.document()), T::tied_as_documented(&world.latest_first()));
    if tied != documented {
        return Err(format!("the tie ended as {tied}, and is documented to end as {documented}"));
    }

    world.allow_faults();
    for step in &plan.steps {
        match *step {
            Step::Deliver(messages) => {
                for _ in 0..messages {
                    world.deliver()?;
                }
            }
            Step::Edit(peer, choice) => world.edit_at_random(peer, choice)?,
            Step::Undo(peer) => world.take_back(peer, false)?,
            Step::Redo(peer) => world.take_back(peer, true)?,
            Step::Point(peer, choice) => world.point(peer, choice),
            Step::Cut(peer) => world.cut(peer),
            Step::Connect(peer) => world.connect(peer),
            Step::RestartClient(peer) => world.restart_client(peer),
            Step::RestartServer => world.restart(),
            Step::Refuse => world.refuse_next(),
            Step::Compact(before) => world.compact(before)?,
            Step::Fork(before) => world.fork(before)?,
            Step::EditBranch(choice) => world.edit_branch(choice)?,
            Step::Merge => world.merge()?,
            Step::Update => world.update()?,
        }
    }
    world.settle()?;
    world.merge()?;
    world.settle()?;
    world.update()?;
    world.check_branch()?;
    world.check_storage()
}
