//! Tokens: those that are signed and those that are only random.

mod hs256;

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use coval_shared::protocol::{SignInId, UserId};
use coval_shared::secret::Secret;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::AuthError;

/// How long a signed token is good, in seconds.
pub(crate) const LIFETIME_S: i64 = 15 * 60;

/// By how much the clocks of two servers may differ, in seconds.
const LEEWAY_S: i64 = 5;

/// Who signs the tokens, and who reads them.
const ISSUER: &str = "coval";

/// What tells these tokens from others that the same key may sign one day (RFC 9068).
const KIND: &str = "at+jwt";

/// How many random bytes a key or a token has.
const BYTES: usize = 32;

/// Signs and reads tokens.
pub(crate) struct Tokens {
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Tokens {
    /// Tokens that are signed with `key`.
    pub(crate) fn new(key: &[u8]) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The time is the caller's.
        validation.validate_exp = false;
        Self { signing: EncodingKey::from_secret(key), reading: DecodingKey::from_secret(key), validation }
    }

    /// Tokens that are signed with the key in the file, which is drawn when there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, AuthError> {
        let failed =
            |error: io::Error| AuthError::KeyFile { path: path.display().to_string(), reason: error.to_string() };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = draw()?;
                // Another server may begin at this moment with the same file; then its key is the one.
                match keep_secret(path, key.reveal()) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
                    _ => fs::read_to_string(path).map_err(failed)?,
                }
            }
            Err(error) => return Err(failed(error)),
        };
        let key = text.trim().as_bytes();
        if key.len() < BYTES {
            return Err(AuthError::KeyFile {
                path: path.display().to_string(),
                reason: format!("the key has {} bytes and needs at least {BYTES}", key.len()),
            });
        }
        Ok(Self::new(key))
    }

    /// A token that says that `user` is signed in by `sign_in`.
    pub(crate) fn issue(&self, user: UserId, sign_in: SignInId, now_ms: i64) -> Result<Secret, AuthError> {
        let now = now_ms.div_euclid(1000);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: user.0,
            sid: sign_in.0,
            iat: now,
            nbf: now,
            exp: now + LIFETIME_S,
        };
        let header = Header { typ: Some(KIND.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &self.signing)
            .map(Secret::new)
            .map_err(|error| AuthError::Hash(error.to_string()))
    }

    /// Whose token it is, if it is good at this time.
    pub(crate) fn read(&self, token: &str, now_ms: i64) -> Option<(UserId, SignInId)> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.reading, &self.validation).ok()?;
        let now = now_ms.div_euclid(1000);
        let claims = read.claims;
        let is_its_time = claims.nbf <= now.saturating_add(LEEWAY_S) && now < claims.exp.saturating_add(LEEWAY_S);
        let is_good = is_its_time && read.header.typ.as_deref() == Some(KIND);
        is_good.then_some((UserId(claims.sub), SignInId(claims.sid)))
    }

    /// The token that takes the place of a refresh token. The same each time, so that two tabs that refresh at once stay
    /// signed in; nobody without the key can tell it.
    pub(crate) fn successor(&self, token: &Secret) -> Result<Secret, AuthError> {
        self.sign(&format!("refresh after {}", token.reveal()))
    }

    /// What proves that this server wrote `text`, which stands for a browser.
    pub(crate) fn seal(&self, text: &str) -> Result<Secret, AuthError> {
        self.sign(&format!("browser {text}"))
    }

    /// A signature of `message`, which begins with what it is for.
    fn sign(&self, message: &str) -> Result<Secret, AuthError> {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, Algorithm::HS256)
            .map(Secret::new)
            .map_err(|error| AuthError::Hash(error.to_string()))
    }
}

/// A token that nobody can guess.
pub(crate) fn draw() -> Result<Secret, AuthError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| AuthError::Random(error.to_string()))?;
    Ok(Secret::new(BASE64URL_NOPAD.encode(&bytes)))
}

/// The hash under which a token is kept. Such tokens are random, so that a plain hash can't be turned round.
pub(crate) fn hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// Writes a file that only its owner can read, whole or not at all. Fails when there is one already.
pub(crate) fn keep_secret(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("{}.draft", Uuid::now_v7()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let kept = writeln!(file, "{text}").and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::{Value, json};
    use sha2::{Sha384, Sha512};
    use std::os::unix::fs::PermissionsExt;

    const NOW_MS: i64 = 1_800_000_000_000;
    const KEY: &[u8] = b"a key of thirty-two bytes or more";

    fn claims() -> Value {
        let now = NOW_MS / 1000;
        json!({"iss": "coval", "aud": "coval", "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2), "iat": now,
               "nbf": now, "exp": now + 900})
    }

    /// A token as anybody who has the key could make it, with the HMAC that its header names.
    fn forged(header: &Header, claims: &Value, key: &[u8]) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", part(&serde_json::to_value(header).unwrap()), part(claims));
        let signature = match header.alg {
            Algorithm::HS384 => signed::<Hmac<Sha384>>(&message, key),
            Algorithm::HS512 => signed::<Hmac<Sha512>>(&message, key),
            _ => signed::<Hmac<Sha256>>(&message, key),
        };
        format!("{message}.{signature}")
    }

    fn signed<M: Mac + KeyInit>(message: &str, key: &[u8]) -> String {
        let mac = <M as KeyInit>::new_from_slice(key).unwrap().chain_update(message);
        BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
    }

    fn header() -> Header {
        Header { typ: Some(KIND.to_owned()), ..Header::new(Algorithm::HS256) }
    }

    fn is_good(token: &str) -> bool {
        Tokens::new(KEY).read(token, NOW_MS).is_some()
    }

    #[test]
    fn a_token_is_good_for_a_quarter_of_an_hour() {
        let tokens = Tokens::new(KEY);
        let (user, sign_in) = (UserId(Uuid::from_u128(1)), SignInId(Uuid::from_u128(2)));
        let token = tokens.issue(user, sign_in, NOW_MS).unwrap();
        let at = |seconds: i64| tokens.read(token.reveal(), NOW_MS + seconds * 1000);
        assert_eq!(at(0), Some((user, sign_in)));
        assert_eq!(at(LIFETIME_S + LEEWAY_S - 1), Some((user, sign_in)));
        assert_eq!(at(LIFETIME_S + LEEWAY_S), None);
        assert_eq!(at(-LEEWAY_S - 1), None, "not yet valid");
    }

    #[test]
    fn a_token_of_another_key_algorithm_kind_issuer_or_audience_is_not_good() {
        assert!(is_good(&forged(&header(), &claims(), KEY)));
        assert!(!is_good(&forged(&header(), &claims(), b"another key of thirty-two bytes!!")));
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let header = Header { alg: algorithm, ..header() };
            assert!(!is_good(&forged(&header, &claims(), KEY)), "{algorithm:?}");
        }
        for kind in [None, Some("JWT"), Some("refresh")] {
            let header = Header { typ: kind.map(str::to_owned), ..header() };
            assert!(!is_good(&forged(&header, &claims(), KEY)), "{kind:?}");
        }
        for (name, value) in [("iss", "else"), ("aud", "else"), ("sub", "ada"), ("sid", "1")] {
            let mut claims = claims();
            claims[name] = json!(value);
            assert!(!is_good(&forged(&header(), &claims, KEY)), "{name}");
            claims.as_object_mut().unwrap().remove(name);
            assert!(!is_good(&forged(&header(), &claims, KEY)), "no {name}");
        }
    }

    #[test]
    fn a_token_without_a_signature_or_with_other_contents_is_not_good() {
        let token = forged(&header(), &claims(), KEY);
        let parts: Vec<&str> = token.split('.').collect();
        let none = BASE64URL_NOPAD.encode(br#"{"typ":"at+jwt","alg":"none"}"#);
        assert!(!is_good(&format!("{none}.{}.", parts[1])));
        assert!(!is_good(&format!("{none}.{}.{}", parts[1], parts[2])));
        assert!(!is_good(&format!("{}.{}.", parts[0], parts[1])));
        let mut other = claims();
        other["sub"] = json!(Uuid::from_u128(9));
        let other = BASE64URL_NOPAD.encode(other.to_string().as_bytes());
        assert!(!is_good(&format!("{}.{other}.{}", parts[0], parts[2])));
        for token in ["", ".", "..", "a.b.c", &"x".repeat(100_000)] {
            assert!(!is_good(token));
        }
    }

    #[test]
    fn the_key_is_drawn_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("token.key");
        let (user, sign_in) = (UserId(Uuid::from_u128(1)), SignInId(Uuid::from_u128(2)));
        let token = Tokens::open(&path).unwrap().issue(user, sign_in, NOW_MS).unwrap();
        assert_eq!(Tokens::open(&path).unwrap().read(token.reveal(), NOW_MS), Some((user, sign_in)));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft stays");
        fs::write(&path, "short").unwrap();
        assert!(Tokens::open(&path).is_err());
    }
}
