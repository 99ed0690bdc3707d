//! The description of the interface, made of the routes themselves.

use std::sync::OnceLock;

use actix_web::HttpRequest;
use coval_shared::protocol::{ErrorCode, WorkspaceId};
use coval_shared::rest::Problem;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa_actix_web::OpenApiFactory;

use crate::error::Refusal;

/// The name of the way to sign in.
const BEARER: &str = "bearer";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Coval",
        description = "The HTTP interface of the collaboration server. Documents are edited over the socket at `/ws`.\n\n\
                       Answers that are no success are `application/problem+json` with a stable `code`. Lists come in \
                       pages: `next` of one is the `cursor` of the one after. What somebody may not know of answers \
                       as what is not there.",
        license(name = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem, WorkspaceId))
)]
struct Head;

struct Description {
    json: String,
    routes: Vec<Route>,
}

/// An address and what may be done there.
struct Route {
    /// The parts of the path, parameters as nothing.
    segments: Vec<Option<String>>,
    methods: Vec<&'static str>,
}

/// The description as JSON.
pub(super) fn json() -> &'static str {
    &description().json
}

/// Answers whatever no route has taken: what is there for other methods, and what is not there.
pub(super) async fn nothing_here(request: HttpRequest) -> Result<actix_web::HttpResponse, Refusal> {
    match allowed(request.path(), &description().routes) {
        Some(methods) => Err(Refusal::wrong_method(methods.join(", "))),
        None => Err(Refusal::new(
            ErrorCode::NotFound,
            "there is nothing at this address; /api/openapi.json lists what there is",
        )),
    }
}

fn description() -> &'static Description {
    static DESCRIPTION: OnceLock<Description> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        let api = super::api();
        let mut schemas = Vec::new();
        api.schemas(&mut schemas);
        let mut document = <Head as utoipa::OpenApi>::openapi();
        document.paths.merge(api.paths());
        let components = document.components.get_or_insert_default();
        components.schemas.extend(schemas);
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The `token` of `POST /api/sign-in`"))
            .build();
        components.security_schemes.insert(BEARER.to_owned(), SecurityScheme::Http(scheme).into());
        complete(&mut document);
        let routes = document.paths.paths.iter().map(|(path, item)| Route {
            segments: path.split('/').map(|part| (!part.starts_with('{')).then(|| part.to_owned())).collect(),
            methods: [
                ("GET", &item.get),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
                ("PATCH", &item.patch),
            ]
            .into_iter()
            .filter(|(_, operation)| operation.is_some())
            .flat_map(|(method, _)| if method == "GET" { vec!["GET", "HEAD"] } else { vec![method] })
            .collect(),
        });
        let routes = routes.collect();
        // A document of texts, numbers and lists is always JSON.
        Description { json: document.to_pretty_json().unwrap_or_default(), routes }
    })
}

fn allowed<'a>(path: &str, routes: &'a [Route]) -> Option<&'a [&'static str]> {
    let is_at = |route: &&Route| {
        let mut parts = path.split('/');
        route.segments.iter().all(|segment| {
            parts.next().is_some_and(|part| match segment {
                Some(name) => name == part,
                None => !part.is_empty(),
            })
        }) && parts.next().is_none()
    };
    routes.iter().find(is_at).map(|route| route.methods.as_slice())
}

/// Adds to every operation what follows from its form: who may ask, and which refusals it shares with others.
fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            operation.operation_id = Some(name(method, path));
            complete_operation(method, operation);
        }
    }
}

/// The name of an operation: `get_document_outputs` for `GET /api/document/{id}/outputs`, and `get_document_id` for
/// `GET /api/document/{id}`.
fn name(method: &str, path: &str) -> String {
    let (way, end) = path.rsplit_once('/').unwrap_or_default();
    let way = way.split('/').filter(|part| !part.is_empty() && *part != "api" && !part.starts_with('{'));
    let words = std::iter::once(method).chain(way).chain([end.trim_matches(['{', '}'])]);
    words.flat_map(|part| part.split(['-', '.'])).collect::<Vec<_>>().join("_")
}

fn complete_operation(method: &str, operation: &mut Operation) {
    let is_open = operation.security.is_some();
    if !is_open {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], _>(BEARER, [])]);
    }
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |place: ParameterIn| {
        parameters.iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == place))
    };
    let has_path = has(ParameterIn::Path);
    let has_query = has(ParameterIn::Query);
    let has_body = operation.request_body.is_some();
    let changes = method != "get";
    let shared = [
        ("400", true, "The request can't be understood"),
        ("401", !is_open, "Nobody is signed in"),
        ("403", !is_open || changes, "The role, or the origin of the page, does not allow it"),
        ("404", has_path, "There is no such thing, or nobody may know of it"),
        ("409", changes, "It is there already or was changed meanwhile, or there are as many as there may be"),
        ("413", has_body, "The body is too large"),
        ("415", changes, "The body is of a type that is not taken"),
        ("422", has_query || has_body, "A field or parameter has a value that it can't have"),
        ("429", true, "There were too many requests"),
        ("503", true, "The database can't be reached, or takes nothing"),
    ];
    for (status, _, description) in shared.into_iter().filter(|(_, is_possible, _)| *is_possible) {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(description));
    }
}

fn problem(description: &str) -> RefOr<utoipa::openapi::Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build().into()
}
