//! How much one person, or one address, may ask for.
//!
//! Whoever is signed in has a share of their own; everybody else shares one with all at their address.

mod address;
mod bucket;
mod pace;

use std::net::IpAddr;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, ResponseError};
use coval_shared::protocol::ErrorCode;

use super::principal::bearer;
use super::{Access, hash};
use crate::error::Refusal;

pub(crate) use address::Network;
use bucket::{Bucket, Taken};
pub(crate) use pace::Pace;

/// How often what nobody uses any more is forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(30);

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How many a minute; 0 is without limit.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    pub(crate) requests: u32,
    pub(crate) expensive: u32,
    pub(crate) sign_ins: u32,
    pub(crate) trusted_proxies: Vec<Network>,
}

/// Counts what everybody asks for.
pub(crate) struct Limits {
    requests: Bucket,
    expensive: Bucket,
    sign_ins: Bucket,
    /// The same for each account, counted for browsers that never signed in to it.
    strangers: Bucket,
    /// The same for each browser that did.
    familiar: Bucket,
    trusted_proxies: Vec<Network>,
}

impl Limits {
    pub(crate) fn new(rates: Rates) -> Self {
        let Rates { requests, expensive, sign_ins, trusted_proxies } = rates;
        Self {
            requests: Bucket::new(requests),
            expensive: Bucket::new(expensive),
            sign_ins: Bucket::new(sign_ins),
            strangers: Bucket::new(sign_ins),
            familiar: Bucket::new(sign_ins),
            trusted_proxies,
        }
    }

    /// Counts an attempt to sign in to the account with `email`: by a browser that signed in to it before, as its cookie
    /// `familiar` says, or by any other. So strangers use up what strangers have, and the owner signs in still.
    pub(crate) fn sign_in(&self, email: &str, familiar: Option<&str>) -> Result<(), Limited> {
        let taken = match familiar {
            Some(browser) => self.familiar.take(browser),
            None => self.strangers.take(email),
        };
        taken.map_or(Ok(()), Taken::into_result)
    }

    /// Where the request comes from: the connection's other end, or, where that is a proxy that the operator trusts, what
    /// the nearest one behind it that is none says.
    pub(crate) fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip();
        Some(address::client(peer, request.headers(), &self.trusted_proxies))
    }

    /// Counts a handshake of a socket.
    pub(crate) fn handshake(&self, request: &HttpRequest) -> Result<(), Limited> {
        let key = self.address(request).map(address::group);
        self.requests.take(&("address", key)).map_or(Ok(()), Taken::into_result)
    }

    /// Forgets again and again what nobody uses any more. Never ends.
    pub(crate) async fn tidy(limits: Data<Self>) {
        loop {
            tokio::time::sleep(TIDY_EVERY).await;
            for bucket in [&limits.requests, &limits.expensive, &limits.sign_ins, &limits.strangers, &limits.familiar] {
                bucket.forget_idle();
            }
        }
    }

    fn take(&self, request: &ServiceRequest, access: Option<&Access>) -> Option<Taken> {
        let address = ("address", self.address(request.request()).map(address::group));
        if is_sign_in(request) {
            return self.sign_ins.take(&address);
        }
        let user = access
            .zip(bearer(request.request()))
            .and_then(|(access, token)| access.tokens().read(token, access.now_ms()))
            .map(|(user, _)| user);
        let bucket = if is_expensive(request) { &self.expensive } else { &self.requests };
        match user {
            Some(user) => bucket.take(&("user", user)),
            None => bucket.take(&address),
        }
    }
}

/// There was too much.
#[derive(Debug)]
pub(crate) struct Limited(Taken);

impl Limited {
    /// The answer to whoever asked for too much.
    pub(crate) fn answer(&self) -> HttpResponse {
        let message = format!("too many requests; wait for {} seconds", self.0.retry_after_s.unwrap_or(1));
        let mut response = Refusal::new(ErrorCode::RateLimited, message).error_response();
        mark(response.headers_mut(), self.0);
        response
    }
}

impl Taken {
    fn into_result(self) -> Result<(), Limited> {
        if self.retry_after_s.is_some() { Err(Limited(self)) } else { Ok(()) }
    }
}

/// Counts a request under `/api`, and says in the answer what is left.
pub(crate) async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let limits = request.app_data::<Data<Limits>>().cloned();
    let access = request.app_data::<Data<Access>>().cloned();
    let Some(taken) = limits.and_then(|limits| limits.take(&request, access.as_ref().map(|access| access.get_ref())))
    else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    if taken.retry_after_s.is_some() {
        return Ok(request.into_response(Limited(taken).answer()));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    // What was refused closer by says more.
    if !response.headers().contains_key(LIMIT) {
        mark(response.headers_mut(), taken);
    }
    Ok(response)
}

/// What tells a browser that signed in to the account: a name for it, which only this server can give.
pub(crate) fn familiar_browser(access: &Access, email: &str, cookie: &str) -> Option<String> {
    let (name, seal) = cookie.split_once('.')?;
    let expected = access.tokens().seal(&format!("{name} {}", hash(email))).ok()?;
    let is_good = subtle::ConstantTimeEq::ct_eq(expected.reveal().as_bytes(), seal.as_bytes());
    bool::from(is_good).then(|| name.to_owned())
}

/// The cookie that tells a browser which signed in to the account.
pub(crate) fn familiar_cookie(access: &Access, email: &str) -> Result<String, super::AuthError> {
    let name = super::draw()?;
    let seal = access.tokens().seal(&format!("{} {}", name.reveal(), hash(email)))?;
    Ok(format!("{}.{}", name.reveal(), seal.reveal()))
}

fn mark(headers: &mut HeaderMap, taken: Taken) {
    headers.insert(LIMIT, HeaderValue::from(taken.limit));
    headers.insert(REMAINING, HeaderValue::from(taken.remaining));
    headers.insert(RESET, HeaderValue::from(taken.reset_s));
    if let Some(seconds) = taken.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// Whether the request makes somebody known who was not.
fn is_sign_in(request: &ServiceRequest) -> bool {
    matches!(request.path(), "/api/sign-in" | "/api/sign-up" | "/api/share")
}

/// Whether the answer takes more than some milliseconds.
fn is_expensive(request: &ServiceRequest) -> bool {
    let last = request.path().rsplit('/').next().unwrap_or_default();
    match last {
        "export" | "import" | "search" | "audit" | "diff" | "duplicate" => true,
        "calculations" | "merge" | "restore" => request.method() == Method::POST,
        _ => false,
    }
}
