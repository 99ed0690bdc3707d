//! Roles in words.

use coval_shared::rights::Role;

use crate::words;

/// What a role is called.
#[must_use]
pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Viewer => words!(together.viewer),
        Role::Commenter => words!(together.commenter),
        Role::Editor => words!(together.editor),
        Role::Owner => words!(together.owner),
    }
}
