//! Sockets: from frames to messages and back.

mod connection;
mod conversation;
mod fragments;
mod frames;
mod wire;

use actix_web::body::MessageBody;
use actix_web::http::header::SEC_WEBSOCKET_PROTOCOL;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, rt};
use coval_shared::limits::FRAME_BYTES_BEFORE_HELLO;
use coval_shared::protocol::{ErrorCode, MESSAGE_PACK, SUBPROTOCOL};
use tokio::sync::watch;
use tracing::Instrument;

use crate::auth::{Access, Limits, Origins, Pace};
use crate::document::{Documents, Outbox, Wakers};
use crate::error::Refusal;
use crate::jobs::Jobs;
use crate::request::RequestId;
use conversation::Conversation;
use frames::Frames;

pub(crate) use wire::Wire;

/// What sockets need to know of the server.
#[derive(Clone)]
pub(crate) struct Sockets {
    /// How many messages a second one socket may send; 0 is no limit.
    pub(crate) messages_per_second: u32,
    /// Becomes true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
    /// The calculations that sockets start.
    pub(crate) jobs: Jobs,
}

/// Adds the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(web::resource("/ws").route(web::get().to(open)).default_service(web::to(Refusal::method)));
}

async fn open(
    request: HttpRequest,
    body: Payload,
    documents: Data<Documents>,
    access: Data<Access>,
    origins: Data<Origins>,
    sockets: Data<Sockets>,
    limits: Data<Limits>,
) -> Result<HttpResponse, Refusal> {
    if let Err(limited) = limits.handshake(&request) {
        return Ok(limited.answer());
    }
    origins.check(&request)?;
    let subprotocol = subprotocol(&request)?;
    let (response, _, messages) = actix_ws::handle_with_protocols(&request, body, &[subprotocol])
        .map_err(|error| Refusal::new(ErrorCode::BadRequest, format!("this is no WebSocket handshake: {error}")))?;
    let messages = messages.max_frame_size(FRAME_BYTES_BEFORE_HELLO);
    let wire = request.conn_data::<Wire>().cloned();
    let stopping = sockets.stopping.clone();
    let is_packed = subprotocol == MESSAGE_PACK;
    let form = if is_packed { frames::MESSAGE_PACK } else { frames::JSON };
    let (outbox, outgoing) = match request.app_data::<Wakers>() {
        Some(wakers) => Outbox::woken_by(wakers.clone(), form),
        None => Outbox::new(form),
    };
    let (documents, access) = (documents.get_ref().clone(), access.get_ref().clone());
    let node = documents.bus().node().to_owned();
    let conversation = Conversation::new(documents, access, sockets.jobs.clone(), outbox.clone(), is_packed);
    let pace = Pace::new(sockets.messages_per_second);
    // By itself, since it outlives the request that it came with.
    let span = tracing::error_span!(
        parent: None,
        "socket",
        connection = conversation.connection().0,
        request = request.extensions().get::<RequestId>().map(|id| &*id.0),
        user = tracing::field::Empty,
        node,
    );
    rt::spawn(connection::serve(messages, conversation, outbox, pace, wire, stopping).instrument(span));
    Ok(response.map_body(|_, inner| Frames::new(outgoing, inner).boxed()))
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
