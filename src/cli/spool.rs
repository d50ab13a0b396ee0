//! `--spool`: a log on disk between what has come and where it goes.
//!
//! What comes is appended to the log and synced, batch by batch, and only then goes on to the
//! output. What the output has taken and synced is deleted. So a crash loses nothing that was in
//! the log: the next start sends what is left, marked, because the output may have some of it.
//!
//! The log is files of lines, which other programs can read too.

mod log;
mod place;
mod replay;
mod sender;

use std::{io, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use clap::Args;

pub(super) use self::replay::Replay;
use self::{
    log::Log,
    sender::{Sender, Sent},
};
use super::{common::parse_size, ledger::plural, say};
use crate::{
    error::{Error, Result},
    shutdown::Shutdown,
    sink::Sink,
};

/// A sink, and how often it wants to be looked after while there is nothing to write.
pub(super) type Outlet = (Box<dyn Sink>, Option<Duration>);

/// How often the end of the thread that sends is noticed.
const TICK: Duration = Duration::from_millis(100);

/// How records are kept until they are delivered.
#[derive(Args, Clone, Debug)]
pub(super) struct SpoolArgs {
    /// Keep all records in files in DIR until the output has taken them
    ///
    /// They are synced to the disk before they go on. What a crash has left is sent at the next
    /// start, and some of it may have been sent already: dl-recv says "replayed":true in dl.recv of
    /// such records, unless a database knows them by their text, and dl-send changes nothing.
    #[arg(long, value_name = "DIR")]
    spool: Option<PathBuf>,

    /// With --spool, how much may wait in DIR
    ///
    /// When it is full nothing more is read until the output has taken some.
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "1GiB",
        requires = "spool",
        hide_short_help = true
    )]
    #[arg(value_parser = parse_size)]
    spool_max: usize,
}

impl SpoolArgs {
    /// True if records outlast a crash of ours.
    pub(super) fn is_on(&self) -> bool {
        self.spool.is_some()
    }
}

/// Puts a spool before a sink, if one is asked for; returns what tells how much is in it too.
pub(super) fn over(
    (sink, tick): Outlet,
    args: &SpoolArgs,
    program: &'static str,
    replay: Replay,
    shutdown: &Shutdown,
) -> Result<(Outlet, Option<Depth>)> {
    let Some(folder) = &args.spool else {
        return Ok(((sink, tick), None));
    };
    let (log, left) = Log::open(folder, args.spool_max as u64, program, shutdown.clone())?;
    let log = Arc::new(log);
    let sender = Sender::new(Arc::clone(&log), left, replay, sink);
    let thread = std::thread::Builder::new()
        .spawn(move || sender.run())
        .map_err(|error| Error::Failed(format!("no thread to send with: {error}")))?;
    let spooled = Spooled {
        log,
        thread: Some(thread),
        refused: None,
    };
    let depth = Depth(Arc::clone(&spooled.log));
    let tick = tick.map_or(TICK, |tick| tick.min(TICK));
    Ok(((Box::new(spooled), Some(tick)), Some(depth)))
}

/// How much waits in a spool.
#[derive(Clone)]
pub(super) struct Depth(Arc<Log>);

impl Depth {
    /// The bytes of records that the output has not taken.
    pub(super) fn bytes(&self) -> u64 {
        self.0.left()
    }
}

/// What records are written to.
struct Spooled {
    log: Arc<Log>,
    thread: Option<JoinHandle<Sent>>,
    /// What the output does not take.
    refused: Option<(u64, String)>,
}

impl Spooled {
    /// Says what made the thread that sends end too soon.
    fn check(&mut self) -> Result<()> {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            return self.join();
        }
        Ok(())
    }

    fn join(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let died = |_| Sent {
            result: Err(Error::Failed("the thread that sends has died".into())),
            refused: None,
        };
        let Sent {
            result: sent,
            refused,
        } = thread.join().unwrap_or_else(died);
        self.refused = refused;
        let left = self.log.left();
        if left > 0 && matches!(&sent, Err(error) if !matches!(error, Error::ReaderLeft)) {
            let folder = self.log.folder().display();
            let words = format!(
                "{} in {folder} for the next start",
                plural(left, "byte") + if left == 1 { " is" } else { " are" }
            );
            say(self.log.program(), &words);
        }
        sent
    }
}

impl Sink for Spooled {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.check()?;
        if self.log.append(lines)? {
            return Ok(());
        }
        // The reason is the thread's to tell.
        self.join()?;
        Err(Error::Failed("the output has ended".into()))
    }

    fn tick(&mut self) -> Result<()> {
        self.check()
    }

    fn sync(&mut self) -> Result<()> {
        self.log.sync()
    }

    fn finish(&mut self) -> Result<()> {
        self.log.close();
        self.join()
    }

    fn refused(&self) -> Option<(u64, String)> {
        self.refused.clone()
    }
}

/// True if there is no room, which may change.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
