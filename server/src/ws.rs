//! Sockets: from frames to messages and back.

mod connection;
mod conversation;
mod fragments;
mod frames;
mod wire;

use actix_web::body::MessageBody;
use actix_web::http::header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, rt};
use coval_shared::limits::CLIENT_FRAME_BYTES;
use coval_shared::protocol::{ErrorCode, MESSAGE_PACK, SUBPROTOCOL};
use tokio::sync::watch;

use crate::document::{Documents, Outbox};
use crate::error::Refusal;
use conversation::Conversation;
use frames::Frames;

pub(crate) use wire::Wire;

/// What sockets need to know of the server.
#[derive(Clone)]
pub(crate) struct Sockets {
    /// Origins that may connect beside the server's own.
    pub(crate) allowed_origins: Vec<String>,
    /// Becomes true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Adds the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(web::resource("/ws").route(web::get().to(open)).default_service(web::to(Refusal::method)));
}

async fn open(
    request: HttpRequest,
    body: Payload,
    documents: Data<Documents>,
    sockets: Data<Sockets>,
) -> Result<HttpResponse, Refusal> {
    check_origin(&request, &sockets.allowed_origins)?;
    let subprotocol = subprotocol(&request)?;
    let (response, _, messages) = actix_ws::handle_with_protocols(&request, body, &[subprotocol])
        .map_err(|error| Refusal::new(ErrorCode::BadRequest, format!("this is no WebSocket handshake: {error}")))?;
    let messages = messages.max_frame_size(CLIENT_FRAME_BYTES);
    let wire = request.conn_data::<Wire>().cloned();
    let stopping = sockets.stopping.clone();
    let is_packed = subprotocol == MESSAGE_PACK;
    let (outbox, outgoing) = Outbox::new(if is_packed { frames::MESSAGE_PACK } else { frames::JSON });
    let conversation = Conversation::new(documents.get_ref().clone(), outbox.clone(), is_packed);
    rt::spawn(connection::serve(messages, conversation, outbox, wire, stopping));
    Ok(response.map_body(|_, inner| Frames::new(outgoing, inner).boxed()))
}

/// Lets a page open a socket only if it comes from this server or from an origin that the operator named. Browsers
/// send cookies along with sockets to anywhere, so that nothing else keeps foreign pages out.
fn check_origin(request: &HttpRequest, allowed: &[String]) -> Result<(), Refusal> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let origin = header(ORIGIN).unwrap_or_default();
    let own = header(HOST).filter(|host| !host.is_empty());
    let is_own =
        own.is_some_and(|host| ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme) == Some(host)));
    if is_own || allowed.iter().any(|allowed| allowed == origin) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::ForbiddenOrigin,
        "pages of this origin may not connect; the operator can allow it with --allow-origin",
    ))
}

/// The first subprotocol that the client offers and the server knows.
fn subprotocol(request: &HttpRequest) -> Result<&'static str, Refusal> {
    let offered = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|value| value.to_str().ok());
    let known = |offered: &str| [SUBPROTOCOL, MESSAGE_PACK].into_iter().find(|known| *known == offered.trim());
    offered.flat_map(|value| value.split(',')).find_map(known).ok_or_else(|| {
        let message = format!("this socket speaks the subprotocols {SUBPROTOCOL} and {MESSAGE_PACK}");
        Refusal::new(ErrorCode::BadRequest, message)
    })
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
        check_origin(&request.to_http_request(), &["https://coval.example".to_owned()]).is_ok()
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
}
