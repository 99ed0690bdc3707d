//! Documents as files.

mod markdown;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{self, Data, Path, Query};
use actix_web::{HttpResponse, get};
use coval_shared::model::{Calculation, Model};
use coval_shared::protocol::{DocumentId, DocumentKind};
use coval_shared::rights::Right;
use coval_shared::spreadsheet::{export as workbook_of, to_csv, to_json};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::{Access, Principal};
use crate::error::Refusal;
use crate::spreadsheet::write_xlsx;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(export);
}

/// The format of a file.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// A workbook with live formulas. Models only.
    Xlsx,
    /// The values of a model.
    Csv,
    /// The values of a model; the text of a memo.
    Json,
    /// The text of a memo.
    Md,
    /// The document itself, to be imported again.
    Document,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// What it is to be.
    #[param(inline)]
    format: Format,
}

/// Export a document
///
/// The newest revision as a file.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document"), ExportQuery),
    responses((status = 200, description = "The file", content(
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "text/csv"),
        (Object = "application/json"),
        (String = "text/markdown"),
    ))),
)]
#[get("/document/{id}/export")]
async fn export(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, Refusal> {
    let id = id.into_inner();
    access.document(who.user, id, Right::Read).await?;
    let (row, body) = access.blocking(move |store| Ok((store.document(id)?, store.newest(id)?.1))).await?;
    let (title, kind, format) = (row.title, row.kind, query.format);
    let name = file_name(&title);
    let file = web::block(move || file(kind, format, &title, &body)).await.map_err(|_| Refusal::busy())??;
    let File { ending, content_type, bytes } = file;
    let ascii: String =
        name.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
    let encoded = percent_encoded(&format!("{name}.{ending}"));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{ascii}.{ending}\"; filename*=UTF-8''{encoded}"),
        ))
        .body(bytes))
}

struct File {
    ending: &'static str,
    content_type: &'static str,
    bytes: Vec<u8>,
}

fn file(kind: DocumentKind, format: Format, title: &str, body: &Value) -> Result<File, Refusal> {
    let json = |bytes: String| File { ending: "json", content_type: "application/json", bytes: bytes.into_bytes() };
    let impossible = |what: &str| Refusal::invalid("format", format!("{what}; choose another format"));
    match (kind, format) {
        (_, Format::Document) => Ok(json(format!("{body:#}\n"))),
        (DocumentKind::Memo, Format::Json) => Ok(json(format!("{body}\n"))),
        (DocumentKind::Memo, Format::Md) => {
            let bytes = markdown::harmless(body.as_str().unwrap_or_default()).into_bytes();
            Ok(File { ending: "md", content_type: "text/markdown; charset=utf-8", bytes })
        }
        (DocumentKind::Memo, Format::Xlsx | Format::Csv) => Err(impossible("a memo is no table")),
        (DocumentKind::Model, Format::Md) => Err(impossible("a model is no text")),
        (DocumentKind::Model, format) => {
            let model = Model::read(body).map_err(|error| Refusal::internal(&error))?;
            match format {
                Format::Csv => {
                    let bytes = to_csv(&model, &Calculation::new(&model)).into_bytes();
                    Ok(File { ending: "csv", content_type: "text/csv; charset=utf-8", bytes })
                }
                Format::Xlsx => {
                    let bytes =
                        write_xlsx(&workbook_of(&model, title).workbook).map_err(|error| Refusal::internal(&error))?;
                    let content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                    Ok(File { ending: "xlsx", content_type, bytes })
                }
                _ => Ok(json(format!("{:#}\n", to_json(&model, &Calculation::new(&model))))),
            }
        }
    }
}

/// A name for the file: the title without what means something to systems of files.
fn file_name(title: &str) -> String {
    let is_plain =
        |character: char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_' | '(' | ')' | ',');
    let name: String = title.chars().map(|character| if is_plain(character) { character } else { '-' }).collect();
    let name = name.trim_matches([' ', '-']);
    if name.is_empty() { "document".to_owned() } else { name.to_owned() }
}

/// The text as RFC 8187 has it in a header.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_every_system_takes() {
        assert_eq!(file_name("Apple Inc. — DCF"), "Apple Inc- - DCF");
        assert_eq!(file_name("../../etc/passwd"), "etc-passwd");
        assert_eq!(file_name("\"; filename=x.exe\r\nSet-Cookie: a"), "filename-x-exe--Set-Cookie- a");
        assert_eq!(file_name("…"), "document");
        assert_eq!(percent_encoded("é 1.csv"), "%C3%A9%201.csv");
    }
}
