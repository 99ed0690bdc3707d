//! Signing in and out, and one's own account.

use serde::{Deserialize, Serialize};

use crate::protocol::UserId;
use crate::secret::Secret;

/// `POST /api/sign-in`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The e-mail, in any case.
    pub email: String,
    /// The password.
    pub password: Secret,
}

/// The answer to [`SignIn`], [`SignUp`] and to a refresh. A cookie that only the browser sees comes with it and brings
/// the next token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// The token for the header `Authorization: Bearer …`.
    pub token: Secret,
    /// For how long the token is good, in seconds.
    pub expires_in_s: i64,
    /// Who is signed in.
    pub me: Me,
}

/// `GET /api/me`: the account of whoever asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The person.
    pub id: UserId,
    /// How they sign in; a guest has none.
    pub email: Option<String>,
    /// What others see.
    pub name: String,
    /// Whether they came by a share link.
    pub is_guest: bool,
    /// Whether they may read how the server is.
    pub is_operator: bool,
}

/// `PATCH /api/me`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeMe {
    /// What others shall see.
    pub name: String,
}

/// `POST /api/me/password`. All other sign-ins of the person end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    pub current: Secret,
    /// The password from now on.
    pub new: Secret,
}

/// `POST /api/sign-up`: accepts an invitation. Whoever has an account gives its e-mail and password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// The token of the invitation.
    pub token: Secret,
    /// The e-mail: the one that was invited, where one was named.
    pub email: String,
    /// What others shall see; ignored where there is an account.
    pub name: String,
    /// The password.
    pub password: Secret,
}

/// `POST /api/socket-ticket`: what the first message on a socket carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SocketTicket {
    /// The ticket, good for one socket.
    pub ticket: Secret,
    /// For how long it is good, in seconds.
    pub expires_in_s: i64,
}

/// The body of requests that need none: an empty object, so that no form of another page can send it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
