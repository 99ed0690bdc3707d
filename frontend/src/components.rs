//! The parts around the grid.

pub(crate) mod age;
pub mod avatars;
pub mod bell;
mod cell_marks;
pub mod commands;
pub mod connection_status;
pub mod dialog;
pub mod document_menu;
mod exports;
pub mod figures;
mod following;
pub mod menu;
mod message;
pub mod naming;
pub mod notices;
mod notifications;
pub mod outputs_bar;
pub mod own_account;
pub mod palette;
mod scenario_switch;
mod share;

pub use avatars::Avatars;
pub use bell::{Bell, bell};
pub use cell_marks::Overlays;
pub use connection_status::ConnectionStatus;
pub use message::{Action, message};
pub use notices::Notices;
pub use outputs_bar::OutputsBar;
pub use own_account::OwnAccount;
pub use scenario_switch::scenario_switch;
pub use share::share_button;
