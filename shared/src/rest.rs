//! The bodies of the HTTP interface, all JSON. `/api/openapi.json` describes the routes.

mod activity;
mod calculations;
mod comment;
mod document;
mod history;
mod page;
mod people;
mod problem;
mod session;
mod system;

pub use activity::{Action, Activity, Audit, BrokenEntry, Fault};
pub use calculations::{
    AxisParameters, Calculation, CalculationError, CalculationErrorCode, CalculationRequest, CalculationState,
    CalculationWithResult, ExportFormat, ExportParameters, GoalSeekParameters, MonteCarloParameters,
    SensitivityParameters, StartCalculation, TornadoParameters,
};
pub use comment::{
    AddAnnotation, AddComment, AddReply, ChangeAnnotation, CommentState, EditComment, Notifications, ReadNotifications,
    Unread,
};
pub use document::{DocumentOutputs, DocumentSummary};
pub use history::{
    Author, Branch, CellChange, Diff, HistoryItem, HistorySession, MadeRevision, Merge, MergePreview, NameVersion,
    NewBranch, PastRevision, Restore, RevisionSummary, Version,
};
pub use page::Page;
pub use people::{
    InvitationSummary, Invite, Invited, MemberSummary, OpenShareLink, OpenedShareLink, SetRole, ShareDocument,
    ShareLinkSummary, SharedDocument,
};
pub use problem::Problem;
pub use session::{ChangeMe, ChangePassword, Me, Nothing, SignIn, SignUp, SignedIn, SocketTicket};
pub use system::Health;
