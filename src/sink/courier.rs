//! Lines go batch by batch to a place that may be away, each batch until it is there.
//!
//! What differs from place to place is a [`Carrier`]; what all of them share is here: batches,
//! attempts with pauses between them, the time to deliver what is left, and what is refused.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use super::{Patience, Sink, SinkOptions, message::records};
use crate::{
    error::{Error, Result},
    store::Fault,
    zmtp::Backoff,
};

/// How long to wait before the second attempt, and before any.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// How much waits for the place at the most, in bytes.
const HELD: usize = 16 << 20;

/// Brings lines to a place.
pub(super) trait Carrier: Send {
    /// Brings lines there: all of them, or none as far as can be known.
    fn bring(&mut self, lines: &[&[u8]], patience: &mut Patience) -> Result<(), Fault>;

    /// Makes sure, as far as can be, that what was brought has arrived.
    fn confirm(&mut self, _patience: &mut Patience) -> Result<(), Fault> {
        Ok(())
    }

    /// Does what is due while nothing is brought.
    fn attend(&mut self, _patience: &mut Patience) -> Result<(), Fault> {
        Ok(())
    }

    /// How many lines were brought of which nobody knows whether they have arrived.
    fn unsure(&self) -> u64 {
        0
    }

    /// How often it suits the place to be asked for that.
    fn confirm_every(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// For how long the place wants to be left alone.
    fn pause(&mut self) -> Duration {
        Duration::ZERO
    }

    /// Does what is to be done at the very end.
    fn close(&mut self) {}

    /// What there is to tell the user since the last time.
    fn words(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Lines that were brought and not taken, which the place has only told afterwards: those
    /// that may be meant, how many of them it is, and why.
    fn turned_away(&mut self) -> Option<TurnedAway> {
        None
    }
}

/// What a place has not taken of a batch.
pub(super) struct TurnedAway {
    /// All lines of which some are meant.
    pub(super) lines: Vec<u8>,
    /// How many are meant.
    pub(super) count: u64,
    /// Why.
    pub(super) words: String,
}

/// When lines are brought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// How many at a time, at the most.
    pub(super) batch: usize,
    /// How many wait for the place at the most; then whoever brings more waits.
    pub(super) hold: usize,
    /// Whether they go at once, and not only when there are enough or nothing more comes.
    pub(super) eager: bool,
}

/// A place that lines are brought to.
pub(super) struct Courier<C> {
    place: String,
    carrier: C,
    load: Load,
    options: SinkOptions,
    /// Lines that are not in a batch yet.
    waiting: Vec<u8>,
    count: usize,
    backoff: Backoff,
    /// When it is tried again while there is nothing to bring.
    again: Option<Instant>,
    /// True while the place is not to be had, which the user has been told.
    away: bool,
    /// Nothing is brought any more.
    over: bool,
    /// Lines that it does not take, and why the first of them.
    refused: Option<(u64, String)>,
    undelivered: u64,
}

/// How attempts have ended, where not with all of it there.
enum Stop {
    /// There is no time left.
    Late,
    Refused(String),
    Failed(String),
}

impl<C: Carrier> Courier<C> {
    /// Looks whether the place is there; that it is not at the moment is no error.
    pub(super) fn open(
        place: String,
        carrier: C,
        load: Load,
        options: SinkOptions,
    ) -> Result<Self> {
        let seed = RandomState::new().hash_one(0);
        let mut courier = Self {
            place,
            carrier,
            load,
            options,
            waiting: Vec::new(),
            count: 0,
            backoff: Backoff::new(FIRST, LONGEST, seed),
            again: None,
            away: false,
            over: false,
            refused: None,
            undelivered: 0,
        };
        courier.attend()?;
        Ok(courier)
    }

    /// Brings all that waits.
    fn flush(&mut self, mut patience: Patience) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let mut bytes = std::mem::take(&mut self.waiting);
        let lines: Vec<_> = bytes
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .collect();
        let mut done = 0;
        let delivered = lines
            .chunks(self.load.batch.max(1))
            .try_for_each(|batch| self.deliver(batch, &mut patience, &mut done));
        let left = lines.len() - done;
        // Where the first line begins that is left.
        let rest = lines.get(done).map_or(bytes.len(), |line| {
            line.as_ptr().addr() - bytes.as_ptr().addr()
        });
        drop(lines);
        bytes.drain(..rest);
        self.waiting = bytes;
        self.count = left;
        match delivered {
            Err(Stop::Late) if patience.is_short() => Ok(()),
            Err(stop) => {
                self.waiting.clear();
                self.count = 0;
                Err(self.give_up(stop, left as u64))
            }
            Ok(()) => Ok(()),
        }
    }

    /// Brings what waits if the place is there; what is away now may be there the next time.
    fn offer(&mut self) -> Result<()> {
        if self.again.is_some_and(|again| again > Instant::now()) {
            return Ok(());
        }
        let patience = self.patience(None).short();
        self.flush(patience)
    }

    /// Brings a batch; of one that the place does not take, all lines but those that it does not
    /// take. `done` counts the lines that are dealt with.
    fn deliver(
        &mut self,
        lines: &[&[u8]],
        patience: &mut Patience,
        done: &mut usize,
    ) -> Result<(), Stop> {
        // Parts of the batch, the next one last.
        let mut parts = vec![lines];
        while let Some(&part) = parts.last() {
            match self.insist(patience, |carrier, patience| carrier.bring(part, patience)) {
                Ok(()) => {
                    *done += part.len();
                    parts.pop();
                }
                Err(Stop::Refused(_)) if part.len() > 1 => {
                    parts.pop();
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Err(Stop::Refused(words)) => {
                    self.refuse(&part.concat(), part.len() as u64, &words);
                    *done += part.len();
                    parts.pop();
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Tries something until it is done, or there is no use or no time.
    fn insist(
        &mut self,
        patience: &mut Patience,
        mut act: impl FnMut(&mut C, &mut Patience) -> Result<(), Fault>,
    ) -> Result<(), Stop> {
        loop {
            let acted = act(&mut self.carrier, patience);
            self.heard(&acted);
            match acted {
                Ok(()) => return Ok(()),
                Err(Fault::Refused(words)) => return Err(Stop::Refused(words)),
                Err(Fault::Lasting(words)) => return Err(Stop::Failed(words)),
                Err(Fault::Passing(_)) => {
                    let left = patience.left().ok_or(Stop::Late)?;
                    let pause = self.pause();
                    if patience.is_short() {
                        return Err(Stop::Late);
                    }
                    patience.wait(pause.min(left));
                }
            }
        }
    }

    /// How long to leave the place alone.
    fn pause(&mut self) -> Duration {
        let pause = self.backoff.wait().max(self.carrier.pause());
        self.again = Some(Instant::now() + pause);
        pause
    }

    /// Tells the user whether the place is there, when that has changed.
    fn heard(&mut self, acted: &Result<(), Fault>) {
        match acted {
            Err(Fault::Passing(words)) if !self.away => {
                self.away = true;
                (self.options.say)(format!("{}: {words}; trying again", self.place));
            }
            Err(Fault::Passing(_) | Fault::Lasting(_)) => {}
            Ok(()) | Err(Fault::Refused(_)) => {
                self.backoff.reset();
                self.again = None;
                if std::mem::take(&mut self.away) {
                    (self.options.say)(format!("{}: there again", self.place));
                }
            }
        }
        for words in self.carrier.words() {
            (self.options.say)(format!("{}: {words}", self.place));
        }
        while let Some(TurnedAway {
            lines,
            count,
            words,
        }) = self.carrier.turned_away()
        {
            self.refuse(&lines, count, &words);
        }
    }

    /// Does what is due, once; what is away now may be there the next time.
    fn attend(&mut self) -> Result<()> {
        if self.again.is_some_and(|again| again > Instant::now()) {
            return Ok(());
        }
        let mut patience = self.patience(None);
        let attended = self.carrier.attend(&mut patience);
        self.heard(&attended);
        match attended {
            Ok(()) => Ok(()),
            Err(Fault::Passing(_)) => {
                self.pause();
                Ok(())
            }
            Err(fault) => Err(self.failed(fault.words())),
        }
    }

    /// Makes sure that all has arrived.
    fn confirm(&mut self, deadline: Option<Instant>) -> Result<()> {
        let mut patience = self.patience(deadline);
        let confirmed = self.insist(&mut patience, C::confirm);
        confirmed.map_err(|stop| self.give_up(stop, 0))
    }

    /// `left` lines will not be brought any more.
    fn give_up(&mut self, stop: Stop, left: u64) -> Error {
        let left = left + self.carrier.unsure();
        self.undelivered += left;
        self.over = true;
        match stop {
            Stop::Late => Error::Undelivered {
                place: self.place.clone(),
                records: records(left),
                linger: self.options.linger,
            },
            Stop::Failed(words) | Stop::Refused(words) => self.failed(&words),
        }
    }

    fn failed(&self, words: &str) -> Error {
        Error::Failed(format!("{}: {words}", self.place))
    }

    fn refuse(&mut self, lines: &[u8], count: u64, words: &str) {
        let why = || (0, format!("{}: {words}", self.place));
        self.refused.get_or_insert_with(why).0 += count;
        if let Some(refuse) = &mut self.options.refuse {
            refuse(lines);
        }
    }

    fn patience(&self, end: Option<Instant>) -> Patience {
        Patience::new(self.options.shutdown.clone(), self.options.linger, end)
    }
}

impl<C: Carrier> Sink for Courier<C> {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.waiting.extend_from_slice(lines);
        self.count += memchr::memchr_iter(b'\n', lines).count();
        if self.count >= self.load.hold || self.waiting.len() >= HELD {
            return self.flush(self.patience(None));
        }
        if self.load.eager {
            return self.offer();
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<()> {
        self.offer()?;
        self.attend()
    }

    fn sync(&mut self) -> Result<()> {
        self.flush(self.patience(None))?;
        self.confirm(None)
    }

    fn sync_every(&self) -> Duration {
        self.carrier.confirm_every()
    }

    fn finish(&mut self) -> Result<()> {
        let end = Some(Instant::now() + self.options.linger);
        let mut finished = Ok(());
        if !self.over {
            finished = self
                .flush(self.patience(end))
                .and_then(|()| self.confirm(end));
        }
        if finished.is_ok() {
            self.carrier.close();
            for words in self.carrier.words() {
                (self.options.say)(format!("{}: {words}", self.place));
            }
        }
        finished
    }

    fn undelivered(&self) -> u64 {
        self.undelivered
    }

    fn refused(&self) -> Option<(u64, String)> {
        self.refused.clone()
    }
}
