//! Two people and a server: edits at once, a refusal, cursors, undo. `cargo run -p ot-core --example session`
//!
//! Nothing here talks to a network: the messages are passed from hand to hand, as a socket would.

use std::error::Error;

use ot_core::client::{AfterRefusal, Received};
use ot_core::presence::{Presence, Selection};
use ot_core::server::Submitted;
use ot_core::text::{Text, TextOp};
use ot_core::{Client, ClientId, Revision, Server, UndoManager};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn Error>> {
    let (anna_id, boris_id) = (ClientId(Uuid::from_u128(1)), ClientId(Uuid::from_u128(2)));
    let mut server = Server::<Text>::new("Revenue grows.".into(), Revision::ZERO);
    let mut anna = Client::<Text>::new(anna_id, server.document().clone(), server.revision());
    let mut boris = Client::<Text>::new(boris_id, server.document().clone(), server.revision());
    let mut boris_undo = UndoManager::<Text>::default();

    // Both edit before either hears of the other.
    let from_anna = anna.edit(TextOp::new().retain(13).insert(" by 8 %"))?.ok_or("nothing to send")?;
    let mine = TextOp::new().insert("Note: ");
    boris_undo.edited(&mine, boris.document(), vec![0], 0)?;
    let from_boris = boris.edit(mine)?.ok_or("nothing to send")?;

    // The server puts the two in one order, and everyone hears of both.
    for submission in [from_anna, from_boris] {
        let Submitted::Committed(committed) = server.submit(submission)? else { continue };
        anna.receive(&committed)?;
        if let Received::Applied(op) = boris.receive(&committed)? {
            boris_undo.remote(&op);
        }
    }
    println!("Anna sees  {}", anna.document());
    println!("Boris sees {}", boris.document());

    // Boris tells where his cursor is. It stays with the text around it while Anna types.
    let mut presence = Presence::<Text>::new(100);
    let at_percent = Selection::caret(26);
    if let Some(placed) = at_percent.and_then(|cursor| anna.place(cursor, boris.revision())) {
        presence.set(boris_id, placed, 0);
    }
    let typed = TextOp::new().retain(5).insert(" (draft)");
    presence.apply(&typed, anna_id);
    let refused = anna.edit(typed)?.ok_or("nothing to send")?;
    println!("Anna sees  {} with Boris at {:?}", anna.document(), presence.get(boris_id));

    // The server does not want that edit. It is taken back, and nothing else.
    let rolled_back = anna.refused(refused.sequence, AfterRefusal::Keep)?;
    presence.apply(&rolled_back.applied, anna_id);
    println!("Anna sees  {} with Boris at {:?}", anna.document(), presence.get(boris_id));

    // Boris undoes his own edit. Anna's stays.
    if let Some(undone) = boris_undo.undo(boris.document(), vec![6])? {
        if let Some(submission) = boris.edit(undone.op)?
            && let Submitted::Committed(committed) = server.submit(submission)?
        {
            boris.receive(&committed)?;
            anna.receive(&committed)?;
        }
        println!("Boris sees {} with his own cursor at {:?}", boris.document(), undone.cursors);
    }
    println!("Anna sees  {}", anna.document());
    Ok(())
}
