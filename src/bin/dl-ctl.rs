//! Change the levels of running processes, for a while.

use std::process::ExitCode;

use distlog::cli::{self, CtlArgs};

fn main() -> ExitCode {
    cli::main::<CtlArgs>()
}
