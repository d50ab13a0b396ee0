//! The one shutdown value that everything long-running listens to.
//!
//! SIGTERM, SIGINT and SIGHUP set it and make a descriptor readable, so that a program waiting in
//! poll(2) wakes up, writes out what it has read, and ends with success. A later signal
//! ends the program at once; one that comes with the first is the same request, because timeout(1) and
//! others signal a process and its group. SIGHUP stays ignored if it was, as nohup(1) has it, and where a
//! program asks for it, it says that a file is to be read anew ([`Reload`]).
//!
//! What a terminal sends, by Ctrl-C or when it is closed, all programs of a pipeline get at the same time. Who
//! reads from a pipe goes on then until its writer has ended ([`Shutdown::leave_to_input`]), or what is on its
//! way between two programs would be lost. This module knows no other.

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
    iterator::{
        SignalsInfo,
        exfiltrator::origin::{Origin, WithOrigin},
    },
    low_level::{pipe, siginfo::Cause},
};

/// Signals within this time are one request to end.
const SAME_REQUEST: Duration = Duration::from_millis(200);

/// The stack of a thread that does next to nothing.
const STACK: usize = 64 << 10;

/// Says whether the program has been asked to end.
#[derive(Clone, Debug)]
pub struct Shutdown {
    state: Arc<State>,
    wake: Arc<UnixStream>,
    /// What a later SIGINT does, and a later SIGHUP.
    interrupts: SigId,
    hangups: Option<SigId>,
}

#[derive(Debug)]
struct State {
    asked: AtomicBool,
    waker: UnixStream,
    /// True if a later signal ends the program at once.
    is_impatient: Arc<AtomicBool>,
    /// True if SIGINT means nothing, and SIGHUP.
    interrupts_left: AtomicBool,
    hangups_left: AtomicBool,
    /// True if the end of the input is the answer to what the terminal sends.
    left_to_input: AtomicBool,
}

impl State {
    /// Asks for the end, as a signal does or from within.
    fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        // The pair is full only if somebody has asked thousands of times already.
        let _ = (&self.waker).write(b"x");
    }

    /// Does what a signal means; false if that is nothing.
    fn take(&self, origin: &Origin) -> bool {
        let is_left = match origin.signal {
            SIGINT => self.interrupts_left.load(Ordering::Relaxed),
            SIGHUP => self.hangups_left.load(Ordering::Relaxed),
            _ => false,
        };
        let from_terminal = matches!(origin.cause, Cause::Kernel);
        let is_input_asked = from_terminal && self.left_to_input.load(Ordering::Relaxed);
        if !(is_left || is_input_asked) {
            self.ask();
        }
        !is_left
    }
}

impl Shutdown {
    /// Takes over SIGTERM, SIGINT and SIGHUP.
    pub fn on_signals() -> io::Result<Self> {
        let (wake, waker) = UnixStream::pair()?;
        let state = Arc::new(State {
            asked: AtomicBool::new(false),
            waker,
            is_impatient: Arc::default(),
            interrupts_left: AtomicBool::new(false),
            hangups_left: AtomicBool::new(false),
            left_to_input: AtomicBool::new(false),
        });
        let mut taken = vec![SIGTERM, SIGINT];
        if !is_ignored(SIGHUP) {
            taken.push(SIGHUP);
        }
        let end_at_once = |signal| {
            let is_impatient = Arc::clone(&state.is_impatient);
            flag::register_conditional_shutdown(signal, 128 + signal, is_impatient)
        };
        end_at_once(SIGTERM)?;
        let interrupts = end_at_once(SIGINT)?;
        let hangups = taken.contains(&SIGHUP).then(|| end_at_once(SIGHUP));
        let hangups = hangups.transpose()?;
        watch(SignalsInfo::new(taken)?, Arc::clone(&state))?;
        Ok(Self {
            state,
            wake: Arc::new(wake),
            interrupts,
            hangups,
        })
    }

    /// Has SIGINT do nothing from now on, where Ctrl-C is meant for a pager that has the terminal.
    pub fn leave_interrupts(&self) {
        self.state.interrupts_left.store(true, Ordering::Relaxed);
        signal_hook::low_level::unregister(self.interrupts);
    }

    /// Says whether what the terminal sends is left to the input: it ends then, because its writer is
    /// sent the same. A second signal ends the program in any case.
    pub fn leave_to_input(&self, is_left: bool) {
        self.state.left_to_input.store(is_left, Ordering::Relaxed);
    }

    /// Asks from within, when there is nothing left to do.
    pub fn ask(&self) {
        self.state.ask();
    }

    /// True once the program has been asked to end.
    pub fn is_asked(&self) -> bool {
        self.state.asked.load(Ordering::Relaxed)
    }
}

/// Takes signals, in a thread, because the program may be busy with anything when one comes. Some time
/// after the first, a later one ends the program: whoever signals then does not want to wait.
fn watch(mut signals: SignalsInfo<WithOrigin>, state: Arc<State>) -> io::Result<()> {
    let watch = move || {
        for origin in signals.forever() {
            if state.take(&origin) && !state.is_impatient.load(Ordering::Relaxed) {
                thread::sleep(SAME_REQUEST);
                state.is_impatient.store(true, Ordering::Relaxed);
            }
        }
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .stack_size(STACK)
        .spawn(watch)?;
    Ok(())
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
        shutdown.state.hangups_left.store(true, Ordering::Relaxed);
        shutdown.hangups.map(signal_hook::low_level::unregister);
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
