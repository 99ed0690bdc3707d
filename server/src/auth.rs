//! Who somebody is, and what they may do.
//!
//! A person signs in with e-mail and password, and gets a token that names their sign-in for a quarter of an hour and a
//! cookie that brings the next one. A socket is opened with a ticket. What they may do is asked of [`Access`] for every
//! request and every message.

mod access;
mod demo;
mod known;
mod limits;
mod origin;
mod password;
mod principal;
mod token;

pub(crate) use access::{Access, TICKET_MS, failed};
pub(crate) use demo::{DemoError, DemoPerson, add_people};
pub(crate) use limits::Network;
pub(crate) use limits::{Limits, Pace, Rates, familiar_browser, familiar_cookie, limit};
pub(crate) use origin::{Origins, is_loopback};
pub(crate) use password::{Passwords, hash as hash_password};
pub(crate) use principal::Principal;
pub(crate) use token::{LIFETIME_S as TOKEN_LIFETIME_S, Tokens, draw, hash};

/// Why a server can't tell who somebody is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    /// The key of the tokens can't be read, or be kept.
    #[error("can't use the file {path} for the key of the tokens: {reason}")]
    KeyFile {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
    /// A password can't be hashed.
    #[error("can't hash a password: {0}")]
    Hash(String),
}
