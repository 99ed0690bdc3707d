//! The page that Prometheus reads, on a port of its own.

use std::net::TcpListener;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer, dev::Server};
use prometheus::proto::MetricFamily;
use prometheus::{Encoder, IntGauge, TEXT_FORMAT, TextEncoder};

use super::METRICS;
use crate::assets;
use crate::bus::Bus;
use crate::document::Documents;

/// What is read when somebody asks.
#[derive(Clone)]
pub(crate) struct Page {
    /// The documents of this server.
    pub(crate) documents: Documents,
    /// The way to the other nodes.
    pub(crate) bus: Bus,
}

/// The server of the page.
///
/// # Errors
///
/// Returns an error when the system does not let it listen.
pub(crate) fn listen(listener: TcpListener, page: Page) -> std::io::Result<Server> {
    let page = Data::new(page);
    let server = HttpServer::new(move || {
        let headers = assets::SECURITY.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add);
        App::new().app_data(page.clone()).wrap(headers).service(web::resource("/metrics").route(web::get().to(show)))
    });
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

async fn show(page: Data<Page>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, TEXT_FORMAT))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(page.text())
}

impl Page {
    fn text(&self) -> Vec<u8> {
        let mut families = METRICS.get().map(|metrics| metrics.registry.gather()).unwrap_or_default();
        families.extend(self.readings());
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&families, &mut text) {
            tracing::error!(%error, "the metrics can't be written");
        }
        text
    }

    /// What is known without being counted.
    fn readings(&self) -> Vec<MetricFamily> {
        let bus = self.bus.counts();
        let documents = self.documents.census();
        let (database, idle) = self.documents.store().connections();
        let readings = [
            ("coval_documents_open", "Documents in memory.", wide(documents.open)),
            ("coval_commands_waiting", "Commands that wait for documents.", wide(documents.waiting)),
            ("coval_database_connections", "Connections to the database.", i64::from(database)),
            ("coval_database_connections_idle", "Of these, such as nobody uses.", i64::from(idle)),
            (
                "coval_bus_connected",
                "1 when hints of other nodes arrive; 0 also when there is no bus.",
                bus.is_connected.into(),
            ),
            ("coval_bus_hints_sent", "Hints sent to other nodes since the start.", count(bus.sent)),
            ("coval_bus_hints_received", "Hints of other nodes since the start.", count(bus.received)),
            ("coval_bus_hints_dropped", "Hints that were not sent since the start.", count(bus.dropped)),
            ("coval_bus_gaps", "How often hints of others turned out to be lost since the start.", count(bus.gaps)),
            ("coval_resident_bytes", "Memory of the process.", resident_bytes()),
        ];
        readings.into_iter().flat_map(|(name, help, value)| reading(name, help, value).unwrap_or_default()).collect()
    }
}

fn reading(name: &str, help: &str, value: i64) -> prometheus::Result<Vec<MetricFamily>> {
    let gauge = IntGauge::new(name, help)?;
    gauge.set(value);
    Ok(prometheus::core::Collector::collect(&gauge))
}

fn wide(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What the system says of the process; 0 where it does not say it in Linux's way.
fn resident_bytes() -> i64 {
    const PAGE: i64 = 4096;
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: i64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages.saturating_mul(PAGE)
}
