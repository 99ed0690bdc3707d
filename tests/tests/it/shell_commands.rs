//! The palette, the keys, files in and out, paper, and a phone.

use std::io::Write;

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Page, Stage, programs};
use fantoccini::Locator;
use fantoccini::key::Key;

use crate::looks::{pictures, told};
use crate::shell::{until_says, until_so};

/// Waits until the palette stands on a line with these words.
async fn until_line(page: &Page, words: &str) {
    let script = format!(
        "return document.querySelector('.palette-line[aria-selected=true]')?.innerText.includes({}) ?? false",
        serde_json::json!(words)
    );
    until_so(page, format!("the palette to stand on {words:?}"), &script).await;
}

async fn open_palette(page: &Page) {
    page.press_with(Key::Control, 'k').await;
    page.until_focused("palette-input").await;
}

async fn picture(page: &Page, name: &str) {
    page.window().picture(&programs::screenshots().join(format!("{name}.png"))).await;
}

/// Keeps what the page downloads from now on, where the test can look at it.
async fn keep_downloads(page: &Page) {
    let script = "window.kept = []; const make = URL.createObjectURL; URL.createObjectURL = (blob) => { \
                  blob.arrayBuffer().then((bytes) => window.kept.push([blob.type, ...new Uint8Array(bytes).slice(0, 40)])); \
                  return make.call(URL, blob); };";
    told(page, script).await;
}

#[tokio::test]
async fn the_palette_opens_a_document_and_runs_a_command_by_the_keyboard_alone() {
    Stage::run("shell-palette", async |stage| {
        let ada = stage.window("Ada").await;
        open_palette(&ada).await;
        pictures(&ada, "shell-palette").await;
        ada.type_text("apple").await;
        until_line(&ada, APPLE_DCF_TITLE).await;
        ada.press(Key::Enter).await;
        ada.until_saved().await;

        // A document's commands are there too: a panel opens.
        open_palette(&ada).await;
        ada.type_text("panel outp").await;
        until_line(&ada, "Panel: Outputs").await;
        pictures(&ada, "shell-palette-document").await;
        ada.press(Key::Enter).await;
        until_so(&ada, "the panel", "return document.querySelector('[data-testid=panel]') !== null").await;
        // Lines are gone through with the arrows, and Escape leaves everything as it was.
        open_palette(&ada).await;
        ada.press(Key::Down).await;
        until_so(
            &ada,
            "the second line",
            "return document.activeElement.getAttribute('aria-activedescendant') === 'palette-line-1'",
        )
        .await;
        ada.press(Key::Escape).await;
        until_so(&ada, "the palette to close", "return document.querySelector('dialog') === null").await;

        ada.press(Key::F1).await;
        until_says(&ada, "Select whole columns").await;
        pictures(&ada, "shell-keys").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_model_is_previewed_and_downloaded_as_a_workbook_and_printed_whole() {
    Stage::run("shell-exports", async |stage| {
        let ada = stage.window("Ada").await;
        ada.open(APPLE_DCF_TITLE).await;
        keep_downloads(&ada).await;
        ada.click_on("[data-action=open-document-menu]").await;
        ada.click_on(".menu [data-action=export]").await;
        until_so(&ada, "the preview", "return document.querySelectorAll('[data-testid=export-preview] tbody tr').length > 9").await;
        pictures(&ada, "shell-exports").await;
        ada.click_on("[data-action=download]").await;
        until_says(&ada, "Apple Inc- - DCF.xlsx").await;
        // A workbook is a zip file.
        let is_workbook = "return window.kept.length === 1 && window.kept[0][0].includes('spreadsheetml') \
                           && String.fromCharCode(...window.kept[0].slice(1, 5)) === 'PK\\x03\\x04'";
        until_so(&ada, "a workbook", is_workbook).await;

        ada.click_on("[data-format=json]").await;
        until_so(&ada, "the text", "return document.querySelector('.export-text')?.innerText.startsWith('{') ?? false").await;
        ada.click_on("[data-action=download]").await;
        until_so(&ada, "the json", "return window.kept.length === 2 && window.kept[1][1] === 123").await;
        ada.press(Key::Escape).await;
        until_so(&ada, "the dialog to close", "return document.querySelector('dialog') === null").await;

        // What is printed has all rows, whatever is in sight.
        told(&ada, "window.printed = 0; window.print = () => { window.printed = document.querySelectorAll('.print tbody tr').length; }").await;
        ada.press_with(Key::Control, 'p').await;
        until_so(&ada, "the print", "return window.printed > 40").await;
        let sheets = ada.window().print(&programs::screenshots().join("shell-print.pdf")).await;
        assert!((1..9).contains(&sheets), "{sheets} sheets of paper");
        told(&ada, "window.dispatchEvent(new Event('afterprint'))").await;
        until_so(&ada, "the page as it was", "return document.querySelector('.print') === null").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_file_is_imported_with_a_report_before_it_is_opened_or_thrown_away() {
    Stage::run("shell-import", async |stage| {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("Sales plan.csv");
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(b"Item,2023,2024,2025\nSales,100,110,121\nCosts,60,66,70\n<img src=x onerror=alert(1)>,1,2,3\n").unwrap();
        drop(file);

        let ada = stage.window("Ada").await;
        let import = async || {
            ada.click_on("[data-action=import]").await;
            until_so(&ada, "the dialog", "return document.querySelector('#import-file') !== null").await;
            let input = ada.window().client.find(Locator::Css("#import-file")).await.unwrap();
            input.send_keys(path.to_str().unwrap()).await.unwrap();
            until_so(&ada, "the report", "return document.querySelector('[data-testid=import-report]') !== null").await;
        };
        import().await;
        until_says(&ada, "There are no formulas in the file").await;
        pictures(&ada, "shell-import").await;
        ada.click_on("[data-action=discard-import]").await;
        until_so(&ada, "the list without it", "return document.querySelector('dialog') === null && document.querySelectorAll('.document').length === 1").await;

        import().await;
        ada.click_on("[data-action=open-import]").await;
        let look = ada.until_saved().await;
        assert!(look.labels.iter().any(|label| label.text == "Sales"), "{:?}", look.labels);
        until_says(&ada, "Sales plan").await;

        // What can't be read says why, and makes nothing.
        ada.click_on("a.brand").await;
        ada.until_list().await;
        let drop = "const data = new DataTransfer(); data.items.add(new File(['x'], 'picture.png')); \
                    document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))";
        told(&ada, drop).await;
        until_says(&ada, "picture.png is none of the files").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_phone_of_360_pixels_scrolls_no_page_sideways_and_has_large_targets() {
    Stage::run("shell-phone", async |stage| {
        let ada = stage.window("Ada").await;
        ada.window().phone().await;
        let fits = "return innerWidth === 360 && document.documentElement.scrollWidth <= 360";
        let small = "return [...document.querySelectorAll('button, a, input')].filter((element) => element.checkVisibility()) \
                     .filter((element) => { const box = element.getBoundingClientRect(); return box.width > 0 && box.height < 40; }) \
                     .map((element) => element.outerHTML.slice(0, 160))";
        until_so(&ada, "the list to fit", fits).await;
        let found = told(&ada, "return [...document.querySelectorAll('.list-page button, .list-page a, .list-page input')].length").await;
        assert!(found.as_u64().unwrap() > 8, "{found}");
        assert_eq!(told(&ada, &small.replace("'button, a, input'", "'.list-page button, .list-page a, .list-page input'")).await, serde_json::json!([]));
        picture(&ada, "shell-360-list").await;
        ada.click_on("[data-action=new-document]").await;
        until_says(&ada, "Leveraged buyout").await;
        until_so(&ada, "the dialog to fit", fits).await;
        assert_eq!(told(&ada, &small.replace("'button, a, input'", "'dialog button, dialog input'")).await, serde_json::json!([]));
        picture(&ada, "shell-360-new-document").await;
        ada.press(Key::Escape).await;
        ada.click_on("[data-action=open-account]").await;
        until_so(&ada, "the menu to fit", fits).await;
        let inside = "const box = document.querySelector('.menu').getBoundingClientRect(); return box.left >= 0 && box.right <= 360";
        until_so(&ada, "the menu to be on the page", inside).await;
        picture(&ada, "shell-360-account").await;
        ada.press(Key::Escape).await;
        ada.open(APPLE_DCF_TITLE).await;
        until_so(&ada, "the document to fit", fits).await;
        picture(&ada, "shell-360-document").await;
        open_palette(&ada).await;
        until_so(&ada, "the palette to fit", fits).await;
        picture(&ada, "shell-360-palette").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}
