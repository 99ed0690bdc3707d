//! A model that two people change on two branches, merged, with what they disagree on.
//! `cargo run -p ot-core --example branches`

use std::error::Error;

use ot_core::history::{History, Stamp};
use ot_core::json::{Json, JsonOp};
use ot_core::{Branch, ClientId, Revision, path};
use serde_json::json;
use uuid::Uuid;

fn main() -> Result<(), Box<dyn Error>> {
    let by_anna = |time_ms| Stamp::new(ClientId(Uuid::from_u128(1)), time_ms);
    let by_boris = |time_ms| Stamp::new(ClientId(Uuid::from_u128(2)), time_ms);

    let start = json!({"rows": [{"name": "revenue", "growth": "5 %"}, {"name": "costs"}], "notes": []});
    let mut model = History::<Json>::new(start, Revision::ZERO);
    model.push(&JsonOp::insert(path!["notes", 0], json!("checked")), by_anna(1_000))?;
    model.set_label(Revision(1), "as sent")?;

    // Boris tries something else, from the revision with a name.
    let mut branch = Branch::fork(&model, Revision(1))?;
    branch.push(&JsonOp::replace(path!["rows", 0, "growth"], json!("9 %")), by_boris(2_000))?;
    branch.push(&JsonOp::insert(path!["rows", 1, "share"], json!(0.4)), by_boris(3_000))?;

    // Meanwhile Anna moves the costs to the top, and changes the same growth.
    model.push(&JsonOp::move_to(path!["rows", 1], path!["rows", 0])?, by_anna(2_500))?;
    model.push(&JsonOp::replace(path!["rows", 1, "growth"], json!("6 %")), by_anna(2_600))?;

    for conflict in branch.conflicts(&model)? {
        println!("both changed {:?}", conflict);
    }
    branch.merge_into(&mut model, by_boris(4_000))?;
    println!("merged: {}", model.document());

    // The values remember who set them.
    let origins = model.blame()?;
    for path in [path!["rows", 0, "share"], path!["rows", 1, "growth"], path!["notes", 0]] {
        let revision = origins.revision(&path).ok_or("nothing is there")?;
        println!("{path} comes from revision {revision}, made by {:?}", model.stamp(revision));
    }

    println!("as sent: {}", model.checkout(Revision(1))?);
    println!("since then: {}", serde_json::to_string(&model.diff(Revision(1), model.revision())?)?);
    Ok(())
}
