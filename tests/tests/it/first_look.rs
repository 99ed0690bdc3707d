//! What somebody sees who comes for the first time.

use coval_shared::model::{Calculation, CellValue, Model};
use coval_shared::template::{APPLE_DCF_TITLE, apple_dcf};
use coval_tests::{Place, Stage, agreed, http, programs};

use crate::scene::until_name_flies;

#[tokio::test]
async fn the_list_leads_to_the_apple_model_without_a_complaint() {
    Stage::run("first-look", async |stage| {
        let ada = stage.window("Ada").await;
        let documents = ada.documents().await;
        assert_eq!(documents.len(), 1, "{documents:?}");
        assert!(documents[0].1.contains(APPLE_DCF_TITLE), "{documents:?}");
        ada.window().picture(&programs::screenshots().join("list.png")).await;

        let id = ada.open(APPLE_DCF_TITLE).await;
        assert_eq!(id, documents[0].0);
        let grace = stage.window("Grace").await;
        grace.open_by_link(id).await;
        let look = agreed(&stage.server, id, &[&ada, &grace]).await;
        assert_eq!(look.notices, Vec::<String>::new());

        ada.select(&Place::cell("net_sales", "fy2027")).await;
        until_name_flies(&grace, &ada).await;
        ada.window().picture(&programs::screenshots().join("model.png")).await;

        assert_eq!(ada.complaints().await, Vec::<String>::new());
        assert_eq!(grace.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn every_cell_has_the_bits_that_a_native_calculation_gives() {
    Stage::run("native-bits", async |stage| {
        let ada = stage.window("Ada").await;
        ada.open(APPLE_DCF_TITLE).await;
        let look = ada.look().await;

        let model = Model::read(&apple_dcf().unwrap()).unwrap();
        let calculation = Calculation::new(&model);
        let cells: Vec<_> = model.cells().collect();
        assert_eq!(look.cells.len(), cells.len());
        for cell in cells {
            let place = match &cell.period {
                Some(period) => Place::cell(&cell.item.0, &period.0),
                None => Place::single(&cell.item.0),
            };
            let expected = match calculation.value(&cell) {
                CellValue::Number(value) => Some(format!("{:016x}", value.to_bits())),
                CellValue::Blank | CellValue::Text(_) => None,
                CellValue::Error(error) => panic!("{place} is wrong in the sample: {error}"),
            };
            assert_eq!(look.cell(&place).bits, expected, "{place}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_come_with_a_content_policy_and_no_script_may_stand_in_them() {
    Stage::run("content-policy", async |stage| {
        let answer = http::get(&stage.server.origin()).await.unwrap();
        let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let policy = header("content-security-policy").expect("the page has a content policy");
        for part in ["default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{part} is not in {policy}");
        }
        assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));

        // That the policy works shows in that it refuses, and that the page keeps to it shows in its silence.
        let ada = stage.window("Ada").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
        let inject = "const script = document.createElement('script'); script.textContent = 'window.ran = true'; \
                      document.head.append(script); return window.ran === true";
        let ran = ada.window().client.execute(inject, Vec::new()).await.unwrap();
        assert_eq!(ran, false);
        let complaints = ada.complaints().await.join("\n");
        assert!(complaints.contains("Content Security Policy"), "{complaints}");
    })
    .await;
}

#[tokio::test]
async fn an_address_with_nothing_behind_it_says_so_and_leads_back() {
    Stage::run("not-found", async |stage| {
        let ada = stage.window("Ada").await;
        for path in ["nothing/here", "document/not-an-id", "document/00000000-0000-7000-8000-000000000000"] {
            let url = format!("{}/{path}", stage.server.origin());
            ada.window().client.goto(&url).await.unwrap();
            let look = ada.until("a page that says so", |look| look.text.contains("All documents")).await;
            assert!(look.revision.is_none(), "{look}");
        }
        ada.click_on("main a[href='/']").await;
        ada.until("the list", |look| look.text.contains(APPLE_DCF_TITLE)).await;
    })
    .await;
}
