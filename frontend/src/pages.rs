//! What stands at which address.

mod age;
pub mod document_list;
pub mod model;
pub mod not_found;

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use crate::state::Workspace;
use document_list::DocumentListPage;
use model::ModelPage;
use not_found::NotFoundPage;

/// The app.
#[component]
pub fn App() -> impl IntoView {
    provide_context(Workspace::new());
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFoundPage/> }>
                <Route path=path!("/") view=DocumentListPage/>
                <Route path=path!("/document/:id") view=ModelPage/>
            </Routes>
        </Router>
    }
}
