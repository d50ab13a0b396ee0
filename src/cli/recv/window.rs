//! `dl-recv --merge-window`: records of streams in order of time, as far as a short wait allows.
//!
//! Each record waits for the same time, by our clock and not by its own, so that clocks that
//! differ cannot hold anything back for longer. When its wait is over it goes on, and in front
//! of it all that are earlier.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::{Outlet, Program, RecvArgs, merge::MergeArgs, say};
use crate::{
    cli::ledger::plural,
    error::Result,
    record::{Canonical, Found, Lines, Reader, Zone},
    sink::Sink,
};

/// How exact the wait is.
const TICK: Duration = Duration::from_millis(10);

/// What a record that waits takes beside its bytes, about.
const OVERHEAD: usize = 128;

/// Puts a window before a sink, if one is asked for.
pub(super) fn over((sink, tick): Outlet, args: &MergeArgs, zone: Option<Zone>) -> Outlet {
    match args.merge_window {
        None => (sink, tick),
        Some(wait) => {
            let window = Window::new(wait, args.memory, zone);
            let tick = tick.map_or(TICK, |tick| tick.min(TICK));
            (Box::new(Windowed { window, sink }), Some(tick))
        }
    }
}

struct Windowed {
    window: Window,
    sink: Box<dyn Sink>,
}

impl Windowed {
    fn pass_on(&mut self) -> Result<()> {
        if self.window.due.is_empty() {
            return Ok(());
        }
        let written = self.sink.write(&self.window.due);
        self.window.due.clear();
        written
    }
}

impl Sink for Windowed {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.window.take(lines, Instant::now());
        self.pass_on()
    }

    fn tick(&mut self) -> Result<()> {
        self.window.release(Instant::now());
        self.pass_on()?;
        self.sink.tick()
    }

    fn sync(&mut self) -> Result<()> {
        self.sink.sync()
    }

    fn sync_every(&self) -> Duration {
        self.sink.sync_every()
    }

    fn finish(&mut self) -> Result<()> {
        self.window.release_all();
        let written = self.pass_on();
        let finished = self.sink.finish();
        let Window { late, early, .. } = self.window;
        if late > 0 {
            let words = format!(
                "{} came too late for --merge-window",
                plural(late, "record")
            );
            say(RecvArgs::NAME, &words);
        }
        if early > 0 {
            let records = plural(early, "record");
            let words = format!("{records} did not wait for --merge-window: --memory was full");
            say(RecvArgs::NAME, &words);
        }
        written.and(finished)
    }

    fn undelivered(&self) -> u64 {
        self.sink.undelivered()
    }

    fn refused(&self) -> Option<(u64, String)> {
        self.sink.refused()
    }
}

/// Records that wait.
struct Window {
    wait: Duration,
    memory: usize,
    /// Of times that are written without one.
    zone: Option<Zone>,
    reader: Reader,
    found: Found,
    /// By time, and by number among those of one time.
    waiting: BTreeMap<(i64, u64), Box<[u8]>>,
    /// The same in the order in which they came, each with the end of its wait.
    order: VecDeque<(Instant, (i64, u64))>,
    /// The bytes of those that wait, and what `order` takes.
    used: usize,
    number: u64,
    /// The time of the record that came last, for those that have none.
    before: i64,
    /// The latest time that has gone on.
    gone: i64,
    late: u64,
    early: u64,
    /// What is to go on now.
    due: Vec<u8>,
}

impl Window {
    fn new(wait: Duration, memory: usize, zone: Option<Zone>) -> Self {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Time);
        Self {
            wait,
            memory,
            zone,
            reader,
            found: Found::default(),
            waiting: BTreeMap::new(),
            order: VecDeque::new(),
            used: 0,
            number: 0,
            before: i64::MIN,
            gone: i64::MIN,
            late: 0,
            early: 0,
            due: Vec::new(),
        }
    }

    /// Takes records that have come now.
    fn take(&mut self, lines: &[u8], now: Instant) {
        self.release(now);
        for line in Lines::new(lines) {
            let record = self.reader.read(line, &mut self.found).ok();
            let time = record.and_then(|record| record.time_in(self.zone));
            let time = time.map_or(self.before, |time| time.0);
            self.before = time;
            if time < self.gone {
                self.late += 1;
                self.due.extend_from_slice(line);
                self.due.push(b'\n');
                continue;
            }
            self.number += 1;
            self.used += line.len() + OVERHEAD;
            self.waiting.insert((time, self.number), line.into());
            let end = now.checked_add(self.wait).unwrap_or(now);
            self.order.push_back((end, (time, self.number)));
            while self.used > self.memory {
                let Some((_, key)) = self.order.pop_front() else {
                    break;
                };
                self.used -= OVERHEAD;
                self.early += self.let_go(key);
            }
        }
    }

    /// Lets those go on whose wait is over, and all that are earlier.
    fn release(&mut self, now: Instant) {
        while let Some(&(end, key)) = self.order.front()
            && end <= now
        {
            self.order.pop_front();
            self.used -= OVERHEAD;
            self.let_go(key);
        }
    }

    fn release_all(&mut self) {
        if let Some((&key, _)) = self.waiting.last_key_value() {
            self.let_go(key);
        }
        self.used -= self.order.len() * OVERHEAD;
        self.order.clear();
    }

    /// Lets all go on up to `key`, if it still waits; returns how many.
    fn let_go(&mut self, key: (i64, u64)) -> u64 {
        let mut count = 0;
        while let Some(first) = self.waiting.first_entry()
            && *first.key() <= key
        {
            self.gone = first.key().0;
            let line = first.remove();
            self.used -= line.len();
            self.due.extend_from_slice(&line);
            self.due.push(b'\n');
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(window: &mut Window, ms: u64, start: Instant, lines: &str, expect: &str) {
        let lines: Vec<_> = lines
            .split_whitespace()
            .map(|time| format!("{{\"ts\":{time}}}\n"))
            .collect();
        let lines = lines.concat();
        window.take(lines.as_bytes(), start + Duration::from_millis(ms));
        let due = std::mem::take(&mut window.due);
        let due = String::from_utf8(due).expect("text");
        let due = due.replace("{\"ts\":", "").replace("}\n", " ");
        assert_eq!(due.trim_end(), expect, "after {ms} ms");
    }

    #[test]
    fn records_wait_for_earlier_ones() {
        let start = Instant::now();
        let mut window = Window::new(Duration::from_millis(100), 1 << 20, None);
        check(&mut window, 0, start, "5 9 7", "");
        check(&mut window, 50, start, "6 8", "");
        check(&mut window, 99, start, "", "");
        // The wait of 5, 9 and 7 is over; 6 and 8 are earlier than 9.
        check(&mut window, 100, start, "", "5 6 7 8 9");
        // Too late, and the same time as the last.
        check(&mut window, 110, start, "8 9 10", "8");
        check(&mut window, 210, start, "", "9 10");
        assert_eq!((window.late, window.early), (1, 0));
        check(&mut window, 220, start, "12 11", "");
        window.release_all();
        check(&mut window, 220, start, "", "11 12");
        assert_eq!((window.used, window.waiting.len()), (0, 0));
    }

    #[test]
    fn memory_is_bounded() {
        let start = Instant::now();
        let mut window = Window::new(Duration::from_secs(3_600), 10_000, None);
        let mut came = 0;
        for number in 0..1_000 {
            let line = format!("{{\"ts\":{}}}\n", number ^ 3);
            window.take(line.as_bytes(), start);
            assert!(window.used <= 10_000 && window.order.len() <= window.waiting.len() + 100);
            came += Lines::new(&std::mem::take(&mut window.due)).count();
        }
        assert!(window.early > 0);
        window.release_all();
        assert_eq!(came + Lines::new(&window.due).count(), 1_000);
    }
}
