//! A processor: any program that reads lines, run by the shell and started again when it ends.
//!
//! The pipe is all there is between us: a processor that does not read holds the writer up.
//! What it has not read when it ends is given to its successor; what it has read is its own,
//! and whether it did anything with that nobody knows.

mod process;
mod tail;

use std::{
    hash::{BuildHasher, RandomState},
    io,
    os::fd::AsFd,
    process::ExitStatus,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::Signal,
};

use self::{
    process::{Process, cannot_run, pipe_capacity, told},
    tail::Tail,
};
use super::{Sink, SinkOptions, message::records};
use crate::{
    error::{Error, Result},
    zmtp::Backoff,
};

/// The first wait before a processor is started again, and the longest: a typing error does
/// not fill a screen, and a crash costs no more than a moment.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));
/// A processor that has run for so long may be started again as if it were the first time.
const STEADY: Duration = Duration::from_secs(10);
/// How many processes in a row may end without having read a line that waited for them: the waits
/// between so many last some 40 s, which is enough for what they may depend on to be restarted.
const FRUITLESS: u32 = 10;
/// How often the end of a process is looked for where nothing announces it.
const LOOK: Duration = Duration::from_millis(5);

/// A processor.
pub struct ExecSink {
    /// As the user wrote it, on one line.
    name: String,
    command: String,
    options: SinkOptions,
    process: Option<Process>,
    /// When the next process may start.
    due: Instant,
    backoff: Backoff,
    tail: Tail,
    /// True once a process has run that did not fail at once because there is no such command.
    runnable: bool,
    /// How often it has failed before its input ended.
    failures: u64,
    /// How many of the last processes have not read a line that waited for them.
    fruitless: u32,
    /// True once nothing more can be delivered, which an error has told.
    given_up: bool,
    /// Records that no process will get.
    undelivered: u64,
    /// Set once the program has been asked to end.
    deadline: Option<Instant>,
}

impl ExecSink {
    /// Starts `command`.
    pub fn start(command: &str, options: SinkOptions) -> Result<Self> {
        let first = command.lines().next().unwrap_or_default();
        let more = if command.contains('\n') { " …" } else { "" };
        let seed = RandomState::new().hash_one(command);
        let mut sink = Self {
            name: format!("exec:{first}{more}"),
            command: command.to_owned(),
            runnable: options.patient,
            options,
            process: None,
            due: Instant::now(),
            backoff: Backoff::new(WAITS.0, WAITS.1, seed),
            tail: Tail::new(pipe_capacity()),
            failures: 0,
            fruitless: 0,
            given_up: false,
            undelivered: 0,
            deadline: None,
        };
        sink.start_process()?;
        Ok(sink)
    }

    fn start_process(&mut self) -> Result<()> {
        let process = Process::start(&self.command, self.options.stdout_taken);
        self.process = Some(process.map_err(|source| self.failed(source))?);
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            place: self.name.clone(),
            source,
        }
    }

    /// Hands over as much of `fresh` as goes without waiting, what a predecessor left first.
    fn offer(&mut self, fresh: &[u8]) -> Result<Offer> {
        let Some(process) = &mut self.process else {
            let wait = self.due.saturating_duration_since(Instant::now());
            if wait > Duration::ZERO {
                return Ok(Offer::Wait(Some(wait)));
            }
            self.start_process()?;
            return Ok(Offer::Took(0));
        };
        if process.pipe().is_none() {
            let buried = self.bury(fresh)?;
            return Ok(if buried {
                Offer::Took(0)
            } else {
                Offer::Wait(Some(LOOK))
            });
        }
        let again = !self.tail.waiting().is_empty();
        let skipped = if again { 0 } else { self.tail.skip(fresh) };
        if skipped > 0 {
            return Ok(Offer::Took(skipped));
        }
        let bytes = if again { self.tail.waiting() } else { fresh };
        if bytes.is_empty() {
            return Ok(Offer::Took(0));
        }
        match process.write(bytes) {
            Ok(count) if again => {
                self.tail.sent(count);
                Ok(Offer::Took(0))
            }
            Ok(count) => {
                self.tail.keep(&fresh[..count]);
                Ok(Offer::Took(count))
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Offer::Took(0)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Offer::Wait(None)),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                let unread = process.unread();
                process.close();
                self.take_back(unread, true);
                Ok(Offer::Took(0))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Keeps for the next process what this one has not read; `refused` if it has not taken
    /// what was offered just now.
    fn take_back(&mut self, unread: usize, refused: bool) {
        if self.tail.rewind(unread) {
            self.fruitless = 0;
        } else if refused || !self.tail.waiting().is_empty() {
            self.fruitless += 1;
        }
    }

    /// Sees to a process that has ended, while `fresh` is to be written; false if it has not.
    fn bury(&mut self, fresh: &[u8]) -> Result<bool> {
        let Some(process) = &mut self.process else {
            return Ok(true);
        };
        let Some(status) = process.ended().map_err(|source| Error::Write {
            place: self.name.clone(),
            source,
        })?
        else {
            return Ok(false);
        };
        let unread = process.pipe().is_some().then(|| process.unread());
        if process.started.elapsed() >= STEADY {
            self.backoff.reset();
        }
        if let Some(unread) = unread {
            self.take_back(unread, false);
        }
        self.process = None;
        if cannot_run(status) && !self.runnable {
            self.given_up = true;
            return Err(Error::Failed(format!("{}: {}", self.name, told(status))));
        }
        self.runnable = true;
        self.failures += u64::from(!status.success());
        let lost = self.tail.take_lost();
        if lost > 0 {
            self.failures += 1;
            self.undelivered += lost;
            (self.options.say)(format!("{}: a record that it had begun is lost", self.name));
        }
        if self.fruitless >= FRUITLESS {
            self.given_up = true;
            return Err(self.hopeless(status, fresh));
        }
        let wait = self.backoff.wait();
        self.due = Instant::now() + wait;
        (self.options.say)(format!("{}: {}, starting again", self.name, told(status)));
        Ok(true)
    }

    /// Waits until something may have changed: for so long, or until the pipe has room.
    /// False if the time to deliver is over.
    fn pause(&mut self, wait: Option<Duration>) -> Result<bool> {
        let asked = self.options.shutdown.is_asked();
        if asked && self.deadline.is_none() {
            self.deadline = Some(Instant::now() + self.options.linger);
        }
        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Ok(false);
        }
        let mut fds = Vec::with_capacity(2);
        // Once it has been asked, the descriptor stays readable: no use in watching it.
        if !asked {
            fds.push(PollFd::from_borrowed_fd(
                self.options.shutdown.as_fd(),
                PollFlags::IN,
            ));
        }
        if wait.is_none()
            && let Some(pipe) = self.process.as_ref().and_then(Process::pipe)
        {
            fds.push(PollFd::from_borrowed_fd(pipe, PollFlags::OUT));
        }
        let wait = wait.into_iter().chain(left).min();
        let timeout = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(self.failed(error.into())),
        }
    }

    /// Hands over everything; `left` is what is left to do.
    fn write_all(&mut self, left: &mut &[u8]) -> Result<()> {
        while !left.is_empty() {
            match self.offer(left)? {
                Offer::Took(count) => *left = &left[count..],
                Offer::Wait(wait) => {
                    if !self.pause(wait)? {
                        self.given_up = true;
                        let unbegun = memchr::memchr_iter(b'\n', left).count();
                        return Err(self.overdue(unbegun));
                    }
                }
            }
        }
        Ok(())
    }

    /// No process reads what waits, nor `fresh`, which is to be written.
    fn hopeless(&self, status: ExitStatus, fresh: &[u8]) -> Error {
        let count = self.tail.pending(0) + memchr::memchr_iter(b'\n', fresh).count();
        Error::Failed(format!(
            "{}: {}, {FRUITLESS} times in a row without having read a line; \
             {} not delivered",
            self.name,
            told(status),
            records(count as u64)
        ))
    }

    /// What could not be delivered, with so many records that were never begun.
    fn overdue(&self, more: usize) -> Error {
        let unread = self.process.as_ref().map_or(0, Process::unread);
        let count = self.tail.pending(unread) + more;
        Error::Undelivered {
            place: self.name.clone(),
            records: records(count as u64),
            linger: self.options.linger,
        }
    }

    /// Waits until everything has been read.
    fn drain(&mut self) -> Result<()> {
        loop {
            let nothing_waits = self.tail.waiting().is_empty();
            let wait = match &self.process {
                None if nothing_waits => return Ok(()),
                Some(process) if nothing_waits && process.pipe().is_some() => {
                    if process.unread() == 0 {
                        return Ok(());
                    }
                    self.bury(&[])?;
                    Some(LOOK)
                }
                _ => match self.offer(&[])? {
                    Offer::Took(_) => continue,
                    Offer::Wait(wait) => wait,
                },
            };
            if !self.pause(wait)? {
                return Err(self.overdue(0));
            }
        }
    }

    /// Waits for the end of the process, and ends it if the time is over. Its status, and
    /// whether it had to be ended.
    fn wait(&mut self) -> Result<Option<(ExitStatus, bool)>> {
        let deadline = self.deadline.unwrap_or_else(Instant::now);
        // Some of the time is left for a processor that must be told to end.
        let notice = (self.options.linger / 10).min(Duration::from_secs(1));
        let Some(mut process) = self.process.take() else {
            return Ok(None);
        };
        process.close();
        let mut told = None;
        loop {
            if let Some(status) = process.ended().map_err(|source| self.failed(source))? {
                return Ok(Some((status, told.is_some())));
            }
            let now = Instant::now();
            if now >= deadline {
                process.signal(Signal::KILL);
                told = Some(Signal::KILL);
            } else if now + notice >= deadline && told.is_none() {
                process.signal(Signal::TERM);
                told = Some(Signal::TERM);
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// What became of bytes that were offered.
enum Offer {
    /// So many were taken.
    Took(usize),
    /// None, for so long or until the pipe has room.
    Wait(Option<Duration>),
}

impl Sink for ExecSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        let mut left = lines;
        let written = self.write_all(&mut left);
        if written.is_err() {
            self.undelivered += memchr::memchr_iter(b'\n', left).count() as u64;
        }
        written
    }

    fn tick(&mut self) -> Result<()> {
        if self.process.is_some() {
            self.bury(&[])?;
        }
        // What a predecessor left does not wait for the next record.
        if self.process.is_none() || !self.tail.waiting().is_empty() {
            self.offer(&[])?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        let deadline = Instant::now() + self.options.linger;
        self.deadline = Some(self.deadline.map_or(deadline, |set| set.min(deadline)));
        let drained = if self.given_up { Ok(()) } else { self.drain() };
        if self.given_up || drained.is_err() {
            let unread = self.process.as_ref().map_or(0, Process::unread);
            self.undelivered += self.tail.pending(unread) as u64;
        }
        let ended = self.wait()?;
        drained?;
        if self.given_up {
            return Ok(());
        }
        match ended {
            Some((_, true)) => Err(Error::Failed(format!(
                "{}: did not end within {:?} after its input, and was ended",
                self.name, self.options.linger
            ))),
            Some((status, false)) if !status.success() => {
                Err(Error::Failed(format!("{}: {}", self.name, told(status))))
            }
            _ if self.failures > 0 => Err(Error::Failed(format!(
                "{}: failed on the way; records that it had read may be lost",
                self.name
            ))),
            _ => Ok(()),
        }
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }
}

#[cfg(test)]
mod tests;
