//! The entry point of the app in the browser.

fn main() {
    coval_frontend::start();
}
