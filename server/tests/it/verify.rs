//! `coval verify`: says nothing of a sound database, and names what does not fit.

use coval_shared::protocol::DocumentId;
use coval_shared::template::apple_dcf;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence, path};
use uuid::Uuid;

use crate::cli::coval;
use crate::database::{Database, on_both_databases};
use crate::fixtures;

on_both_databases!(a_sound_database_has_no_fault, whatever_does_not_fit_is_named);

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(7));

fn filled(database: &Database) {
    let store = database.open();
    fixtures::create(&store, DOCUMENT, "A\nmodel", &apple_dcf().unwrap(), 1).unwrap();
    let ops: Vec<Committed<JsonOp>> = (1..=5)
        .map(|number| Committed {
            revision: Revision(number),
            client: ClientId(Uuid::from_u128(1)),
            sequence: Sequence(number),
            op: JsonOp::replace(path!["about"], format!("Revision {number}")),
        })
        .collect();
    store.append(DOCUMENT, &ops, None, 2).unwrap();
}

fn verify(database: &Database) -> (i32, String) {
    let (code, out, problem) = coval(&["verify", "--database-url", &database.url], "");
    assert_eq!(problem, "");
    (code, out)
}

fn a_sound_database_has_no_fault(database: &Database) {
    filled(database);
    assert_eq!(verify(database), (0, "1 document in 1 workspace: 0 faults\n".to_owned()));
}

fn whatever_does_not_fit_is_named(database: &Database) {
    filled(database);
    let name = format!("document {} \"A\\nmodel\"", DOCUMENT.0);
    for (change, back, fault) in [
        (
            "UPDATE documents SET revision = 6",
            "UPDATE documents SET revision = 5",
            "its ops end at revision 5, and it is at 6",
        ),
        (
            "UPDATE operations SET revision = 99 WHERE revision = 3",
            "UPDATE operations SET revision = 3 WHERE revision = 99",
            "of its ops from revision 1 to 5 there are 4: some are missing",
        ),
        (
            "UPDATE operations SET op = '{' WHERE revision = 5",
            "UPDATE operations SET op = '[\"about\",{\"r\":true,\"i\":\"x\"}]' WHERE revision = 5",
            "it can't be read: ",
        ),
        ("UPDATE documents SET kind = 'memo'", "UPDATE documents SET kind = 'model'", "it is a memo and no text"),
        (
            "UPDATE documents SET indexed_revision = 9",
            "UPDATE documents SET indexed_revision = NULL",
            "the search knows revision 9, and it is at 5",
        ),
    ] {
        database.tamper(change);
        let (code, out) = verify(database);
        assert!(code == 3 && out.contains(&format!("{name}: {fault}")), "{change}: {code} {out}");
        database.tamper(back);
        assert_eq!(verify(database).0, 0, "{back}");
    }
    database.tamper("UPDATE events SET at_ms = 5");
    let (code, out) = verify(database);
    assert!(code == 3 && out.contains(": entry 1 of its record was altered\n"), "{out}");
    assert!(out.ends_with("1 document in 1 workspace: 1 fault\n"), "{out}");
}

#[test]
fn what_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nothing.sqlite").display().to_string();
    let (code, _, problem) = coval(&["verify", "--database-url", &file], "");
    assert_eq!(code, 1);
    assert!(problem.contains("nothing.sqlite is not there"), "{problem}");
    assert!(!folder.path().join("nothing.sqlite").exists());
}
