//! The bodies of the HTTP interface, all JSON. `/api/openapi.json` describes the routes.

mod activity;
mod calculations;
mod comment;
mod document;
mod history;
mod page;
mod people;
mod problem;
mod search;
mod session;
mod system;
mod workspace;

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
pub use document::{
    BranchState, ChangeDocument, Collaboration, CreateDocument, DocumentOutputs, DocumentSnapshot, DocumentSummary,
    DuplicateDocument, Imported, TemplateSummary,
};
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
pub use search::{Excerpt, SearchResult};
pub use session::{ChangeMe, ChangePassword, Me, Nothing, SignIn, SignUp, SignedIn, SocketTicket};
pub use system::{Health, SystemStats};
pub use workspace::{ChangeWorkspace, CreateWorkspace, WorkspaceStatus, WorkspaceSummary};
