//! What pages from elsewhere can send with somebody's cookies: nothing of it changes anything.

use crate::http;
use crate::server::Server;
use crate::signed_in::SignedIn;

use super::cast::{Cast, Kind};
use super::routes::{Route, path, send, set};

/// The types of bodies that a form, or a script without leave, can send to anywhere, each with such a body.
const FORMS: [(&str, &str); 4] = [
    ("application/x-www-form-urlencoded", "name=x&role=owner"),
    ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx\r\n--x--\r\n"),
    ("text/plain", "{}"),
    ("Text/Plain;charset=UTF-8", "{\"name\": \"x\"}"),
];

/// How much stands in the record of the workspace.
async fn entries(cast: &Cast<'_>) -> u64 {
    let audit = cast.maker.get(&format!("/api/workspace/{}/audit", cast.workspace)).await.json();
    audit["count"].as_u64().unwrap()
}

#[tokio::test]
async fn no_page_from_elsewhere_and_no_form_changes_anything_by_any_route() {
    let server = Server::start();
    let cast = Cast::gather(&server).await;
    let own = server.origin();
    let owner = cast.person(Kind::Owner).unwrap();
    let mut tried = 0;
    for route in Route::all(server.address()).await.iter().filter(|route| route.changes()) {
        let scene = set(&cast, &route.name, Kind::Owner, owner).await;
        let person = scene.actor.as_ref().unwrap_or(owner);
        let before = entries(&cast).await;
        let (path, bearer) = (path(route, &scene, &scene.id, &scene.user), person.bearer());
        let cookies = format!("{}; coval_browser=a.b", person.cookie);
        let signed = [("Authorization", bearer.as_str()), ("Cookie", cookies.as_str())];
        let body = if scene.body.is_null() { String::new() } else { scene.body.to_string() };
        for origin in ["https://evil.example", "null", &format!("{own}.evil.example"), &own.replace("http", "ftp")] {
            let headers = [&signed[..], &[("Origin", origin), ("Content-Type", "application/json")]].concat();
            let answer = http::exchange(server.address(), &route.method, &path, &headers, &body).await;
            let code = answer.json()["code"].as_str().map(str::to_owned);
            assert_eq!((answer.status, code.as_deref()), (403, Some("forbidden_origin")), "{} {origin}", route.name);
            assert_eq!(answer.headers("set-cookie"), [""; 0], "{}", route.name);
            tried += 1;
        }
        for (form, body) in FORMS {
            let headers = [&signed[..], &[("Origin", own.as_str()), ("Content-Type", form)]].concat();
            let answer = http::exchange(server.address(), &route.method, &path, &headers, body).await;
            let code = answer.json()["code"].as_str().map(str::to_owned);
            assert_eq!(
                (answer.status, code.as_deref()),
                (415, Some("unsupported_media_type")),
                "{} {form}",
                route.name
            );
            assert_eq!(answer.headers("set-cookie"), [""; 0], "{}", route.name);
        }
        assert_eq!(entries(&cast).await, before, "{} has left a trace", route.name);
        // It was the origin and the form alone that were wrong.
        let answer = send(&cast, route, &path, &scene, Some(person)).await;
        assert!(answer.status < 300, "{}: {} {}", route.name, answer.status, answer.text());
    }
    assert!(tried > 100);
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing_but_itself() {
    let server = Server::start();
    let cast = Cast::gather(&server).await;
    let (own, owner) = (server.origin(), cast.person(Kind::Owner).unwrap());
    for route in Route::all(server.address()).await.iter().filter(|route| route.changes() && !route.is_open) {
        let scene = set(&cast, &route.name, Kind::Owner, owner).await;
        let person = scene.actor.as_ref().unwrap_or(owner);
        let path = path(route, &scene, &scene.id, &scene.user);
        let headers = [("Cookie", person.cookie.as_str()), ("Origin", &own)];
        let answer = http::send(server.address(), &route.method, &path, &headers, &scene.body).await;
        assert_eq!(answer.status, 401, "{}", route.name);
    }
    let refreshed = refresh(&server, owner, Some(&own)).await;
    assert_eq!(refreshed, 200);
    for origin in [None, Some(""), Some("null"), Some("https://evil.example")] {
        let fresh = cast.again(Kind::Owner).await.unwrap();
        assert_eq!(refresh(&server, &fresh, origin).await, 403, "{origin:?}");
        assert_eq!(refresh(&server, &fresh, Some(&own)).await, 200, "the cookie was good all along");
    }
}

async fn refresh(server: &Server, person: &SignedIn, origin: Option<&str>) -> u16 {
    let mut headers = vec![("Cookie", person.cookie.as_str())];
    headers.extend(origin.map(|origin| ("Origin", origin)));
    http::send(server.address(), "POST", "/api/session/refresh", &headers, &serde_json::json!({})).await.status
}
