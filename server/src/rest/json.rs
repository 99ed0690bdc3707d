//! JSON as the body of a request and of an answer.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::body::EitherBody;
use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, Responder, web};
use futures_util::FutureExt as _;
use futures_util::future::Map;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A body as JSON. That of a request is an object, as the description of the interface has it: the fields of a struct in
/// a list, without their names, are none.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T> Json<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

type Read<T> = Result<web::Json<Object<T>>, Error>;

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Map<<web::Json<Object<T>> as FromRequest>::Future, fn(Read<T>) -> Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        web::Json::from_request(request, payload).map(|read: Read<T>| read.map(|body| Self(body.into_inner().0)))
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = EitherBody<String>;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<Self::Body> {
        web::Json(self.0).respond_to(request)
    }
}

/// A `T` that is written as a JSON object.
pub(super) struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Named {
        name: Option<String>,
    }

    #[test]
    fn the_body_of_a_request_is_an_object() {
        let read = |text: &str| serde_json::from_str::<Object<Named>>(text).map(|object| object.0.name);
        assert_eq!(read(r#"{"name":"x"}"#).unwrap(), Some("x".to_owned()));
        assert_eq!(read("{}").unwrap(), None);
        for text in [r#"["x"]"#, "[]", "null", "7", r#""x""#, r#"{"name":"x","name":"y"}"#, r#"{"other":1}"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
