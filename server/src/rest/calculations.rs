//! Calculations as jobs.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use coval_shared::protocol::{DocumentId, ErrorCode, JobId};
use coval_shared::rest::{
    Calculation, CalculationRequest, CalculationWithResult, ExportFormat, Page, StartCalculation,
};
use coval_shared::rights::Right;
use utoipa_actix_web::service_config::ServiceConfig;

use super::blocking;
use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::{Access, Principal};
use crate::document::Documents;
use crate::error::Refusal;
use crate::jobs::Jobs;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(start).service(show).service(file).service(end);
}

/// Calculations
///
/// The calculations of a document, the newest first. Those that ended are kept for 30 days, 100 of each document.
#[utoipa::path(
    tag = "calculations",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "The calculations", body = Page<Calculation>)),
)]
#[get("/document/{id}/calculations")]
async fn list(
    who: Principal,
    access: Data<Access>,
    jobs: Data<Jobs>,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Calculation>>, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    let limit = page.limit()?;
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut items = jobs.calculations(*id, page.after()?, most).await?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| has_more).map(|last| (last.created_at_ms, last.id));
    Ok(Json(Page { items, next: last.map(|last| cursor(&last)).transpose()? }))
}

/// Calculate
///
/// Has something calculated that may take longer: a simulation, sensitivities, a search, an export. It waits for its
/// turn, and whoever asked is told over the socket how far it is.
#[utoipa::path(
    tag = "calculations",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = StartCalculation,
    responses(
        (status = 202, description = "The calculation", body = Calculation),
        (status = 409, description = "As many run or wait as may, or something else has this id", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/document/{id}/calculations")]
async fn start(
    who: Principal,
    access: Data<Access>,
    jobs: Data<Jobs>,
    id: Path<DocumentId>,
    body: Json<StartCalculation>,
) -> Result<HttpResponse, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    let StartCalculation { id: job, revision, request } = body.into_inner();
    let calculation = jobs.start(who.user, *id, revision, job, request).await?;
    Ok(HttpResponse::Accepted().json(calculation))
}

/// A calculation
///
/// How far it is, and its result.
#[utoipa::path(
    tag = "calculations",
    params(("id" = JobId, Path, description = "The calculation")),
    responses((status = 200, description = "The calculation", body = CalculationWithResult)),
)]
#[get("/calculation/{id}")]
async fn show(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    jobs: Data<Jobs>,
    id: Path<JobId>,
) -> Result<Json<CalculationWithResult>, Refusal> {
    let calculation = readable(&who, &access, &jobs, *id).await?;
    let id = *id;
    let (result, _) = blocking(&documents, move |store| store.calculation_result(id)).await.map_err(missing)?;
    let result = result.map(|json| serde_json::from_str(&json)).transpose();
    Ok(Json(CalculationWithResult { calculation, result: result.map_err(|error| Refusal::internal(&error))? }))
}

/// The file of an export
///
/// As soon as the calculation is done.
#[utoipa::path(
    tag = "calculations",
    params(("id" = JobId, Path, description = "The calculation")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream")),
)]
#[get("/calculation/{id}/file")]
async fn file(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    jobs: Data<Jobs>,
    id: Path<JobId>,
) -> Result<HttpResponse, Refusal> {
    let calculation = readable(&who, &access, &jobs, *id).await?;
    let CalculationRequest::Export(parameters) = &calculation.request else {
        return Err(Refusal::new(ErrorCode::NotFound, "only exports have a file"));
    };
    let id = *id;
    let (_, file) = blocking(&documents, move |store| store.calculation_result(id)).await.map_err(missing)?;
    let file = file.ok_or_else(|| Refusal::new(ErrorCode::NotFound, "the export has no file, or none yet"))?;
    let (kind, ending) = match parameters.format {
        ExportFormat::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        ExportFormat::Json => ("application/json", "json"),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"model.{ending}\"")))
        .body(file))
}

/// End a calculation
///
/// Stops it, or takes it out of the list if it has ended. One's own; an owner of the document may end all.
#[utoipa::path(
    tag = "calculations",
    params(("id" = JobId, Path, description = "The calculation")),
    responses((status = 204, description = "It does not run any more")),
)]
#[delete("/calculation/{id}")]
async fn end(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    jobs: Data<Jobs>,
    id: Path<JobId>,
) -> Result<HttpResponse, Refusal> {
    let calculation = readable(&who, &access, &jobs, *id).await?;
    if calculation.user != who.user {
        access.document(who.user, calculation.document, Right::Manage).await?;
    }
    if !jobs.cancel(*id).await? {
        let id = *id;
        blocking(&documents, move |store| store.delete_calculation(id)).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// The calculation, if whoever asks may read its document.
async fn readable(who: &Principal, access: &Access, jobs: &Jobs, id: JobId) -> Result<Calculation, Refusal> {
    let calculation = jobs.calculation(id).await.map_err(missing)?;
    access.document(who.user, calculation.document, Right::Read).await.map_err(missing)?;
    Ok(calculation)
}

fn missing(refusal: Refusal) -> Refusal {
    match refusal.code() {
        ErrorCode::UnknownDocument => Refusal::new(ErrorCode::NotFound, "there is no such calculation"),
        _ => refusal,
    }
}
