//! The server from outside: a real process, real sockets, real databases.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at what it can't use"
)]

mod assets;
mod bad_input;
mod bus;
mod cli;
mod client;
mod comments;
mod crew;
mod database;
mod dice;
mod discussion;
mod disk;
mod documents;
mod durability;
mod edges;
mod editing;
mod events;
mod faults;
mod fixtures;
mod following;
mod headers;
mod history;
mod history_rest;
mod http;
mod limits;
mod links;
mod load;
mod logs;
mod matrix;
mod nodes;
mod openapi;
mod operation;
mod people;
mod postgres;
mod process;
mod protocol_page;
mod redis;
mod rest;
mod restores;
mod schema;
mod scripts;
mod secrets;
mod security_page;
mod server;
mod sign_in;
mod signed_in;
mod spreadsheet;
mod stopping;
mod store;
mod strangers;
mod tenants;
mod tickets;
mod tokens;
mod upgrade;
mod user;
mod verify;
mod wire;
