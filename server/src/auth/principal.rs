//! The person behind a request.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use coval_shared::protocol::{ErrorCode, SignInId, UserId};

use super::Access;
use crate::error::Refusal;

/// Somebody who is signed in, and by which sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The person.
    pub(crate) user: UserId,
    /// How they are signed in.
    pub(crate) sign_in: SignInId,
    /// What to call them.
    pub(crate) name: String,
    /// Whether they came by a share link.
    pub(crate) is_guest: bool,
    /// Whether they may read how the server is.
    pub(crate) is_operator: bool,
}

impl FromRequest for Principal {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let access = request.app_data::<Data<Access>>().cloned();
        let token = bearer(request).map(str::to_owned);
        Box::pin(async move {
            let access = access.ok_or_else(|| Refusal::new(ErrorCode::Internal, "nobody can sign in here"))?;
            let token = token.ok_or_else(|| {
                Refusal::new(ErrorCode::Unauthenticated, "sign in, and send the token in the header Authorization")
            })?;
            access.principal(&token).await
        })
    }
}

/// The token of the header `Authorization: Bearer …`.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (scheme, token) = headers.next()?.to_str().ok()?.split_once(' ')?;
    // Two of them could be read differently by whoever stands in between.
    (headers.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token.trim())
}
