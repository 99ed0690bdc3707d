//! Names that one window of the browser holds at a time, as long as it lives: the Web Locks API.

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// Takes `name` for this window, until it is gone. Returns whether it could: not while another one has it. A browser
/// without such locks gives none.
pub async fn take(name: &str) -> bool {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let granted = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |lock: JsValue| {
        let is_mine = !lock.is_null();
        if let Some(sender) = sender.take() {
            // Whoever asked may be gone, and the window with them.
            let _ = sender.send(is_mine);
        }
        // A promise that is never kept holds the lock.
        if is_mine { Promise::new(&mut |_, _| {}).into() } else { JsValue::UNDEFINED }
    });
    let asked = ask(name, granted.as_ref());
    // The browser calls it later.
    granted.forget();
    match asked {
        Ok(()) => receiver.await.unwrap_or(false),
        Err(_) => false,
    }
}

/// `web-sys` has these locks only behind a flag of the compiler, so they are looked up by name.
fn ask(name: &str, granted: &JsValue) -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or(JsValue::UNDEFINED)?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE)?;
    request.call3(&locks, &name.into(), &options, granted)?;
    Ok(())
}
