//! What one test needs, and the end of it.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::FutureExt;
use tempfile::TempDir;
use tokio::sync::{Mutex, Semaphore};

use crate::browser::Browsers;
use crate::server::PASSWORD;
use crate::{Page, Proxy, Server, programs, wait};

/// How many tests run at a time: each has two browsers and a server, which keep two cores busy.
static PLACES: Semaphore = Semaphore::const_new(1);

/// The longest that a test may take. All waiting inside has shorter limits: this is for what hangs elsewhere.
const LIMIT: Duration = Duration::from_secs(240);

/// A server with the demo, browsers, and a directory of their own.
#[derive(Debug)]
pub struct Stage {
    /// The server.
    pub server: Server,
    browsers: Mutex<Browsers>,
    pages: Mutex<Vec<Page>>,
    // Kept until the end, so that windows of a test that failed are shown as they were.
    wires: Mutex<Vec<Proxy>>,
    // Dropped after those whose files are in it.
    _directory: TempDir,
}

impl Stage {
    /// Runs a test on a new stage. When it fails, it leaves a picture of each window and prints what server and
    /// windows have to say. However it ends, nothing stays behind.
    ///
    /// # Panics
    /// When the test does.
    pub async fn run(name: &str, test: impl AsyncFnOnce(&Stage)) {
        let _place = PLACES.acquire().await.expect("nobody closes the semaphore");
        forget_pictures(name);
        let stage = Self::set().await;
        let play = tokio::time::timeout(LIMIT, test(&stage));
        match AssertUnwindSafe(play).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                stage.tell(name).await;
                panic!("{name} hangs: it took longer than {} s", LIMIT.as_secs());
            }
            Err(panic) => {
                stage.tell(name).await;
                std::panic::resume_unwind(panic);
            }
        }
    }

    /// Opens a window for a person, who signs in, on the list of documents.
    pub async fn window(&self, person: &str) -> Page {
        self.window_at(&self.server.origin(), person).await
    }

    /// Opens a window for somebody who has not signed in.
    pub async fn window_of_nobody(&self, person: &str) -> Page {
        let window = self.browsers.lock().await.open().await;
        let page = Page::new(window, &self.server.origin(), person);
        self.pages.lock().await.push(page.clone());
        page.go("/").await;
        page
    }

    /// Opens a window for somebody who has not signed in, at `path`.
    pub async fn window_of_guest(&self, person: &str, path: &str) -> Page {
        let window = self.browsers.lock().await.open().await;
        let page = Page::new(window, &self.server.origin(), person);
        self.pages.lock().await.push(page.clone());
        page.go(path).await;
        page
    }

    /// Opens a window for a person whose wire to the server is `proxy`.
    pub async fn window_through(&self, proxy: &Proxy, person: &str) -> Page {
        self.window_at(&proxy.origin(), person).await
    }

    /// A wire to the server.
    pub async fn proxy(&self) -> Proxy {
        let wire = Proxy::to(self.server.port()).await;
        self.wires.lock().await.push(wire.clone());
        wire
    }

    async fn set() -> Self {
        programs::assert_the_app_is_built();
        let directory = TempDir::with_prefix("coval-tests-").expect("there is no temporary directory");
        let server = Server::start(directory.path()).await;
        let browsers = Mutex::new(Browsers::start(directory.path()).await);
        Self { server, browsers, pages: Mutex::default(), wires: Mutex::default(), _directory: directory }
    }

    async fn window_at(&self, origin: &str, person: &str) -> Page {
        let window = self.browsers.lock().await.open().await;
        let page = Page::new(window, origin, person);
        self.pages.lock().await.push(page.clone());
        page.go("/").await;
        page.sign_in(PASSWORD).await;
        page.until_list().await;
        page
    }

    async fn tell(&self, name: &str) {
        for page in self.pages.lock().await.iter() {
            let person = page.person();
            let path = pictures().join(format!("{name} {person}.png"));
            let look = async {
                page.window().picture(&path).await;
                eprintln!("the window of {person} is in {}", path.display());
                eprintln!("it complains: {:#?}", page.window().complaints().await);
                eprintln!("its page: {}", page.look().await);
            };
            let look = tokio::time::timeout(wait::PATIENCE, look);
            if !matches!(AssertUnwindSafe(look).catch_unwind().await, Ok(Ok(()))) {
                eprintln!("the window of {person} does not answer");
            }
        }
        eprintln!("the server printed:\n{}", self.server.log());
    }
}

/// Where the windows of failed tests are shown.
fn pictures() -> PathBuf {
    programs::screenshots().join("failed")
}

/// Removes what an earlier failure of the test left.
fn forget_pictures(name: &str) {
    let entries = std::fs::read_dir(pictures()).into_iter().flatten().flatten();
    let beginning = format!("{name} ");
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&beginning)) {
        // Another run may have removed it.
        let _ = std::fs::remove_file(entry.path());
    }
}
