//! Chromium, driven through ChromeDriver.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::{http, programs, wait};

/// The size of a window's page.
pub const WINDOW: (u32, u32) = (1440, 900);

/// A ChromeDriver of its own, whose windows share nothing. It and they end when it is dropped.
#[derive(Debug)]
pub struct Browsers {
    driver: Child,
    port: u16,
    directory: PathBuf,
    opened: usize,
}

/// One window of one person.
#[derive(Clone, Debug)]
pub struct Window {
    /// The session.
    pub client: Client,
    /// Where ChromeDriver answers for the session.
    session: String,
}

impl Browsers {
    /// Starts ChromeDriver, whose files lie in `directory`.
    ///
    /// # Panics
    /// When it can't be started.
    pub async fn start(directory: &Path) -> Self {
        let program = programs::chromedriver();
        let log = directory.join("chromedriver.log");
        let output = File::create(&log).expect("ChromeDriver's log can't be made");
        let driver = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("ChromeDriver's log can't be shared"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{} can't be started: {error}", program.display()));
        let port = wait::until("ChromeDriver to tell its port", async || {
            let printed = std::fs::read_to_string(&log).unwrap_or_default();
            port_in(&printed).ok_or(printed)
        })
        .await;
        Self { driver, port, directory: directory.to_path_buf(), opened: 0 }
    }

    /// Opens a window: a browser of its own, with storage of its own.
    ///
    /// # Panics
    /// When Chromium can't be started.
    pub async fn open(&mut self) -> Window {
        self.open_with(&[]).await
    }

    /// [`open`](Self::open), with more arguments for Chromium.
    ///
    /// # Panics
    /// When Chromium can't be started.
    pub async fn open_with(&mut self, more: &[&str]) -> Window {
        self.opened += 1;
        let profile = self.directory.join(format!("profile-{}", self.opened));
        let (width, height) = WINDOW;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--no-proxy-server".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-background-timer-throttling".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-extensions".to_owned(),
            "--disable-renderer-backgrounding".to_owned(),
            "--disable-sync".to_owned(),
            "--force-prefers-reduced-motion".to_owned(),
            "--lang=en-US".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.display()),
        ];
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": programs::chromium(),
                "args": arguments,
            },
            "goog:loggingPrefs": { "browser": "ALL" },
            "unhandledPromptBehavior": "accept",
        });
        let capabilities = capabilities.as_object().expect("capabilities are an object").clone();
        let driver = format!("http://127.0.0.1:{}", self.port);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver)
            .await
            .unwrap_or_else(|error| panic!("a window can't be opened: {error}"));
        let id = client.session_id().await.expect("the session can't be asked").expect("a session has an id");
        let window = Window { client, session: format!("{driver}/session/{id}") };
        window.fit().await;
        window
    }
}

impl Drop for Browsers {
    fn drop(&mut self) {
        // ChromeDriver ends its browsers when it is asked to end; when it is killed, they stay.
        if ask_to_end(self.port).is_err() {
            eprintln!("ChromeDriver did not take the order to end: a Chromium may be left over");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Window {
    /// What the page has complained of since this was asked last: errors of scripts, refused by its content policy,
    /// files that could not be loaded.
    ///
    /// # Panics
    /// When the browser does not say.
    pub async fn complaints(&self) -> Vec<String> {
        let url = format!("{}/se/log", self.session);
        let answer = http::post(&url, &json!({ "type": "browser" })).await.expect("ChromeDriver is gone");
        let log: serde_json::Value = answer.json().expect("ChromeDriver does not give the log");
        let entries = log["value"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE" || entry["source"] == "security")
            .map(|entry| {
                let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                format!("{} ({}): {}", text("level"), text("source"), text("message"))
            })
            .collect()
    }

    /// Has the browser do something that people do with hardware or settings: a command of the Chrome DevTools Protocol.
    ///
    /// # Panics
    /// When the browser does not know it.
    pub async fn command(&self, name: &str, parameters: serde_json::Value) -> serde_json::Value {
        let url = format!("{}/goog/cdp/execute", self.session);
        let answer =
            http::post(&url, &json!({ "cmd": name, "params": parameters })).await.expect("ChromeDriver is gone");
        let answer: serde_json::Value = answer.json().unwrap_or_else(|error| panic!("{name}: {error}"));
        answer["value"].clone()
    }

    /// Makes a picture of the page.
    ///
    /// # Panics
    /// When it can't be made or written.
    pub async fn picture(&self, path: &Path) {
        let png = self.client.screenshot().await.expect("the browser gives no picture");
        let directory = path.parent().expect("a picture lies in a directory");
        std::fs::create_dir_all(directory).expect("the directory of pictures can't be made");
        std::fs::write(path, png).expect("the picture can't be written");
    }

    /// Gives the page the size of a small phone with touch: windows of a desktop can't be as narrow.
    ///
    /// # Panics
    /// When the browser refuses.
    pub async fn phone(&self) {
        let size = json!({ "width": 360, "height": 720, "deviceScaleFactor": 1, "mobile": true });
        self.command("Emulation.setDeviceMetricsOverride", size).await;
        self.command("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
    }

    /// Prints the page, and returns how many sheets of paper that takes. They are kept at `path`, as PDF.
    ///
    /// # Panics
    /// When it can't be printed or written.
    pub async fn print(&self, path: &Path) -> usize {
        let answer =
            self.command("Page.printToPDF", json!({ "preferCSSPageSize": true, "printBackground": true })).await;
        let data = answer["data"].as_str().expect("what is printed comes as text").to_owned();
        let script = "return [...atob(arguments[0])].map(letter => letter.charCodeAt(0))";
        let bytes = self.client.execute(script, vec![data.into()]).await.expect("the page can read it");
        let bytes: Vec<u8> = serde_json::from_value(bytes).expect("these are bytes");
        std::fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("it can be made");
        std::fs::write(path, &bytes).expect("the paper can be written");
        let text = String::from_utf8_lossy(&bytes);
        text.matches("/Type /Page\n").count()
    }

    /// Gives the page the size of [`WINDOW`], whatever the browser draws around it.
    async fn fit(&self) {
        let (width, height) = WINDOW;
        let script = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
        let frame = self.client.execute(script, Vec::new()).await;
        let frame: (u32, u32) =
            frame.ok().and_then(|value| serde_json::from_value(value).ok()).expect("the window does not tell its size");
        self.client.set_window_size(width + frame.0, height + frame.1).await.expect("the window can't be resized");
    }
}

fn port_in(printed: &str) -> Option<u16> {
    let (_, rest) = printed.split_once("started successfully on port ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Waits until all browsers are closed. Without an executor, since it is also called while a test panics.
fn ask_to_end(port: u16) -> std::io::Result<()> {
    let limit = Duration::from_secs(10);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    let request = "GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Serves one page for every request.
    async fn serve(page: &'static str) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let length = page.len();
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\
                         Content-Security-Policy: img-src 'none'\r\nConnection: close\r\n\r\n"
                    );
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(page.as_bytes()).await;
                });
            }
        });
        format!("http://{address}/")
    }

    #[test]
    fn the_port_is_read_from_what_chromedriver_prints() {
        let printed = "Starting ChromeDriver 1.2\nChromeDriver was started successfully on port 41233.\n";
        assert_eq!(port_in(printed), Some(41233));
        assert_eq!(port_in("Starting ChromeDriver 1.2\n"), None);
    }

    #[tokio::test]
    async fn a_window_has_the_size_asked_for_and_its_complaints_are_heard_once() {
        let url = serve(
            "<link rel=icon href='data:,'><img src='/refused.png'><script>console.error('oh'); undefined_name</script>",
        )
        .await;
        let directory = TempDir::new().unwrap();
        let mut browsers = Browsers::start(directory.path()).await;
        let window = browsers.open().await;
        window.client.goto(&url).await.unwrap();

        let size = window.client.execute("return [innerWidth, innerHeight]", Vec::new()).await.unwrap();
        assert_eq!(size, json!([WINDOW.0, WINDOW.1]));

        let complaints = window.complaints().await.join("\n");
        for expected in ["\"oh\"", "undefined_name is not defined", "Content Security Policy"] {
            assert!(complaints.contains(expected), "{expected} is not in {complaints}");
        }
        assert_eq!(window.complaints().await, Vec::<String>::new());

        window.client.goto("data:text/html,quiet").await.unwrap();
        assert_eq!(window.complaints().await, Vec::<String>::new());
    }
}
