//! Show records as coloured lines, trees as pictures, either as tables.

use std::process::ExitCode;

use distlog::cli::{self, FmtArgs};

fn main() -> ExitCode {
    cli::main::<FmtArgs>()
}
