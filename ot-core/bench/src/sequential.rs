//! A trace by one person, each patch an edit.

use std::error::Error;
use std::path::Path;

use jumprope::JumpRopeBuf;
use ot_core::history::{History, Stamp};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{ClientId, Revision};
use yrs::{Text as _, Transact as _};

use crate::measure::{Contender, compare, time};
use crate::trace::{Patch, Trace};

const ROUNDS: usize = 9;

pub(crate) fn run(traces: &Path) -> Result<(), Box<dyn Error>> {
    for name in ["rustcode", "sveltecomponent", "automerge-paper"] {
        let trace = Trace::read(&traces.join(format!("{name}.json.gz")))?;
        one(name, &trace);
    }
    Ok(())
}

fn one(name: &str, trace: &Trace) {
    let start = trace.start_content.as_str();
    let end = trace.end_content.as_deref().unwrap_or_default();
    let mut contenders = vec![
        Contender::new("ot-core, applied and recorded", ROUNDS, || {
            let history = ours(trace);
            let time = time(|| ours(trace));
            assert!(*history.document() == *end);
            time
        }),
        Contender::new("ot-core, its rope alone", ROUNDS, || time(|| bare(trace))),
        Contender::new("jumprope, buffered", ROUNDS, || {
            time(|| {
                let mut rope = JumpRopeBuf::new_from_str(start);
                for Patch(at, delete, insert) in trace.patches() {
                    if delete > 0 {
                        rope.remove(at..at + delete);
                    }
                    if !insert.is_empty() {
                        rope.insert(at, insert);
                    }
                }
                rope.into_inner()
            })
        }),
        Contender::new("ropey", ROUNDS, || {
            time(|| {
                let mut rope = ropey::Rope::from_str(start);
                for Patch(at, delete, insert) in trace.patches() {
                    if delete > 0 {
                        rope.remove(at..at + delete);
                    }
                    if !insert.is_empty() {
                        rope.insert(at, insert);
                    }
                }
                rope
            })
        }),
        Contender::new("diamond-types, local edits with history", ROUNDS, || {
            time(|| {
                let mut list = diamond_types::list::ListCRDT::new();
                let agent = list.get_or_create_agent_id("anna");
                if !start.is_empty() {
                    list.insert(agent, 0, start);
                }
                for Patch(at, delete, insert) in trace.patches() {
                    if delete > 0 {
                        list.delete_without_content(agent, at..at + delete);
                    }
                    if !insert.is_empty() {
                        list.insert(agent, at, insert);
                    }
                }
                list
            })
        }),
        Contender::new("loro, one commit", 3, || {
            time(|| {
                let doc = loro::LoroDoc::new();
                let text = doc.get_text("text");
                text.insert(0, start).unwrap();
                for Patch(at, delete, insert) in trace.patches() {
                    if delete > 0 {
                        text.delete(at, delete).unwrap();
                    }
                    if !insert.is_empty() {
                        text.insert(at, insert).unwrap();
                    }
                }
                doc.commit();
                doc
            })
        }),
        Contender::new("yrs, a transaction a patch", 1, || {
            time(|| {
                let doc = yrs::Doc::new();
                let text = doc.get_or_insert_text("text");
                text.insert(&mut doc.transact_mut(), 0, start);
                for Patch(at, delete, insert) in trace.patches() {
                    let mut transaction = doc.transact_mut();
                    if delete > 0 {
                        text.remove_range(&mut transaction, at as u32, delete as u32);
                    }
                    if !insert.is_empty() {
                        text.insert(&mut transaction, at as u32, insert);
                    }
                }
                doc
            })
        }),
    ];
    // It counts bytes.
    if trace.patches().all(|patch| patch.2.is_ascii()) && start.is_ascii() {
        contenders.push(Contender::new("crop", ROUNDS, || {
            time(|| {
                let mut rope = crop::Rope::from(start);
                for Patch(at, delete, insert) in trace.patches() {
                    rope.replace(at..at + delete, insert);
                }
                rope
            })
        }));
    }
    // It writes the whole text anew for each edit.
    if trace.len() < 50_000 {
        contenders.push(Contender::new("operational-transform, on a String", 1, || {
            time(|| {
                let mut text = start.to_owned();
                let mut length = text.chars().count();
                for Patch(at, delete, insert) in trace.patches() {
                    let mut op = operational_transform::OperationSeq::default();
                    op.retain(at as u64);
                    op.insert(insert);
                    op.delete(delete as u64);
                    op.retain((length - at - delete) as u64);
                    text = op.apply(&text).unwrap();
                    length = length + insert.chars().count() - delete;
                }
                text
            })
        }));
    }
    compare(&format!("{name}: {} patches", trace.len()), trace.len(), contenders);
}

fn ours(trace: &Trace) -> History<Text> {
    let mut history = History::<Text>::new(Rope::from(trace.start_content.as_str()), Revision::ZERO);
    let stamp = Stamp::new(ClientId::default(), 0);
    for Patch(at, delete, insert) in trace.patches() {
        history.push(&TextOp::edit(at, delete, insert), stamp).unwrap();
    }
    history
}

fn bare(trace: &Trace) -> Rope {
    let mut rope = Rope::from(trace.start_content.as_str());
    for Patch(at, delete, insert) in trace.patches() {
        rope.replace(at..at + delete, insert).unwrap();
    }
    rope
}
