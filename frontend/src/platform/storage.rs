//! What the browser remembers from visit to visit.

const NAME: &str = "coval.name";

/// The person's name, when they gave one.
#[must_use]
pub fn name() -> Option<String> {
    local_storage()?.get_item(NAME).ok().flatten()
}

/// Remembers the person's name. A browser that stores nothing forgets it at the end of the visit.
pub fn remember_name(name: &str) {
    if let Some(storage) = local_storage() {
        // Private windows may refuse: the name then lives as long as the page.
        let _ = storage.set_item(NAME, name);
    }
}

fn local_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
