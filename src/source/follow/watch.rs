//! Being told that files change: inotify where there is one, and a look now and then in any
//! case, because not every file system tells everything.

use std::{
    collections::HashMap,
    fs::File,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
    time::Duration,
};

/// How often all is looked at where changes are told: for rotations behind symbolic links and
/// changes by other hosts.
const RARELY: Duration = Duration::from_secs(1);
/// How often where nothing is told.
const OFTEN: Duration = Duration::from_millis(20);

/// What tells of changes.
#[derive(Debug)]
pub(super) struct Watch {
    /// `None` if the system has no inotify, or no more of them.
    inotify: Option<OwnedFd>,
    /// The file that each watch is for.
    files: HashMap<i32, usize>,
}

/// What has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The file of that number, as given to [`Watch::file`].
    File(usize),
    /// A folder, or more than could be told.
    Anything,
}

impl Watch {
    /// How often to look without being told.
    pub(super) fn interval(&self) -> Duration {
        if self.inotify.is_some() {
            RARELY
        } else {
            OFTEN
        }
    }

    /// Becomes readable when something changes.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.inotify.as_ref().map(AsFd::as_fd)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem::MaybeUninit;

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

    use super::{AsRawFd, Change, File, HashMap, Path, Watch};

    impl Watch {
        pub(in super::super) fn new() -> Self {
            Self {
                inotify: inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok(),
                files: HashMap::new(),
            }
        }

        /// Watches for names that come and go in a folder.
        pub(in super::super) fn folder(&self, path: &Path) {
            if let Some(inotify) = &self.inotify {
                let flags = WatchFlags::CREATE
                    | WatchFlags::MOVED_TO
                    | WatchFlags::MOVED_FROM
                    | WatchFlags::DELETE;
                // Where it does not work the look now and then has to do.
                let _ = inotify::add_watch(inotify, path, flags);
            }
        }

        /// Watches an open file, whatever its name is by now.
        pub(in super::super) fn file(&mut self, file: &File, number: usize) -> Option<i32> {
            let inotify = self.inotify.as_ref()?;
            let path = format!("/proc/self/fd/{}", file.as_raw_fd());
            let flags = WatchFlags::MODIFY | WatchFlags::ATTRIB | WatchFlags::MOVE_SELF;
            let watch = inotify::add_watch(inotify, path, flags).ok()?;
            self.files.insert(watch, number);
            Some(watch)
        }

        /// Watches a file no more.
        pub(in super::super) fn forget(&mut self, watch: i32) {
            self.files.remove(&watch);
            if let Some(inotify) = &self.inotify {
                // A file that has been deleted is not watched any more as it is.
                let _ = inotify::remove_watch(inotify, watch);
            }
        }

        /// What has changed since the last time.
        pub(in super::super) fn changes(&mut self) -> Vec<Change> {
            let Some(inotify) = &self.inotify else {
                return vec![Change::Anything];
            };
            let mut changes = Vec::new();
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut events = inotify::Reader::new(inotify, &mut buffer);
            while let Ok(event) = events.next() {
                let change = match self.files.get(&event.wd()) {
                    Some(&number) if !event.events().contains(ReadFlags::QUEUE_OVERFLOW) => {
                        Change::File(number)
                    }
                    _ => Change::Anything,
                };
                if changes.last() != Some(&change) {
                    changes.push(change);
                }
            }
            changes
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Watch {
    pub(super) fn new() -> Self {
        Self {
            inotify: None,
            files: HashMap::new(),
        }
    }

    pub(super) fn folder(&self, _: &Path) {}

    pub(super) fn file(&mut self, file: &File, _: usize) -> Option<i32> {
        let _ = file.as_raw_fd();
        None
    }

    pub(super) fn forget(&mut self, watch: i32) {
        self.files.remove(&watch);
    }

    pub(super) fn changes(&mut self) -> Vec<Change> {
        vec![Change::Anything]
    }
}
