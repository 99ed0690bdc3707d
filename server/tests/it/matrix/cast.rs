//! The people, and the things that they are to find.

use std::time::Duration;

use coval_shared::protocol::DocumentId;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::role;
use crate::http::{self, Answer};
use crate::server::{Server, run};
use crate::signed_in::SignedIn;

/// Everybody's password.
pub(super) const PASSWORD: &str = "a password of the matrix";

/// How somebody stands to the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not signed in.
    Nobody,
    /// In no workspace at all.
    Stranger,
    /// The same, who may read how the server is.
    Operator,
    /// An owner of another workspace.
    Elsewhere,
    /// Who came to the document by a share link, as a viewer.
    Guest,
    Viewer,
    Commenter,
    Editor,
    Owner,
}

impl Kind {
    /// From the weakest to the strongest.
    pub(super) const ALL: [Self; 9] = [
        Self::Nobody,
        Self::Stranger,
        Self::Operator,
        Self::Elsewhere,
        Self::Guest,
        Self::Viewer,
        Self::Commenter,
        Self::Editor,
        Self::Owner,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Stranger => "stranger",
            Self::Operator => "operator",
            Self::Elsewhere => "other workspace",
            Self::Guest => "guest",
            Self::Viewer => "viewer",
            Self::Commenter => "commenter",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// The e-mail, for those who have one.
    pub(super) fn email(self) -> Option<String> {
        match self {
            Self::Nobody | Self::Guest => None,
            other => Some(format!("{}@example.com", other.name().replace(' ', "-"))),
        }
    }

    /// Whether they may not even know of the workspace.
    pub(super) fn is_outside(self) -> bool {
        matches!(self, Self::Stranger | Self::Operator | Self::Elsewhere)
    }
}

/// Everybody, and a workspace of somebody who is no part of the play.
pub(super) struct Cast<'a> {
    pub(super) server: &'a Server,
    /// Who makes things.
    pub(super) maker: SignedIn,
    pub(super) workspace: String,
    /// The workspace of who is elsewhere.
    pub(super) elsewhere: String,
    /// Two members whose roles are given and taken.
    pub(super) member: SignedIn,
    pub(super) leaver: SignedIn,
    people: Vec<(Kind, SignedIn)>,
}

impl<'a> Cast<'a> {
    pub(super) async fn gather(server: &'a Server) -> Self {
        let maker = server.signed_in("Ada").await;
        let workspace = made(&maker, "/api/workspaces", json!({"name": "The play"})).await;
        let mut cast = Self {
            server,
            member: maker.clone(),
            leaver: maker.clone(),
            maker,
            workspace,
            elsewhere: String::new(),
            people: Vec::new(),
        };
        for kind in Kind::ALL {
            let person = match (kind, kind.email()) {
                (Kind::Guest, _) => cast.guest().await,
                (_, Some(email)) => cast.account(kind, &email).await,
                (_, None) => continue,
            };
            if kind == Kind::Elsewhere {
                cast.elsewhere = made(&person, "/api/workspaces", json!({"name": "Elsewhere"})).await;
            }
            cast.people.push((kind, person));
        }
        cast.member = cast.invited("member@example.com", "viewer").await;
        cast.leaver = cast.invited("leaver@example.com", "viewer").await;
        cast
    }

    /// Who is signed in as such.
    pub(super) fn person(&self, kind: Kind) -> Option<&SignedIn> {
        self.people.iter().find(|(other, _)| *other == kind).map(|(_, person)| person)
    }

    /// Somebody of this kind by a sign-in of its own.
    pub(super) async fn again(&self, kind: Kind) -> Option<SignedIn> {
        match (kind, kind.email()) {
            (_, Some(email)) => Some(SignedIn::new(self.server.address(), &email, PASSWORD).await),
            (Kind::Guest, None) => Some(self.guest().await),
            (_, None) => None,
        }
    }

    async fn account(&self, kind: Kind, email: &str) -> SignedIn {
        if let Some(role) = role(kind) {
            return self.invited(email, role.name()).await;
        }
        let mut arguments = vec!["user", "--database-url", self.server.database(), "create", email, "--name", "Emmy"];
        arguments.extend((kind == Kind::Operator).then_some("--operator"));
        let (status, out, err) = run(&arguments);
        assert!(status.success(), "{err}");
        let (_, drawn) = out.trim().split_once("  ").unwrap();
        let person = SignedIn::new(self.server.address(), email, drawn).await;
        let change = person.post("/api/me/password", &json!({"current": drawn, "new": PASSWORD})).await;
        assert_eq!(change.status, 204, "{}", change.text());
        person
    }

    async fn invited(&self, email: &str, role: &str) -> SignedIn {
        let token = self.invitation(role).await["token"].clone();
        let body = json!({"token": token, "email": email, "name": "Emmy", "password": PASSWORD});
        let answer = http::send(self.server.address(), "POST", "/api/sign-up", &[], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        SignedIn::from(self.server.address(), &answer)
    }

    /// Somebody new who came by a link to a document of their own.
    async fn guest(&self) -> SignedIn {
        let document = self.memo().await;
        let body = json!({"token": self.link(document).await["token"], "name": "Guest"});
        let mut answer = http::send(self.server.address(), "POST", "/api/share", &[], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body = answer.json()["signed_in"].to_string().into_bytes();
        SignedIn::from(self.server.address(), &answer)
    }

    /// Lets the guest into a document.
    pub(super) async fn let_in(&self, document: DocumentId) {
        let body = json!({"token": self.link(document).await["token"]});
        let answer = self.person(Kind::Guest).unwrap().post("/api/share", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub(super) async fn memo(&self) -> DocumentId {
        self.document(json!({"title": "Reasons", "body": "Some text"})).await
    }

    pub(super) async fn model(&self) -> DocumentId {
        self.document(json!({"template": "dcf"})).await
    }

    async fn document(&self, body: Value) -> DocumentId {
        made(&self.maker, &format!("/api/workspace/{}/documents", self.workspace), body)
            .await
            .parse()
            .map(DocumentId)
            .unwrap()
    }

    pub(super) async fn branch(&self, document: DocumentId) -> DocumentId {
        let made = made(&self.maker, &format!("/api/document/{document}/branches"), json!({"name": "Bold"})).await;
        DocumentId(made.parse().unwrap())
    }

    /// A comment of `who`.
    pub(super) async fn comment(&self, who: &SignedIn, document: DocumentId) -> String {
        made(who, &format!("/api/document/{document}/comments"), json!({"body": "Why?"})).await
    }

    /// An annotation of `who`.
    pub(super) async fn annotation(&self, who: &SignedIn, document: DocumentId) -> String {
        let anchor = json!({"text": {"path": [], "start": 0, "end": 4}});
        let body = json!({"kind": "note", "colour": 3, "anchor": anchor, "body": "Here"});
        made(who, &format!("/api/document/{document}/annotations"), body).await
    }

    /// A calculation of `who` that has ended: an export.
    pub(super) async fn calculation(&self, who: &SignedIn, document: DocumentId) -> String {
        let body = json!({"kind": "export", "parameters": {"format": "csv"}});
        let id = made(who, &format!("/api/document/{document}/calculations"), body).await;
        while who.get(&format!("/api/calculation/{id}")).await.json()["state"] != "done" {
            sleep(Duration::from_millis(10)).await;
        }
        id
    }

    /// An invitation and its token.
    pub(super) async fn invitation(&self, role: &str) -> Value {
        let path = format!("/api/workspace/{}/invitations", self.workspace);
        created(self.maker.post(&path, &json!({"role": role})).await)
    }

    /// A share link for viewers and its token.
    pub(super) async fn link(&self, document: DocumentId) -> Value {
        let path = format!("/api/document/{document}/share-links");
        created(self.maker.post(&path, &json!({"role": "viewer", "expires_at_ms": in_an_hour()})).await)
    }
}

/// An id that nothing has.
pub(super) fn nothing() -> String {
    Uuid::now_v7().to_string()
}

pub(super) fn in_an_hour() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    i64::try_from(now).unwrap() + 3_600_000
}

fn created(answer: Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    answer.json()
}

/// The id of what `who` makes.
async fn made(who: &SignedIn, path: &str, body: Value) -> String {
    created(who.post(path, &body).await)["id"].as_str().unwrap().to_owned()
}
