//! The `table!` blocks of the store say what the migrations make, on both databases.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use coval_server::store::{DatabaseUrl, Store};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::postgres::Postgres;

/// Tables that the database or the migrations keep for themselves.
const NOT_OURS: &[&str] =
    &["sqlite_schema", "__diesel_schema_migrations", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    kind: &'static str,
    is_nullable: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    key: Vec<String>,
    columns: BTreeMap<String, Column>,
}

type Tables = BTreeMap<String, Table>;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    key: i32,
}

#[test]
fn the_code_knows_the_tables_as_sqlite_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coval.sqlite");
    drop(Store::open(DatabaseUrl::Sqlite(file.clone())).unwrap());
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    // Virtual tables keep shadow tables of their own; neither is asked for by columns.
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT t.name AS table_name, c.name AS column_name, upper(c.type) AS kind, \
                c.\"notnull\" = 0 AND c.pk = 0 AS is_nullable, c.pk AS key \
         FROM pragma_table_list t, pragma_table_info(t.name) c \
         WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, c.cid",
    )
    .load(&mut connection)
    .unwrap();
    let mut found = in_database(rows);
    // SQLite numbers the rows of every table; full-text search needs that number to have a name, and nothing else does.
    for (name, table) in in_code() {
        let numbered = |found: &Table| found.key.len() == 1 && !table.columns.contains_key(&found.key[0]);
        if let Some(found) = found.get_mut(&name).filter(|found| numbered(found)) {
            assert_eq!(found.columns.remove(&found.key[0]).unwrap().kind, "Integer", "{name}");
            found.key = table.key;
        }
    }
    compare("SQLite", &found);
}

#[test]
fn the_code_knows_the_tables_as_postgres_has_them() {
    let server = Postgres::shared();
    let url = server.database();
    drop(Store::open(DatabaseUrl::Postgres(url.clone())).unwrap());
    let mut connection = PgConnection::establish(&url).unwrap();
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT c.table_name::text AS table_name, c.column_name::text AS column_name, \
                upper(c.data_type::text) AS kind, c.is_nullable = 'YES' AS is_nullable, \
                coalesce(k.ordinal_position, 0)::int AS key \
         FROM information_schema.columns c \
         LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema \
              AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' \
         LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema \
              AND k.constraint_name = p.constraint_name AND k.table_name = c.table_name \
              AND k.column_name = c.column_name \
         WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' \
         ORDER BY c.table_name, c.ordinal_position",
    )
    .load(&mut connection)
    .unwrap();
    compare("PostgreSQL", &in_database(rows));
}

fn compare(database: &str, found: &Tables) {
    let known = in_code();
    assert!(known.len() > 3, "the table! blocks were not found: {known:?}");
    let mut problems = Vec::new();
    for (name, table) in &known {
        match found.get(name) {
            None => problems.push(format!("{name}: no such table")),
            Some(found) if found != table => problems.push(difference(name, table, found)),
            Some(_) => {}
        }
    }
    problems
        .extend(found.keys().filter(|name| !known.contains_key(*name)).map(|name| format!("{name}: not in the code")));
    assert!(problems.is_empty(), "schema and {database} drifted:\n{}", problems.join("\n"));
}

fn difference(name: &str, known: &Table, found: &Table) -> String {
    let mut lines = Vec::new();
    if known.key != found.key {
        lines.push(format!("{name}: the key is {:?} in the code, {:?} in the database", known.key, found.key));
    }
    let columns = known.columns.keys().chain(found.columns.keys()).collect::<std::collections::BTreeSet<_>>();
    for column in columns {
        let (known, found) = (known.columns.get(column), found.columns.get(column));
        if known != found {
            lines.push(format!("{name}.{column}: {known:?} in the code, {found:?} in the database"));
        }
    }
    lines.join("\n")
}

fn in_database(rows: Vec<Row>) -> Tables {
    let mut tables = Tables::new();
    let mut keys: BTreeMap<String, BTreeMap<i32, String>> = BTreeMap::new();
    for row in rows {
        let is_shadow = row.table_name.contains("_fts") || row.table_name.starts_with("search_index");
        if NOT_OURS.contains(&row.table_name.as_str()) || is_shadow {
            continue;
        }
        if row.key > 0 {
            keys.entry(row.table_name.clone()).or_default().insert(row.key, row.column_name.clone());
        }
        let kind = match row.kind.as_str() {
            "TEXT" => "Text",
            "BIGINT" => "BigInt",
            "INTEGER" | "INT" => "Integer",
            "SMALLINT" => "SmallInt",
            "BOOLEAN" | "BOOL" => "Bool",
            "BLOB" | "BYTEA" => "Binary",
            "DOUBLE" | "DOUBLE PRECISION" => "Double",
            other => panic!("{}.{} has the unknown type {other}", row.table_name, row.column_name),
        };
        let column = Column { kind, is_nullable: row.is_nullable };
        tables.entry(row.table_name).or_default().columns.insert(row.column_name, column);
    }
    for (table, key) in keys {
        if let Some(table) = tables.get_mut(&table) {
            table.key = key.into_values().collect();
        }
    }
    tables
}

/// What the `table!` blocks say.
fn in_code() -> Tables {
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut files = vec![store.join("schema.rs")];
    if let Ok(entries) = fs::read_dir(store.join("schema")) {
        files.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| is_rust(path.as_path())));
    }
    let mut tables = Tables::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for block in text.split("table! {").skip(1) {
            let (name, table) = read_block(block);
            assert!(tables.insert(name.clone(), table).is_none(), "{name} is there twice");
        }
    }
    tables
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Reads `name (key, …) { column -> Type, … }`, as far as the braces reach.
fn read_block(block: &str) -> (String, Table) {
    let lines: Vec<&str> =
        block.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('#')).collect();
    let text = lines.join("\n");
    let (head, rest) = text.split_once('{').unwrap();
    let (body, _) = rest.split_once('}').unwrap();
    let (name, key) = head.split_once('(').unwrap();
    let key = key.trim().trim_end_matches(')').split(',').map(|column| column.trim().to_owned()).collect();
    let columns = body
        .split(",\n")
        .flat_map(str::lines)
        .map(|line| line.trim().trim_end_matches(','))
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (column, kind) = line.split_once("->").unwrap_or_else(|| panic!("not read: {line}"));
            let kind = kind.trim();
            let (kind, is_nullable) = match kind.strip_prefix("Nullable<") {
                Some(inner) => (inner.trim_end_matches('>'), true),
                None => (kind, false),
            };
            (column.trim().to_owned(), Column { kind: known_kind(kind), is_nullable })
        })
        .collect();
    (name.trim().to_owned(), Table { key, columns })
}

fn known_kind(kind: &str) -> &'static str {
    ["Text", "BigInt", "Integer", "SmallInt", "Bool", "Binary", "Double"]
        .into_iter()
        .find(|known| *known == kind)
        .unwrap_or_else(|| panic!("the unknown type {kind}"))
}
