//! Puts the server together and runs it.

use std::io;
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use coval_shared::protocol::DocumentId;
use coval_shared::template::{APPLE_DCF_TITLE, apple_dcf};
use tokio::runtime::Handle;
use tokio::sync::watch;
use uuid::Uuid;

use crate::cli::Settings;
use crate::document::Documents;
use crate::store::{Store, StoreError};
use crate::{assets, log, rest, ws};

/// The demo's document is the same in every database, so that it is made once.
const DEMO: DocumentId = DocumentId(Uuid::from_u128(0x0199_b1ef_0000_7000_8000_0000_0000_0001));

/// How long open requests may take to end when the server stops, in seconds.
const FAREWELL: u64 = 3;

/// Why the server can't run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database can't be opened.
    #[error("can't open the database {url}: {reason}")]
    Database {
        /// The database, without its password.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {reason}")]
    Address {
        /// The address.
        address: String,
        /// Why not, and what to do.
        reason: String,
    },
    /// The filter for the log can't be read.
    #[error("can't read the log filter \"{0}\": use a level such as info, or target=level")]
    Log(String),
    /// The system failed.
    #[error("the server stopped: {0}")]
    System(#[from] io::Error),
}

/// Serves until it is told to stop.
///
/// # Errors
///
/// Returns a [`ServeError`] when it can't begin, or when the system fails it.
pub async fn serve(settings: Settings) -> Result<(), ServeError> {
    log::start(&settings.log).ok_or_else(|| ServeError::Log(settings.log.clone()))?;
    let listener = listen(&settings)?;
    let address = listener.local_addr()?;
    let store = open_store(&settings)?;
    let documents = Data::new(Documents::new(store, now_ms, Handle::current()));
    let (stop, stopping) = watch::channel(false);
    let sockets = Data::new(ws::Sockets { allowed_origins: settings.allowed_origins, stopping });

    let server = HttpServer::new(move || {
        let headers = assets::SECURITY.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add);
        App::new()
            .app_data(documents.clone())
            .app_data(sockets.clone())
            .wrap(headers)
            .configure(rest::configure)
            .configure(ws::configure)
            .default_service(web::to(assets::serve))
    })
    .on_connect(|accepted, data| {
        if let Some(wire) = ws::Wire::of(accepted) {
            data.insert(wire);
        }
    })
    // Without this, small frames wait for the acknowledgement of earlier ones, up to 40 ms.
    .tcp_nodelay(true)
    .shutdown_timeout(FAREWELL)
    .disable_signals()
    .listen(listener)?
    .run();

    println!("Coval is at http://{address}");
    let handle = server.handle();
    let signals = tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        // Nobody may be connected.
        let _ = stop.send(true);
        handle.stop(true).await;
    });
    server.await?;
    signals.abort();
    Ok(())
}

fn listen(settings: &Settings) -> Result<TcpListener, ServeError> {
    let address = format!("{}:{}", settings.host, settings.port);
    TcpListener::bind(&address).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "something else is listening there; stop it or choose another --port".to_owned()
            }
            io::ErrorKind::PermissionDenied => "the system does not allow it; choose a --port above 1023".to_owned(),
            _ => error.to_string(),
        };
        ServeError::Address { address, reason }
    })
}

fn open_store(settings: &Settings) -> Result<Store, ServeError> {
    let opened = Store::open(settings.database()).and_then(|store| {
        if settings.demo {
            add_demo(&store)?;
        }
        Ok(store)
    });
    opened.map_err(|error| {
        let reason = match error {
            StoreError::Unavailable(reason) | StoreError::Corrupt(reason) => reason,
            StoreError::Conflict | StoreError::NotFound | StoreError::Circle(_) => error.to_string(),
        };
        // One line, whatever the database says.
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        ServeError::Database { url: without_password(&settings.database_url), reason }
    })
}

fn add_demo(store: &Store) -> Result<(), StoreError> {
    let document = apple_dcf().map_err(|error| StoreError::Corrupt(error.to_string()))?;
    match store.create_document(DEMO, "Demo", APPLE_DCF_TITLE, &document, now_ms()) {
        Err(StoreError::Conflict) => Ok(()),
        other => other,
    }
}

/// `postgres://user:secret@host/db` without the secret.
fn without_password(url: &str) -> String {
    let parts = url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
    match parts {
        Some((scheme, (person, place))) => {
            let user = person.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{place}")
        }
        None => url.to_owned(),
    }
}

fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

/// Returns when the system or a person asks the server to stop.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            // Then only a key press ends it.
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("postgres://ada:secret@db/coval"), "postgres://ada@db/coval");
        assert_eq!(without_password("postgres://db/coval"), "postgres://db/coval");
        assert_eq!(without_password("data/a@b.sqlite"), "data/a@b.sqlite");
    }
}
