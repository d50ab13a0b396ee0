//! Collect records from many processes at one place.

use std::process::ExitCode;

use distlog::cli::{self, RecvArgs};

fn main() -> ExitCode {
    cli::main::<RecvArgs>()
}
