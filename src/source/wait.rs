//! Waiting: for input, while watching that nobody asked us to end and that our reader is there.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::tick::Tick;
use crate::shutdown::{Reload, Shutdown};

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// There is input, or its end.
    Input,
    /// The reader of our output has left.
    ReaderLeft,
    /// The program has been asked to end.
    Shutdown,
    /// The time is up.
    Timeout,
}

/// What a program waits for besides its input.
#[derive(Debug)]
pub struct Wait {
    shutdown: Shutdown,
    output: Option<OwnedFd>,
    reload: Option<Reload>,
}

impl Wait {
    /// Watches `shutdown` and, if given, the reader of `output`.
    pub fn new(shutdown: Shutdown, output: Option<OwnedFd>) -> Self {
        Self {
            shutdown,
            output,
            reload: None,
        }
    }

    /// Has the wait end when a file is to be read anew, as if the time were up.
    pub(super) fn wake_on(&mut self, reload: Reload) {
        self.reload = Some(reload);
    }

    /// The shutdown value that is watched.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// The output whose reader is watched.
    pub fn output(&self) -> Option<BorrowedFd<'_>> {
        self.output.as_ref().map(AsFd::as_fd)
    }

    /// Waits until `input` can be read; `None` waits without end.
    pub fn wait(&self, input: BorrowedFd<'_>, timeout: Option<Duration>) -> io::Result<Ready> {
        let mut fds = Vec::with_capacity(4);
        fds.push(PollFd::from_borrowed_fd(input, PollFlags::IN));
        fds.push(PollFd::from_borrowed_fd(
            self.shutdown.as_fd(),
            PollFlags::IN,
        ));
        // No events are asked of the output: a pipe without a reader reports an error unasked.
        fds.extend(
            self.output
                .as_ref()
                .map(|fd| PollFd::new(fd, PollFlags::empty())),
        );
        let reload_at = fds.len();
        fds.extend(
            self.reload
                .as_ref()
                .map(|reload| PollFd::new(reload, PollFlags::IN)),
        );
        let timeout = timeout.map(|t| {
            Timespec::try_from(t).unwrap_or(Timespec {
                tv_sec: 3600,
                tv_nsec: 0,
            })
        });
        loop {
            match poll(&mut fds, timeout.as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(0) => return Ok(Ready::Timeout),
                Ok(_) => break,
            }
        }
        let happened = |at: usize| fds.get(at).is_some_and(|fd| !fd.revents().is_empty());
        Ok(if happened(1) {
            Ready::Shutdown
        } else if self.output.is_some() && happened(2) {
            Ready::ReaderLeft
        } else if happened(reload_at) {
            if let Some(reload) = &self.reload {
                reload.calm();
            }
            Ready::Timeout
        } else {
            Ready::Input
        })
    }

    /// True if a read from `input` returns at once.
    pub(super) fn is_ready(&self, input: BorrowedFd<'_>) -> io::Result<bool> {
        Ok(self.wait(input, Some(Duration::ZERO))? == Ready::Input)
    }

    /// Waits for input, but no longer than to the next tick.
    pub(super) fn until_tick(&self, input: BorrowedFd<'_>, tick: &mut Tick) -> io::Result<Ready> {
        let ready = self.wait(input, tick.left())?;
        if ready == Ready::Timeout {
            tick.came();
        }
        Ok(ready)
    }
}
