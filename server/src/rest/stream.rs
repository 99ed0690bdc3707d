//! Following a document with server-sent events: the messages of the socket, for those who only read.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, rt};
use coval_shared::protocol::{DocumentId, ErrorCode, FromServer, ServerMessage};
use coval_shared::rest::Problem;
use coval_shared::rights::Right;
use ot_core::{ClientId, Revision};
use tokio::sync::oneshot;
use tokio::time::interval;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::auth::{Access, Principal};
use crate::document::{Command, ConnectionId, Documents, End, Form, Outbox, Outgoing};
use crate::error::Refusal;
use crate::ws::Sockets;

/// JSON as server-sent events.
const EVENTS: Form = Form::new(Form::EVENTS, event);

/// How often a line is sent that says nothing, so that a connection that is gone is noticed.
const STILL: Duration = Duration::from_secs(15);

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(stream);
}

/// Follow a document
///
/// Server-sent events for programs that only read. Each is a message as the socket sends it: first the document, or what
/// was missed since the revision in `Last-Event-ID`, and then whatever happens. The stream ends when the person may not
/// read the document any more.
#[utoipa::path(
    tag = "documents",
    params(
        ("id" = String, Path, description = "The document"),
        ("Last-Event-ID" = Option<u64>, Header, description = "The newest revision that the client holds"),
    ),
    responses(
        (status = 200, description = "The messages", body = String, content_type = "text/event-stream"),
        (status = 404, description = "There is no such document", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The document can't be read now", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/document/{id}/stream")]
async fn stream(
    request: HttpRequest,
    id: Path<String>,
    documents: Data<Documents>,
    access: Data<Access>,
    sockets: Data<Sockets>,
) -> Result<HttpResponse, Refusal> {
    let principal = reader(&request, &access).await?;
    let document = DocumentId(Uuid::parse_str(&id).map_err(|_| Refusal::unknown_document())?);
    let role = access.document(principal.user, document, Right::Read).await?;
    let since = request.headers().get("Last-Event-ID").and_then(|value| value.to_str().ok()?.trim().parse().ok());

    let (outbox, outgoing) = Outbox::new(EVENTS);
    let (connection, client) = (ConnectionId::next(), ClientId(Uuid::now_v7()));
    let (is_in, answer) = oneshot::channel();
    let join = Command::Join {
        connection,
        client,
        user: principal.user,
        name: principal.name.clone(),
        role,
        since: since.map(Revision),
        outbox: outbox.clone(),
        is_in,
    };
    let reader = Reader { principal, document, connection, documents: documents.get_ref().clone(), outbox };
    reader.documents.send(document, join).await;
    if answer.await.ok().flatten().is_none() {
        return Err(Refusal::new(ErrorCode::Unavailable, "the document can't be read now; try again"));
    }
    rt::spawn(reader.watch(access.get_ref().clone(), sockets.get_ref().clone()));
    Ok(HttpResponse::Ok()
        .force_close()
        .content_type("text/event-stream")
        .insert_header(("X-Accel-Buffering", "no"))
        .body(Events(outgoing)))
}

/// Who reads: by a token, or by a ticket, which other pages than the app's own can be handed.
async fn reader(request: &HttpRequest, access: &Access) -> Result<Principal, Refusal> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match header.split_once(' ') {
        Some((scheme, ticket)) if scheme.eq_ignore_ascii_case("ticket") => access.redeem(ticket.trim()).await,
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => access.principal(token.trim()).await,
        _ => {
            let detail = "sign in, and send the token or a ticket in the header Authorization";
            Err(Refusal::new(ErrorCode::Unauthenticated, detail))
        }
    }
}

/// Somebody who follows a document.
struct Reader {
    principal: Principal,
    document: DocumentId,
    connection: ConnectionId,
    documents: Documents,
    outbox: Outbox,
}

impl Reader {
    /// Lets them go when they leave, or may not read the document any more.
    async fn watch(self, access: Access, sockets: Sockets) {
        let Sockets { mut stopping, .. } = sockets;
        let mut changes = access.changes();
        let mut still = interval(STILL);
        loop {
            tokio::select! {
                End::Behind | End::Farewell = self.outbox.ended() => break,
                _ = stopping.wait_for(|stopping| *stopping) => break,
                _ = still.tick() => self.outbox.put(Bytes::from_static(b":\n\n")),
                Ok(()) = changes.changed() => {
                    if !self.may_read(&access).await {
                        break;
                    }
                }
            }
        }
        self.outbox.finish(Bytes::from_static(b":\n\n"));
        self.documents.send(self.document, Command::Leave { connection: self.connection }).await;
    }

    /// Whether they may go on. While the database is away, what was known goes on.
    async fn may_read(&self, access: &Access) -> bool {
        let has_left = matches!(access.still(&self.principal).await, Ok(false));
        let role = access.document(self.principal.user, self.document, Right::Read).await;
        let is_shut_out = role.is_err_and(|refusal| refusal.code() == ErrorCode::UnknownDocument);
        if is_shut_out {
            self.outbox.send(&ServerMessage::AccessUpdate { document: self.document, role: None });
        }
        !has_left && !is_shut_out
    }
}

/// `message` as an event. Its id is the revision that the client holds from then on.
fn event(FromServer { message, .. }: FromServer<'_>) -> Bytes {
    let revision = match message {
        ServerMessage::DocumentSnapshot { revision, .. } => Some(*revision),
        ServerMessage::DocumentResumed { updates, .. } | ServerMessage::DocumentUpdated { updates, .. } => {
            updates.last().map(|committed| committed.revision)
        }
        _ => None,
    };
    let mut bytes = revision.map(|revision| format!("id: {revision}\n").into_bytes()).unwrap_or_default();
    bytes.extend_from_slice(b"data: ");
    if let Err(error) = serde_json::to_writer(&mut bytes, message) {
        tracing::error!(%error, "a message could not be written");
        return Bytes::from_static(b":\n\n");
    }
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}

/// The body of the answer: whatever waits in the outbox.
struct Events(Outgoing);

impl MessageBody for Events {
    type Error = actix_web::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.0.poll_take(context).map(|taken| taken.map(Ok))
    }
}
