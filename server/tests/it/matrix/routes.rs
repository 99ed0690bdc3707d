//! Every route with every person.

use coval_shared::protocol::DocumentId;
use serde_json::{Value, json};

use super::cast::{Cast, Kind, PASSWORD, in_an_hour, nothing};
use super::{Answered, OWN, Rows};
use crate::http::{self, Answer};
use crate::signed_in::SignedIn;

/// A route of the description.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: String,
    /// With parameters in braces.
    pub(crate) path: String,
    /// The operation's name.
    pub(crate) name: String,
    /// Whether it is there for who is not signed in.
    pub(crate) is_open: bool,
}

impl Route {
    /// All that there are. Those that end sign-ins come last.
    pub(crate) async fn all(address: &str) -> Vec<Self> {
        let description = http::get(address, "/api/openapi.json").await.json();
        let mut routes = Vec::new();
        for (path, item) in description["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let ways = operation["security"].as_array().unwrap();
                routes.push(Self {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    name: operation["operationId"].as_str().unwrap().to_owned(),
                    is_open: ways.iter().any(|way| way.as_object().unwrap().is_empty()),
                });
            }
        }
        assert!(routes.len() > 70);
        routes.sort_by_key(|route| route.name.starts_with("post_session"));
        routes
    }

    /// Whether it can change something.
    pub(crate) fn changes(&self) -> bool {
        self.method != "GET"
    }
}

/// What a request is about.
pub(super) struct Scene {
    /// For `{id}` of the path.
    pub(super) id: String,
    /// For `{user}`.
    pub(super) user: String,
    query: &'static str,
    pub(super) body: Value,
    /// Who asks, where that is not simply the person.
    pub(super) actor: Option<SignedIn>,
}

/// Asks for everything on behalf of everybody, and checks what has to hold for each answer alone.
pub(super) async fn ask_all(cast: &Cast<'_>) -> Rows {
    let routes = Route::all(cast.server.address()).await;
    let mut rows = Rows::new();
    for route in routes.iter().filter(|route| has_authors(&route.name)) {
        let mut cells = Vec::new();
        for kind in Kind::ALL {
            let Some(author) = author(cast, &route.name, kind) else {
                cells.push(Answered { is_allowed: false, text: "–".to_owned() });
                continue;
            };
            let scene = set(cast, &route.name, kind, author).await;
            cells.push(seen(&ask(cast, route, &scene, kind).await));
        }
        rows.insert(format!("{} {}{OWN}", route.method, route.path), cells);
    }
    for route in &routes {
        let mut scene = None;
        let mut cells = Vec::new();
        for kind in Kind::ALL {
            if scene.is_none() || asks_anew(&route.name) {
                scene = Some(set(cast, &route.name, kind, &cast.maker).await);
            }
            let answer = ask(cast, route, scene.as_ref().unwrap(), kind).await;
            // What was changed is not what the next one is to find.
            if route.changes() && answer.status < 300 {
                scene = None;
            }
            cells.push(seen(&answer));
        }
        rows.insert(format!("{} {}", route.method, route.path), cells);
    }
    rows
}

/// One answer, and the one that an id of nothing gets.
async fn ask(cast: &Cast<'_>, route: &Route, scene: &Scene, kind: Kind) -> Answer {
    let person = scene.actor.as_ref().or(cast.person(kind));
    let path = |id: &str, user: &str| path(route, scene, id, user);
    let whom = kind.name();
    let missing = if route.path.contains("{id}") {
        Some(send(cast, route, &path(&nothing(), &scene.user), scene, person).await)
    } else {
        None
    };
    if route.path.contains("{user}") && kind == Kind::Owner {
        // Who is in another workspace is as unknown as who is nowhere.
        let foreign = cast.person(Kind::Elsewhere).unwrap().user.to_string();
        let foreign = send(cast, route, &path(&scene.id, &foreign), scene, person).await;
        let none = send(cast, route, &path(&scene.id, &nothing()), scene, person).await;
        assert_eq!((foreign.status, foreign.text()), (404, none.text()), "{}: people can be found out", route.name);
    }
    let answer = send(cast, route, &path(&scene.id, &scene.user), scene, person).await;
    assert!(answer.status < 500, "{} as {whom}: {}", route.name, answer.text());
    if !route.is_open && kind == Kind::Nobody {
        assert_eq!(answer.status, 401, "{} as {whom}", route.name);
    }
    if let Some(missing) = missing {
        let expected = if kind == Kind::Nobody { 401 } else { 404 };
        assert_eq!(missing.status, expected, "{} with an id of nothing, as {whom}: {}", route.name, missing.text());
        // A guest knows of the document, and of nothing around it.
        let is_hidden = route.path.starts_with("/api/workspace/") || route.path.starts_with("/api/invitation/");
        if kind.is_outside() || (kind == Kind::Guest && is_hidden) {
            assert_eq!(
                (answer.status, answer.text(), answer.names()),
                (404, missing.text(), missing.names()),
                "{} as {whom}: what is foreign answers otherwise than what is missing",
                route.name
            );
        }
    }
    answer
}

/// The address for these ids.
pub(super) fn path(route: &Route, scene: &Scene, id: &str, user: &str) -> String {
    let path = route.path.replace("{id}", id).replace("{user}", user).replace("{revision}", "0");
    format!("{}{}", path.replace("{file}", "start.js"), scene.query)
}

/// Sends what the operation is asked with, as `person`.
pub(super) async fn send(
    cast: &Cast<'_>,
    route: &Route,
    path: &str,
    scene: &Scene,
    person: Option<&SignedIn>,
) -> Answer {
    let address = cast.server.address();
    let origin = cast.server.origin();
    let bearer = person.map(SignedIn::bearer);
    let mut headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("Authorization", bearer.as_str())).collect();
    if route.name == "get_document_stream" {
        return http::head_of(address, path, &headers).await;
    }
    if let (true, Some(person)) = (route.name == "post_session_refresh", person) {
        headers.extend([("Cookie", person.cookie.as_str())]);
    }
    if route.name == "post_session_refresh" {
        headers.push(("Origin", &origin));
    }
    if route.name == "post_workspace_import" {
        headers.push(("Content-Type", "text/markdown"));
        return http::exchange(address, &route.method, path, &headers, "# Imported").await;
    }
    if scene.body.is_null() {
        http::request(address, &route.method, path, &headers).await
    } else {
        http::send(address, &route.method, path, &headers, &scene.body).await
    }
}

fn seen(answer: &Answer) -> Answered {
    let is_allowed = answer.status < 300;
    let text = if is_allowed {
        answer.status.to_string()
    } else {
        format!("{} {}", answer.status, answer.json()["code"].as_str().unwrap())
    };
    Answered { is_allowed, text }
}

/// Whether each person needs things of their own.
fn asks_anew(name: &str) -> bool {
    name.starts_with("post_session") || matches!(name, "post_sign_up" | "post_sign_in" | "post_me_password")
}

/// Whether it matters who made the thing.
fn has_authors(name: &str) -> bool {
    let things = ["comment_id", "annotation_id", "calculation_id"];
    ["patch_", "delete_"].iter().any(|way| name.strip_prefix(way).is_some_and(|thing| things.contains(&thing)))
}

/// The person, if they can have made the thing.
fn author<'a>(cast: &'a Cast<'_>, name: &str, kind: Kind) -> Option<&'a SignedIn> {
    let is_able = match kind {
        Kind::Commenter | Kind::Editor | Kind::Owner => true,
        Kind::Guest | Kind::Viewer => name.contains("calculation"),
        Kind::Nobody | Kind::Stranger | Kind::Operator | Kind::Elsewhere => false,
    };
    cast.person(kind).filter(|_| is_able)
}

/// Makes what the operation is about, by `author` where somebody has to have made it. Fails for an operation that it
/// does not know.
pub(super) async fn set(cast: &Cast<'_>, name: &str, kind: Kind, author: &SignedIn) -> Scene {
    let id = subject(cast, name, author).await;
    let mut scene = Scene { id, user: nothing(), query: "", body: Value::Null, actor: None };
    match name {
        "get_docs" | "get_docs_file" | "get_openapi_json" | "get_me" | "get_notifications" | "get_system_stats"
        | "get_templates" | "get_workspaces" => {}
        "get_documents" => scene.query = "?q=Reasons&sort=title",
        "get_search" => scene.query = "?q=text",

        "get_workspace_id"
        | "get_workspace_activity"
        | "get_workspace_audit"
        | "get_workspace_invitations"
        | "get_workspace_members"
        | "get_workspace_status" => {}
        "patch_workspace_id" => scene.body = json!({"name": "The play"}),
        "post_workspace_documents" => scene.body = json!({"body": "A memo"}),
        "post_workspace_import" => {}
        "post_workspace_invitations" => scene.body = json!({"role": "viewer"}),
        "put_workspace_members_user" => {
            scene.user = cast.member.user.to_string();
            scene.body = json!({"role": "viewer"});
        }
        "delete_workspace_members_user" => scene.user = cast.leaver.user.to_string(),
        "post_workspaces" => scene.body = json!({"name": "One more"}),
        "delete_invitation_id" | "delete_share_link_id" => {}

        "get_document_id"
        | "get_document_activity"
        | "get_document_annotations"
        | "get_document_branches"
        | "get_document_calculations"
        | "get_document_collaboration"
        | "get_document_comments"
        | "get_document_history"
        | "get_document_members"
        | "get_document_outputs"
        | "get_document_revisions"
        | "get_document_share_links"
        | "get_document_snapshot"
        | "get_document_stream"
        | "get_document_versions"
        | "get_document_revision_revision" => {}
        "get_document_diff" => scene.query = "?from=0&to=0",
        "get_document_export" => scene.query = "?format=md",
        "get_document_merge" => scene.query = "?direction=into_parent",
        "patch_document_id" => scene.body = json!({"title": "Renamed"}),
        "delete_document_id" => {
            let archived = json!({"is_archived": true});
            let answer = cast.maker.send("PATCH", &format!("/api/document/{}", scene.id), &archived).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        "post_document_annotations" => {
            let anchor = json!({"text": {"path": [], "start": 0, "end": 4}});
            scene.body = json!({"kind": "note", "colour": 3, "anchor": anchor, "body": "Here"});
        }
        "post_document_branches" => scene.body = json!({"name": "Bold"}),
        "post_document_calculations" => {
            scene.body = json!({"kind": "export", "parameters": {"format": "csv"}});
        }
        "post_document_comments" => scene.body = json!({"body": "Why?"}),
        "post_document_duplicate" => scene.body = json!({}),
        "put_document_members_user" | "delete_document_members_user" => {
            scene.user = cast.member.user.to_string();
            scene.body = json!({"role": "viewer"});
            if name.starts_with("delete") {
                let path = format!("/api/document/{}/members/{}", scene.id, scene.user);
                assert_eq!(cast.maker.send("PUT", &path, &scene.body).await.status, 204);
                scene.body = Value::Null;
            }
        }
        "post_document_merge" => {
            scene.body = json!({"direction": "into_parent", "parent_revision": 0, "branch_revision": 0});
        }
        "post_document_restore" => scene.body = json!({"revision": 0}),
        "post_document_share_links" => scene.body = json!({"role": "viewer", "expires_at_ms": in_an_hour()}),
        "post_document_versions" => scene.body = json!({"name": "Board"}),
        "delete_document_version_revision" => {
            let path = format!("/api/document/{}/versions", scene.id);
            assert_eq!(cast.maker.post(&path, &json!({"name": "Board", "revision": 0})).await.status, 201);
        }

        "patch_comment_id" | "post_comment_replies" => scene.body = json!({"body": "Because."}),
        "delete_comment_id" | "post_comment_reopen" | "post_comment_resolve" | "delete_annotation_id" => {}
        "patch_annotation_id" => scene.body = json!({"colour": 5}),
        "get_calculation_id" | "delete_calculation_id" | "get_calculation_file" => {}

        "patch_me" => scene.body = json!({"name": "Emmy"}),
        "post_me_password" => {
            scene.body = json!({"current": PASSWORD, "new": PASSWORD});
        }
        "post_notifications_read" => scene.body = json!({}),
        "post_session_refresh" | "post_session_sign_out" | "post_session_sign_out_everywhere" => {
            scene.body = json!({});
            scene.actor = cast.again(kind).await;
        }
        "post_socket_ticket" => scene.body = json!({}),
        "post_share" => {
            let document = cast.memo().await;
            scene.body = json!({"token": cast.link(document).await["token"], "name": "Guest"});
        }
        "post_sign_in" => scene.body = json!({"email": "member@example.com", "password": PASSWORD}),
        "post_sign_up" => {
            let email = format!("{}@example.com", nothing());
            let token = cast.invitation("viewer").await["token"].clone();
            scene.body = json!({"token": token, "email": email, "name": "Emmy", "password": PASSWORD});
        }
        _ => panic!("the matrix does not know {name}: add what it is asked with"),
    }
    scene
}

/// The id of what the operation is about.
async fn subject(cast: &Cast<'_>, name: &str, author: &SignedIn) -> String {
    let thing = name.split('_').nth(1).unwrap_or_default();
    let needs_model = name == "post_document_calculations" || thing == "calculation";
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    match thing {
        "workspace" => cast.workspace.clone(),
        "invitation" => text(&cast.invitation("viewer").await["invitation"]["id"]),
        "document" | "comment" | "annotation" | "calculation" | "share" if name != "post_share" => {
            let document = if needs_model { cast.model().await } else { cast.memo().await };
            cast.let_in(document).await;
            made_in(cast, name, thing, document, author).await
        }
        _ => nothing(),
    }
}

async fn made_in(cast: &Cast<'_>, name: &str, thing: &str, document: DocumentId, author: &SignedIn) -> String {
    match thing {
        "comment" => cast.comment(author, document).await,
        "annotation" => cast.annotation(author, document).await,
        "calculation" => cast.calculation(author, document).await,
        "share" => cast.link(document).await["link"]["id"].as_str().unwrap().to_owned(),
        _ if name.ends_with("document_merge") => cast.branch(document).await.to_string(),
        _ => document.to_string(),
    }
}
