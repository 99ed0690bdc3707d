//! Heavy calculation beside the page: the page goes on, the figures are those of the server, and a worker that fails is told.

use std::time::Duration;

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::http::{self, Method};
use coval_tests::wait::{until, until_within};
use coval_tests::{Page, Stage};
use serde_json::{Value, json};

use crate::looks::{pictures, told};
use crate::scene::growth;

/// Keeps hold of the workers that the page starts, and measures how long the page is kept from other things.
const WATCH: &str = "
    const Started = window.Worker;
    window.workers = [];
    window.Worker = function (...how) { const worker = new Started(...how); window.workers.push(worker); return worker; };
    window.longest = 0;
    let before = performance.now();
    setInterval(() => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - before);
      before = now;
    }, 10);
";

const TRIALS: &str = "return document.querySelector('[data-testid=trials-done]')?.dataset.trials";

async fn simulation(page: &Page, trials: u64) {
    told(page, WATCH).await;
    page.click_on("[data-panel=analysis]").await;
    page.click_on("[data-action=show-simulation]").await;
    page.click_on(&format!("[data-testid=trials] option[value='{trials}']")).await;
}

async fn until_trials(page: &Page, trials: u64) {
    until_within(Duration::from_secs(150), format!("{trials} trials"), async || {
        let done = told(page, TRIALS).await;
        if done.as_str() == Some(trials.to_string().as_str()) { Ok(()) } else { Err(done.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn a_page_that_simulates_takes_keys_and_finds_what_the_server_finds() {
    Stage::run("worker", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        simulation(&ada, 1_000_000).await;
        ada.click_on("[data-action=simulate]").await;
        until("some trials", async || {
            let done = told(&ada, TRIALS).await;
            if done.is_string() { Ok(()) } else { Err(done.to_string()) }
        })
        .await;
        let is_running = "return document.querySelector('progress') !== null";
        told(&ada, "window.longest = 0").await;
        ada.enter(&growth("fy2026"), "4%").await;
        ada.until_value(&growth("fy2026"), 0.04).await;
        assert_eq!(told(&ada, is_running).await, true, "it was done before the key was there");
        pictures(&ada, "worker-simulation").await;
        let longest = told(&ada, "return window.longest").await.as_f64().unwrap();
        assert!(longest < 1_000.0, "the page was kept from other things for {longest} ms");
        ada.click_on("[data-action=cancel-simulation]").await;
        assert_eq!(told(&ada, is_running).await, false);
        assert!(told(&ada, TRIALS).await.as_str().unwrap().parse::<u64>().unwrap() < 1_000_000);

        let revision = ada.until_saved().await.revision;
        ada.click_on("[data-testid=trials] option[value='1000']").await;
        ada.click_on("[data-action=simulate]").await;
        until_trials(&ada, 1_000).await;
        let figures = told(
            &ada,
            "return Object.fromEntries([...document.querySelectorAll('[data-figure]')]\
             .map(cell => [cell.dataset.figure, cell.dataset.bits]))",
        )
        .await;

        let token = stage.server.token().await.unwrap();
        let origin = stage.server.origin();
        let parameters = json!({"outputs": ["value_per_share"], "trials": 1_000, "seed": 1});
        let body = json!({"kind": "monte_carlo", "revision": revision, "parameters": parameters});
        let way = format!("{origin}/api/document/{id}/calculations");
        let started: Value = http::ask(token, Method::POST, &way, &body).await.unwrap().json().unwrap();
        let way = format!("{origin}/api/calculation/{}", started["id"].as_str().unwrap());
        let done = until("the server to be done", async || {
            let now: Value = http::ask(token, Method::GET, &way, &Value::Null).await?.json()?;
            if now["state"] == "done" { Ok(now) } else { Err(now.to_string()) }
        })
        .await;
        let spread = &done["result"]["outputs"][0]["spread"];
        for name in ["mean", "sd"] {
            let bits = format!("{:016x}", spread[name].as_f64().unwrap().to_bits());
            assert_eq!(figures[name], bits, "{name} of {spread}");
        }
        for percentile in spread["percentiles"].as_array().unwrap() {
            let bits = format!("{:016x}", percentile[1].as_f64().unwrap().to_bits());
            assert_eq!(figures[format!("p{}", percentile[0].as_f64().unwrap())], bits, "{percentile} of {figures}");
        }
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_fails_or_falls_silent_is_told_and_the_next_try_succeeds() {
    Stage::run("worker-lost", async |stage| {
        let ada = stage.window("Ada").await;
        ada.open(APPLE_DCF_TITLE).await;
        simulation(&ada, 1_000_000).await;
        for loss in [
            "window.workers.at(-1).dispatchEvent(new Event('error'))",
            // Nobody is told that this one is gone.
            "window.workers.at(-1).terminate()",
        ] {
            ada.click_on("[data-action=simulate]").await;
            until("a worker at work", async || {
                let done = told(&ada, "return document.querySelector('progress')?.value").await;
                if done.as_f64().is_some_and(|share| share > 0.0) { Ok(()) } else { Err(done.to_string()) }
            })
            .await;
            told(&ada, loss).await;
            let said = ada.until_texts("[data-testid=analysis-failed] p", |texts| !texts.is_empty()).await;
            assert!(said[0].contains("The document is as it was"), "{said:?}");
            assert_eq!(told(&ada, "return document.querySelector('progress') === null").await, true);
        }
        pictures(&ada, "worker-lost").await;
        ada.click_on("[data-testid=trials] option[value='1000']").await;
        ada.click_on("[data-action=calculate-again]").await;
        until_trials(&ada, 1_000).await;
        assert_eq!(told(&ada, "return window.workers.length").await, 3);
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}
