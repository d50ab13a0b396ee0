//! How long a sink waits: as long as the program may run, and then for the time of `--linger`.

use std::{
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::shutdown::Shutdown;

/// Until when attempts go on.
pub(super) struct Patience {
    shutdown: Shutdown,
    linger: Duration,
    end: Option<Instant>,
    short: bool,
}

impl Patience {
    /// Without an end it begins to run out when the program is asked to end.
    pub(super) fn new(shutdown: Shutdown, linger: Duration, end: Option<Instant>) -> Self {
        Self {
            shutdown,
            linger,
            end,
            short: false,
        }
    }

    /// Lasts for one attempt.
    pub(super) fn short(self) -> Self {
        Self {
            short: true,
            ..self
        }
    }

    /// Whether there is but one attempt.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// The time that is left, `None` if there is none.
    pub(super) fn left(&mut self) -> Option<Duration> {
        let now = Instant::now();
        if self.shutdown.is_asked() {
            self.end.get_or_insert(now + self.linger);
        }
        match self.end {
            None => Some(Duration::MAX),
            Some(end) => Some(end.saturating_duration_since(now)).filter(|left| !left.is_zero()),
        }
    }

    /// Waits, but not on if the program is asked to end meanwhile.
    pub(super) fn wait(&self, time: Duration) {
        self.poll(None, time);
    }

    /// Waits until a descriptor is ready; false if there is no time left, or that much is over.
    pub(super) fn ready(&mut self, fd: BorrowedFd<'_>, flags: PollFlags, most: Duration) -> bool {
        let until = Instant::now() + most;
        loop {
            let rest = until.saturating_duration_since(Instant::now());
            let Some(left) = self.left().filter(|_| !rest.is_zero()) else {
                return false;
            };
            if self.poll(Some((fd, flags)), left.min(rest)) {
                return true;
            }
        }
    }

    /// True if the descriptor is ready. Whatever else ends it early, the caller looks again.
    fn poll(&self, fd: Option<(BorrowedFd<'_>, PollFlags)>, time: Duration) -> bool {
        let timeout = Timespec::try_from(time).ok();
        let mut fds = Vec::with_capacity(2);
        fds.extend(fd.map(|(fd, flags)| PollFd::from_borrowed_fd(fd, flags)));
        // Once the end is known, the descriptor has told what it has to tell. Whether it has been asked by
        // now is not the question: nobody would have set an end, and this would wait in full.
        if self.end.is_none() {
            fds.push(PollFd::from_borrowed_fd(
                self.shutdown.as_fd(),
                PollFlags::IN,
            ));
        }
        let polled = poll(&mut fds, timeout.as_ref()).is_ok();
        polled && fd.is_some() && !fds[0].revents().is_empty()
    }
}
