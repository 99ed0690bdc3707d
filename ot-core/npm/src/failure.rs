use js_sys::{Error, JsString, Reflect};
use ot_core::OpError;
use ot_core::client::ClientError;
use wasm_bindgen::JsValue;

/// What JavaScript gets to catch: an `Error` with `code`, `place` and `hint`.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    place: String,
    hint: String,
}

impl From<OpError> for Failure {
    fn from(error: OpError) -> Self {
        Self { code: error.kind().code(), place: error.place().to_owned(), hint: error.hint().to_owned() }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let code = match &error {
            ClientError::Gap { .. } => "client_gap",
            ClientError::Diverged(_) => "client_diverged",
            ClientError::NotAwaited { .. } => "client_not_awaited",
        };
        Self { code, place: "the message".to_owned(), hint: error.to_string() }
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let message = [failure.code, " at ", &failure.place, ": ", &failure.hint].concat();
        let error = Error::new(&message);
        for (name, value) in [("code", failure.code), ("place", &failure.place), ("hint", &failure.hint)] {
            // Setting a property of a new object does not fail.
            let _ = Reflect::set(&error, &JsString::from(name), &JsString::from(value));
        }
        error.into()
    }
}
