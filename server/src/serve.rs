//! Puts the server together and runs it.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer, dev::Server, rt};
use coval_shared::limits::WORKSPACES;
use coval_shared::protocol::{DocumentId, DocumentKind, WorkspaceId};
use coval_shared::template::{APPLE_DCF_TITLE, apple_dcf};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, interval_at, timeout};
use uuid::Uuid;

use crate::auth::{self, Access, AuthError, DemoError, DemoPerson, Limits, Origins, Passwords, Tokens};
use crate::bus::{Bus, BusError, Hint};
use crate::cli::{Settings, without_secret};
use crate::discussion::Discussion;
use crate::document::{Documents, Wakers};
use crate::jobs::{JobLimits, Jobs};
use crate::store::{NewDocument, Origin, Retention, Store, StoreError};
use crate::{assets, log, metrics, request, rest, search, ws};

/// The demo's document is the same in every database, so that it is made once.
const DEMO: DocumentId = DocumentId(Uuid::from_u128(0x0199_b1ef_0000_7000_8000_0000_0000_0001));

/// So is its workspace, in databases where the document was not there before.
const DEMO_WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x0199_b1ef_0000_7000_8000_0000_0000_0002));

/// How long open requests may take to end when the server stops, in seconds.
const FAREWELL: u64 = 3;

/// How long documents may take to store what they were sent, when the server stops.
const DRAIN: Duration = Duration::from_secs(10);

/// How long it may take to leave calculations to the next server.
const FAREWELL_OF_JOBS: Duration = Duration::from_secs(3);

/// When what is kept only for a time is removed for the first time, and how often after that.
const FIRST_MAINTENANCE: Duration = Duration::from_secs(60);
const MAINTENANCE: Duration = Duration::from_secs(60 * 60);

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
    /// The other nodes can't be reached in the way that the settings say.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The demo would be open to everybody.
    #[error("the demo's sign-ins are known: serve it on 127.0.0.1, or say --allow-public-demo")]
    PublicDemo,
    /// Nobody could sign in.
    #[error("{0}")]
    SignIn(String),
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
    log::start(&settings.log, settings.log_format).ok_or_else(|| ServeError::Log(settings.log.clone()))?;
    allow_sockets();
    let listener = listen(&settings)?;
    let address = listener.local_addr()?;
    let store = open_store(&settings)?;
    let people = if settings.demo { add_demo_people(&settings, &store)? } else { Vec::new() };
    let runtime = Handle::current();
    let bus = settings.bus().map_or_else(|| Ok(Bus::local()), |settings| Bus::connect(&settings, &runtime))?;
    let access = Access::new(store.clone(), Tokens::open(&settings.key_file())?, now_ms, bus.clone());
    let watching = tokio::spawn(access.clone().watch());
    let indexing = tokio::spawn(search::keep_in_step(store.clone()));
    let access = Data::new(access);
    let passwords = Data::new(Passwords::new()?);
    let limits = Data::new(Limits::new(settings.rates()));
    let tidying = tokio::spawn(Limits::tidy(limits.clone()));
    let origins = Data::new(Origins(settings.allowed_origins.clone()));
    let documents = Data::new(Documents::new(store, now_ms, runtime, bus.clone()));
    let discussion = Data::new(Discussion::new(Documents::clone(&documents), Access::clone(&access)));
    let open = documents.get_ref().clone();
    let calculating = start_jobs(&documents, settings.job_limits());
    let jobs = Data::new(calculating.clone());
    let bus = Data::new(bus);
    let (stop, stopping) = watch::channel(false);
    let ready = Data::new(rest::Stopping(stopping.clone()));
    let sockets =
        Data::new(ws::Sockets { jobs: calculating.clone(), messages_per_second: settings.limit_messages, stopping });

    let measured = settings.metrics_address.map(|address| measure(address, &documents, &bus)).transpose()?;

    let server = HttpServer::new(move || {
        let headers = assets::SECURITY.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add);
        // Called once for each thread that serves connections, by that thread.
        let wakers = Wakers::default();
        rt::spawn(wakers.clone().run());
        App::new()
            .app_data(wakers)
            .app_data(documents.clone())
            .app_data(bus.clone())
            .app_data(ready.clone())
            .app_data(sockets.clone())
            .app_data(access.clone())
            .app_data(discussion.clone())
            .app_data(passwords.clone())
            .app_data(limits.clone())
            .app_data(origins.clone())
            .app_data(jobs.clone())
            .wrap(headers)
            .wrap(from_fn(request::identify))
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

    greet(address, measured.as_ref().map(|(_, address)| *address), &people);
    if let Some((server, _)) = measured {
        tokio::spawn(server);
    }
    let maintaining = tokio::spawn(maintain(open.store().clone(), settings.keep.retention()));
    let handle = server.handle();
    let told = calculating.clone();
    let signals = tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        // From now on the server is not ready, and sockets are closed. Nobody may be connected.
        let _ = stop.send(true);
        tokio::join!(told.end(), handle.stop(true));
    });
    server.await?;
    if timeout(DRAIN, open.settle()).await.is_err() {
        tracing::warn!("not everything was stored in time; what was not is not acknowledged either");
    }
    for work in [signals, watching, tidying, maintaining, indexing] {
        work.abort();
    }
    // Those too that requests began which were open to the end.
    if timeout(FAREWELL_OF_JOBS, calculating.end()).await.is_err() {
        tracing::warn!("calculations are not left to the next server; it takes them up after a while");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Removes what is kept only for a time: soon after the start, and then every hour.
async fn maintain(store: Store, retention: Retention) {
    let mut rounds = interval_at(Instant::now() + FIRST_MAINTENANCE, MAINTENANCE);
    loop {
        rounds.tick().await;
        let store = store.clone();
        match tokio::task::spawn_blocking(move || store.maintain(now_ms(), retention)).await {
            Ok(Ok(cleared)) => tracing::debug!(?cleared, "removed what was kept for its time"),
            Ok(Err(error)) => tracing::warn!(%error, "what was kept for its time can't be removed; it is tried again"),
            Err(error) => tracing::error!(%error, "a defect in the removal of what was kept for its time"),
        }
    }
}

/// The calculations of this node, which tell people over their sockets how far they are.
fn start_jobs(documents: &Documents, limits: JobLimits) -> Jobs {
    let (tells, bus) = (documents.clone(), documents.bus().clone());
    let tell = move |user, message| {
        tells.show_calculation(user, &message);
        tells.tell(user, message);
    };
    let jobs = Jobs::new(
        documents.store().clone(),
        now_ms,
        Handle::current(),
        JobLimits { is_alone: !bus.has_others(), ..limits },
        Box::new(tell),
        Box::new(move |job| bus.publish(&Hint::Cancel { job })),
    );
    tokio::spawn(jobs.clone().watch());
    tokio::spawn(jobs.clone().hear(documents.bus().subscribe()));
    jobs
}

/// Takes as many sockets and files as the system lets this process have; by default many let it have 1,024.
fn allow_sockets() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "no more sockets than usual are possible");
    }
}

/// Says where the server and its metrics are, and who may sign in to the demo. In one piece, since whoever reads it may stop after a line.
fn greet(address: SocketAddr, metrics: Option<SocketAddr>, people: &[DemoPerson]) {
    let mut text = format!("Coval is at http://{address}\n");
    if let Some(metrics) = metrics {
        text.push_str(&format!("Metrics are at http://{metrics}/metrics\n"));
    }
    for DemoPerson { email, role, password } in people {
        text.push_str(&format!("  {email}  {}  ({})\n", password.reveal(), role.name()));
    }
    // Nobody may be listening.
    let _ = io::stdout().write_all(text.as_bytes());
    let _ = io::stdout().flush();
}

fn listen(settings: &Settings) -> Result<TcpListener, ServeError> {
    let place = match settings.host.parse::<IpAddr>() {
        Ok(address) => SocketAddr::new(address, settings.port).to_string(),
        Err(_) => format!("{}:{}", settings.host, settings.port),
    };
    bind(place, "--port")
}

/// Listens at `address`, which the flag names.
fn bind(address: String, flag: &str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(&address).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("something else is listening there; stop it or choose another {flag}")
            }
            io::ErrorKind::PermissionDenied => format!("the system does not allow it; choose a {flag} above 1023"),
            _ => error.to_string(),
        };
        ServeError::Address { address, reason }
    })
}

/// Begins to measure, and makes the server of the page with what is measured.
fn measure(address: SocketAddr, documents: &Documents, bus: &Bus) -> Result<(Server, SocketAddr), ServeError> {
    metrics::start().map_err(io::Error::other)?;
    let listener = bind(address.to_string(), "--metrics-address")?;
    let address = listener.local_addr()?;
    let page = metrics::Page { documents: documents.clone(), bus: bus.clone() };
    Ok((metrics::listen(listener, page)?, address))
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
            StoreError::Unavailable(reason) | StoreError::ReadOnly(reason) | StoreError::Corrupt(reason) => reason,
            StoreError::Conflict | StoreError::NotFound | StoreError::Circle(_) | StoreError::LimitReached(_) => {
                error.to_string()
            }
        };
        // One line, whatever the database says.
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        ServeError::Database { url: without_secret(&settings.database_url), reason }
    })
}

fn add_demo(store: &Store) -> Result<(), StoreError> {
    match store.workspace_of(DEMO) {
        Err(StoreError::NotFound) => {}
        other => return other.map(|_| ()),
    }
    let body = apple_dcf().map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let new = NewDocument {
        id: DEMO,
        workspace: DEMO_WORKSPACE,
        kind: DocumentKind::Model,
        title: APPLE_DCF_TITLE,
        template: Some("dcf"),
        created_by: None,
        origin: Origin::Made,
        body: &body,
    };
    // Another server that begins at this moment may be faster.
    let unless_there = |made| if made == Err(StoreError::Conflict) { Ok(()) } else { made };
    unless_there(store.create_workspace(DEMO_WORKSPACE, "Demo", None, WORKSPACES, now_ms()))?;
    unless_there(store.create_document(&new, now_ms()))
}

fn add_demo_people(settings: &Settings, store: &Store) -> Result<Vec<DemoPerson>, ServeError> {
    if !settings.is_local() && !settings.allow_public_demo {
        return Err(ServeError::PublicDemo);
    }
    let file = settings.folder().join("demo-passwords");
    let add = |workspace| auth::add_people(store, workspace, settings.demo_password.as_ref(), &file, now_ms());
    store
        .workspace_of(DEMO)
        .map_err(DemoError::from)
        .and_then(add)
        .map_err(|error| ServeError::SignIn(error.to_string()))
}

impl From<AuthError> for ServeError {
    fn from(error: AuthError) -> Self {
        Self::SignIn(error.to_string())
    }
}

fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

/// SIGXFSZ, on the systems that servers run on.
const FILE_TOO_LARGE: i32 = 25;

/// Returns when the system or a person asks the server to stop.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    // A file that may not grow any more is an error of whoever writes to it, and not the end of the server.
    let _too_large = signal(SignalKind::from_raw(FILE_TOO_LARGE));
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
