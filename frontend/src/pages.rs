//! What stands at which address.

mod age;
pub mod document_list;
pub mod model;
pub mod not_found;
pub mod route;

use leptos::prelude::*;
use leptos_router::location::{BrowserUrl, LocationProvider};

use crate::dynamic::dynamic;
use crate::state::Workspace;
use document_list::DocumentListPage;
use model::ModelPage;
use not_found::NotFoundPage;
use route::Place;

/// The app.
///
/// Of the router, only its hold on the browser's address is used: links and the history. Its tree of routes would be
/// larger than the grid, for two addresses.
#[component]
pub fn App() -> impl IntoView {
    provide_context(Workspace::new());
    let address = BrowserUrl::new().ok();
    if let Some(address) = &address {
        address.init(None);
    }
    let place = Memo::new({
        let url = address.as_ref().map(|address| address.as_url().clone());
        move |_| url.as_ref().map_or(Place::Documents, |url| url.with(|url| Place::at(url.path())))
    });
    Effect::new(move || {
        place.track();
        // The address bar follows when the page is there.
        if let Some(address) = &address {
            address.ready_to_complete();
        }
    });
    dynamic(move || match place.get() {
        Place::Documents => view! { <DocumentListPage/> }.into_any(),
        Place::Document(id) => view! { <ModelPage id/> }.into_any(),
        Place::Nowhere => view! { <NotFoundPage/> }.into_any(),
    })
}
