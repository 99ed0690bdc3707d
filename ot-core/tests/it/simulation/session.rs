//! The plan of a session: a tie first, then edits and faults at random, then quiet.

use ot_core::json::{Json, JsonOp};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{OtType, path};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Failure;
use super::world::{PEERS, World};
use crate::generate::{Generated, Source, SplitMix64};

/// A type that sessions are played with.
pub(crate) trait Played: Generated<Op: Serialize + DeserializeOwned> {
    /// The document of a new session.
    fn start() -> Self::Snapshot;

    /// An edit of `start` that is in a tie with that of every other peer.
    fn tie(peer: usize) -> Self::Op;

    /// What has become of the place of the tie.
    fn tied(document: &Self::Snapshot) -> String;

    /// What must have become of it, as the crate documents: the op that is committed later has
    /// [`Side::Left`](ot_core::Side::Left).
    fn tied_as_documented(earlier: usize, later: usize) -> String;
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

    fn tied_as_documented(earlier: usize, later: usize) -> String {
        format!("<{later}{earlier}>")
    }
}

impl Played for Json {
    fn start() -> Value {
        json!({"value": "nobody's", "list": [], "text": "", "sum": 0.5, "rows": [{"label": "Revenue", "cells": {}}]})
    }

    /// At a key, at a place of a list, and in a string at once.
    fn tie(peer: usize) -> JsonOp {
        let letter = TextOp::new().insert(&peer.to_string());
        [JsonOp::insert(path!["list", 0], json!(peer)), JsonOp::edit_text(path!["text"], letter)]
            .iter()
            .fold(JsonOp::replace(path!["value"], json!(peer)), |op, next| Self::compose(&op, next).unwrap())
    }

    fn tied(document: &Value) -> String {
        format!("{} {} {}", document["value"], document["list"], document["text"])
    }

    fn tied_as_documented(earlier: usize, later: usize) -> String {
        format!("{later} [{later},{earlier}] \"{later}{earlier}\"")
    }
}

/// Plays the session of `seed`, and returns all that happened, one event a line.
pub(crate) fn play<T: Played>(seed: u64) -> Result<Vec<String>, Failure> {
    let mut world = World::<T>::new(seed);
    match session(&mut world, &mut SplitMix64::new(!seed)) {
        Ok(()) => Ok(world.into_plan()),
        Err(reason) => Err(Failure { seed, reason, plan: world.into_plan() }),
    }
}

fn session<T: Played>(world: &mut World<T>, source: &mut SplitMix64) -> Result<(), String> {
    for peer in 0..PEERS {
        world.edit(peer, T::tie(peer))?;
    }
    world.settle()?;
    let (earlier, later) = world.order_of_the_first_two();
    let (tied, documented) = (T::tied(world.document()), T::tied_as_documented(earlier, later));
    if tied != documented {
        return Err(format!("the tie ended as {tied}, and is documented to end as {documented}"));
    }

    world.allow_faults();
    for step in 0..150 {
        match source.below(20) {
            0 => world.cut(source.below(PEERS)),
            1 | 2 => world.connect(source.below(PEERS)),
            // Each session has at least one restart.
            3 if step == 75 || source.one_in(4) => world.restart(),
            _ if step == 75 => world.restart(),
            4..=10 => {
                let peer = source.below(PEERS);
                let op = T::edit(world.document_of(peer), source);
                world.edit(peer, op)?;
            }
            _ => {
                world.deliver()?;
            }
        }
    }
    world.settle()
}
