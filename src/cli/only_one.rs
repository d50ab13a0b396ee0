//! A lock by which one process at a time uses something on disk.

use std::{fs::File, io, path::Path};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};

/// Locks a file, which is made if there is none, until what is returned is dropped; `thing` is what it is the lock of.
pub(super) fn only_one(path: &Path, thing: &str) -> io::Result<File> {
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true);
    let file = file.open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
        Errno::WOULDBLOCK => io::Error::other(format!("another process uses this {thing}")),
        error => error.into(),
    })?;
    Ok(file)
}
