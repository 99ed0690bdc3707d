//! The people of the demo.

use std::path::Path;
use std::{fs, io};

use coval_shared::protocol::{UserId, WorkspaceId};
use coval_shared::rights::Role;
use coval_shared::secret::Secret;
use uuid::Uuid;

use super::password::{hash, verify};
use super::token::keep_secret;
use super::{AuthError, draw};
use crate::store::{NewUser, Store, StoreError};

/// How many characters of a drawn token make a password: some 95 bits.
const PASSWORD_CHARS: usize = 16;

/// Somebody who is there in every demo.
struct Part {
    id: UserId,
    name: &'static str,
    email: &'static str,
    role: Role,
}

const PARTS: [Part; 3] = [
    Part { id: part(1), name: "Ada", email: "ada@example.com", role: Role::Owner },
    Part { id: part(2), name: "Grace", email: "grace@example.com", role: Role::Editor },
    Part { id: part(3), name: "Vera", email: "vera@example.com", role: Role::Viewer },
];

/// How somebody of the demo signs in.
pub(crate) struct DemoPerson {
    pub(crate) email: &'static str,
    pub(crate) role: Role,
    pub(crate) password: Secret,
}

/// Why the demo's people can't be there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error("can't keep the passwords of the demo in {path}: {reason}")]
    File { path: String, reason: String },
}

/// Makes sure that the demo's people are members of `workspace`, and says how they sign in: with `password`, or with those
/// in the file, which are drawn when there is none. Blocks.
pub(crate) fn add_people(
    store: &Store,
    workspace: WorkspaceId,
    password: Option<&Secret>,
    file: &Path,
    now_ms: i64,
) -> Result<Vec<DemoPerson>, DemoError> {
    let passwords = match password {
        Some(password) => vec![password.clone(); PARTS.len()],
        None => kept_passwords(file)?,
    };
    // Hashing takes a while; of one password for all, one hash does.
    let mut hashed: Option<(Secret, Secret)> = None;
    let mut people = Vec::new();
    for (part, password) in PARTS.iter().zip(passwords) {
        let account = match store.account(part.id) {
            Ok(account) => Some(account),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let stored = account.as_ref().and_then(|account| account.password_hash.as_ref());
        if !stored.is_some_and(|stored| verify(&password, stored)) {
            let hash = match &hashed {
                Some((of, hash)) if *of == password => hash.clone(),
                _ => hash(&password)?,
            };
            hashed = Some((password.clone(), hash.clone()));
            if account.is_some() {
                store.set_password(part.id, &hash, None, now_ms)?;
            } else {
                add(store, part, &hash, now_ms)?;
            }
        }
        if store.workspace_role(part.id, workspace)?.is_none() {
            store.set_workspace_role(workspace, part.id, part.role, now_ms)?;
        }
        people.push(DemoPerson { email: part.email, role: part.role, password });
    }
    Ok(people)
}

fn add(store: &Store, part: &Part, hash: &Secret, now_ms: i64) -> Result<(), StoreError> {
    let new = NewUser {
        id: part.id,
        email: Some(part.email),
        name: part.name,
        password_hash: Some(hash),
        is_guest: false,
        is_operator: false,
    };
    match store.create_user(&new, now_ms) {
        // Another server that begins at this moment was faster.
        Err(StoreError::Conflict) => Ok(()),
        other => other,
    }
}

/// The passwords in the file, one a line, which is made when it is not there.
fn kept_passwords(file: &Path) -> Result<Vec<Secret>, DemoError> {
    let failed = |error: io::Error| DemoError::File { path: file.display().to_string(), reason: error.to_string() };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut lines = Vec::new();
            for _ in &PARTS {
                lines.push(draw()?.reveal().chars().take(PASSWORD_CHARS).collect::<String>());
            }
            match keep_secret(file, &lines.join("\n")) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
                _ => fs::read_to_string(file).map_err(failed)?,
            }
        }
        Err(error) => return Err(failed(error)),
    };
    let passwords: Vec<Secret> = text.lines().filter(|line| !line.is_empty()).map(Secret::new).collect();
    if passwords.len() < PARTS.len() {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "it has too few lines; remove it")));
    }
    Ok(passwords)
}

const fn part(number: u128) -> UserId {
    UserId(Uuid::from_u128(0x0199_b1ef_0000_7000_8000_0000_0001_0000 + number))
}
