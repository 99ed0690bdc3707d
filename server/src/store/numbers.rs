//! Short numbers for documents, which stand in millions of rows.

use coval_shared::protocol::DocumentId;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::StoreError;
use super::connection::AnyConnection;
use super::schema::document_numbers;

/// The number of the document, if anything of it is stored.
pub(super) fn known(connection: &mut AnyConnection, id: DocumentId) -> Result<Option<i32>, StoreError> {
    let number = document_numbers::table
        .filter(document_numbers::document_id.eq(id.0.to_string()))
        .select(document_numbers::number)
        .first(connection)
        .optional()?;
    Ok(number)
}

/// The number of the document, which it gets when it has none.
pub(super) fn number(connection: &mut AnyConnection, id: DocumentId) -> Result<i32, StoreError> {
    if let Some(number) = known(connection, id)? {
        return Ok(number);
    }
    diesel::sql_query("INSERT INTO document_numbers (document_id) VALUES ($1) ON CONFLICT (document_id) DO NOTHING")
        .bind::<Text, _>(id.0.to_string())
        .execute(connection)?;
    known(connection, id)?.ok_or(StoreError::NotFound)
}
