//! Rebuild the tree of each request from the records of all processes.

use std::process::ExitCode;

use distlog::cli::{self, TreeArgs};

fn main() -> ExitCode {
    cli::main::<TreeArgs>()
}
