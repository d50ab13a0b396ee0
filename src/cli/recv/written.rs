//! The files that dl-recv writes, each of which has one purpose.

use std::path::Path;

use super::{RecvArgs, Result};
use crate::{cli::feed::refuse_shared, endpoint::Endpoint};

/// Refuses those that are the same. Counts and records may stand in one file, because both are appended.
pub(super) fn check(args: &RecvArgs, output: &Endpoint) -> Result<()> {
    let output = match output {
        Endpoint::File(path) => Some(path.as_path()),
        _ => None,
    };
    let state = args.following.state.as_deref();
    let counts = args.seen.file();
    refuse_shared(&[("--output", output), ("--state", state)])?;
    refuse_shared(&[
        ("--rejects", args.lines.rejects.as_ref().map(Path::new)),
        ("--state", state),
        ("--stats-to", counts.as_deref()),
    ])
}
