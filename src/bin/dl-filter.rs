//! Select records and trees, and pass them on byte for byte.

use std::process::ExitCode;

use distlog::cli::{self, FilterArgs};

fn main() -> ExitCode {
    cli::main::<FilterArgs>()
}
