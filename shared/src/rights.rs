//! Who may do what.

use serde::{Deserialize, Serialize};

/// What somebody is in a workspace, or for one document. Whoever is both has the higher of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Reads, exports and calculates, and is seen by the others.
    Viewer,
    /// Comments as well.
    Commenter,
    /// Edits as well, and makes, renames and archives documents.
    Editor,
    /// Decides as well who else may do what.
    Owner,
}

/// What a role allows or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See documents, their history and their comments; calculate and export them.
    Read,
    /// Write comments and annotations.
    Comment,
    /// Change documents, and make new ones.
    Edit,
    /// Change who may do what, and read the audit trail.
    Manage,
}

impl Role {
    /// All roles, the lowest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Commenter, Self::Editor, Self::Owner];

    /// Whether the role allows it. A higher role allows whatever a lower one does.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        let needed = match right {
            Right::Read => Self::Viewer,
            Right::Comment => Self::Commenter,
            Right::Edit => Self::Editor,
            Right::Manage => Self::Owner,
        };
        self >= needed
    }

    /// The name of the role, as messages and the database have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Commenter => "commenter",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_one_thing_more_than_the_one_below() {
        let rights = [Right::Read, Right::Comment, Right::Edit, Right::Manage];
        for (index, role) in Role::ALL.into_iter().enumerate() {
            for (needed, right) in rights.into_iter().enumerate() {
                assert_eq!(role.may(right), index >= needed, "{role:?} {right:?}");
            }
        }
    }

    #[test]
    fn a_role_is_read_by_the_name_it_is_written_with() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        assert_eq!(Role::named("Owner"), None);
    }
}
