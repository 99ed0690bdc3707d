//! The app in a real browser: `cargo xtask bench app`.
//!
//! It starts Coval and Chromium, does what people do, and has the page itself tell how long that took. Everything stays
//! on this machine, and ends with this program.

mod colleague;
mod figures;
mod keys;
mod memory;
mod probe;
mod remote;
mod scroll;
mod visit;

use std::error::Error;

use clap::{Parser, ValueEnum};
use coval_shared::protocol::DocumentId;
use coval_tests::browser::Browsers;
use coval_tests::{Page, Server, documents};
use tempfile::TempDir;

/// What goes wrong ends the run.
pub type Failure = Box<dyn Error>;

/// Chromium draws a frame as soon as there is something to draw, instead of sixty in a second: what is measured is the
/// app's own time, without the wait for the screen.
const AT_ONCE: &[&str] = &["--disable-frame-rate-limit", "--disable-gpu-vsync"];

/// The app in a real browser.
#[derive(Debug, Parser)]
struct Options {
    /// Only these parts
    parts: Vec<Part>,
    /// How often a visit is measured
    #[arg(long, default_value_t = 9)]
    visits: usize,
    /// How many keys are typed into each document
    #[arg(long, default_value_t = 300)]
    keys: usize,
    /// How many edits of others are drawn
    #[arg(long, default_value_t = 200)]
    edits: usize,
    /// How many hours of a busy session are replayed: in each, others make 1,800 edits and 3,600 moves
    #[arg(long, default_value_t = 8)]
    hours: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Visit,
    Keys,
    Remote,
    Scroll,
    Memory,
}

/// A server, and the browsers that visit it.
pub struct Scene {
    /// The server, with the demo.
    pub server: Server,
    browsers: Browsers,
    // Dropped after those whose files are in it.
    _directory: TempDir,
}

impl Scene {
    async fn set() -> Result<Self, Failure> {
        let directory = TempDir::with_prefix("coval-bench-")?;
        let server = Server::start(directory.path()).await;
        let browsers = Browsers::start(directory.path()).await;
        Ok(Self { server, browsers, _directory: directory })
    }

    /// Makes the model that is measured: 10,000 cells.
    async fn model(&self) -> Result<DocumentId, Failure> {
        Ok(documents::make(&self.server, "Ten thousand cells", &documents::model(400, 25)).await?)
    }

    /// Makes the memo that is measured: 200 KB.
    async fn memo(&self) -> Result<DocumentId, Failure> {
        Ok(documents::make(&self.server, "Two hundred kilobytes", &documents::memo(200_000)).await?)
    }

    /// A window of Ada, who is signed in and sees the list.
    pub async fn window(&mut self, arguments: &[&str]) -> Page {
        let window = self.browsers.open_with(arguments).await;
        let page = Page::new(window, &self.server.origin(), "Ada");
        page.go("/").await;
        page.sign_in(coval_tests::server::PASSWORD).await;
        page.until_list().await;
        page
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let wants = |part| options.parts.is_empty() || options.parts.contains(&part);
    if wants(Part::Visit) {
        visit::measure(&mut Scene::set().await?, options.visits).await?;
    }
    if wants(Part::Keys) {
        keys::measure(&mut Scene::set().await?, options.keys).await?;
    }
    if wants(Part::Remote) {
        remote::measure(&mut Scene::set().await?, options.edits).await?;
    }
    if wants(Part::Scroll) {
        scroll::measure(&mut Scene::set().await?).await?;
    }
    if wants(Part::Memory) {
        memory::measure(&mut Scene::set().await?, options.hours).await?;
    }
    Ok(())
}
