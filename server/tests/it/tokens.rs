//! Tokens that nobody was given, made with the key of the server, and by other hands than its own.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::http;
use crate::server::Server;

/// The bytes that SHA-256 takes at a time.
const BLOCK: usize = 64;

/// HMAC with SHA-256, as RFC 2104 has it.
fn signed(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0; BLOCK];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([&pad(0x36), text.as_bytes()].concat());
    Sha256::digest([&pad(0x5c)[..], &inner[..]].concat()).to_vec()
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn token(key: &[u8], header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", encoded(header), encoded(claims));
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signed(key, &text)))
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// `value` with other fields; null takes one away.
fn with(value: &Value, changes: Value) -> Value {
    let mut changed = value.clone();
    for (name, field) in changes.as_object().unwrap() {
        match field {
            Value::Null => drop(changed.as_object_mut().unwrap().remove(name)),
            field => changed[name] = field.clone(),
        }
    }
    changed
}

#[tokio::test]
async fn a_token_is_good_only_as_the_server_makes_it_even_with_the_right_signature() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("coval.sqlite").display().to_string();
    let server = Server::start_on(&database, &[]);
    let (ada, grace) = (server.signed_in("Ada").await, server.signed_in("Grace").await);
    let key = std::fs::read_to_string(folder.path().join("token.key")).unwrap().trim().as_bytes().to_vec();
    let parts: Vec<&str> = ada.token.split('.').collect();
    let (header, claims) = (decoded(parts[0]), decoded(parts[1]));
    let status = async |token: &str| {
        let bearer = format!("Bearer {token}");
        http::request(server.address(), "GET", "/api/me", &[("Authorization", &bearer)]).await.status
    };
    assert_eq!(status(&token(&key, &header, &claims)).await, 200, "the key and the form are right");

    let now = claims["iat"].as_i64().unwrap();
    let wrong_claims = [
        json!({"aud": "another"}),
        json!({"aud": null}),
        json!({"iss": "another"}),
        json!({"iss": null}),
        json!({"exp": now - 60}),
        json!({"exp": null}),
        json!({"exp": "never"}),
        json!({"nbf": now + 60}),
        json!({"nbf": null}),
        json!({"sub": grace.user}),
        json!({"sub": Uuid::now_v7()}),
        json!({"sub": null}),
        json!({"sid": Uuid::now_v7()}),
        json!({"sid": null}),
    ];
    for changes in wrong_claims {
        let forged = token(&key, &header, &with(&claims, changes.clone()));
        assert_eq!(status(&forged).await, 401, "claims {changes}");
    }
    let wrong_headers = [
        json!({"alg": "none"}),
        json!({"alg": "None"}),
        json!({"alg": "hs256"}),
        json!({"alg": "HS384"}),
        json!({"alg": "HS512"}),
        json!({"alg": "RS256"}),
        json!({"alg": null}),
        json!({"typ": "JWT"}),
        json!({"typ": "refresh"}),
        json!({"typ": null}),
    ];
    for changes in wrong_headers {
        let header = with(&header, changes.clone());
        assert_eq!(status(&token(&key, &header, &claims)).await, 401, "header {changes}");
        let unsigned = format!("{}.{}.", encoded(&header), encoded(&claims));
        assert_eq!(status(&unsigned).await, 401, "header {changes} without a signature");
    }
    let good = token(&key, &header, &claims);
    let (text, signature) = good.rsplit_once('.').unwrap();
    let edited = format!("{}.{}", parts[0], encoded(&with(&claims, json!({"exp": now + 1_000_000}))));
    let cut = &signature[..signature.len() - 4];
    for forged in [
        format!("{edited}.{signature}"),
        format!("{text}.{cut}"),
        format!("{text}."),
        text.to_owned(),
        format!("{text}.{signature}="),
        format!("{text}.{signature}.{signature}"),
        token(b"another key of thirty-two bytes!!", &header, &claims),
        token(b"", &header, &claims),
    ] {
        assert_eq!(status(&forged).await, 401, "{forged}");
    }
    assert_eq!(status(&good).await, 200, "the good one was good all along");
}
