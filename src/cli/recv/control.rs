//! `dl-recv --control`: the levels of running processes, beside what they log.
//!
//! One thread with a runtime of its own answers `dl-ctl` and tells the processes their rules; what they answer
//! comes with their records, and is noticed where those go out. Without the option nothing of it exists, and with it
//! the way of the records is a search for one word longer.

mod desk;
mod heard;
mod places;
mod publish;

use std::{
    hash::{BuildHasher, RandomState},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{Arc, Mutex},
    thread::{Scope, ScopedJoinHandle},
    time::{Duration, Instant},
};

use clap::Args;
use tokio::{
    runtime::{self, Runtime},
    sync::watch,
    time::timeout,
};

use self::{heard::Heard, places::Places};
use super::{Program, RecvArgs, lock, say, security::SecurityArgs, warnings::Warnings};
use crate::{
    cli::common::parse_duration,
    control::{Book, Bounds},
    error::{Error, Result},
    shutdown::Shutdown,
    sink::Sink,
};

/// How long what is left to do may take at the end.
const CLOSE: Duration = Duration::from_millis(500);

/// Whether and where levels are controlled.
#[derive(Args, Debug)]
pub(super) struct ControlArgs {
    /// Let dl-ctl(1) change the levels of running programs: it comes to ipc://PATH
    ///
    /// The programs come to ndjson+unix://PATH or ndjson+tcp://HOST:PORT, which are given by
    /// further --control; without, to ndjson+unix://PATH.levels. See CONTROL in the manual.
    #[arg(long, value_name = "ENDPOINT")]
    control: Vec<String>,

    /// The longest time that dl-ctl(1) may change a level for
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_duration)]
    #[arg(requires = "control", hide_short_help = true)]
    control_ttl: Duration,
}

/// What the parts of the control plane share.
#[derive(Debug)]
struct Shared {
    book: Mutex<Book>,
    /// Counts the changes, so that whoever tells processes of them wakes up.
    changes: watch::Sender<u64>,
    warnings: Mutex<Warnings>,
}

impl Shared {
    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

/// The control plane, bound and not yet at work.
pub(super) struct Control {
    shared: Arc<Shared>,
    runtime: Runtime,
    places: Places,
}

impl Control {
    /// Binds what is asked for, if anything is, and says where.
    pub(super) fn bind(args: &ControlArgs, security: &SecurityArgs) -> Result<Option<Self>> {
        if args.control.is_empty() {
            return Ok(None);
        }
        let places = Places::bind(&args.control, security)?;
        let bounds = Bounds {
            ttl: args.control_ttl,
            ..Bounds::default()
        };
        // Another one for each run: processes may still know the rules of the last.
        let run = RandomState::new().hash_one(std::process::id());
        let shared = Shared {
            book: Mutex::new(Book::new(prefix(run), bounds)),
            changes: watch::Sender::new(0),
            warnings: Mutex::new(Warnings::new(Instant::now())),
        };
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        Ok(Some(Self {
            shared: Arc::new(shared),
            runtime,
            places,
        }))
    }

    /// Lets the answers of processes be noticed on their way to `sink`.
    pub(super) fn over(control: Option<&Self>, sink: Box<dyn Sink>) -> Box<dyn Sink> {
        match control {
            None => sink,
            Some(control) => Box::new(Heard::new(sink, Arc::clone(&control.shared))),
        }
    }

    /// Works in a thread of `scope` until the program is asked to end.
    pub(super) fn start<'s>(
        self,
        scope: &'s Scope<'s, '_>,
        shutdown: &'s Shutdown,
    ) -> ScopedJoinHandle<'s, Result<()>> {
        scope.spawn(move || {
            let worked = to_be_watched(shutdown).and_then(|asked| self.work(asked));
            if worked.is_err() {
                shutdown.ask();
            }
            worked
        })
    }

    fn work(self, asked: UnixStream) -> Result<()> {
        let Self {
            shared,
            runtime,
            places,
        } = self;
        let Places { desk, levels } = places;
        let worked = runtime.block_on(async {
            let asked = tokio::net::UnixStream::from_std(asked).map_err(failed)?;
            for place in levels {
                tokio::spawn(place.serve(Arc::clone(&shared)));
            }
            tokio::spawn(watch_the_clock(Arc::clone(&shared)));
            let mut desk = desk.open().await?;
            tokio::select! {
                _ = asked.readable() => {}
                () = desk.answer(&shared) => {}
            }
            let _ = timeout(CLOSE, desk.close()).await;
            Ok(())
        });
        runtime.shutdown_timeout(CLOSE);
        worked
    }
}

/// The descriptor that is readable once the program is asked to end, which nobody ever reads from.
fn to_be_watched(shutdown: &Shutdown) -> Result<UnixStream> {
    let asked = shutdown.as_fd().try_clone_to_owned().map_err(failed)?;
    let asked = UnixStream::from(asked);
    asked.set_nonblocking(true).map_err(failed)?;
    Ok(asked)
}

/// Waits for the end of the control plane, if there is one.
pub(super) fn join(thread: Option<ScopedJoinHandle<'_, Result<()>>>) -> Result<()> {
    let died = |_| Err(Error::Failed("the thread of --control has died".into()));
    thread.map_or(Ok(()), |thread| thread.join().unwrap_or_else(died))
}

/// Ends rules whose time is over. The processes do so by themselves; this is for those who ask.
async fn watch_the_clock(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    loop {
        ticks.tick().await;
        if lock(&shared.book).expire(Instant::now()) {
            shared.changed();
        }
    }
}

/// Four letters and digits that are not mistaken for each other.
fn prefix(mut number: u64) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letter = |_| {
        let letter = char::from(LETTERS[(number % 32) as usize]);
        number /= 32;
        letter
    };
    (0..4).map(letter).collect()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Failed(format!("--control: {error}"))
}

/// Says what somebody who reads the log of this program wants to know.
fn tell(words: &str) {
    say(RecvArgs::NAME, words);
}
