//! The floor: a bare broadcast on `actix-ws`, without documents, order, storage or rights.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::{self, Data, Payload};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, rt};
use actix_ws::{Message, Session};
use bytestring::ByteString;

/// How long the text is that everybody gets who connects to `/blob`.
pub const BLOB: usize = 100_000;

#[derive(Clone, Default)]
struct Room(Arc<Mutex<Vec<Session>>>);

/// Serves on a free port of this machine, and prints where.
pub fn serve() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("the floor is at http://{}", listener.local_addr()?);
    let room = Room::default();
    let blob = ByteString::from(crate::text::words(BLOB));
    rt::System::new().block_on(
        HttpServer::new(move || {
            App::new()
                .app_data(Data::new(room.clone()))
                .app_data(Data::new(blob.clone()))
                .route("/ws", web::get().to(join))
                .route("/blob", web::get().to(hold))
        })
        .tcp_nodelay(true)
        .listen(listener)?
        .run(),
    )
}

async fn join(request: HttpRequest, body: Payload, room: Data<Room>) -> Result<HttpResponse, Error> {
    let (response, session, mut messages) = actix_ws::handle(&request, body)?;
    room.0.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    rt::spawn(async move {
        while let Some(Ok(message)) = messages.recv().await {
            if let Message::Text(text) = message {
                let sessions = room.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
                for mut session in sessions {
                    // Who has left is missed by nobody.
                    let _ = session.text(text.clone()).await;
                }
            }
        }
    });
    Ok(response)
}

async fn hold(request: HttpRequest, body: Payload, blob: Data<ByteString>) -> Result<HttpResponse, Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    rt::spawn(async move {
        let _ = session.text(blob.get_ref().clone()).await;
        while let Some(Ok(_)) = messages.recv().await {}
    });
    Ok(response)
}
