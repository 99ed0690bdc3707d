//! Signing in and out, and one's own account.

use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE, USER_AGENT};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use coval_shared::limits::{EMAIL_BYTES, PASSWORD_CHARS, PASSWORD_MAX_BYTES, PERSON_NAME_CHARS};
use coval_shared::protocol::{ErrorCode, SignInId};
use coval_shared::rest::{
    ChangeMe, ChangePassword, Me, Nothing, OpenedShareLink, Problem, SignIn, SignedIn, SocketTicket,
};
use coval_shared::secret::Secret;
use utoipa_actix_web::service_config::ServiceConfig;

use super::json::Json;
use crate::auth::{
    Access, Limits, Origins, Passwords, Principal, TICKET_MS, TOKEN_LIFETIME_S, draw, failed, familiar_browser,
    familiar_cookie, hash, is_loopback,
};
use crate::error::Refusal;
use crate::metrics;
use crate::store::{Account, NewSignIn, Refreshed};

/// The name of the cookie with the refresh token.
const REFRESH: &str = "coval_refresh";

/// Where the browser sends that cookie, and nowhere else.
const COOKIE_PATH: &str = "/api/session";

/// The name of the cookie of a browser that signed in before.
const FAMILIAR: &str = "coval_browser";

/// Where the browser sends that cookie, and nowhere else.
const FAMILIAR_PATH: &str = "/api/sign-in";

/// How long it is kept, in days.
const FAMILIAR_DAYS: i64 = 366;

/// How long somebody stays signed in who does not come, in days.
const STAY_DAYS: i64 = 30;

pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The longest name of a browser that is kept, in code points.
const AGENT_CHARS: usize = 200;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(sign_in)
        .service(refresh)
        .service(sign_out)
        .service(sign_out_everywhere)
        .service(socket_ticket)
        .service(me)
        .service(change_me)
        .service(change_password);
}

/// Sign in
///
/// Brings a token, and a cookie with which the browser gets the next one.
#[utoipa::path(
    tag = "session",
    security(()),
    responses(
        (status = 200, description = "Signed in", body = SignedIn),
        (status = 401, description = "E-mail and password do not belong together", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/sign-in")]
async fn sign_in(
    request: HttpRequest,
    access: Data<Access>,
    passwords: Data<Passwords>,
    limits: Data<Limits>,
    body: Json<SignIn>,
) -> Result<HttpResponse, Refusal> {
    let SignIn { email, password } = body.into_inner();
    let email = email.trim().to_lowercase();
    let familiar = cookie_of(&request, FAMILIAR).and_then(|cookie| familiar_browser(&access, &email, &cookie));
    if let Err(limited) = limits.sign_in(&email, familiar.as_deref()) {
        return Ok(limited.answer());
    }
    let account = verified(&access, &passwords, &email, password).await;
    metrics::signed_in(account.is_ok());
    let account = account?;
    let mut response = begin(&request, &access, &account).await?;
    if familiar.is_none() {
        let mark = familiar_cookie(&access, &email).map_err(failed)?;
        let cookie = cookie(&request, FAMILIAR, FAMILIAR_PATH, Some(&Secret::new(mark)), FAMILIAR_DAYS);
        let cookie = HeaderValue::try_from(cookie).map_err(|error| Refusal::internal(&error))?;
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Refresh
///
/// Brings a new token for the cookie, which is replaced. A cookie that was replaced before ends the sign-in.
#[utoipa::path(
    tag = "session",
    security(()),
    request_body = Nothing,
    responses(
        (status = 200, description = "The next token", body = SignedIn),
        (status = 401, description = "Nobody is signed in with this cookie", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/session/refresh")]
async fn refresh(
    request: HttpRequest,
    access: Data<Access>,
    origins: Data<Origins>,
    _: Json<Nothing>,
) -> Result<HttpResponse, Refusal> {
    origins.check(&request)?;
    let refused = || Refusal::new(ErrorCode::Unauthenticated, "you are not signed in any more; sign in");
    let old = cookie_of(&request, REFRESH).map(Secret::new).ok_or_else(refused)?;
    let new = access.tokens().successor(&old).map_err(failed)?;
    let now_ms = access.now_ms();
    let (old_hash, new_hash) = (hash(old.reveal()), hash(new.reveal()));
    let refreshed = access
        .blocking(move |store| store.refresh_sign_in(&old_hash, &new_hash, now_ms + STAY_DAYS * DAY_MS, now_ms))
        .await?;
    match refreshed {
        Refreshed::Yes(live) => {
            let account = access.blocking(move |store| store.account(live.user)).await?;
            answer(&request, &access, &account, live.id, &new)
        }
        Refreshed::Reused => {
            access.changed();
            tracing::warn!("a refresh token was used twice: its sign-in has ended");
            Err(refused())
        }
        Refreshed::Unknown => Err(refused()),
    }
}

/// Sign out
///
/// Ends this sign-in, and its sockets.
#[utoipa::path(
    tag = "session",
    request_body = Nothing,
    responses(
        (status = 204, description = "Signed out"),
    ),
)]
#[post("/session/sign-out")]
async fn sign_out(
    request: HttpRequest,
    access: Data<Access>,
    who: Principal,
    _: Json<Nothing>,
) -> Result<HttpResponse, Refusal> {
    let now_ms = access.now_ms();
    access.blocking(move |store| store.end_sign_in(who.sign_in, now_ms)).await?;
    access.changed();
    Ok(HttpResponse::NoContent().insert_header((SET_COOKIE, refresh_cookie(&request, None))).finish())
}

/// Sign out everywhere
///
/// Ends all sign-ins of the person, and their sockets.
#[utoipa::path(
    tag = "session",
    request_body = Nothing,
    responses(
        (status = 204, description = "Signed out"),
    ),
)]
#[post("/session/sign-out-everywhere")]
async fn sign_out_everywhere(
    request: HttpRequest,
    access: Data<Access>,
    who: Principal,
    _: Json<Nothing>,
) -> Result<HttpResponse, Refusal> {
    let now_ms = access.now_ms();
    access.blocking(move |store| store.end_all_sign_ins(who.user, now_ms)).await?;
    access.changed();
    Ok(HttpResponse::NoContent().insert_header((SET_COOKIE, refresh_cookie(&request, None))).finish())
}

/// Ticket
///
/// What the first message on a socket carries; good for one socket within 30 seconds.
#[utoipa::path(
    tag = "session",
    request_body = Nothing,
    responses(
        (status = 200, description = "The ticket", body = SocketTicket),
    ),
)]
#[post("/socket-ticket")]
async fn socket_ticket(access: Data<Access>, who: Principal, _: Json<Nothing>) -> Result<Json<SocketTicket>, Refusal> {
    Ok(Json(SocketTicket { ticket: access.ticket(&who).await?, expires_in_s: TICKET_MS / 1000 }))
}

/// Me
///
/// The account of whoever asks.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 200, description = "The account", body = Me),
    ),
)]
#[get("/me")]
async fn me(access: Data<Access>, who: Principal) -> Result<Json<Me>, Refusal> {
    let account = access.blocking(move |store| store.account(who.user)).await?;
    Ok(Json(shown(&account)))
}

/// Change me
///
/// Changes what others see.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 200, description = "The account", body = Me),
    ),
)]
#[patch("/me")]
async fn change_me(access: Data<Access>, who: Principal, body: Json<ChangeMe>) -> Result<Json<Me>, Refusal> {
    let name = checked_name(&body.name)?;
    let account = access
        .blocking(move |store| {
            store.rename_user(who.user, &name)?;
            store.account(who.user)
        })
        .await?;
    access.changed();
    Ok(Json(shown(&account)))
}

/// Change the password
///
/// All other sign-ins of the person end.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 204, description = "Changed"),
    ),
)]
#[post("/me/password")]
async fn change_password(
    access: Data<Access>,
    passwords: Data<Passwords>,
    limits: Data<Limits>,
    who: Principal,
    body: Json<ChangePassword>,
) -> Result<HttpResponse, Refusal> {
    let ChangePassword { current, new } = body.into_inner();
    check_password("new", &new)?;
    let account = access.blocking(move |store| store.account(who.user)).await?;
    // Whoever holds somebody's token guesses no faster than at the door, and shuts nobody else out.
    let guesses = who.sign_in.to_string();
    if let Err(limited) = limits.sign_in(account.email.as_deref().unwrap_or_default(), Some(&guesses)) {
        return Ok(limited.answer());
    }
    if !passwords.verify(current, account.password_hash).await? {
        return Err(Refusal::invalid("current", "this is not your password"));
    }
    let hash = passwords.hash(new).await?;
    let now_ms = access.now_ms();
    access.blocking(move |store| store.set_password(who.user, &hash, Some(who.sign_in), now_ms)).await?;
    access.changed();
    Ok(HttpResponse::NoContent().finish())
}

/// The account whose e-mail and password these are. Who has none hears the same, and as late, as who has another.
pub(super) async fn verified(
    access: &Access,
    passwords: &Passwords,
    email: &str,
    password: Secret,
) -> Result<Account, Refusal> {
    let refused = || Refusal::new(ErrorCode::Unauthenticated, "e-mail and password do not belong together");
    if password.reveal().len() > PASSWORD_MAX_BYTES || email.len() > EMAIL_BYTES {
        return Err(refused());
    }
    let email = email.trim().to_lowercase();
    let account = access.blocking(move |store| store.account_by_email(&email)).await?;
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let is_right = passwords.verify(password, stored).await?;
    account.filter(|account| is_right && account.disabled_at_ms.is_none()).ok_or_else(refused)
}

/// Signs the account in.
pub(super) async fn begin(request: &HttpRequest, access: &Access, account: &Account) -> Result<HttpResponse, Refusal> {
    let (id, token) = sign_in_anew(request, access, account).await?;
    answer(request, access, account, id, &token)
}

/// Signs a guest in who opened a share link.
pub(super) async fn opened(
    request: &HttpRequest,
    access: &Access,
    account: &Account,
    answer: OpenedShareLink,
) -> Result<HttpResponse, Refusal> {
    let (id, token) = sign_in_anew(request, access, account).await?;
    let body = OpenedShareLink { signed_in: Some(signed_in(access, account, id)?), ..answer };
    Ok(HttpResponse::Ok().insert_header((SET_COOKIE, refresh_cookie(request, Some(&token)))).json(body))
}

async fn sign_in_anew(
    request: &HttpRequest,
    access: &Access,
    account: &Account,
) -> Result<(SignInId, Secret), Refusal> {
    let token = draw().map_err(failed)?;
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let agent: String = agent.chars().take(AGENT_CHARS).collect();
    let (user, refresh_hash, now_ms) = (account.id, hash(token.reveal()), access.now_ms());
    let id = access
        .blocking(move |store| {
            let expires_at_ms = now_ms + STAY_DAYS * DAY_MS;
            let new = NewSignIn { user, refresh_hash: &refresh_hash, agent: &agent, expires_at_ms };
            store.begin_sign_in(&new, now_ms)
        })
        .await?;
    Ok((id, token))
}

fn answer(
    request: &HttpRequest,
    access: &Access,
    account: &Account,
    id: SignInId,
    token: &Secret,
) -> Result<HttpResponse, Refusal> {
    let body = signed_in(access, account, id)?;
    Ok(HttpResponse::Ok().insert_header((SET_COOKIE, refresh_cookie(request, Some(token)))).json(body))
}

fn signed_in(access: &Access, account: &Account, id: SignInId) -> Result<SignedIn, Refusal> {
    let token = access.tokens().issue(account.id, id, access.now_ms()).map_err(failed)?;
    Ok(SignedIn { token, expires_in_s: TOKEN_LIFETIME_S, me: shown(account) })
}

/// The value of a cookie of the request.
fn cookie_of(request: &HttpRequest, name: &str) -> Option<String> {
    let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let mut cookies = headers.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// The cookie with the refresh token, or one that takes it away.
fn refresh_cookie(request: &HttpRequest, token: Option<&Secret>) -> String {
    cookie(request, REFRESH, COOKIE_PATH, token, STAY_DAYS)
}

/// A cookie that scripts and other pages never get, or one that takes it away.
fn cookie(request: &HttpRequest, name: &'static str, path: &'static str, value: Option<&Secret>, days: i64) -> String {
    let (value, stay) = value.map_or(("", Duration::ZERO), |value| (value.reveal(), Duration::days(days)));
    Cookie::build((name, value))
        .path(path)
        .max_age(stay)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(!is_loopback(request))
        .to_string()
}

fn shown(account: &Account) -> Me {
    let Account { id, email, name, is_guest, is_operator, .. } = account.clone();
    Me { id, email, name, is_guest, is_operator }
}

/// The name as it is kept: one line, neither empty nor too long.
pub(super) fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let count = name.chars().count();
    if count == 0 || count > PERSON_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("name", format!("a name has 1 to {PERSON_NAME_CHARS} characters on one line")));
    }
    Ok(name.to_owned())
}

/// The e-mail as it is kept: in lower case, with something before and after the one `@`.
pub(super) fn checked_email(email: &str) -> Result<String, Refusal> {
    let email = email.trim().to_lowercase();
    let has_parts =
        email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let is_plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if !has_parts || !is_plain || email.len() > EMAIL_BYTES {
        return Err(Refusal::invalid("email", format!("this is no e-mail of at most {EMAIL_BYTES} bytes")));
    }
    Ok(email)
}

/// Refuses a new password that is too short to be safe, or too long to be hashed for a stranger.
pub(super) fn check_password(field: &'static str, password: &Secret) -> Result<(), Refusal> {
    let text = password.reveal();
    if text.chars().count() < PASSWORD_CHARS || text.len() > PASSWORD_MAX_BYTES {
        let message =
            format!("a password has at least {PASSWORD_CHARS} characters and at most {PASSWORD_MAX_BYTES} bytes");
        return Err(Refusal::invalid(field, message));
    }
    Ok(())
}
