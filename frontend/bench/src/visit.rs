//! A first visit, a second one, and one without a server.

use coval_tests::Page;
use serde_json::{Value, json};

use crate::figures::Times;
use crate::{Failure, Scene, probe};

/// Notes when the first row of the list is drawn, and when the page has been idle for the first time after that.
const WATCH: &str = "\
    (() => { \
        const look = () => { \
            if (!document.querySelector('a[data-document]')) return; \
            watcher.disconnect(); \
            whenDrawn((now) => { window.listedAt = now; requestIdleCallback(() => { window.idleAt = performance.now(); }); }); \
        }; \
        const watcher = new MutationObserver(look); \
        watcher.observe(document, { subtree: true, childList: true }); \
    })();";

/// What a visit told of itself, in milliseconds since it began.
struct Visit {
    painted: f64,
    listed: f64,
    interactive: f64,
}

pub async fn measure(scene: &mut Scene, count: usize) -> Result<(), Failure> {
    let page = scene.window(&[]).await;
    probe::before_all_pages(&page, &format!("{}{WATCH}", probe::DRAWN)).await;
    let mut visits = Vec::new();
    for _ in 0..count {
        forget(&page, &scene.server.origin()).await;
        visits.push(visit(&page).await?);
    }
    print("a first visit", &visits);

    visit(&page).await?;
    until_app_is_kept(&page).await?;
    let mut visits = Vec::new();
    for _ in 0..count {
        visits.push(visit(&page).await?);
    }
    print("a second visit", &visits);

    // What is kept of the list without a server are the documents that were open here.
    page.open_by_link(scene.model().await?).await;
    until_document_is_kept(&page).await;
    scene.server.kill();
    let mut visits = Vec::new();
    for _ in 0..count {
        visits.push(visit(&page).await?);
    }
    print("a visit without a server", &visits);
    Ok(())
}

fn print(what: &str, visits: &[Visit]) {
    let times = |part: fn(&Visit) -> f64| Times::new(visits.iter().map(part).collect());
    times(|visit| visit.painted).print(&format!("{what}: first contentful paint"));
    times(|visit| visit.listed).print(&format!("{what}: the list is drawn"));
    times(|visit| visit.interactive).print(&format!("{what}: interactive"));
}

/// Makes the browser forget everything of the app but who is signed in.
async fn forget(page: &Page, origin: &str) {
    page.leave().await;
    let kinds = "service_workers,cache_storage,indexeddb";
    page.window().command("Storage.clearDataForOrigin", json!({"origin": origin, "storageTypes": kinds})).await;
    page.window().command("Network.clearBrowserCache", json!({})).await;
}

async fn visit(page: &Page) -> Result<Visit, Failure> {
    page.leave().await;
    page.go("/").await;
    let told = coval_tests::wait::until("the list to be drawn", async || {
        let script = "const paint = performance.getEntriesByName('first-contentful-paint')[0]; \
                      return [paint?.startTime ?? null, window.listedAt ?? null, window.idleAt ?? null]";
        let told = probe::ask(page, script).await.map_err(|error| error.to_string())?;
        let is_all = told.as_array().is_some_and(|all| all.iter().all(Value::is_number));
        if is_all { Ok(told) } else { Err(told.to_string()) }
    })
    .await;
    let (painted, listed, interactive) = serde_json::from_value(told)?;
    Ok(Visit { painted, listed, interactive })
}

/// Waits until the service worker has what it keeps.
async fn until_app_is_kept(page: &Page) -> Result<(), Failure> {
    probe::ask(page, "return navigator.serviceWorker.ready.then(() => true)").await.map(drop)
}

/// Waits until the device has a document, which it gets a moment after that is open.
async fn until_document_is_kept(page: &Page) {
    let script = "\
        const keys = ({ name }) => new Promise((done) => { \
            indexedDB.open(name).onsuccess = ({ target: { result: database } }) => { \
                database.transaction('kept').objectStore('kept').getAllKeys().onsuccess = ({ target: { result } }) => { \
                    database.close(); \
                    done(result); \
                }; \
            }; \
        }); \
        return indexedDB.databases().then((all) => Promise.all(all.map(keys))) \
            .then((all) => all.flat().some((key) => key.startsWith('document/')))";
    coval_tests::wait::until("the document to be kept", async || match probe::ask(page, script).await {
        Ok(Value::Bool(true)) => Ok(()),
        Ok(other) => Err(other.to_string()),
        Err(error) => Err(error.to_string()),
    })
    .await;
}
