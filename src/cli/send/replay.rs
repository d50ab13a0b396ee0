//! `--speed`, `--rate`, `--shift-to`: a capture sent again with its own pace, or another.

use std::{
    ops::Range,
    time::{Duration, Instant as Clock},
};

use clap::Args;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{
    cli::{
        common::now,
        feed::{Batch, Screen, each_line},
    },
    error::Result,
    record::{Canonical, Found, Index, Instant, Kind, Reader, Value, restamped},
    shutdown::Shutdown,
    sink::{Sink, TICK},
    source::Chunk,
};

/// How fast records are sent.
#[derive(Args, Debug)]
pub(super) struct ReplayArgs {
    /// Send records as far apart as their times are, or so many times as fast: 1x, 10x, max
    ///
    /// A record without a time, and one that is earlier than those before, goes at once.
    #[arg(long, value_name = "SPEED", default_value = "max", value_parser = parse_speed)]
    #[arg(hide_short_help = true)]
    speed: Speed,

    /// Send at most so many records a second: 500/s
    #[arg(long, value_name = "N/s", value_parser = parse_rate, hide_short_help = true)]
    rate: Option<f64>,

    /// Move the times of all records so that the first one is of now
    ///
    /// Each keeps its form. Only the time that dl-fmt shows is moved. Spans and trees, which have
    /// other times too, are rejected.
    #[arg(long, value_name = "now", value_parser = ["now"], hide_short_help = true)]
    shift_to: Option<String>,
}

/// How many times as fast; none is as fast as it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Speed(Option<f64>);

/// What a worker makes of a chunk.
#[derive(Debug, Default)]
pub(super) struct Timed {
    /// The lines.
    text: Vec<u8>,
    /// Of each line, if it is wanted, where it ends and its time.
    marks: Vec<Mark>,
}

/// A line.
#[derive(Debug, Default)]
struct Mark {
    end: usize,
    time: Option<Instant>,
    /// What its time is written as, and where in the line.
    place: Option<(Kind, Range<usize>)>,
}

/// So much too early is early enough: waits are no more exact.
const SLACK: Duration = Duration::from_millis(1);

/// How much of a rate is made up for after it could not be kept: as much as waits are inexact.
const MISSED: Duration = Duration::from_millis(50);

/// The longest wait: clocks cannot be asked for any later moment.
const FOREVER: Duration = Duration::from_secs(3_600 * 24 * 365);

/// What of a record has other times than the one that is moved.
const SEVERAL: [&str; 4] = ["otel-span", "otlp-span", "xray", "tree"];

/// Why such a record is rejected.
const NOT_MOVED: &str = "a span or a tree has several times, and --shift-to moves one";

/// The same where two members are one time.
const IN_PARTS: &str = "its time stands in two members, and --shift-to moves one";

impl ReplayArgs {
    /// Lets records through, with their times where those matter.
    pub(super) fn worker(
        &self,
        screen: Screen,
    ) -> impl FnMut(&mut Chunk, &mut Batch<Timed>) + use<> {
        let moves = self.shift_to.is_some();
        let is_timed = self.speed.0.is_some() || moves;
        let is_marked = is_timed || self.rate.is_some();
        let mut reader = Reader::default();
        if is_timed {
            reader.canonical(Canonical::Time);
        }
        let mut found = Found::default();
        let mut index = Index::default();
        move |chunk, batch| {
            let Batch { tally, data } = batch;
            data.text.clear();
            data.marks.clear();
            each_line(chunk.bytes(), &mut index, tally, |line, tally| {
                let mut mark = Mark::default();
                let (mut has_several, mut is_in_parts) = (false, false);
                let bytes = line.bytes();
                let looked = reader.read(line, &mut found).map(|record| {
                    mark.time = record.time();
                    let schema = record.schema();
                    has_several = moves && schema.is_some_and(|name| SEVERAL.contains(&name));
                    mark.place = record.value(Canonical::Time).and_then(|value| {
                        let start = value.raw.as_ptr().addr();
                        let start = start.checked_sub(bytes.as_ptr().addr())?;
                        Some((value.kind, start..start + value.raw.len()))
                    });
                    is_in_parts = moves && mark.time.is_some() && mark.place.is_none();
                });
                if has_several {
                    return tally.reject(bytes, screen.keeps(), &NOT_MOVED);
                }
                if is_in_parts {
                    return tally.reject(bytes, screen.keeps(), &IN_PARTS);
                }
                if let Some(line) = screen.keep(bytes, looked, tally) {
                    tally.write(&line, &mut data.text);
                    if is_marked {
                        mark.end = data.text.len();
                        data.marks.push(mark);
                    }
                }
            });
        }
    }

    /// What sends at this pace.
    pub(super) fn pacer(&self, shutdown: Shutdown) -> Pacer {
        Pacer {
            speed: self.speed.0,
            rate: self.rate,
            moves: self.shift_to.is_some(),
            first: None,
            next: None,
            shutdown,
            out: Vec::new(),
        }
    }
}

/// Sends lines when their time has come.
pub(super) struct Pacer {
    speed: Option<f64>,
    rate: Option<f64>,
    moves: bool,
    /// The first record with a time: when it was sent, by both clocks, and its time.
    first: Option<(Clock, Instant, Instant)>,
    /// When the next record may go, by the rate.
    next: Option<Clock>,
    shutdown: Shutdown,
    /// Lines that go together.
    out: Vec<u8>,
}

impl Pacer {
    /// Sends what a worker has made; once the program has been asked to end, at once.
    pub(super) fn send(&mut self, timed: &Timed, sink: &mut dyn Sink) -> Result<()> {
        if timed.marks.is_empty() {
            return sink.write(&timed.text);
        }
        let mut start = 0;
        for mark in &timed.marks {
            let due = self.due(mark.time);
            if due > Clock::now() + SLACK && !self.shutdown.is_asked() {
                sink.write(&self.out)?;
                self.out.clear();
                self.wait(due, sink)?;
            }
            self.add(&timed.text[start..mark.end], mark);
            start = mark.end;
        }
        let sent = sink.write(&self.out);
        self.out.clear();
        sent
    }

    /// When a record is to go.
    fn due(&mut self, time: Option<Instant>) -> Clock {
        let clock = Clock::now();
        let mut due = clock;
        if let Some(time) = time {
            let &mut (began, _, first) = self.first.get_or_insert_with(|| (clock, now(), time));
            if let Some(speed) = self.speed {
                let seconds = time.seconds_since(first).max(0.0) / speed;
                let after = Duration::try_from_secs_f64(seconds).unwrap_or(FOREVER);
                due = began + after.min(FOREVER);
            }
        }
        if let Some(rate) = self.rate {
            // What was missed a while ago is not made up for.
            let earliest = clock.checked_sub(MISSED).unwrap_or(clock);
            let next = self.next.unwrap_or(clock).max(earliest);
            due = due.max(next);
            self.next = Some(next.max(due) + Duration::from_secs_f64(1.0 / rate));
        }
        due
    }

    /// Waits, and looks after the sink meanwhile; no longer once the program is asked to end.
    fn wait(&self, due: Clock, sink: &mut dyn Sink) -> Result<()> {
        loop {
            let left = due.saturating_duration_since(Clock::now());
            if left.is_zero() || self.shutdown.is_asked() {
                return Ok(());
            }
            let mut fds = [PollFd::new(&self.shutdown, PollFlags::IN)];
            // Whatever ends it early, it is looked at again.
            let _ = poll(&mut fds, Timespec::try_from(left.min(TICK)).ok().as_ref());
            if left > TICK {
                sink.tick()?;
            }
        }
    }

    /// Adds a line, moved if that is wanted.
    fn add(&mut self, line: &[u8], mark: &Mark) {
        let (Some((_, began, first)), Some(time)) = (self.first, mark.time) else {
            return self.out.extend_from_slice(line);
        };
        let Some((kind, place)) = mark.place.clone().filter(|_| self.moves) else {
            return self.out.extend_from_slice(line);
        };
        let since = time.seconds_since(first) / self.speed.unwrap_or(1.0);
        let moved = match self.speed {
            Some(_) => began.after(since),
            // To the nanosecond.
            None => Instant(began.0.saturating_add(time.0.saturating_sub(first.0))),
        };
        let value = Value {
            kind,
            raw: &line[place.clone()],
        };
        self.out.extend_from_slice(&line[..place.start]);
        self.out.extend(restamped(value, time, moved));
        self.out.extend_from_slice(&line[place.end..]);
    }
}

fn parse_speed(text: &str) -> std::result::Result<Speed, String> {
    const WANT: &str = "expected max, or how many times as fast, such as 1x, 10x or 0.5x";
    if text == "max" {
        return Ok(Speed(None));
    }
    let number = text
        .strip_suffix('x')
        .ok_or(WANT)?
        .parse()
        .map_err(|_| WANT)?;
    is_sensible(number)
        .then_some(Speed(Some(number)))
        .ok_or_else(|| WANT.into())
}

fn parse_rate(text: &str) -> std::result::Result<f64, String> {
    const WANT: &str = "expected how many a second, such as 500/s";
    let number = text
        .strip_suffix("/s")
        .ok_or(WANT)?
        .parse()
        .map_err(|_| WANT)?;
    is_sensible(number)
        .then_some(number)
        .ok_or_else(|| WANT.into())
}

/// True for what can be waited by: from once in some days to more than any machine does.
fn is_sensible(number: f64) -> bool {
    (1e-6..=1e9).contains(&number)
}
