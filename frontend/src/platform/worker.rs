//! Workers of the browser: other threads, with the same code.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, Event, MessageEvent, WorkerOptions, WorkerType};

/// A worker of this page. It has to be ended.
pub struct Worker {
    worker: web_sys::Worker,
    /// Held as long as the browser may call them.
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _lost: Closure<dyn FnMut(Event)>,
}

impl Worker {
    /// Starts a worker. `on_message` hears what it says, `on_lost` that it has failed or could not be loaded. Nothing
    /// where the browser has no workers.
    pub fn start(on_message: impl Fn(String) + 'static, on_lost: impl Fn() + 'static) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(&address()?, &options).ok()?;
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                on_message(text);
            }
        });
        let lost = Closure::<dyn FnMut(Event)>::new(move |_| on_lost());
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        worker.set_onerror(Some(lost.as_ref().unchecked_ref()));
        Some(Self { worker, _heard: heard, _lost: lost })
    }

    /// Ends it, whatever it does. Nothing is heard of it any more.
    pub fn end(&self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }

    /// Tells the worker something.
    pub fn post(&self, text: &str) {
        // A text can always be told.
        let _ = self.worker.post_message(&text.into());
    }
}

/// Whether this code runs in a worker, where there is no page.
#[must_use]
pub fn is_here() -> bool {
    web_sys::window().is_none()
}

/// Calls `on_message` with what the page says, as long as the worker lives.
pub fn listen(on_message: impl Fn(String) + 'static) {
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(text) = event.data().as_string() {
            on_message(text);
        }
    });
    if let Some(scope) = scope() {
        scope.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    }
    heard.forget();
}

/// Tells the page something.
pub fn post(text: &str) {
    if let Some(scope) = scope() {
        // A text can always be told.
        let _ = scope.post_message(&text.into());
    }
}

fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

/// The script of workers, which stands beside the app's code.
fn address() -> Option<String> {
    let meta = web_sys::window()?.document()?.query_selector("meta[name=coval-app]").ok()??;
    let code = meta.get_attribute("data-code")?;
    let (directory, _) = code.rsplit_once('/')?;
    Some(format!("{directory}/worker.js"))
}
