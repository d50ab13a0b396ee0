//! Descriptors of the caller that are waited for together with the sockets.

use std::{
    io,
    os::fd::BorrowedFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec},
    io::Errno,
};

/// What the caller waits for on a descriptor of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Bytes to read, or the end: a signal pipe, standard input.
    Readable,
    /// Room to write.
    Writable,
    /// Nothing but the departure of the other end: standard output whose reader may leave.
    Gone,
}

/// A descriptor of the caller, for [`Pull::poll`](super::Pull::poll) and
/// [`Push::poll`](super::Push::poll).
#[derive(Debug)]
pub struct Watch<'a> {
    fd: BorrowedFd<'a>,
    interest: Interest,
    ready: bool,
}

impl<'a> Watch<'a> {
    /// Waits on `fd` for `interest`.
    pub fn new(fd: BorrowedFd<'a>, interest: Interest) -> Self {
        Self {
            fd,
            interest,
            ready: false,
        }
    }

    /// Whether the last poll found what was waited for. An error or a hang-up counts, since
    /// the next read or write of the caller will tell it.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    fn flags(&self) -> PollFlags {
        match self.interest {
            Interest::Readable => PollFlags::IN,
            Interest::Writable => PollFlags::OUT,
            Interest::Gone => PollFlags::empty(),
        }
    }
}

/// Waits until one of `fds` or `watches` is ready or `timeout` is over; `None` waits for ever.
/// Afterwards the watches know, and `ready[i]` tells of `fds[i]`. A signal ends the wait as if
/// the time were over, so that its handler's pipe is seen at the next turn.
pub(crate) fn wait(
    fds: Vec<PollFd<'_>>,
    watches: &mut [Watch<'_>],
    timeout: Option<Duration>,
    ready: &mut Vec<bool>,
) -> io::Result<()> {
    let own = fds.len();
    let mut fds = fds;
    fds.extend(
        watches
            .iter()
            .map(|watch| PollFd::from_borrowed_fd(watch.fd, watch.flags())),
    );
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    ready.clear();
    match rustix::event::poll(&mut fds, timeout.as_ref()) {
        Ok(_) => {
            ready.extend(fds[..own].iter().map(|fd| !fd.revents().is_empty()));
            for (watch, fd) in watches.iter_mut().zip(&fds[own..]) {
                watch.ready = !fd.revents().is_empty();
            }
            Ok(())
        }
        Err(Errno::INTR) => {
            ready.resize(own, false);
            for watch in watches {
                watch.ready = false;
            }
            Ok(())
        }
        Err(errno) => Err(errno.into()),
    }
}

/// The caller's `timeout`, cut short to the next `deadline` of ours.
pub(crate) fn until(
    now: Instant,
    timeout: Option<Duration>,
    deadline: Option<Instant>,
) -> Option<Duration> {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(now));
    timeout.into_iter().chain(left).min()
}
