//! The binary `coval`.

use std::process::ExitCode;

use clap::Parser;
use coval_server::cli::{Cli, Command};
use coval_server::serve;

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Serve(settings) = Cli::parse().command;
    match serve(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coval: {error}");
            ExitCode::FAILURE
        }
    }
}
