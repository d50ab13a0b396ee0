//! One run of a processor: a shell with a pipe into it, in a process group of its own.
//!
//! Its own group, so that Ctrl-C on a terminal reaches only us: the processor sees the end of
//! its input when it has got everything. And so that it can be ended with all its children.

use std::{
    io::{self, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    time::Instant,
};

use rustix::process::{Pid, Signal, kill_process_group};

/// A processor that runs.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Gone once it has closed its end.
    stdin: Option<ChildStdin>,
    pub(super) started: Instant,
}

impl Process {
    /// Starts `command` with the shell; `to_stderr` sends what it writes to standard error.
    pub(super) fn start(command: &str, to_stderr: bool) -> io::Result<Self> {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", command])
            .stdin(Stdio::piped())
            .process_group(0);
        if to_stderr {
            shell.stdout(io::stderr().as_fd().try_clone_to_owned()?);
        }
        let mut child = shell.spawn()?;
        let stdin = child.stdin.take();
        if let Some(stdin) = &stdin {
            // Only our end: the processor's is another open file and blocks as usual.
            rustix::io::ioctl_fionbio(stdin, true)?;
        }
        Ok(Self {
            child,
            stdin,
            started: Instant::now(),
        })
    }

    /// Writes what the pipe has room for.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stdin {
            Some(stdin) => stdin.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// The end of the pipe that can be waited for.
    pub(super) fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.stdin.as_ref().map(AsFd::as_fd)
    }

    /// How many bytes in the pipe it has not read. Where the system cannot tell, none.
    pub(super) fn unread(&self) -> usize {
        let pipe = self.stdin.as_ref();
        pipe.and_then(|pipe| rustix::io::ioctl_fionread(pipe).ok())
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(0)
    }

    /// Lets it see the end of its input.
    pub(super) fn close(&mut self) {
        self.stdin = None;
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Sends a signal to it and to all that it has started.
    pub(super) fn signal(&self, signal: Signal) {
        // Whoever has ended meanwhile needs no signal.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
    }
}

/// What a pipe can hold, in bytes.
pub(super) fn pipe_capacity() -> usize {
    // Linux has 16 pages, and macOS grows a pipe up to 64 KiB.
    (16 * rustix::param::page_size()).max(64 << 10)
}

/// True if the shell has not found the command, or could not run it.
pub(super) fn cannot_run(status: ExitStatus) -> bool {
    matches!(status.code(), Some(126 | 127))
}

/// `exited with status 3`, `was killed by signal 9`.
pub(super) fn told(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) if cannot_run(status) => {
            format!("exited with status {code}: the command cannot be run")
        }
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended".into(),
    }
}
