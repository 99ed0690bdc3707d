//! A trace by two people who each see the other's edits later, played live.

use std::error::Error;
use std::path::Path;

use ot_core::client::Received;
use ot_core::server::Submitted;
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{Client, ClientId, Committed, Revision, Server, Submission};
use uuid::Uuid;
use yrs::updates::decoder::Decode as _;
use yrs::{Text as _, Transact as _};

use crate::measure::{Contender, compare, time};
use crate::trace::{Patch, Trace};
use crate::weave::{Edit, Weave};

const ROUNDS: usize = 7;

/// What happens next in a session of two clients and a server.
#[derive(Clone)]
enum Event {
    /// A client edits.
    Edit(usize, TextOp),
    /// What a client has sent arrives at the server.
    Commit(usize),
    /// The next revision arrives at a client.
    Deliver(usize),
}

pub(crate) fn run(path: &Path) -> Result<(), Box<dyn Error>> {
    let trace = Trace::read(path)?;
    let end = trace.end_content.clone().unwrap_or_default();
    let seen = seen(&trace);
    let script = script(&trace, &seen);
    let edits = script.iter().filter(|event| matches!(event, Event::Edit(..))).count();
    let commits = script.iter().filter(|event| matches!(event, Event::Commit(_))).count();
    println!("\n{edits} edits reach the server as {commits} submissions.");
    let contenders = vec![
        Contender::new("ot-core: two clients and a server", ROUNDS, || {
            let script = script.clone();
            let mut left = None;
            let time = time(|| left = Some(play(script)));
            let (clients, server) = left.unwrap();
            assert!(*server.document() == end.as_str());
            assert!(clients.iter().all(|client| client.is_synchronized() && client.document() == server.document()));
            time
        }),
        Contender::new("yrs: two live replicas", ROUNDS, || time(|| yrs_replicas(&trace, &seen, &end))),
        Contender::new("loro: two live replicas", 1, || time(|| loro_replicas(&trace, &seen, &end))),
        Contender::new("diamond-types: log and one merge", ROUNDS, || {
            time(|| {
                let mut log = diamond_types::list::OpLog::new();
                let agents = ["anna", "ben"].map(|name| log.get_or_create_agent_id(name));
                let mut tips: Vec<usize> = Vec::with_capacity(trace.txns.len());
                for transaction in &trace.txns {
                    let mut parents: Vec<usize> =
                        transaction.parents.iter().flatten().map(|parent| tips[*parent]).collect();
                    let agent = agents[transaction.agent as usize];
                    for Patch(at, delete, insert) in trace.patches_of(transaction) {
                        if delete > 0 {
                            parents = vec![log.add_delete_at(agent, &parents, at..at + delete)];
                        }
                        if !insert.is_empty() {
                            parents = vec![log.add_insert_at(agent, &parents, at, insert)];
                        }
                    }
                    tips.push(parents[0]);
                }
                let branch = log.checkout_tip();
                assert_eq!(branch.len(), end.chars().count());
                (log, branch)
            })
        }),
    ];
    compare(&format!("friendsforever: {} edits by two people", trace.len()), trace.len(), contenders);
    Ok(())
}

/// For each transaction, how many of the other's its author knows.
fn seen(trace: &Trace) -> Vec<usize> {
    let mut known: Vec<[usize; 2]> = Vec::new();
    let mut made = [0, 0];
    let mut own_number = Vec::new();
    let mut seen = Vec::new();
    for transaction in &trace.txns {
        let mut all = [0, 0];
        for parent in transaction.parents.iter().flatten() {
            for side in [0, 1] {
                all[side] = all[side].max(known[*parent][side]);
            }
            let side = trace.txns[*parent].agent as usize;
            all[side] = all[side].max(own_number[*parent]);
        }
        let agent = transaction.agent as usize;
        made[agent] += 1;
        assert_eq!(all[agent] + 1, made[agent], "everyone knows what they did before");
        own_number.push(made[agent]);
        seen.push(all[1 - agent]);
        known.push(all);
    }
    seen
}

/// The session that is written down while it is played.
struct Rehearsal {
    clients: [Client<Text>; 2],
    server: Server<Text>,
    /// What is on its way to the server, and how many transactions of its author are committed with it.
    sent: [Option<(Submission<TextOp>, usize)>; 2],
    log: Vec<(Committed<TextOp>, usize)>,
    /// How many transactions each one has made, and knows of the other; how many revisions it has received.
    made: [usize; 2],
    knows: [usize; 2],
    received: [usize; 2],
    events: Vec<Event>,
}

impl Rehearsal {
    fn new() -> Self {
        let (clients, server) = beginning();
        Self {
            clients,
            server,
            sent: [None, None],
            log: Vec::new(),
            made: [0, 0],
            knows: [0, 0],
            received: [0, 0],
            events: Vec::new(),
        }
    }

    fn edit(&mut self, us: usize, op: TextOp) {
        self.events.push(Event::Edit(us, op.clone()));
        if let Some(submission) = self.clients[us].edit(op).unwrap() {
            self.sent[us] = Some((submission, self.made[us]));
        }
    }

    /// Lets messages arrive until `us` knows so many transactions of the other.
    fn learn(&mut self, us: usize, wanted: usize) {
        let them = 1 - us;
        while self.knows[us] < wanted {
            if self.received[us] < self.log.len() {
                self.deliver(us);
            } else if let Some((submission, upto)) = self.sent[them].take() {
                let Submitted::Committed(committed) = self.server.submit(submission).unwrap() else { unreachable!() };
                self.log.push((committed, upto));
                self.events.push(Event::Commit(them));
            } else if self.received[them] < self.log.len() {
                self.deliver(them);
            } else {
                // What is left changed nothing together, so there is nothing to tell.
                assert!(self.clients[them].is_synchronized());
                self.knows[us] = self.made[them];
            }
        }
    }

    fn deliver(&mut self, to: usize) {
        let (committed, upto) = &self.log[self.received[to]];
        if committed.client != self.clients[to].id() {
            self.knows[to] = *upto;
        }
        if let Received::Acknowledged(Some(next)) = self.clients[to].receive(committed).unwrap() {
            self.sent[to] = Some((next, self.made[to]));
        }
        self.received[to] += 1;
        self.events.push(Event::Deliver(to));
    }
}

/// The session in which a message arrives when the trace says that the other side has seen it. A client sends one op at
/// a time and learns from the acknowledgement what came before it, so at times it knows a little more than in the trace;
/// its edit is placed where it then belongs.
fn script(trace: &Trace, seen: &[usize]) -> Vec<Event> {
    let mut rehearsal = Rehearsal::new();
    let mut weave = Weave::new(trace.start_content.chars().count());
    let mut edits: [Vec<Vec<Edit>>; 2] = [Vec::new(), Vec::new()];
    // What the weave knows of each one's.
    let mut version = [0, 0];
    for (transaction, seen) in trace.txns.iter().zip(seen) {
        let (us, them) = (transaction.agent as usize, 1 - transaction.agent as usize);
        rehearsal.learn(us, *seen);
        let mut known = [0, 0];
        known[us] = edits[us].len();
        known[them] = *seen;
        go_to(&mut weave, &edits, &mut version, known);
        let mut made = Vec::new();
        for Patch(at, delete, insert) in trace.patches_of(transaction) {
            made.push(weave.edit(at, delete, insert.chars().count(), transaction.agent).unwrap().0);
        }
        // Where the client is by then.
        for edit in made.iter().rev() {
            weave.retreat(edit);
        }
        known[them] = rehearsal.knows[us];
        go_to(&mut weave, &edits, &mut version, known);
        rehearsal.made[us] += 1;
        for (edit, patch) in made.iter().zip(trace.patches_of(transaction)) {
            let op = weave.op_here(edit, patch.2);
            weave.advance(edit);
            rehearsal.edit(us, op);
        }
        edits[us].push(made);
        version[us] += 1;
    }
    for us in [0, 1, 0, 1] {
        rehearsal.learn(us, rehearsal.made[1 - us]);
        while rehearsal.received[us] < rehearsal.log.len() {
            rehearsal.deliver(us);
        }
    }
    rehearsal.events
}

fn go_to(weave: &mut Weave, edits: &[Vec<Vec<Edit>>; 2], version: &mut [usize; 2], known: [usize; 2]) {
    for side in [0, 1] {
        while version[side] > known[side] {
            version[side] -= 1;
            edits[side][version[side]].iter().rev().for_each(|edit| weave.retreat(edit));
        }
        while version[side] < known[side] {
            edits[side][version[side]].iter().for_each(|edit| weave.advance(edit));
            version[side] += 1;
        }
    }
}

fn beginning() -> ([Client<Text>; 2], Server<Text>) {
    let client = |id| Client::<Text>::new(ClientId(Uuid::from_u128(id)), Rope::new(), Revision::ZERO);
    ([1, 2].map(client), Server::new(Rope::new(), Revision::ZERO))
}

fn play(script: Vec<Event>) -> ([Client<Text>; 2], Server<Text>) {
    let (mut clients, mut server) = beginning();
    let mut sent: [Option<Submission<TextOp>>; 2] = [None, None];
    let mut log: Vec<Committed<TextOp>> = Vec::new();
    let mut received = [0, 0];
    for event in script {
        match event {
            Event::Edit(us, op) => {
                if let Some(submission) = clients[us].edit(op).unwrap() {
                    sent[us] = Some(submission);
                }
            }
            Event::Commit(us) => {
                let Submitted::Committed(committed) = server.submit(sent[us].take().unwrap()).unwrap() else {
                    unreachable!()
                };
                log.push(committed);
            }
            Event::Deliver(us) => {
                if let Received::Acknowledged(Some(next)) = clients[us].receive(&log[received[us]]).unwrap() {
                    sent[us] = Some(next);
                }
                received[us] += 1;
            }
        }
    }
    (clients, server)
}

impl Weave {
    /// An edit that the version doesn't know, as an op on the text at the version.
    fn op_here(&self, edit: &Edit, insert: &str) -> TextOp {
        let mut places: Vec<(usize, bool)> = Vec::new();
        if let Some(first) = edit.inserted.clone().next() {
            places.push((self.here_before(first), true));
        }
        let deleted = edit.deleted.iter().filter(|letter| self.letters[**letter].is_here());
        places.extend(deleted.map(|letter| (self.here_before(*letter), false)));
        let (mut op, mut reached) = (TextOp::new(), 0);
        for (place, inserts) in places {
            op = op.retain(place - reached);
            reached = place;
            if inserts {
                op = op.insert(insert);
            } else {
                op = op.delete(1);
                reached += 1;
            }
        }
        op
    }

    fn here_before(&self, letter: usize) -> usize {
        let spot = self.spot_of(letter);
        let whole: usize = self.order[..spot.order].iter().map(|block| self.blocks[*block].here).sum();
        let part = &self.blocks[self.order[spot.order]].letters[..spot.offset];
        whole + part.iter().filter(|letter| self.letters[**letter].is_here()).count()
    }
}

fn yrs_replicas(trace: &Trace, seen: &[usize], end: &str) -> [yrs::Doc; 2] {
    let docs = [1, 2].map(yrs::Doc::with_client_id);
    let texts = docs.each_ref().map(|doc| doc.get_or_insert_text("text"));
    let mut updates: [Vec<Vec<u8>>; 2] = [Vec::new(), Vec::new()];
    let mut received = [0, 0];
    let mut receive = |us: usize, wanted: usize, updates: &[Vec<Vec<u8>>; 2]| {
        while received[us] < wanted {
            let update = yrs::Update::decode_v1(&updates[1 - us][received[us]]).unwrap();
            docs[us].transact_mut().apply_update(update).unwrap();
            received[us] += 1;
        }
    };
    for (transaction, seen) in trace.txns.iter().zip(seen) {
        let us = transaction.agent as usize;
        receive(us, *seen, &updates);
        let mut open = docs[us].transact_mut();
        for Patch(at, delete, insert) in trace.patches_of(transaction) {
            if delete > 0 {
                texts[us].remove_range(&mut open, at as u32, delete as u32);
            }
            if !insert.is_empty() {
                texts[us].insert(&mut open, at as u32, insert);
            }
        }
        updates[us].push(open.encode_update_v1());
    }
    for us in [0, 1] {
        receive(us, updates[1 - us].len(), &updates);
        let text = &texts[us];
        assert_eq!(yrs::GetString::get_string(text, &docs[us].transact()), end);
    }
    docs
}

fn loro_replicas(trace: &Trace, seen: &[usize], end: &str) -> [loro::LoroDoc; 2] {
    let docs = [loro::LoroDoc::new(), loro::LoroDoc::new()];
    let texts = docs.each_ref().map(|doc| doc.get_text("text"));
    let mut updates: [Vec<Vec<u8>>; 2] = [Vec::new(), Vec::new()];
    let mut received = [0, 0];
    let mut receive = |us: usize, wanted: usize, updates: &[Vec<Vec<u8>>; 2]| {
        while received[us] < wanted {
            docs[us].import(&updates[1 - us][received[us]]).unwrap();
            received[us] += 1;
        }
    };
    for (transaction, seen) in trace.txns.iter().zip(seen) {
        let us = transaction.agent as usize;
        receive(us, *seen, &updates);
        let known = docs[us].oplog_vv();
        for Patch(at, delete, insert) in trace.patches_of(transaction) {
            if delete > 0 {
                texts[us].delete(at, delete).unwrap();
            }
            if !insert.is_empty() {
                texts[us].insert(at, insert).unwrap();
            }
        }
        docs[us].commit();
        updates[us].push(docs[us].export(loro::ExportMode::updates(&known)).unwrap());
    }
    for us in [0, 1] {
        receive(us, updates[1 - us].len(), &updates);
        assert_eq!(texts[us].to_string(), end);
    }
    docs
}
