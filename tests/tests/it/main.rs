//! What people do in their browsers, on the real server and a real database, with real faults.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on says so by a panic"
)]

mod accessibility;
mod analysis;
mod at_once;
mod bad_input;
mod branches;
mod bursts;
mod crash;
mod cut_off;
mod first_look;
mod grid;
mod grid_large;
mod history;
mod keyboard;
mod large_pastes;
mod looks;
mod memo;
mod offline;
mod presence;
mod random_sessions;
mod restart;
mod scenarios;
mod scene;
mod scripts;
mod shell;
mod shell_commands;
mod sign_in;
mod together;
mod together_people;
mod touch;
mod worker;
