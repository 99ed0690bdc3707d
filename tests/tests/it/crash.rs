//! The app itself fails: the page says so, and nothing that was done is lost.

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Place, Stage, agreed, programs};
use fantoccini::key::Key;
use serde_json::json;

use crate::looks::told;
use crate::scene::{Pair, growth};

#[tokio::test]
async fn a_failure_of_the_app_keeps_unsent_work_and_offers_a_report() {
    Stage::run("crash", async |stage| {
        let Pair { document, ada, grace, ada_wire: wire, .. } = Pair::open(stage).await;
        wire.hold();
        ada.enter(&growth("fy2026"), "2%").await;
        ada.enter(&growth("fy2027"), "3%").await;
        // The last edit is a fifth of a second from being kept.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;

        // A browser that gives no random numbers: a new row needs some for its name.
        told(&ada, "crypto.getRandomValues = () => { throw new Error('no more chance'); }").await;
        ada.select(&Place::cell("growth", "fy2026")).await;
        ada.press_with(Key::Control, Key::Enter).await;
        let words = ada.until_texts(".crash", |texts| texts.len() == 1).await;
        for expected in ["Coval", "kept on this device", "report"] {
            assert!(words[0].contains(expected), "{expected} is not in {words:?}");
        }
        ada.window().picture(&programs::screenshots().join("crash.png")).await;
        let report = told(
            &ada,
            "const link = document.querySelector('.crash a[download]'); \
             return [link.download, decodeURIComponent(link.getAttribute('href'))]",
        )
        .await;
        assert_eq!(report[0], json!("coval-report.txt"));
        let report = report[1].as_str().unwrap_or_default();
        assert!(report.contains("panicked at") && report.contains("Mozilla/"), "{report}");
        assert!(
            !report.contains(APPLE_DCF_TITLE) && !report.contains("growth"),
            "the report says what is in the document: {report}"
        );

        wire.heal();
        ada.click_on(".crash a:not([download])").await;
        ada.until_saved().await;
        let look = agreed(&stage.server, document, &[&ada, &grace]).await;
        assert_eq!(look.value(&growth("fy2026")), Some(0.02));
        assert_eq!(look.value(&growth("fy2027")), Some(0.03));
    })
    .await;
}
