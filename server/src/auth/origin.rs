//! From which pages requests may come.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};
use coval_shared::protocol::ErrorCode;

use crate::error::Refusal;

/// The origins whose pages may connect beside the server's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(pub(crate) Vec<String>);

impl Origins {
    /// Lets a request pass only if it comes from a page of this server, or of an origin that the operator named.
    /// Browsers send cookies along to anywhere, so that nothing else keeps foreign pages out.
    pub(crate) fn check(&self, request: &HttpRequest) -> Result<(), Refusal> {
        let origin = header(request, &ORIGIN).unwrap_or_default();
        let own = header(request, &HOST).filter(|host| !host.is_empty());
        let is_own = own
            .is_some_and(|host| ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme) == Some(host)));
        if is_own || self.0.iter().any(|allowed| allowed == origin) {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorCode::ForbiddenOrigin,
            "pages of this origin may not connect; the operator can allow it with --allow-origin",
        ))
    }

    /// The same for requests that carry no cookie, which programs send without an origin.
    pub(crate) fn check_if_named(&self, request: &HttpRequest) -> Result<(), Refusal> {
        if request.headers().contains_key(ORIGIN) { self.check(request) } else { Ok(()) }
    }
}

/// Whether the browser reaches the server on its own machine, where nobody can listen in.
pub(crate) fn is_loopback(request: &HttpRequest) -> bool {
    let host = header(request, &HOST).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn header<'a>(request: &'a HttpRequest, name: &actix_web::http::header::HeaderName) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn is_allowed(origin: Option<&str>, host: &str) -> bool {
        let mut request = TestRequest::get().insert_header((HOST, host));
        if let Some(origin) = origin {
            request = request.insert_header((ORIGIN, origin));
        }
        Origins(vec!["https://coval.example".to_owned()]).check(&request.to_http_request()).is_ok()
    }

    #[test]
    fn the_own_origin_and_those_named_may_connect() {
        assert!(is_allowed(Some("http://127.0.0.1:8080"), "127.0.0.1:8080"));
        assert!(is_allowed(Some("https://coval.example"), "127.0.0.1:8080"));
    }

    #[test]
    fn foreign_missing_and_similar_origins_may_not() {
        for origin in [
            None,
            Some(""),
            Some("null"),
            Some("http://"),
            Some("http://127.0.0.1:8081"),
            Some("http://127.0.0.1:8080.evil.example"),
            Some("http://evil.example/127.0.0.1:8080"),
            Some("https://coval.example.evil.example"),
            Some("https://evil-coval.example"),
        ] {
            assert!(!is_allowed(origin, "127.0.0.1:8080"), "{origin:?}");
        }
        assert!(!is_allowed(Some("http://"), ""));
    }

    #[test]
    fn only_names_of_the_own_machine_are_loopback() {
        let is = |host: &str| is_loopback(&TestRequest::get().insert_header((HOST, host)).to_http_request());
        assert!(["localhost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:8080", "[::1]"].into_iter().all(is));
        assert!(
            !["", "coval.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]:80"].into_iter().any(is)
        );
    }
}
