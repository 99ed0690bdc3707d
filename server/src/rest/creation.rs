//! How documents come into being: from a template, from what is in them, as a copy, from a file.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use coval_shared::limits::DOCUMENT_BYTES;
use coval_shared::model::{Calculation, Model, outputs};
use coval_shared::protocol::{DocumentId, DocumentKind, ErrorCode, UserId, WorkspaceId};
use coval_shared::rest::{CreateDocument, DocumentSummary, DuplicateDocument, Imported, Page, TemplateSummary};
use coval_shared::rights::{Right, Role};
use coval_shared::spreadsheet::{Report, import as model_of};
use coval_shared::template;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::documents::summary;
use super::json::Json;
use super::pages::{PageQuery, cursor};
use super::requests::title;
use crate::auth::{Access, Principal};
use crate::error::Refusal;
use crate::spreadsheet::{MAX_FILE_BYTES, SpreadsheetError, read};
use crate::store::{NewDocument, Origin};

/// How many files are read at once; a large one takes much memory.
const IMPORTS: usize = 2;

/// The template of a memo.
const MEMO: &str = "memo";

/// The title of a memo that nobody gave one.
const MEMO_TITLE: &str = "New memo";

/// Calculated when they are first asked for: they never change.
static TEMPLATES: OnceLock<Vec<TemplateSummary>> = OnceLock::new();

static IMPORTING: Semaphore = Semaphore::const_new(IMPORTS);

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(templates).service(create).service(duplicate).service(import);
}

/// List templates
///
/// What a document can be made from.
#[utoipa::path(
    tag = "documents",
    params(PageQuery),
    responses((status = 200, description = "The templates", body = Page<TemplateSummary>)),
)]
#[get("/templates")]
async fn templates(_: Principal, page: Query<PageQuery>) -> Result<Json<Page<TemplateSummary>>, Refusal> {
    let (limit, skip) = (page.limit()?, page.after::<usize>()?.unwrap_or_default());
    let all = match TEMPLATES.get() {
        Some(all) => all,
        None => web::block(|| TEMPLATES.get_or_init(summaries)).await.map_err(|_| Refusal::busy())?,
    };
    let end = skip.saturating_add(limit);
    let next = (end < all.len()).then(|| cursor(&end)).transpose()?;
    Ok(Json(Page { items: all.iter().skip(skip).take(limit).cloned().collect(), next }))
}

/// All templates, each with what its model calculates to.
fn summaries() -> Vec<TemplateSummary> {
    let memo = TemplateSummary {
        name: MEMO.to_owned(),
        title: MEMO_TITLE.to_owned(),
        summary: "Memo: a text in Markdown, for the reasons behind the figures.".to_owned(),
        kind: DocumentKind::Memo,
        outputs: Vec::new(),
    };
    let models = template::all().iter().map(|template| {
        // A template that could not be read would have no figures, and could not be made into a document either.
        let model = template.document().ok().and_then(|document| Model::read(&document).ok());
        TemplateSummary {
            name: template.name.to_owned(),
            title: template.title.to_owned(),
            summary: template.summary.to_owned(),
            kind: DocumentKind::Model,
            outputs: model.map_or_else(Vec::new, |model| outputs(&model, &Calculation::new(&model))),
        }
    });
    models.chain([memo]).collect()
}

/// Create a document
///
/// From a template, or from what is in it. Needs the role editor in the workspace.
#[utoipa::path(
    tag = "documents",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    request_body = CreateDocument,
    responses((status = 201, description = "The document", body = DocumentSummary)),
)]
#[post("/workspace/{id}/documents")]
async fn create(
    access: Data<Access>,
    who: Principal,
    workspace: Path<WorkspaceId>,
    body: Json<CreateDocument>,
) -> Result<HttpResponse, Refusal> {
    let workspace = workspace.into_inner();
    let role = access.workspace(who.user, workspace, Right::Edit).await?;
    let CreateDocument { title: wanted, template: name, body } = body.into_inner();
    let draft = match (name, body) {
        (Some(name), None) => from_template(&name)?,
        (None, Some(body)) => {
            let kind = if body.is_string() { DocumentKind::Memo } else { DocumentKind::Model };
            let default = if kind == DocumentKind::Memo { MEMO_TITLE } else { "New model" };
            check_body(&access, who.user, &body).await?;
            Draft { title: default.to_owned(), kind, template: None, origin: Origin::Made, body }
        }
        _ => return Err(Refusal::invalid("template", "give either template or body")),
    };
    let wanted = wanted.as_deref().map(|text| title("title", text)).transpose()?;
    let draft = Draft { title: wanted.unwrap_or(draft.title), ..draft };
    Ok(HttpResponse::Created().json(store(&access, who.user, role, workspace, draft).await?))
}

/// Duplicate a document
///
/// A new document with what is in this one now. Needs the role editor in the workspace of the copy.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = DuplicateDocument,
    responses((status = 201, description = "The copy", body = DocumentSummary)),
)]
#[post("/document/{id}/duplicate")]
async fn duplicate(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
    body: Json<DuplicateDocument>,
) -> Result<HttpResponse, Refusal> {
    let id = id.into_inner();
    access.document(who.user, id, Right::Read).await?;
    let DuplicateDocument { title: wanted, workspace } = body.into_inner();
    let wanted = wanted.as_deref().map(|text| title("title", text)).transpose()?;
    let (row, body) = access.blocking(move |store| Ok((store.document(id)?, store.newest(id)?.1))).await?;
    let workspace = workspace.unwrap_or(row.workspace);
    let role = access.workspace(who.user, workspace, Right::Edit).await?;
    check_body(&access, who.user, &body).await?;
    let title = wanted.unwrap_or_else(|| copy_of(&row.title));
    let draft = Draft { title, kind: row.kind, template: row.template, origin: Origin::Copied(id), body };
    Ok(HttpResponse::Created().json(store(&access, who.user, role, workspace, draft).await?))
}

/// What is said about a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// What people are to call the document.
    #[param(min_length = 1, max_length = 200)]
    title: Option<String>,
}

/// Import a file
///
/// Makes a model of a workbook, a csv file, or a model in JSON, and a memo of Markdown. The body is the file, at most 20
/// MiB. Needs the role editor in the workspace.
#[utoipa::path(
    tag = "documents",
    params(("id" = WorkspaceId, Path, description = "The workspace"), ImportQuery),
    request_body(content(
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "text/csv"),
        (Object = "application/json"),
        (String = "text/markdown"),
    )),
    responses((status = 201, description = "The document, and what was not carried", body = Imported)),
)]
#[post("/workspace/{id}/import")]
async fn import(
    access: Data<Access>,
    who: Principal,
    workspace: Path<WorkspaceId>,
    query: Query<ImportQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let workspace = workspace.into_inner();
    let role = access.workspace(who.user, workspace, Right::Edit).await?;
    let format = Format::of(&request)?;
    let wanted = query.title.as_deref().map(|text| title("title", text)).transpose()?;
    let _turn = IMPORTING.acquire().await.map_err(|_| Refusal::busy())?;
    let bytes = match payload.to_bytes_limited(MAX_FILE_BYTES).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(Refusal::new(ErrorCode::BadRequest, "the file did not arrive whole; send it again")),
        Err(_) => {
            let detail =
                format!("the file has more than {MAX_FILE_BYTES} bytes; take out what the model does not need");
            return Err(Refusal::new(ErrorCode::MessageTooLarge, detail));
        }
    };
    let parsed = web::block(move || parse(format, &bytes)).await.map_err(|_| Refusal::busy())??;
    let (kind, body, report) = parsed;
    check_body(&access, who.user, &body).await?;
    let default = if kind == DocumentKind::Memo { "Imported memo" } else { "Imported model" };
    let draft = Draft {
        title: wanted.unwrap_or_else(|| default.to_owned()),
        kind,
        template: None,
        origin: Origin::Imported,
        body,
    };
    let document = store(&access, who.user, role, workspace, draft).await?;
    Ok(HttpResponse::Created().json(Imported {
        document,
        formulas: u64::try_from(report.formulas).unwrap_or(u64::MAX),
        values: u64::try_from(report.values).unwrap_or(u64::MAX),
        remarks: report.remarks.iter().map(|remark| format!("{}: {}", remark.place, remark.message)).collect(),
    }))
}

/// A document before it is stored.
struct Draft {
    title: String,
    kind: DocumentKind,
    template: Option<String>,
    origin: Origin,
    body: Value,
}

fn from_template(name: &str) -> Result<Draft, Refusal> {
    if name == MEMO {
        let body = Value::String(String::new());
        return Ok(Draft {
            title: MEMO_TITLE.to_owned(),
            kind: DocumentKind::Memo,
            template: Some(MEMO.to_owned()),
            origin: Origin::Made,
            body,
        });
    }
    let template = template::by_name(name).ok_or_else(|| {
        Refusal::invalid("template", "there is no such template; GET /api/templates lists those there are")
    })?;
    Ok(Draft {
        title: template.title.to_owned(),
        kind: DocumentKind::Model,
        template: Some(template.name.to_owned()),
        origin: Origin::Made,
        body: template.document().map_err(|error| Refusal::internal(&error))?,
    })
}

/// Refuses what is no document, and a model that takes values from documents that `user` may not read.
async fn check_body(access: &Access, user: UserId, body: &Value) -> Result<(), Refusal> {
    let invalid = |detail: String| Refusal::invalid("body", detail);
    if body.to_string().len() > DOCUMENT_BYTES {
        let detail = format!("the document has more than {DOCUMENT_BYTES} bytes; take out what it does not need");
        return Err(Refusal::new(ErrorCode::MessageTooLarge, detail));
    }
    if body.is_string() {
        return Ok(());
    }
    let model = Model::read(body).map_err(|error| invalid(format!("the body is no model: {error}")))?;
    let sources: BTreeSet<DocumentId> =
        model.items().filter_map(|item| item.link.as_ref()).map(|link| link.document).collect();
    for source in sources {
        if access.document(user, source, Right::Read).await.is_err() {
            return Err(invalid(format!(
                "the model takes values from {source}, which you may not read; remove the link"
            )));
        }
    }
    Ok(())
}

async fn store(
    access: &Access,
    user: UserId,
    role: Role,
    workspace: WorkspaceId,
    draft: Draft,
) -> Result<DocumentSummary, Refusal> {
    let id = DocumentId(Uuid::now_v7());
    let now_ms = access.now_ms();
    let row = access
        .blocking(move |store| {
            let new = NewDocument {
                id,
                workspace,
                kind: draft.kind,
                title: &draft.title,
                template: draft.template.as_deref(),
                created_by: Some(user),
                origin: draft.origin,
                body: &draft.body,
            };
            store.create_document(&new, now_ms)?;
            store.document(id)
        })
        .await?;
    Ok(summary(row, role))
}

/// The title of a copy, no longer than titles may be.
fn copy_of(title: &str) -> String {
    format!("Copy of {title}").chars().take(coval_shared::limits::TITLE_CHARS).collect()
}

/// What a file says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Spreadsheet,
    Json,
    Markdown,
}

impl Format {
    fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" | "text/csv" => Ok(Self::Spreadsheet),
            "application/json" => Ok(Self::Json),
            "text/markdown" => Ok(Self::Markdown),
            _ => Err(Refusal::new(
                ErrorCode::UnsupportedMediaType,
                "the file has to be an xlsx workbook, text/csv, application/json or text/markdown, as content-type says",
            )),
        }
    }
}

fn parse(format: Format, bytes: &[u8]) -> Result<(DocumentKind, Value, Report), Refusal> {
    let invalid = |detail: String| Refusal::invalid("body", detail);
    match format {
        Format::Spreadsheet => {
            let workbook = read(bytes).map_err(|error| unreadable(&error))?;
            let imported = model_of(&workbook).map_err(|error| invalid(error.to_string()))?;
            Ok((DocumentKind::Model, imported.document, imported.report))
        }
        Format::Json => {
            let body: Value =
                serde_json::from_slice(bytes).map_err(|error| invalid(format!("the file is no JSON: {error}")))?;
            if body.is_string() {
                return Err(invalid("the file is a text; send it as text/markdown for a memo".to_owned()));
            }
            Ok((DocumentKind::Model, body, Report::default()))
        }
        Format::Markdown => {
            let text = std::str::from_utf8(bytes).map_err(|_| invalid("the file is not in UTF-8".to_owned()))?;
            Ok((DocumentKind::Memo, Value::String(text.to_owned()), Report::default()))
        }
    }
}

fn unreadable(error: &SpreadsheetError) -> Refusal {
    match error {
        SpreadsheetError::TooLarge { .. } => Refusal::new(ErrorCode::MessageTooLarge, error.to_string()),
        other => Refusal::invalid("body", other.to_string()),
    }
}
