//! Deliver records: to a ZeroMQ collector, to a file, to standard output.

use std::process::ExitCode;

use distlog::cli::{self, SendArgs};

fn main() -> ExitCode {
    cli::main::<SendArgs>()
}
