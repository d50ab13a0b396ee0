//! The path of an `ipc` listener: claimed, so that a live one is never stolen and the file
//! that a killed process left is removed.
//!
//! The claim is an exclusive lock on `PATH.lock`, held as long as the listener lives; the
//! system releases it when the process dies, however it dies. A socket file under a free
//! lock is stale unless somebody who does not know our lock (libzmq) listens on it, which a
//! connect tells.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::{
        fd::OwnedFd,
        unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, Mode, chmod, flock},
    io::Errno,
    net::{AddressFamily, SocketAddrUnix, bind, listen},
};

use super::{
    Error,
    error::Result,
    stream::{Stream, new_socket},
};

/// Device and inode: what a file is, whatever its name.
type FileId = (u64, u64);

fn file_id(path: &Path) -> Option<FileId> {
    let found = fs::symlink_metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// A claimed path. Dropping it removes the socket file and the lock file.
#[derive(Debug)]
pub(crate) struct IpcPath {
    /// The socket file and what it was when we made it: `None` until the bind.
    socket: Option<(PathBuf, FileId)>,
    lock: PathBuf,
    /// Holds the lock; never read.
    _held: File,
}

impl IpcPath {
    /// Claims `path` and listens there with file permissions `mode`.
    pub(crate) fn listen(
        path: &Path,
        place: &str,
        mode: u32,
        backlog: i32,
    ) -> Result<(Self, OwnedFd)> {
        let fail = |source: io::Error| Error::system(place, source);
        let address = SocketAddrUnix::new(path).map_err(|errno| fail(errno.into()))?;
        let mut lock = path.as_os_str().to_owned();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let held = take_lock(&lock, place)?;
        // From here on an error drops the claim and with it the lock file, but the socket
        // file is ours to remove only after the bind.
        let mut claim = Self {
            socket: None,
            lock,
            _held: held,
        };
        remove_stale(path, &address, place)?;
        let socket = new_socket(AddressFamily::UNIX).map_err(fail)?;
        bind(&socket, &address).map_err(|errno| fail(errno.into()))?;
        claim.socket = file_id(path).map(|id| (path.to_owned(), id));
        // Nobody can connect before `listen`, so the mode holds from the first moment.
        chmod(path, Mode::from_raw_mode(mode)).map_err(|errno| fail(errno.into()))?;
        listen(&socket, backlog).map_err(|errno| fail(errno.into()))?;
        Ok((claim, socket))
    }
}

impl Drop for IpcPath {
    fn drop(&mut self) {
        // The lock goes last: who waits for it must find no socket file of ours.
        // A file that somebody else put in its place meanwhile is not ours to remove.
        if let Some((path, id)) = &self.socket
            && file_id(path) == Some(*id)
        {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_file(&self.lock);
    }
}

/// Opens and locks the lock file. Between the two calls its last owner may have removed it,
/// and a lock on a file that has no name guards nothing: then the next one is tried.
fn take_lock(lock: &Path, place: &str) -> Result<File> {
    let at_lock = |source| Error::system(format_args!("{place}: {}", lock.display()), source);
    loop {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        // A link that somebody planted in a shared directory is not followed.
        options
            .custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default());
        let file = options.open(lock).map_err(at_lock)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::AGAIN) => {
                return Err(Error::InUse {
                    place: place.to_owned(),
                });
            }
            Err(errno) => return Err(at_lock(errno.into())),
        }
        let ours = file.metadata().map_err(at_lock)?;
        if file_id(lock) == Some((ours.dev(), ours.ino())) {
            return Ok(file);
        }
    }
}

fn remove_stale(path: &Path, address: &SocketAddrUnix, place: &str) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::system(place, error)),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(Error::NotASocket {
                place: place.to_owned(),
            });
        }
        Ok(_) => {}
    }
    match Stream::connect_unix(address) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(|error| Error::system(place, error))
        }
        // A full backlog (EAGAIN) or a missing permission also means that somebody lives there.
        _ => Err(Error::InUse {
            place: place.to_owned(),
        }),
    }
}
