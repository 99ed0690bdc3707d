//! The app's files, built into the binary; a debug build reads them from `dist/`.

use std::borrow::Cow;

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use coval_shared::protocol::ErrorCode;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::Refusal;

#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct App;

/// The page that the app starts from, whatever the address.
const PAGE: &str = "index.html";

/// Headers of every answer. The app's code and styles come from this server alone, nothing is loaded from elsewhere,
/// and no other page may frame it.
pub(crate) const SECURITY: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Serves a file of the app, or its page for an address inside the app.
pub(crate) async fn serve(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let path = request.path().trim_start_matches('/');
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Refusal::wrong_method("GET, HEAD"));
    }
    if let Some(found) = Found::new(path, request.headers()).filter(|_| !is_variant(path)) {
        return Ok(found.answer(request.headers()));
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file || !takes_pages(request.headers()) {
        return Err(Refusal::new(ErrorCode::NotFound, "there is no such file"));
    }
    match Found::new(PAGE, request.headers()) {
        Some(page) => Ok(page.answer(request.headers())),
        None => Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-cache"))
            .content_type("text/plain")
            .body("The server runs, but the app is not built. `cargo xtask run` builds both and starts them.\n")),
    }
}

/// A file in the form that the client accepts.
struct Found<'a> {
    path: &'a str,
    file: EmbeddedFile,
    encoding: Option<&'static str>,
}

impl<'a> Found<'a> {
    fn new(path: &'a str, headers: &HeaderMap) -> Option<Self> {
        let compressed = encodings(headers).into_iter().find_map(|(encoding, ending)| {
            let file = App::get(&format!("{path}.{ending}"))?;
            Some(Self { path, file, encoding: Some(encoding) })
        });
        compressed.or_else(|| Some(Self { path, file: App::get(path)?, encoding: None }))
    }

    fn answer(self, headers: &HeaderMap) -> HttpResponse {
        let hash: String = self.file.metadata.sha256_hash().iter().map(|byte| format!("{byte:02x}")).collect();
        let tag = format!("\"{hash}\"");
        let is_known = headers
            .get(IF_NONE_MATCH)
            .and_then(|tags| tags.to_str().ok())
            .is_some_and(|tags| tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        let lasting = if is_hashed(self.path) { "public, max-age=31536000, immutable" } else { "no-cache" };
        response.insert_header((CACHE_CONTROL, lasting));
        response.insert_header((ETAG, tag));
        response.insert_header((VARY, "accept-encoding"));
        if is_known {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, content_type(self.path)));
        if let Some(encoding) = self.encoding {
            response.insert_header((CONTENT_ENCODING, encoding));
        }
        response.body(match self.file.data {
            Cow::Borrowed(data) => Bytes::from_static(data),
            Cow::Owned(data) => Bytes::from(data),
        })
    }
}

/// Whether the client takes HTML: it says so, or says nothing about what it takes.
fn takes_pages(headers: &HeaderMap) -> bool {
    let mut offers = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).peekable();
    let names_pages = |offer: &str| {
        let kind = offer.split(';').next().unwrap_or_default().trim();
        ["text/html", "text/*", "*/*"].iter().any(|page| kind.eq_ignore_ascii_case(page))
    };
    offers.peek().is_none() || offers.flat_map(|value| value.split(',')).any(names_pages)
}

/// The encodings that the client takes, with the endings of such files, the best first.
fn encodings(headers: &HeaderMap) -> Vec<(&'static str, &'static str)> {
    let mut accepted: Vec<_> = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .map(|encoding| (weight(headers, encoding.0), encoding))
        .filter(|(weight, _)| *weight > 0.0)
        .collect();
    // The sort is stable: of equal ones the smaller file stays first.
    accepted.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    accepted.into_iter().map(|(_, encoding)| encoding).collect()
}

/// How much the client likes `encoding`, from 0 to 1: the weight of its name or else of the star.
fn weight(headers: &HeaderMap, encoding: &str) -> f32 {
    let values = headers.get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
    let offers = values.flat_map(|value| value.split(',')).map(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        (name, weight.unwrap_or(0.0))
    });
    let offers: Vec<_> = offers.collect();
    let named = offers.iter().find(|(name, _)| name.eq_ignore_ascii_case(encoding));
    named.or_else(|| offers.iter().find(|(name, _)| *name == "*")).map_or(0.0, |(_, weight)| *weight)
}

/// Whether the file is only another file's compressed form.
fn is_variant(path: &str) -> bool {
    path.ends_with(".br") || path.ends_with(".gz")
}

/// Whether the name, or the directory's, holds a hash of the content: `styles-0123456789abcdef.css`, in Trunk's without
/// the zeros that it may begin with.
fn is_hashed(path: &str) -> bool {
    path.split('/').any(|part| {
        let stem = part.split('.').next().unwrap_or_default();
        let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
        (12..=16).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn content_type(path: &str) -> String {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = kind.type_() == mime_guess::mime::TEXT || kind.subtype() == mime_guess::mime::JAVASCRIPT;
    if is_text { format!("{kind}; charset=utf-8") } else { kind.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn headers(accept_encoding: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accept_encoding));
        headers
    }

    #[test]
    fn the_encoding_that_the_client_likes_best_comes_first() {
        let found = |accepted| encodings(&headers(accepted)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(found("gzip, deflate, br"), ["br", "gzip"]);
        assert_eq!(found("br;q=0.5, GZIP"), ["gzip", "br"]);
        assert_eq!(found("gzip;q=0, *;q=0.1"), ["br"]);
        assert_eq!(found("gzip;q=x, identity"), [""; 0]);
        assert_eq!(encodings(&HeaderMap::new()), []);
    }

    #[test]
    fn only_names_with_a_hash_may_be_kept_for_ever() {
        assert!(is_hashed("coval-7834f3229bd81fce/coval_bg.wasm"));
        assert!(is_hashed("styles-b94e8462c45c678a.css"));
        assert!(is_hashed("styles-591973312275bbd.css"));
        assert!(!is_hashed("index.html"));
        assert!(!is_hashed("icon-large.svg"));
    }

    #[test]
    fn types_are_what_browsers_insist_on() {
        assert_eq!(content_type("a.wasm"), "application/wasm");
        assert_eq!(content_type("a.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("a.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("a.svg"), "image/svg+xml");
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
    }
}
