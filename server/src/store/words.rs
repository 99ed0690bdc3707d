//! Which documents hold words, as the indexes of both databases know it. The work is bounded however common the words
//! are: the newest documents come first, and no more than are asked for.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Text};

use super::StoreError;
use super::connection::AnyConnection;

/// How many documents may hold a word for it to say which of them are about it. Nobody reads a ranking of more, and
/// counting them takes time.
const TELLING: i64 = 2_000;

/// Among how many of the newest documents, for each that is asked for, a word is looked for before the index is asked: what
/// a twentieth of all documents hold is found there.
const AMONG_NEWEST: i64 = 20;

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// In titles.
    Title,
    /// In titles and texts.
    Everything,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    document_id: String,
}

#[derive(QueryableByName)]
struct Ranked {
    #[diesel(sql_type = Text)]
    document_id: String,
    #[diesel(sql_type = Double)]
    rank: f64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The word that stands in the index for being in this workspace, in its archive or outside of it.
pub(super) fn place(workspace: &str, is_archived: bool) -> String {
    let mut place = String::from(if is_archived { "a" } else { "w" });
    place.extend(workspace.chars().filter(char::is_ascii_alphanumeric));
    place
}

/// The newest documents in these places that hold all of the words, of which the last one may be the beginning of one;
/// at most so many.
pub(super) fn newest_with(
    connection: &mut AnyConnection,
    words: &[String],
    field: Field,
    places: &[String],
    most: usize,
) -> Result<Vec<String>, StoreError> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let rows: Vec<Found> = match connection {
        AnyConnection::Postgres(_) => {
            let places = places.iter().map(|place| format!("{place}:B")).collect::<Vec<_>>().join(" | ");
            let wanted = postgres_words(words, field);
            let mut find = |among: &str| {
                diesel::sql_query(format!(
                    "SELECT document_id FROM {among} \
                     WHERE words @@ (to_tsquery('simple', $1) && to_tsquery('simple', $2)) \
                     ORDER BY document_id DESC LIMIT $3"
                ))
                .bind::<Text, _>(&wanted)
                .bind::<Text, _>(&places)
                .bind::<BigInt, _>(limit)
                .load::<Found>(connection)
            };
            // The index brings all that hold a word together before it puts them in order. Where a word is common, the
            // newest documents alone hold enough of it.
            let newest = limit.saturating_mul(AMONG_NEWEST);
            let among = format!(
                "(SELECT document_id, words FROM document_texts ORDER BY document_id DESC LIMIT {newest}) newest"
            );
            let common = find(&among)?;
            if common.len() < most { find("document_texts")? } else { common }
        }
        AnyConnection::Sqlite(_) => {
            let places = places.iter().map(|place| format!("\"{place}\"")).collect::<Vec<_>>().join(" OR ");
            let table = table(field);
            let sql = format!(
                "SELECT document_id FROM {table} CROSS JOIN document_texts ON number = {table}.rowid \
                 WHERE {table} MATCH $1 ORDER BY {table}.rowid DESC LIMIT $2"
            );
            let mut find = |words: String| {
                let wanted = format!("{{place}} : ({places}) AND {} : ({words})", columns(field));
                diesel::sql_query(sql.as_str())
                    .bind::<Text, _>(wanted)
                    .bind::<BigInt, _>(limit)
                    .load::<Found>(connection)
            };
            // Words that begin alike are brought together before the first of them is known. Where the last one is a
            // word by itself, and a common one, there is no need to.
            let as_they_are = find(sqlite_words(words, false))?;
            if as_they_are.len() < most { find(sqlite_words(words, true))? } else { as_they_are }
        }
    };
    Ok(rows.into_iter().map(|row| row.document_id).collect())
}

/// Those of the documents that hold all of the words.
pub(super) fn those_with(
    connection: &mut AnyConnection,
    words: &[String],
    field: Field,
    documents: &[String],
) -> Result<HashSet<String>, StoreError> {
    if documents.is_empty() {
        return Ok(HashSet::new());
    }
    let (sql, words) = match connection {
        AnyConnection::Postgres(_) => (
            "SELECT document_id FROM document_texts \
             WHERE document_id = ANY(string_to_array($1, ',')) AND words @@ to_tsquery('simple', $2)"
                .to_owned(),
            postgres_words(words, field),
        ),
        AnyConnection::Sqlite(_) => {
            let table = table(field);
            (
                format!(
                    "SELECT document_id FROM document_texts CROSS JOIN {table} ON {table}.rowid = number \
                     WHERE document_id IN (SELECT value FROM json_each($1)) AND {table} MATCH $2"
                ),
                format!("{} : ({})", columns(field), sqlite_words(words, true)),
            )
        }
    };
    let ids = match connection {
        AnyConnection::Postgres(_) => documents.join(","),
        AnyConnection::Sqlite(_) => format!("[\"{}\"]", documents.join("\",\"")),
    };
    let rows: Vec<Found> = diesel::sql_query(sql).bind::<Text, _>(ids).bind::<Text, _>(words).load(connection)?;
    Ok(rows.into_iter().map(|row| row.document_id).collect())
}

/// How much each of the documents is about the words, as far as that can be told: the more, the higher.
pub(super) fn ranks(
    connection: &mut AnyConnection,
    words: &[String],
    documents: &[String],
) -> Result<HashMap<String, f64>, StoreError> {
    let rows: Vec<Ranked> = match connection {
        AnyConnection::Postgres(_) => diesel::sql_query(
            "SELECT document_id, CAST(ts_rank(words, to_tsquery('simple', $2)) AS DOUBLE PRECISION) AS rank \
             FROM document_texts WHERE document_id = ANY(string_to_array($1, ','))",
        )
        .bind::<Text, _>(documents.join(","))
        .bind::<Text, _>(postgres_words(words, Field::Everything))
        .load(connection)?,
        AnyConnection::Sqlite(_) => {
            let whole = words.iter().map(|word| sqlite_words(std::slice::from_ref(word), false));
            let beginning = words.last().map(|word| sqlite_words(std::slice::from_ref(word), true));
            for word in whole.chain(beginning) {
                let counted: Counted = diesel::sql_query(
                    "SELECT count(*) AS count FROM \
                     (SELECT 1 FROM document_words WHERE document_words MATCH $1 LIMIT $2)",
                )
                .bind::<Text, _>(word)
                .bind::<BigInt, _>(TELLING)
                .get_result(connection)?;
                if counted.count == TELLING {
                    return Ok(HashMap::new());
                }
            }
            diesel::sql_query(
                "SELECT document_id, -bm25(document_words, 0.0, 10.0, 1.0) AS rank \
                 FROM document_words CROSS JOIN document_texts ON number = document_words.rowid \
                 WHERE document_words MATCH $1",
            )
            .bind::<Text, _>(format!("{} : ({})", columns(Field::Everything), sqlite_words(words, true)))
            .load(connection)?
        }
    };
    Ok(rows.into_iter().map(|row| (row.document_id, row.rank)).collect())
}

fn table(field: Field) -> &'static str {
    match field {
        Field::Title => "document_titles",
        Field::Everything => "document_words",
    }
}

fn columns(field: Field) -> &'static str {
    match field {
        Field::Title => "{title_words}",
        Field::Everything => "{title_words body_words}",
    }
}

/// Folded words hold letters and digits only, so that none of them means anything to the databases.
fn postgres_words(words: &[String], field: Field) -> String {
    let last = words.len().saturating_sub(1);
    let weights = match field {
        Field::Title => "A",
        Field::Everything => "AD",
    };
    let terms = words.iter().enumerate().map(|(at, word)| {
        let prefix = if at == last { "*" } else { "" };
        format!("{word}:{prefix}{weights}")
    });
    terms.collect::<Vec<_>>().join(" & ")
}

fn sqlite_words(words: &[String], is_beginning: bool) -> String {
    let last = words.len().saturating_sub(1);
    let terms = words.iter().enumerate().map(|(at, word)| {
        let prefix = if at == last && is_beginning { "*" } else { "" };
        format!("\"{word}\"{prefix}")
    });
    terms.collect::<Vec<_>>().join(" ")
}
