//! The bodies of the HTTP interface, all JSON. `/api/openapi.json` describes the routes.

mod activity;
mod document;
mod page;
mod problem;
mod session;
mod system;

pub use activity::{Action, Activity, Audit, BrokenEntry, Fault};
pub use document::{DocumentOutputs, DocumentSummary};
pub use page::Page;
pub use problem::Problem;
pub use session::{ChangeMe, ChangePassword, Me, Nothing, SignIn, SignUp, SignedIn, SocketTicket};
pub use system::Health;
