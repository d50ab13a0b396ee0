//! Stores: records go in batch by batch, each until it is there.

use std::{
    hash::{BuildHasher, RandomState},
    os::fd::AsFd,
    time::{Duration, Instant, SystemTime},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Sink, SinkOptions};
use crate::{
    endpoint::StoreAt,
    error::{Error, Result},
    store::{self, Access, Fault, Row, Rows, Store},
};

/// How long to wait before the second attempt, and before any.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// How often records that are too old are looked for.
const SWEEP: Duration = Duration::from_secs(3_600);

/// A table of records in a database.
pub struct StoreSink {
    at: StoreAt,
    place: String,
    options: SinkOptions,
    /// Opened anew after a failure.
    store: Option<Box<dyn Store>>,
    rows: Rows,
    /// Lines that are not in a batch yet.
    waiting: Vec<u8>,
    count: usize,
    /// True while it is not to be had, which the user has been told.
    away: bool,
    /// Records that were there already.
    known: u64,
    /// Records that were too old, and when it was looked for them last.
    removed: u64,
    swept: Instant,
    /// Records that it does not take, and why the first of them.
    refused: Option<(u64, String)>,
    undelivered: u64,
}

/// How a batch has ended, where not with all of it in the store.
enum Stop {
    /// There is no time left.
    Late,
    Failed(String),
}

impl StoreSink {
    /// Opens a store; that it is not to be had at the moment is no error.
    pub fn open(at: &StoreAt, mut options: SinkOptions) -> Result<Self> {
        let place = at.to_string();
        let mut away = false;
        let store = match store::open(at, Access::Write) {
            Ok(store) => Some(store),
            Err(Fault::Passing(words)) => {
                (options.say)(format!("{place}: {words}; trying again"));
                away = true;
                None
            }
            Err(fault) => return Err(Error::Failed(format!("{place}: {}", fault.words()))),
        };
        Ok(Self {
            at: at.clone(),
            place,
            options,
            store,
            rows: Rows::default(),
            waiting: Vec::new(),
            count: 0,
            away,
            known: 0,
            removed: 0,
            swept: Instant::now(),
            refused: None,
            undelivered: 0,
        })
    }

    /// Puts all that waits into the store, until `deadline` if there is one.
    fn flush(&mut self, deadline: Option<Instant>) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.waiting);
        self.count = 0;
        let mut maker = std::mem::take(&mut self.rows);
        let mut deadline = Deadline {
            end: deadline,
            linger: self.options.linger,
        };
        let rows: Vec<_> = lines
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| maker.row(line))
            .collect();
        let mut done = 0;
        let mut stop = None;
        for batch in rows.chunks(self.options.batch.max(1)) {
            if let Err(why) = self.deliver(batch, &mut deadline, &mut done) {
                stop = Some(why);
                break;
            }
        }
        let left = rows.len() - done;
        drop(rows);
        self.rows = maker;
        self.waiting = lines;
        self.waiting.clear();
        let Some(stop) = stop else {
            return Ok(());
        };
        self.undelivered += left as u64;
        Err(match stop {
            Stop::Late => Error::Undelivered {
                place: self.place.clone(),
                records: format!("{left} record{}", if left == 1 { "" } else { "s" }),
                linger: self.options.linger,
            },
            Stop::Failed(words) => Error::Failed(format!("{}: {words}", self.place)),
        })
    }

    /// Puts a batch into the store; of one that it does not take, all rows but those that it
    /// does not take. `done` counts the rows that are dealt with.
    fn deliver(
        &mut self,
        rows: &[Row<'_>],
        deadline: &mut Deadline,
        done: &mut usize,
    ) -> Result<(), Stop> {
        // Parts of the batch, the next one last.
        let mut parts = vec![rows];
        let mut pause = FIRST;
        while let Some(&part) = parts.last() {
            match self.put(part) {
                Ok(fresh) => {
                    self.known += part.len() as u64 - fresh;
                    *done += part.len();
                    parts.pop();
                    pause = FIRST;
                }
                Err(Fault::Refused(_)) if part.len() > 1 => {
                    parts.pop();
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Err(Fault::Refused(words)) => {
                    if let [row] = part {
                        self.refuse(row, &words);
                    }
                    *done += part.len();
                    parts.pop();
                }
                Err(Fault::Lasting(words)) => return Err(Stop::Failed(words)),
                Err(Fault::Passing(words)) => {
                    self.store = None;
                    if !self.away {
                        self.away = true;
                        (self.options.say)(format!("{}: {words}; trying again", self.place));
                    }
                    let Some(left) = deadline.left(self.options.shutdown.is_asked()) else {
                        return Err(Stop::Late);
                    };
                    self.wait(jittered(pause).min(left));
                    pause = (pause * 2).min(LONGEST);
                }
            }
        }
        Ok(())
    }

    /// Puts rows in once.
    fn put(&mut self, rows: &[Row<'_>]) -> Result<u64, Fault> {
        let store = match &mut self.store {
            Some(store) => store,
            none => none.insert(store::open(&self.at, Access::Write)?),
        };
        let put = store.put(rows);
        if self.away && !matches!(put, Err(Fault::Passing(_))) {
            self.away = false;
            (self.options.say)(format!("{}: there again", self.place));
        }
        put
    }

    /// Removes what is too old. If that fails it is done the next time.
    fn sweep(&mut self) {
        self.swept = Instant::now();
        let (Some(retention), Some(store)) = (&self.options.retention, &mut self.store) else {
            return;
        };
        match retention.sweep(&mut **store, SystemTime::now()) {
            Ok(removed) => self.removed += removed,
            Err(fault) => (self.options.say)(format!(
                "{}: what is too old is still there: {}",
                self.place,
                fault.words()
            )),
        }
    }

    fn refuse(&mut self, row: &Row<'_>, words: &str) {
        let why = || (0, format!("{}: {words}", self.place));
        self.refused.get_or_insert_with(why).0 += 1;
        if let Some(refuse) = &mut self.options.refuse {
            refuse(row.line);
        }
    }

    /// Waits, but not on if the program is asked to end meanwhile.
    fn wait(&self, time: Duration) {
        if self.options.shutdown.is_asked() {
            // The descriptor stays readable from then on.
            std::thread::sleep(time);
            return;
        }
        let mut fds = [PollFd::from_borrowed_fd(
            self.options.shutdown.as_fd(),
            PollFlags::IN,
        )];
        let timeout = Timespec::try_from(time).ok();
        // Whatever ends it early, the next attempt comes earlier.
        let _ = poll(&mut fds, timeout.as_ref());
    }
}

/// Until when attempts go on.
struct Deadline {
    end: Option<Instant>,
    linger: Duration,
}

impl Deadline {
    /// The time that is left, `None` if there is none. It begins to run out when the program is
    /// asked to end.
    fn left(&mut self, asked: bool) -> Option<Duration> {
        let now = Instant::now();
        if asked {
            self.end.get_or_insert(now + self.linger);
        }
        match self.end {
            None => Some(LONGEST),
            Some(end) => Some(end.saturating_duration_since(now)).filter(|left| !left.is_zero()),
        }
    }
}

/// Between half of a time and all of it, so that many who wait for one do not come back together.
fn jittered(time: Duration) -> Duration {
    let random = RandomState::new().hash_one(0) % 1_024;
    time / 2 + time / 2 * u32::try_from(random).unwrap_or(0) / 1_024
}

impl Sink for StoreSink {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.waiting.extend_from_slice(lines);
        self.count += memchr::memchr_iter(b'\n', lines).count();
        if self.count >= self.options.batch {
            return self.tick();
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<()> {
        self.flush(None)?;
        if self.swept.elapsed() >= SWEEP {
            self.sweep();
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        self.flush(None)
    }

    fn finish(&mut self) -> Result<()> {
        self.flush(Some(Instant::now() + self.options.linger))?;
        self.sweep();
        let s = |count| if count == 1 { "" } else { "s" };
        if self.known > 0 {
            let words = format!("{} record{} there already", self.known, s(self.known));
            (self.options.say)(format!("{}: {words}", self.place));
        }
        if self.removed > 0 {
            let words = format!("{} old record{} removed", self.removed, s(self.removed));
            (self.options.say)(format!("{}: {words}", self.place));
        }
        Ok(())
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }

    fn refused(&self) -> Option<(u64, String)> {
        self.refused.clone()
    }
}
