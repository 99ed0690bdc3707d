//! What SQLite does to answer: no list may walk over all documents, or sort them.

use std::sync::{Arc, Mutex};

use coval_shared::protocol::{DocumentId, DocumentKind, UserId, WorkspaceId};
use coval_shared::rights::Role;
use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_types::Text;
use ot_core::Revision;
use serde_json::json;
use uuid::Uuid;

use super::{DatabaseUrl, DocumentQuery, IndexEntry, NewDocument, NewUser, Origin, Position, SearchQuery, Sort, Store};

const READER: UserId = UserId(Uuid::from_u128(1));
const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(2));
const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(3));

#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Asked {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split(" -- binds").next().unwrap_or_default();
            self.0.lock().unwrap().push(statement.to_owned());
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// A store with a document in it, of which there is one connection only, and what that is asked.
fn store(folder: &tempfile::TempDir) -> (Store, Asked) {
    let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).unwrap();
    store.create_workspace(WORKSPACE, "Demo", None, 1, 0).unwrap();
    let new = NewUser {
        id: READER,
        email: Some("ada"),
        name: "Ada",
        password_hash: None,
        is_guest: false,
        is_operator: false,
    };
    store.create_user(&new, 0).unwrap();
    store.set_workspace_role(WORKSPACE, READER, Role::Owner, 0).unwrap();
    let new = NewDocument {
        id: DOCUMENT,
        workspace: WORKSPACE,
        kind: DocumentKind::Memo,
        title: "Plan",
        template: None,
        created_by: None,
        origin: Origin::Made,
        body: &json!("text"),
    };
    store.create_document(&new, 0).unwrap();
    let (title, body) = ("Plan".to_owned(), "text".to_owned());
    let entry = IndexEntry {
        id: DOCUMENT,
        revision: Revision::ZERO,
        title,
        body_words: body.clone(),
        body,
        title_words: "plan".to_owned(),
    };
    store.index(&[entry]).unwrap();
    store.set_document_role(DOCUMENT, READER, Role::Owner, 10, READER, 0).unwrap();
    (store, Asked::default())
}

/// The steps of SQLite for all that `ask` asks of the database.
fn steps(ask: impl FnOnce(&Store)) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (store, asked) = store(&folder);
    let mut connections: Vec<_> = (0..super::CONNECTIONS).map(|_| store.connection().unwrap()).collect();
    for connection in &mut connections {
        connection.set_instrumentation(asked.clone());
    }
    drop(connections);
    ask(&store);
    let statements = std::mem::take(&mut *asked.0.lock().unwrap());
    assert!(!statements.is_empty(), "nothing was asked");
    let mut connection = store.connection().unwrap();
    let mut all = Vec::new();
    for statement in statements {
        let steps: Vec<Step> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut *connection).unwrap();
        all.extend(steps.into_iter().map(|step| (statement.clone(), step.detail)));
    }
    all
}

fn query(sort: Sort) -> DocumentQuery {
    DocumentQuery {
        reader: READER,
        workspace: None,
        kind: None,
        is_archived: false,
        words: Vec::new(),
        sort,
        after: None,
        limit: 50,
        now_ms: 1,
    }
}

/// Neither walks over a table nor sorts what an index has in order.
fn assert_goes_by_indexes(steps: &[(String, String)]) {
    for (statement, step) in steps {
        let is_fine = !step.starts_with("SCAN")
            // The index of words, asked for some.
            || step.contains("VIRTUAL TABLE INDEX") && (step.contains(":M") || step.contains("=M"))
            // The ids that stand in the question.
            || step.contains("json_each")
            // What is counted is found by the index of words, up to a bound.
            || step.contains("(subquery") && statement.contains("MATCH")
            // Only those that the search has not read yet are in that index, and no more are asked for than some.
            || step.contains("INDEX documents_to_index") && statement.contains("LIMIT");
        assert!(is_fine, "{step}\n{statement}");
    }
}

#[test]
fn no_list_walks_over_all_documents() {
    for sort in [Sort::Edited, Sort::Created, Sort::Title] {
        for is_archived in [false, true] {
            for after in [None, Some(Position { time_ms: 5, title: "plan".to_owned(), id: DOCUMENT })] {
                for kind in [None, Some(DocumentKind::Model)] {
                    for words in [vec![], vec!["pl".to_owned()]] {
                        let query = DocumentQuery { is_archived, after: after.clone(), kind, words, ..query(sort) };
                        let steps = steps(|store| drop(store.documents(&query).unwrap()));
                        assert_goes_by_indexes(&steps);
                        let index = match (sort, is_archived) {
                            (Sort::Edited, false) => "INDEX documents_by_edited",
                            (Sort::Created, false) => "INDEX documents_by_created",
                            (Sort::Title, false) => "INDEX documents_by_title",
                            (Sort::Edited, true) => "INDEX archived_documents_by_edited",
                            (Sort::Created, true) => "INDEX archived_documents_by_created",
                            (Sort::Title, true) => "INDEX archived_documents_by_title",
                        };
                        if query.words.is_empty() {
                            assert!(steps.iter().any(|(_, step)| step.contains(index)), "{steps:#?}");
                        }
                        // Only the few that are named one by one are sorted.
                        for (statement, step) in &steps {
                            let is_of_few = statement.contains("`documents`.`id` IN");
                            assert!(is_of_few || !step.contains("TEMP B-TREE"), "{step}\n{statement}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_way_through_titles_with_a_common_word_is_that_of_the_list() {
    let words = vec!["pl".to_owned()];
    let with = steps(|store| {
        let connection = &mut *store.connection().unwrap();
        super::words::newest_with(connection, &words, super::words::Field::Title, &["w2".to_owned()], 10).unwrap();
    });
    assert_goes_by_indexes(&with);
    assert!(with.iter().all(|(_, step)| !step.contains("TEMP B-TREE")), "the newest come first: {with:#?}");
}

#[test]
fn no_search_walks_over_all_documents() {
    for words in [&["plan"][..], &["text", "pl"]] {
        for is_archived in [false, true] {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            let query =
                SearchQuery { reader: READER, workspace: None, is_archived, words, skip: 0, limit: 50, now_ms: 1 };
            assert_goes_by_indexes(&steps(|store| drop(store.search(&query).unwrap())));
        }
    }
}

#[test]
fn no_check_of_rights_walks_over_a_table() {
    assert_goes_by_indexes(&steps(|store| {
        store.document_grant(READER, DOCUMENT, 1).unwrap();
        store.workspace_role(READER, WORKSPACE).unwrap();
    }));
}
