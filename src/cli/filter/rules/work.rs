//! What a worker does: it asks the rules about each record of a chunk, and prepares what
//! goes to each destination as far as one record by itself decides that.

use std::sync::{Arc, Mutex, PoisonError};

use super::table::Table;
use crate::{
    clean::{Redactor, Sampler},
    cli::{
        feed::{Batch, Screen, Stray, each_line},
        ledger::Tally,
    },
    expr::Filter,
    record::{Found, Index, Line, Malformed},
    route::Router,
    source::Chunk,
};

/// The table in force, which a reload replaces.
pub(super) type Current = Mutex<Arc<Table>>;

/// The table in force now.
pub(super) fn current(current: &Current) -> Arc<Table> {
    Arc::clone(&current.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What a worker made of a chunk.
#[derive(Debug, Default)]
pub(super) struct Routed {
    /// The table by which it was made.
    pub(super) version: u64,
    /// For each destination, whole lines.
    pub(super) outs: Vec<Vec<u8>>,
    /// Whole lines that have to be seen in the order of the input.
    pub(super) lines: Vec<u8>,
    pub(super) picks: Vec<Pick>,
    /// For each rule, and behind them for the default route, what it did.
    pub(super) counts: Vec<Count>,
    /// Records that were written already, or could not be.
    pub(super) tally: Tally,
}

/// A line of a route whose records have to be seen in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick {
    /// Where the line ends, after its newline.
    pub(super) end: usize,
    pub(super) route: usize,
    /// The number of the record in its chunk: one may take several routes.
    pub(super) record: u64,
    /// True if the route has written it elsewhere already, where order is no matter.
    pub(super) by_route: bool,
    /// True if any route has written it, so that it is counted.
    pub(super) counted: bool,
}

/// What a route has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Records that matched.
    pub(super) taken: u64,
    /// Those that were written anywhere.
    pub(super) written: u64,
}

impl Count {
    pub(super) fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.written += other.written;
    }
}

impl Routed {
    fn begin(&mut self, table: &Table) {
        self.version = table.version;
        self.outs
            .resize_with(table.rules.destinations.len(), Vec::new);
        self.outs.iter_mut().for_each(Vec::clear);
        self.lines.clear();
        self.picks.clear();
        self.counts.clear();
        self.counts
            .resize(table.default_route() + 1, Count::default());
        self.tally.clear();
    }
}

/// A worker.
pub(super) struct Work {
    table: Arc<Table>,
    own: Own,
    screen: Screen,
    found: Found,
    index: Index,
    /// The routes of one record.
    taken: Vec<usize>,
    record: u64,
}

/// What each worker has of its own of a table: caches that workers should not fight for.
struct Own {
    filter: Filter,
    router: Router,
    cleaners: Vec<Cleaner>,
}

impl Own {
    fn new(table: &Table) -> Self {
        let clean = |rule: &crate::route::Rule| Cleaner {
            sample: rule.sample.clone(),
            redact: rule.redact.clone(),
            sampled: Vec::new(),
            redacted: Vec::new(),
        };
        Self {
            filter: table.filter.clone(),
            router: table.router.clone(),
            cleaners: table.rules.rules.iter().map(clean).collect(),
        }
    }
}

impl Work {
    pub(super) fn new(table: Arc<Table>, screen: Screen) -> Self {
        Self {
            own: Own::new(&table),
            table,
            screen,
            found: Found::default(),
            index: Index::default(),
            taken: Vec::new(),
            record: 0,
        }
    }

    /// Works on a chunk by the rules in force.
    pub(super) fn chunk(&mut self, now: &Current, chunk: &Chunk, batch: &mut Batch<Routed>) {
        let table = current(now);
        if table.version != self.table.version {
            self.own = Own::new(&table);
            self.table = table;
        }
        let Batch { tally, data } = batch;
        self.lines(chunk, tally, data);
    }

    /// Works on the lines of a chunk. What is no record is counted in `tally`, what became of
    /// records in `routed`, so that other rules can be asked about the same chunk again.
    pub(super) fn lines(&mut self, chunk: &Chunk, tally: &mut Tally, routed: &mut Routed) {
        routed.begin(&self.table);
        let mut index = std::mem::take(&mut self.index);
        each_line(chunk.bytes(), &mut index, tally, |line, tally| {
            if let Err(bad) = self.line(line, routed) {
                let line = line.bytes();
                match self.screen.stray(line, &bad, tally) {
                    Stray::Gone => {}
                    Stray::Pass => {
                        let route = self.table.default_route();
                        routed.counts[route].taken += 1;
                        let written = write(&self.table, route, self.record, line, routed);
                        routed.tally.written += u64::from(written);
                        self.record += 1;
                    }
                    Stray::Wrapped(record) => drop(self.line((&*record).into(), routed)),
                }
            }
        });
        self.index = index;
    }

    fn line(&mut self, line: Line<'_>, routed: &mut Routed) -> Result<(), Malformed> {
        let table = &*self.table;
        let record = table.reader.read(line, &mut self.found)?;
        let line = line.bytes();
        self.record += 1;
        if self.own.filter.matches(&record) == table.invert {
            return Ok(());
        }
        self.taken.clear();
        if !self
            .own
            .router
            .route(&record, |number| self.taken.push(number))
        {
            self.taken.push(table.default_route());
        }
        let first = routed.picks.len();
        let (mut counted, mut failed) = (false, None);
        for &route in &self.taken {
            routed.counts[route].taken += 1;
            let cleaned = match self.own.cleaners.get_mut(route) {
                Some(cleaner) => cleaner.clean(line),
                None => Ok(Some(line)),
            };
            match cleaned {
                Ok(None) => {}
                Ok(Some(line)) => {
                    counted |= write(table, route, self.record, line, routed);
                }
                Err(bad) => failed = Some(bad),
            }
        }
        // One route may have written at once what another one has to see in order.
        let later = &mut routed.picks[first..];
        for pick in later.iter_mut() {
            pick.counted = counted;
        }
        if counted {
            routed.tally.written += 1;
        } else if let Some(bad) = failed
            && later.is_empty()
        {
            routed.tally.reject(line, self.screen.keeps(), &bad);
        }
        Ok(())
    }
}

/// Hands a line to the destinations of a route; true if any got it now.
fn write(table: &Table, route: usize, record: u64, line: &[u8], routed: &mut Routed) -> bool {
    let (mut now, mut later) = (false, false);
    for &to in table.route(route) {
        if table.direct[to] {
            routed.outs[to].extend_from_slice(line);
            routed.outs[to].push(b'\n');
            now = true;
        } else {
            later = true;
        }
    }
    routed.counts[route].written += u64::from(now);
    if later {
        routed.lines.extend_from_slice(line);
        routed.lines.push(b'\n');
        routed.picks.push(Pick {
            end: routed.lines.len(),
            route,
            record,
            by_route: now,
            counted: now,
        });
    }
    now
}

/// What a rule does to a record before it is written.
struct Cleaner {
    sample: Option<Sampler>,
    redact: Option<Redactor>,
    sampled: Vec<u8>,
    redacted: Vec<u8>,
}

impl Cleaner {
    /// The record as the rule writes it; none if it is not in the sample.
    fn clean<'c>(&'c mut self, line: &'c [u8]) -> Result<Option<&'c [u8]>, Malformed> {
        let mut line = line;
        if let Some(sample) = &mut self.sample {
            self.sampled.clear();
            if !sample.keep(line, &mut self.sampled)? {
                return Ok(None);
            }
            line = &self.sampled;
        }
        if let Some(redact) = &mut self.redact {
            self.redacted.clear();
            redact.redact(line, &mut self.redacted)?;
            line = &self.redacted;
        }
        Ok(Some(line))
    }
}
