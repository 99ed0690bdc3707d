//! Lists in parts.

use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::error::Refusal;

/// How many entries a page has when nobody says.
const DEFAULT: usize = 50;

/// How many entries a page has at most.
const MOST: usize = 200;

/// The longest cursor, in bytes: none that the server gives is longer.
const CURSOR_BYTES: usize = 2_000;

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Where to go on: `next` of the page before.
    #[param(max_length = 2000)]
    cursor: Option<String>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

impl PageQuery {
    /// How many entries at most.
    pub(super) fn limit(&self) -> Result<usize, Refusal> {
        match self.limit.unwrap_or(DEFAULT) {
            limit @ 1..=MOST => Ok(limit),
            _ => Err(Refusal::invalid("limit", format!("limit has to be from 1 to {MOST}"))),
        }
    }

    /// Where the page before ended.
    pub(super) fn after<T: DeserializeOwned>(&self) -> Result<Option<T>, Refusal> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        if cursor.len() > CURSOR_BYTES {
            return Err(Self::foreign());
        }
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| Self::foreign())?;
        serde_json::from_slice(&bytes).map(Some).map_err(|_| Self::foreign())
    }

    /// The cursor is none that this list has given.
    pub(super) fn foreign() -> Refusal {
        Refusal::invalid("cursor", "the cursor is none of this list; begin without one")
    }
}

/// A page that ends at `position`, as the next one is asked for.
pub(super) fn cursor(position: &impl Serialize) -> Result<String, Refusal> {
    let bytes = serde_json::to_vec(position).map_err(|error| Refusal::internal(&error))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}
