//! The one shutdown value that everything long-running listens to.
//!
//! SIGTERM, SIGINT and SIGHUP set it and make a descriptor readable, so that a program waiting in
//! poll(2) wakes up, writes out what it has read, and ends with success. A later signal
//! ends the program at once; one that comes with the first is the same request, because timeout(1) and
//! others signal a process and its group. SIGHUP stays ignored if it was, as nohup(1) has it, and where a
//! program asks for it, it says that a file is to be read anew ([`Reload`]). This module knows no other.

use std::{
    fs,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use signal_hook::{
    SigId,
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
    low_level::pipe,
};

/// Signals within this time are one request to end.
const SAME_REQUEST: Duration = Duration::from_millis(200);

/// The stack of a thread that does next to nothing.
const STACK: usize = 64 << 10;

/// Says whether the program has been asked to end.
#[derive(Clone, Debug)]
pub struct Shutdown {
    asked: Arc<AtomicBool>,
    wake: Arc<UnixStream>,
    waker: Arc<UnixStream>,
    /// What happens at SIGINT, and at SIGHUP.
    interrupts: Arc<[SigId]>,
    hangups: Arc<[SigId]>,
}

impl Shutdown {
    /// Takes over SIGTERM, SIGINT and SIGHUP.
    pub fn on_signals() -> io::Result<Self> {
        let (wake, waker) = UnixStream::pair()?;
        let asked = Arc::new(AtomicBool::new(false));
        let (first, later) = UnixStream::pair()?;
        let is_impatient = arm(first)?;
        let on = |signal| -> io::Result<[SigId; 4]> {
            Ok([
                flag::register_conditional_shutdown(
                    signal,
                    128 + signal,
                    Arc::clone(&is_impatient),
                )?,
                flag::register(signal, Arc::clone(&asked))?,
                pipe::register(signal, waker.try_clone()?)?,
                pipe::register(signal, later.try_clone()?)?,
            ])
        };
        on(SIGTERM)?;
        let interrupts = on(SIGINT)?;
        let hangups: Arc<[SigId]> = if is_ignored(SIGHUP) {
            Arc::default()
        } else {
            Arc::new(on(SIGHUP)?)
        };
        Ok(Self {
            asked,
            wake: Arc::new(wake),
            waker: Arc::new(waker),
            interrupts: Arc::new(interrupts),
            hangups,
        })
    }

    /// Has SIGINT do nothing from now on, where Ctrl-C is meant for a pager that has the terminal.
    pub fn leave_interrupts(&self) {
        leave(&self.interrupts);
    }

    /// Asks from within, when there is nothing left to do.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        // The pair is full only if somebody has asked thousands of times already.
        let _ = (&*self.waker).write(b"x");
    }

    /// True once the program has been asked to end.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Has what happens at a signal not happen any more.
fn leave(ids: &[SigId]) {
    for id in ids {
        signal_hook::low_level::unregister(*id);
    }
}

/// True if who started the program has it ignore a signal, or nothing tells that.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut masks = status
        .lines()
        .filter_map(|line| line.strip_prefix("SigIgn:"));
    let mask = masks
        .next()
        .map(|mask| u64::from_str_radix(mask.trim(), 16));
    mask.and_then(Result::ok)
        .is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// A flag that is set some time after the first signal has made `first` readable: whoever signals then
/// does not want to wait.
fn arm(mut first: UnixStream) -> io::Result<Arc<AtomicBool>> {
    let is_impatient = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_impatient);
    // A thread, because the program may be busy with anything when the next signal comes.
    let watch = move || {
        if first.read(&mut [0]).is_ok_and(|count| count > 0) {
            thread::sleep(SAME_REQUEST);
            flag.store(true, Ordering::Relaxed);
        }
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .stack_size(STACK)
        .spawn(watch)?;
    Ok(is_impatient)
}

impl AsFd for Shutdown {
    /// A descriptor that is readable once the program has been asked to end.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

/// Says whether the program has been asked to read a file anew.
#[derive(Clone, Debug)]
pub struct Reload {
    asked: Arc<AtomicBool>,
    wake: Arc<UnixStream>,
}

impl Reload {
    /// Takes over SIGHUP, which ends a program otherwise.
    pub fn on_hangup(shutdown: &Shutdown) -> io::Result<Self> {
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let asked = Arc::new(AtomicBool::new(false));
        // Order matters: whoever wakes up must find the flag set.
        flag::register(SIGHUP, Arc::clone(&asked))?;
        pipe::register(SIGHUP, waker)?;
        leave(&shutdown.hangups);
        Ok(Self {
            asked,
            wake: Arc::new(wake),
        })
    }

    /// True once for any number of signals since the last time.
    pub fn take(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }

    /// Makes the descriptor wait for the next signal; what was asked stays asked.
    pub fn calm(&self) {
        let mut bytes = [0; 64];
        // It would block once it is empty.
        while (&*self.wake).read(&mut bytes).is_ok_and(|count| count > 0) {}
    }
}

impl AsFd for Reload {
    /// A descriptor that is readable once there has been a signal.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}
