//! Stretches of text that are marked without being cut into pieces: the CSS Custom Highlight API.
//!
//! `web-sys` has it only behind a flag of the compiler, so its objects are looked up by name.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Range;

/// Marks `ranges`, and nothing else, with the style `::highlight(name)`. A browser that can't do so shows none.
pub fn mark(name: &str, ranges: &[Range]) {
    // Whatever is missing is missing in this browser.
    let _ = try_mark(name, ranges);
}

fn try_mark(name: &str, ranges: &[Range]) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let registry = Reflect::get(&Reflect::get(&window, &"CSS".into())?, &"highlights".into())?;
    if ranges.is_empty() {
        call(&registry, "delete", &[name.into()])?;
        return Ok(());
    }
    let constructor: Function = Reflect::get(&window, &"Highlight".into())?.dyn_into()?;
    let ranges: Array = ranges.iter().collect();
    let highlight = Reflect::construct(&constructor, &ranges)?;
    call(&registry, "set", &[name.into(), highlight])?;
    Ok(())
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    let arguments: Array = arguments.iter().collect();
    method.apply(object, &arguments)
}
