//! The binary `coval`.

use std::process::ExitCode;

use coval_server::cli::{Command, read};
use coval_server::serve;

fn main() -> ExitCode {
    let told = match read(std::env::args_os().collect()) {
        Ok(told) => told,
        Err(error) => {
            eprintln!("coval: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Some(settings) = told.printed {
        print!("{settings}");
        return ExitCode::SUCCESS;
    }
    match told.cli.command {
        Command::Serve(settings) => run_server(settings),
        command => match command.run() {
            Ok(code) => ExitCode::from(code),
            // Whoever read the output has enough of it, as `head` does.
            Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("coval: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

#[tokio::main]
async fn run_server(settings: coval_server::cli::Settings) -> ExitCode {
    match serve(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coval: {error}");
            ExitCode::FAILURE
        }
    }
}
