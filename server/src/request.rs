//! What is done around every request: it gets an id, which stands in the log and in the answer, and it is measured.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use tracing::Instrument;
use uuid::Uuid;

use crate::metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from whoever asks, as a proxy in front.
const ID_BYTES: usize = 64;

/// The id of a request, which it carries along.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// Passes the request on under an id.
pub(crate) async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Instant::now();
    let id = given(&request).unwrap_or_else(|| Uuid::now_v7().to_string());
    // Only the path: what stands behind it may be somebody's.
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.path());
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.call(request).instrument(span.clone()).await?;
    let status = response.status();
    let took = begun.elapsed();
    metrics::answered(method.as_str(), status.as_u16(), took);
    span.in_scope(|| tracing::debug!(status = status.as_u16(), ?took, "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(response)
}

/// The id that the request came with, if it is one that can stand in a log.
fn given(request: &ServiceRequest) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    ((1..=ID_BYTES).contains(&id.len()) && id.bytes().all(is_plain)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_an_id_that_can_stand_in_a_log_is_taken_over() {
        let given = |id: &str| given(&TestRequest::get().insert_header((REQUEST_ID, id)).to_srv_request());
        assert_eq!(given("0199-ab_C"), Some("0199-ab_C".to_owned()));
        assert_eq!(given(&"a".repeat(ID_BYTES)), Some("a".repeat(ID_BYTES)));
        for wrong in ["", "a b", "a\"b", "a;b", &"a".repeat(ID_BYTES + 1)] {
            assert_eq!(given(wrong), None, "{wrong:?}");
        }
    }
}
