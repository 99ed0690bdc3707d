//! Ana and Ben edit one model at once: a move, an edit that follows it, an undo under the other's work, and a branch.
//!
//! `cargo run -p ot-core --example two_people`

use std::error::Error;

use ot_core::history::{History, Stamp};
use ot_core::json::{Json, JsonOp};
use ot_core::server::Prepared;
use ot_core::{Branch, Client, ClientId, Committed, Revision, Server, Submission, UndoManager, path};
use serde_json::json;
use uuid::Uuid;

fn main() -> Result<(), Box<dyn Error>> {
    let model = json!({"inputs": {"growth": 0.04}, "rows": [{"label": "Sales"}, {"label": "EBIT"}]});
    let (ana, ben) = (ClientId(Uuid::from_u128(1)), ClientId(Uuid::from_u128(2)));
    let mut server = Server::<Json>::new(model.clone(), Revision::ZERO);
    let mut anas = Client::<Json>::new(ana, model.clone(), Revision::ZERO);
    let mut bens = Client::<Json>::new(ben, model, Revision::ZERO);
    let mut anas_undo = UndoManager::<Json>::default();

    // At the same moment Ana moves a row up, and Ben renames it where it was.
    let moved = JsonOp::move_to(path!["rows", 1], path!["rows", 0])?;
    anas_undo.edited(&moved, anas.document(), vec![], 0)?;
    let from_ana = anas.edit(moved)?.ok_or("nothing to send")?;
    let from_ben =
        bens.edit(JsonOp::replace(path!["rows", 1, "label"], "Operating income"))?.ok_or("nothing to send")?;
    for submission in [from_ana, from_ben] {
        let committed = commit(&mut server, submission)?;
        anas.receive(&committed)?;
        bens.receive(&committed)?;
        if committed.client != ana {
            anas_undo.remote(&committed.op);
        }
    }
    println!("both see           {}", anas.document());
    assert_eq!(anas.document(), bens.document());

    // Ana takes her move back. What Ben wrote stays.
    let undone = anas_undo.undo(anas.document(), vec![])?.ok_or("nothing to undo")?;
    let committed = commit(&mut server, anas.edit(undone.op)?.ok_or("nothing to send")?)?;
    anas.receive(&committed)?;
    bens.receive(&committed)?;
    println!("after Ana's undo   {}", bens.document());
    let renamed = bens.document().pointer("/rows/1/label");
    assert_eq!(renamed, Some(&json!("Operating income")));

    // Ben tries a bolder case on a branch, while the model goes on; then he merges it back.
    let mut history = History::<Json>::new(server.document().clone(), server.revision());
    let mut bold = Branch::fork(&history, history.revision())?;
    bold.push(&JsonOp::replace(path!["inputs", "growth"], 0.07), Stamp::new(ben, 1_000))?;
    history.push(&JsonOp::insert(path!["rows", 2], json!({"label": "Tax"})), Stamp::new(ana, 2_000))?;
    bold.merge_into(&mut history, Stamp::new(ben, 3_000))?;
    println!("after the merge    {}", history.document());
    assert_eq!(history.document().pointer("/inputs/growth"), Some(&json!(0.07)));
    Ok(())
}

/// What a server does with a submission. A real one stores the committed op before it makes it so.
fn commit(server: &mut Server<Json>, submission: Submission<JsonOp>) -> Result<Committed<JsonOp>, Box<dyn Error>> {
    match server.prepare(submission)? {
        Prepared::Next { committed, document } => {
            server.commit(committed.clone(), document);
            Ok(committed)
        }
        Prepared::Duplicate(revision) => Err(format!("committed before, as revision {revision}").into()),
    }
}
