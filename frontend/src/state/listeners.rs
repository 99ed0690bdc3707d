//! Whoever follows what happens, until they are gone from the page.

use std::rc::Rc;

use leptos::prelude::*;
use uuid::Uuid;

use crate::platform::clock;

type Listener<T> = (Uuid, Rc<dyn Fn(&T)>);

/// Those who follow what happens. Cheap to copy.
pub struct Listeners<T: 'static>(StoredValue<Vec<Listener<T>>, LocalStorage>);

impl<T> Listeners<T> {
    /// Calls `listener` with everything that happens, for as long as the caller's owner lives.
    pub fn add(self, listener: impl Fn(&T) + 'static) {
        let key = clock::new_uuid();
        self.0.update_value(|listeners| listeners.push((key, Rc::new(listener))));
        on_cleanup(move || self.0.update_value(|listeners| listeners.retain(|(known, _)| *known != key)));
    }

    /// Tells all of them what happened. They may add others, who hear of what happens next.
    pub fn tell(self, what: &T) {
        let listeners = self.0.get_value();
        for (_, listener) in &listeners {
            listener(what);
        }
    }
}

impl<T> Clone for Listeners<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Listeners<T> {}

impl<T> Default for Listeners<T> {
    fn default() -> Self {
        Self(StoredValue::new_local(Vec::new()))
    }
}
