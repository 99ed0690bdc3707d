//! Who is there, and where.

use ot_core::ClientId;
use serde::{Deserialize, Serialize};

use super::UserId;
use crate::model::CellRef;

/// Somebody who has a document open. A person with two tabs is there twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The writer.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub client: ClientId,
    /// The person.
    pub user: UserId,
    /// What to call them.
    pub name: String,
    /// Their colour, less than [`UserId::COLOURS`].
    pub colour: u8,
    /// The cell that they selected in a model.
    pub cursor: Option<CellRef>,
    /// What they selected.
    pub selection: Option<Selection>,
    /// Whether they are entering something.
    pub is_typing: bool,
}

/// What somebody has selected. Both ends are the same where it is a caret or a single cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Selection {
    /// A stretch of a memo.
    Text {
        /// The end that stays when the selection is extended, in code points from the beginning.
        anchor: u64,
        /// The end that moves, where the caret is.
        focus: u64,
    },
    /// A block of cells of a model.
    Cells {
        /// The corner that stays when the selection is extended.
        anchor: CellRef,
        /// The corner that moves.
        focus: CellRef,
    },
}
