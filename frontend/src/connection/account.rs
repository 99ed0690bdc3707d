//! Who is signed in, and what proves it to the server.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use coval_shared::protocol::ErrorCode;
use coval_shared::rest::{
    ChangeMe, Me, Nothing, OpenShareLink, OpenedShareLink, SignIn, SignUp, SignedIn, SocketTicket,
};
use coval_shared::secret::Secret;
use futures_util::lock::Mutex;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::rest::{self, Body, RestError, Verb};
use crate::platform::{clock, storage};

/// How long before its end a token is replaced.
const MARGIN: Duration = Duration::from_secs(60);

/// What is remembered of whoever was here last: what they are called, and no secret.
const ME: &str = "coval.me";

/// Who is here.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// The server is being asked.
    Asking,
    /// The server can't be asked.
    Unreachable,
    /// Nobody is signed in. Whoever was had their sign-in ended.
    Nobody {
        /// Whether somebody was signed in on this page.
        was_somebody: bool,
    },
    /// Somebody is.
    Somebody(Me),
}

/// The person's account. The token lives in memory alone; the browser keeps a cookie that no script can read.
pub struct Account {
    who: RwSignal<Who>,
    token: RefCell<Option<Token>>,
    /// Held while the server is asked for a token, so that it is asked once.
    asking: Mutex<()>,
    listener: RefCell<Box<dyn Fn()>>,
}

struct Token {
    secret: Secret,
    until: Duration,
}

impl Account {
    /// Asks the server who is here.
    pub fn new() -> Rc<Self> {
        let account = Rc::new(Self {
            who: RwSignal::new(Who::Asking),
            token: RefCell::default(),
            asking: Mutex::default(),
            listener: RefCell::new(Box::new(|| {})),
        });
        account.ask_who();
        let this = Rc::clone(&account);
        storage::on_change(move || {
            // Somebody signed out in another window.
            if this.me().is_some() && !storage::is_signed_in() {
                this.is_nobody();
            }
        });
        account
    }

    /// Who is here.
    pub fn who(&self) -> ReadSignal<Who> {
        self.who.read_only()
    }

    /// Calls `listener` whenever somebody has signed in.
    pub fn on_sign_in(&self, listener: impl Fn() + 'static) {
        *self.listener.borrow_mut() = Box::new(listener);
    }

    /// Asks the server who is here, once more.
    pub fn ask_who(self: &Rc<Self>) {
        // Without this, everybody's first visit would begin with a refusal.
        if !storage::is_signed_in() {
            return self.who.set(Who::Nobody { was_somebody: false });
        }
        self.who.set(Who::Asking);
        let this = Rc::clone(self);
        spawn_local(async move {
            if let Err(error) = this.token().await
                && this.who.get_untracked() == Who::Asking
            {
                leptos::logging::warn!("the server does not say who is signed in: {error:?}");
                // Whoever was here goes on with what is kept on the device. The server asks before it takes anything.
                let known = storage::remembered(ME).and_then(|me| serde_json::from_str(&me).ok());
                this.who.set(known.map_or(Who::Unreachable, Who::Somebody));
            }
        });
    }

    /// Signs in.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub async fn sign_in(&self, email: String, password: String) -> Result<(), RestError> {
        let body = written(&SignIn { email, password: Secret::new(password) })?;
        let signed_in = rest::ask(Verb::Post, "/api/sign-in", None, body).await?;
        self.take(read(&signed_in)?);
        Ok(())
    }

    /// Accepts an invitation, with a new account or the one that has this e-mail and password.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub async fn sign_up(&self, given: &SignUp) -> Result<(), RestError> {
        let signed_in = rest::ask(Verb::Post, "/api/sign-up", None, written(given)?).await?;
        self.take(read(&signed_in)?);
        Ok(())
    }

    /// Opens a share link. Whoever is nobody becomes a guest.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub async fn open_share_link(&self, given: &OpenShareLink) -> Result<OpenedShareLink, RestError> {
        let path = "/api/share";
        if self.me().is_some() {
            return self.change(Verb::Post, path, given).await;
        }
        let mut opened: OpenedShareLink = read(&rest::ask(Verb::Post, path, None, written(given)?).await?)?;
        if let Some(signed_in) = opened.signed_in.take() {
            self.take(signed_in);
        }
        Ok(opened)
    }

    /// Signs out, here and in all windows of this browser.
    ///
    /// # Errors
    ///
    /// Returns why the person is still signed in.
    pub async fn sign_out(&self) -> Result<(), RestError> {
        self.send(Verb::Post, "/api/session/sign-out", &Nothing {}).await?;
        storage::remember_signed_in(false);
        storage::remember(ME, None);
        Ok(())
    }

    /// A ticket for the socket. Nothing when there is none to be had.
    pub async fn ticket(&self) -> Option<Secret> {
        // Whoever is nobody has to sign in first.
        self.me()?;
        let ticket: SocketTicket = self.change(Verb::Post, "/api/socket-ticket", &Nothing {}).await.ok()?;
        Some(ticket.ticket)
    }

    /// Gives the person another name, which others see at once.
    ///
    /// # Errors
    ///
    /// Returns why they have the same name still.
    pub async fn rename(&self, name: String) -> Result<(), RestError> {
        let me: Me = self.change(Verb::Patch, "/api/me", &ChangeMe { name }).await?;
        self.who.set(Who::Somebody(me));
        Ok(())
    }

    /// What `path` holds.
    ///
    /// # Errors
    ///
    /// Returns a [`RestError`] when the server does not say.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RestError> {
        read(&self.bytes(path).await?)
    }

    /// What `path` holds, as it is: a file.
    ///
    /// # Errors
    ///
    /// Returns a [`RestError`] when the server does not give it.
    pub async fn bytes(&self, path: &str) -> Result<Vec<u8>, RestError> {
        self.ask(Verb::Get, path, Body::Empty).await
    }

    /// Sends `body` to `path`, and reads the answer.
    ///
    /// # Errors
    ///
    /// Returns a [`RestError`] when the server refuses.
    pub async fn change<T: DeserializeOwned>(
        &self,
        verb: Verb,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, RestError> {
        read(&self.ask(verb, path, written(body)?).await?)
    }

    /// Sends `body` to `path`, whose answer says no more than that it is done.
    ///
    /// # Errors
    ///
    /// Returns a [`RestError`] when the server refuses.
    pub async fn send(&self, verb: Verb, path: &str, body: &impl Serialize) -> Result<(), RestError> {
        self.ask(verb, path, written(body)?).await.map(drop)
    }

    /// What the server answers to `verb` on `path`: with the token, and once more with a new one when it does not take
    /// that.
    ///
    /// # Errors
    ///
    /// Returns a [`RestError`] when the server refuses.
    pub async fn ask(&self, verb: Verb, path: &str, body: Body) -> Result<Vec<u8>, RestError> {
        let token = self.token().await?;
        match rest::ask(verb, path, Some(&token), body.clone()).await {
            Err(error) if error.code() == Some(ErrorCode::Unauthenticated) => {
                self.token.replace(None);
                rest::ask(verb, path, Some(&self.token().await?), body).await
            }
            answer => answer,
        }
    }

    fn me(&self) -> Option<Me> {
        match self.who.get_untracked() {
            Who::Somebody(me) => Some(me),
            _ => None,
        }
    }

    /// A token that is good for a while.
    async fn token(&self) -> Result<Secret, RestError> {
        let _turn = self.asking.lock().await;
        let good_until = clock::since_start().saturating_add(MARGIN);
        if let Some(token) = self.token.borrow().as_ref().filter(|token| token.until > good_until) {
            return Ok(token.secret.clone());
        }
        match rest::ask(Verb::Post, "/api/session/refresh", None, written(&Nothing {})?).await {
            Ok(answer) => {
                let signed_in: SignedIn = read(&answer)?;
                let secret = signed_in.token.clone();
                self.take(signed_in);
                Ok(secret)
            }
            Err(error) => {
                if error.code() == Some(ErrorCode::Unauthenticated) {
                    storage::remember_signed_in(false);
                    storage::remember(ME, None);
                    self.is_nobody();
                }
                Err(error)
            }
        }
    }

    fn take(&self, signed_in: SignedIn) {
        let seconds = u64::try_from(signed_in.expires_in_s).unwrap_or_default();
        let until = clock::since_start().saturating_add(Duration::from_secs(seconds));
        self.token.replace(Some(Token { secret: signed_in.token, until }));
        storage::remember_signed_in(true);
        storage::remember(ME, serde_json::to_string(&signed_in.me).ok().as_deref());
        let now = Who::Somebody(signed_in.me);
        if self.who.get_untracked() != now {
            self.who.set(now);
            (self.listener.borrow())();
        }
    }

    fn is_nobody(&self) {
        self.token.replace(None);
        self.who.set(Who::Nobody { was_somebody: self.me().is_some() });
    }
}

fn written(body: &impl Serialize) -> Result<Body, RestError> {
    serde_json::to_string(body).map(Body::Json).map_err(|_| RestError::Unreadable)
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, RestError> {
    serde_json::from_slice(answer).map_err(|_| RestError::Unreadable)
}
