//! Two branches that diverged, merged at once.

use std::error::Error;

use diamond_types::list::OpLog;
use operational_transform::OperationSeq;
use ot_core::text::{Rope, Text, TextLog, TextOp};
use ot_core::{OpLog as _, OtType, Side, compose_all};
use yrs::updates::decoder::Decode as _;
use yrs::{ReadTxn as _, Text as _, Transact as _};

use crate::measure::{Contender, compare, time};

const BASE: usize = 56_769;

/// One letter typed or deleted.
#[derive(Clone, Copy)]
enum Edit {
    Insert(usize, char),
    Delete(usize),
}

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let mut random = Random(42);
    let base: String = (0..BASE).map(|_| random.letter()).collect();
    for count in [2_000, 20_000, 100_000, 500_000] {
        let (mine, theirs) = (walk(&mut random, count), walk(&mut random, count));
        one(&base, count, &mine, &theirs);
    }
    Ok(())
}

/// Mostly typing, one delete in four, a jump every 40 edits.
fn walk(random: &mut Random, count: usize) -> Vec<Edit> {
    let (mut length, mut cursor) = (BASE, BASE / 2);
    (0..count)
        .map(|number| {
            if number % 40 == 0 {
                cursor = random.below(length + 1);
            }
            if random.below(4) == 0 && cursor > 0 {
                cursor -= 1;
                length -= 1;
                Edit::Delete(cursor)
            } else {
                cursor += 1;
                length += 1;
                Edit::Insert(cursor - 1, random.letter())
            }
        })
        .collect()
}

fn one(base: &str, count: usize, mine: &[Edit], theirs: &[Edit]) {
    let rounds = if count > 200_000 { 3 } else { 9 };
    let (my_log, their_log) = (log(mine), log(theirs));
    let my_text = applied(base, mine);
    let merged = merge(&my_log, &their_log, my_text.clone());
    let mut theirs_first = applied(base, theirs);
    let (ours, other) = (compose_all::<Text>(my_log.iter()).unwrap(), compose_all::<Text>(their_log.iter()).unwrap());
    Text::apply(&mut theirs_first, &Text::transform(&ours, &other, Side::Left)).unwrap();
    assert!(merged == theirs_first, "both ways of merging agree");

    let (oplog, my_tip) = diamond_types_log(base, mine, theirs);
    // It needs minutes to make more edits than this, where nothing is measured.
    let with_yrs = count <= 100_000;
    let (my_doc, update) = if with_yrs { yrs_docs(base, mine, theirs) } else { yrs_docs(base, &[], &[]) };
    let my_update = my_doc.transact().encode_state_as_update_v1(&yrs::StateVector::default());
    let (my_loro, loro_update) = loro_docs(base, mine, theirs);
    let (a, b) = if count <= 100_000 { (other_ops(mine), other_ops(theirs)) } else { (Vec::new(), Vec::new()) };
    let my_loro_snapshot = my_loro.export(loro::ExportMode::Snapshot).unwrap();
    let mut contenders = vec![
        Contender::new("ot-core: compose both, transform, apply", rounds, || {
            let text = my_text.clone();
            time(|| merge(&my_log, &their_log, text))
        }),
        Contender::new("diamond-types, merge", rounds, || {
            let mut branch = oplog.checkout(&my_tip);
            time(|| {
                branch.merge(&oplog, oplog.local_version_ref());
                branch
            })
        }),
        Contender::new("yrs, the other side's update", if with_yrs { rounds } else { 0 }, || {
            let doc = yrs::Doc::new();
            doc.transact_mut().apply_update(yrs::Update::decode_v1(&my_update).unwrap()).unwrap();
            time(|| {
                doc.transact_mut().apply_update(yrs::Update::decode_v1(&update).unwrap()).unwrap();
            })
        }),
        Contender::new("loro, import", rounds.min(5), || {
            let doc = loro::LoroDoc::from_snapshot(&my_loro_snapshot).unwrap();
            let _ = doc.get_text("text").len_unicode();
            time(|| doc.import(&loro_update).unwrap())
        }),
    ];
    if count <= 100_000 {
        contenders.push(Contender::new(
            "operational-transform: compose both, balanced, transform, apply",
            rounds,
            || {
                let text = my_text.to_string();
                time(|| {
                    let (a, b) = (balanced(&a), balanced(&b));
                    let (_, b) = a.transform(&b).unwrap();
                    b.apply(&text).unwrap()
                })
            },
        ));
    }
    compare(&format!("Two branches of {count} edits each"), 2 * count, contenders);
}

fn merge(mine: &TextLog, theirs: &TextLog, mut text: Rope) -> Rope {
    let mine = compose_all::<Text>(mine.iter()).unwrap();
    let theirs = compose_all::<Text>(theirs.iter()).unwrap();
    Text::apply(&mut text, &Text::transform(&theirs, &mine, Side::Right)).unwrap();
    text
}

fn op(edit: Edit) -> TextOp {
    match edit {
        Edit::Insert(at, letter) => TextOp::new().retain(at).insert(letter.encode_utf8(&mut [0; 4])),
        Edit::Delete(at) => TextOp::new().retain(at).delete(1),
    }
}

fn log(edits: &[Edit]) -> TextLog {
    let mut log = TextLog::default();
    edits.iter().for_each(|edit| log.push(&op(*edit)));
    log
}

fn applied(base: &str, edits: &[Edit]) -> Rope {
    let mut text = Rope::from(base);
    edits.iter().for_each(|edit| Text::apply(&mut text, &op(*edit)).unwrap());
    text
}

fn diamond_types_log(base: &str, mine: &[Edit], theirs: &[Edit]) -> (OpLog, Vec<usize>) {
    let mut log = OpLog::new();
    let [zero, anna, ben] = ["zero", "anna", "ben"].map(|name| log.get_or_create_agent_id(name));
    let fork = log.add_insert(zero, 0, base);
    let mut tips = Vec::new();
    for (agent, edits) in [(anna, mine), (ben, theirs)] {
        let mut tip = fork;
        for edit in edits {
            tip = match edit {
                Edit::Insert(at, letter) => log.add_insert_at(agent, &[tip], *at, letter.encode_utf8(&mut [0; 4])),
                Edit::Delete(at) => log.add_delete_at(agent, &[tip], *at..at + 1),
            };
        }
        tips.push(tip);
    }
    (log, vec![tips[0]])
}

fn yrs_docs(base: &str, mine: &[Edit], theirs: &[Edit]) -> (yrs::Doc, Vec<u8>) {
    let doc = yrs::Doc::new();
    let text = doc.get_or_insert_text("text");
    text.insert(&mut doc.transact_mut(), 0, base);
    let update = doc.transact().encode_state_as_update_v1(&yrs::StateVector::default());
    let known = doc.transact().state_vector();
    let other = yrs::Doc::new();
    other.get_or_insert_text("text");
    other.transact_mut().apply_update(yrs::Update::decode_v1(&update).unwrap()).unwrap();
    for (doc, edits) in [(&doc, mine), (&other, theirs)] {
        let text = doc.get_or_insert_text("text");
        let mut transaction = doc.transact_mut();
        for edit in edits {
            match edit {
                Edit::Insert(at, letter) => {
                    text.insert(&mut transaction, *at as u32, letter.encode_utf8(&mut [0; 4]));
                }
                Edit::Delete(at) => text.remove_range(&mut transaction, *at as u32, 1),
            }
        }
    }
    let update = other.transact().encode_diff_v1(&known);
    (doc, update)
}

fn loro_docs(base: &str, mine: &[Edit], theirs: &[Edit]) -> (loro::LoroDoc, Vec<u8>) {
    let doc = loro::LoroDoc::new();
    doc.get_text("text").insert(0, base).unwrap();
    doc.commit();
    let other = doc.fork();
    let known = doc.oplog_vv();
    for (doc, edits) in [(&doc, mine), (&other, theirs)] {
        let text = doc.get_text("text");
        for edit in edits {
            match edit {
                Edit::Insert(at, letter) => text.insert(*at, letter.encode_utf8(&mut [0; 4])).unwrap(),
                Edit::Delete(at) => text.delete(*at, 1).unwrap(),
            }
        }
        doc.commit();
    }
    let update = other.export(loro::ExportMode::updates(&known)).unwrap();
    (doc, update)
}

fn other_ops(edits: &[Edit]) -> Vec<OperationSeq> {
    let mut length = BASE;
    let op = |edit: &Edit| {
        let mut op = OperationSeq::default();
        match edit {
            Edit::Insert(at, letter) => {
                op.retain(*at as u64);
                op.insert(letter.encode_utf8(&mut [0; 4]));
                op.retain((length - at) as u64);
                length += 1;
            }
            Edit::Delete(at) => {
                op.retain(*at as u64);
                op.delete(1);
                op.retain((length - at - 1) as u64);
                length -= 1;
            }
        }
        op
    };
    edits.iter().map(op).collect()
}

fn balanced(ops: &[OperationSeq]) -> OperationSeq {
    match ops {
        [] => OperationSeq::default(),
        [op] => op.clone(),
        _ => {
            let (first, second) = ops.split_at(ops.len() / 2);
            balanced(first).compose(&balanced(second)).unwrap()
        }
    }
}

/// Donald Knuth's MMIX generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn letter(&mut self) -> char {
        char::from(b'a' + self.below(26) as u8)
    }
}
