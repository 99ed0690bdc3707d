//! Signals for what somebody looks at, and for nothing else.

use std::collections::HashMap;
use std::hash::Hash;

use leptos::prelude::*;

/// Values by key, each with a signal as long as somebody looks at it.
#[derive(Debug)]
pub struct Watched<K: 'static, V: 'static>(StoredValue<HashMap<K, (ArcRwSignal<V>, usize)>>);

impl<K, V> Clone for Watched<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Watched<K, V> {}

impl<K, V> Default for Watched<K, V>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn default() -> Self {
        Self(StoredValue::new(HashMap::new()))
    }
}

impl<K, V> Watched<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: PartialEq + Send + Sync + 'static,
{
    /// The signal of `key`, for as long as the caller's owner lives. `initial` gives its value if nobody looked at it.
    pub fn look_at(&self, key: &K, initial: impl FnOnce() -> V) -> ArcRwSignal<V> {
        // Not inside the update: what `initial` reads may lie here too.
        let known = self.0.with_value(|watched| watched.get(key).map(|(signal, _)| signal.clone()));
        let signal = known.unwrap_or_else(|| ArcRwSignal::new(initial()));
        let kept = signal.clone();
        self.0.update_value(|watched| watched.entry(key.clone()).or_insert((kept, 0)).1 += 1);
        let (watched, key) = (self.0, key.clone());
        on_cleanup(move || {
            // The document itself may be gone.
            let _ = watched.try_update_value(|watched| {
                if let Some((_, count)) = watched.get_mut(&key) {
                    *count = count.saturating_sub(1);
                    if *count == 0 {
                        watched.remove(&key);
                    }
                }
            });
        });
        signal
    }

    /// Has `change` bring the value of every key that somebody looks at up to date. It returns whether there was
    /// anything to change.
    pub fn refresh(&self, change: impl Fn(&K, &mut V) -> bool) {
        self.0.with_value(|watched| {
            for (key, (signal, _)) in watched {
                signal.maybe_update(|value| change(key, value));
            }
        });
    }
}

/// Sets `signal` where its value is another one: nobody is told of what has not changed.
pub fn set_if_changed<V: PartialEq + Send + Sync + 'static>(signal: RwSignal<V>, value: V) {
    signal.maybe_update(|before| becomes(before, value));
}

/// Makes `value` another one. Returns whether it was.
pub fn becomes<V: PartialEq>(value: &mut V, other: V) -> bool {
    let is_other = *value != other;
    if is_other {
        *value = other;
    }
    is_other
}
