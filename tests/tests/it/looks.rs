//! Pictures of a window as different people have it.

use coval_tests::{Page, programs};

/// Leaves pictures of the window as it is: light, dark, and on a phone.
pub(crate) async fn pictures(page: &Page, name: &str) {
    let picture = async |kind: &str| {
        page.window().picture(&programs::screenshots().join(format!("{name}-{kind}.png"))).await;
    };
    theme(page, "light").await;
    picture("light").await;
    theme(page, "dark").await;
    picture("dark").await;
    theme(page, "light").await;
    let client = &page.window().client;
    let (width, height) = client.get_window_size().await.expect("the window tells its size");
    let frame: Vec<u64> = numbers(page, "return [outerWidth - innerWidth, outerHeight - innerHeight]").await;
    let (phone_width, phone_height) = (390 + frame[0], 780 + frame[1]);
    let size = (u32::try_from(phone_width).expect("a phone is small"), u32::try_from(phone_height).expect("it is"));
    client.set_window_size(size.0, size.1).await.expect("the window can be resized");
    picture("phone").await;
    let size = (u32::try_from(width).expect("a window is small"), u32::try_from(height).expect("it is"));
    client.set_window_size(size.0, size.1).await.expect("the window can be resized");
}

/// What a script of the test says of the page.
pub(crate) async fn told(page: &Page, script: &str) -> serde_json::Value {
    page.window().client.execute(script, Vec::new()).await.expect("the page answers")
}

/// Gives the page a look, whatever its person has chosen.
pub(crate) async fn theme(page: &Page, theme: &str) {
    told(page, &format!("document.documentElement.dataset.theme = '{theme}'")).await;
}

async fn numbers(page: &Page, script: &str) -> Vec<u64> {
    serde_json::from_value(told(page, script).await).expect("these are numbers")
}
