//! What a worker does: it selects the records of a chunk, and treats them where no stage
//! has to see them first.

use std::{
    iter,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    key::Key,
    pace::Pace,
    plan::Selection,
    stage::{Scratch, Treat},
    torn::{Finds, Torn},
};
use crate::{
    cli::{
        feed::{Batch, Screen, Stray, each_line},
        ledger::Tally,
    },
    expr::{Filter, Sieve},
    record::{Found, Index, Line, Malformed, Reader, count_framed, is_framed},
    source::Chunk,
    tree::{Ids, Known, Requests},
};

/// What a worker selected of a chunk.
#[derive(Debug, Default)]
pub(super) struct Selected {
    /// Whole lines.
    pub(super) lines: Vec<u8>,
    /// So many lines of the chunk are selected: all of them, so that `lines` has no copy.
    pub(super) whole: Option<u64>,
    /// For each record in `lines`, if there are stages, where it ends and what it is.
    pub(super) picks: Vec<Pick>,
    /// The keys of the records, one after the other, if somebody gathers by them.
    pub(super) keys: String,
}

impl Selected {
    /// The lines that were picked, each with its key and the twin of that.
    pub(super) fn picked(&self) -> impl Iterator<Item = (&[u8], [Option<&str>; 2], PickKind)> {
        let (mut start, mut key_start) = (0, 0);
        self.picks.iter().map(move |pick| {
            let line = &self.lines[std::mem::replace(&mut start, pick.end)..pick.end - 1];
            let mut key = |end| &self.keys[std::mem::replace(&mut key_start, end)..end];
            let keys = pick.key_ends.map(|end| end.map(&mut key));
            (line, keys, pick.kind)
        })
    }
}

/// A record for the stages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick {
    /// Where the line ends, after its newline.
    pub(super) end: usize,
    /// Where the key and the twin of it end in `keys`; `None` if there is none.
    pub(super) key_ends: [Option<usize>; 2],
    pub(super) kind: PickKind,
}

/// What a picked line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PickKind {
    /// A record that was selected.
    Selected,
    /// One more result of the record before it.
    More,
    /// A record that was not, for who gathers.
    Other,
    /// No record: it is written as it is, whatever the stages do.
    Foreign,
}

/// What a worker needs to select.
pub(super) struct Select<'p> {
    reader: &'p Reader,
    filter: Filter,
    invert: bool,
    trees: Option<(&'p Ids, &'p Requests)>,
    torn: Finds<'p>,
    key: Option<&'p Key>,
    trees_met: Option<&'p AtomicBool>,
    /// True if stages come after this.
    staged: bool,
    /// True if all records are selected and written as they are.
    everything: bool,
    treatments: Vec<Box<dyn Treat>>,
    scratch: Scratch,
    screen: Screen,
    found: Found,
    known: Known,
    index: Index,
    /// After so many selected records the rest of a chunk is not looked at.
    limit: u64,
    /// After so many records for the stages too.
    most: usize,
    /// Records selected of this chunk so far.
    selected: u64,
    /// Holds back lines that cannot be selected, where nothing more need be known of them.
    sieve: Option<&'p Sieve>,
    pace: Pace,
}

impl<'p> Select<'p> {
    pub(super) fn new(selection: &Selection<'p>, staged: bool, screen: Screen) -> Self {
        Self {
            reader: selection.reader,
            // A regex has a cache of its own, which workers should not fight for.
            filter: selection.filter.clone(),
            invert: selection.invert,
            trees: selection.trees,
            torn: selection.torn.finds(),
            key: selection.key,
            trees_met: selection.trees_met,
            staged,
            everything: selection.everything
                && selection.is_by_expression()
                && selection.limit.is_none()
                && selection.treatments.is_empty()
                && !staged,
            treatments: selection.treat(),
            scratch: Scratch::default(),
            screen,
            found: Found::default(),
            known: Known::default(),
            index: Index::default(),
            limit: selection.limit.unwrap_or(u64::MAX),
            most: usize::MAX,
            selected: 0,
            sieve: selection
                .sieve
                .filter(|_| selection.is_by_expression() && !screen.checks_all()),
            pace: Pace::default(),
        }
    }

    /// Looks again at a chunk that has been looked at, up to so many selected records or so many for the stages,
    /// behind which nothing counts.
    pub(super) fn again(mut self, chunk: &Chunk, limit: u64, most: usize) -> Batch<Selected> {
        let torn = Torn::default();
        let mut batch = Batch::default();
        batch.tally.unfinished = chunk.is_unfinished();
        (self.limit, self.most) = (limit, most);
        Select {
            torn: torn.finds(),
            ..self
        }
        .chunk(chunk, &mut batch);
        batch
    }

    pub(super) fn chunk(&mut self, chunk: &Chunk, batch: &mut Batch<Selected>) {
        let Batch { tally, data } = batch;
        data.lines.clear();
        data.whole = None;
        data.picks.clear();
        data.keys.clear();
        self.selected = 0;
        let bytes = chunk.bytes();
        if self.everything
            && let Some(lines) = self.count_records(bytes)
        {
            data.whole = Some(lines);
            tally.lines = lines;
            tally.read = lines;
            tally.written = lines;
            return;
        }
        match self.sieve {
            None => {
                let mut index = std::mem::take(&mut self.index);
                each_line(bytes, &mut index, tally, |line, tally| {
                    if let Err(bad) = self.line(line, data, tally) {
                        self.stray(line.bytes(), bad, data, tally);
                    }
                });
                self.index = index;
            }
            Some(sieve) => {
                let sieves = self.pace.sieves();
                match count_framed(bytes).filter(|_| sieves) {
                    Some(lines) => self.sift(sieve, bytes, lines, data, tally),
                    None => self.scan(sieve, sieves, bytes, data, tally),
                }
            }
        }
    }

    /// The number of lines, if each is a record with a newline behind it.
    fn count_records(&mut self, bytes: &[u8]) -> Option<u64> {
        if bytes.last() != Some(&b'\n') {
            return None;
        }
        let mut lines = 0;
        let counted = self.index.each(bytes, |line| {
            lines += 1;
            match self.reader.read(line, &mut self.found) {
                Ok(_) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        counted.is_continue().then_some(lines)
    }

    /// Scans only the lines that the sieve lets through, of a chunk with so many lines, each
    /// of which looks like an object from outside.
    fn sift(
        &mut self,
        sieve: &Sieve,
        bytes: &[u8],
        mut lines: u64,
        data: &mut Selected,
        tally: &mut Tally,
    ) {
        let (mut counted, mut number, mut survivors) = (0, 1, 0);
        for (start, line) in sieve.chunk(bytes) {
            survivors += 1;
            if let Err(bad) = self.line(line.into(), data, tally) {
                number += memchr::memchr_iter(b'\n', &bytes[counted..start]).count() as u64;
                counted = start;
                tally.lines = number;
                self.stray(line, bad, data, tally);
            }
            if tally.stop {
                lines = memchr::memchr_iter(b'\n', &bytes[..start]).count() as u64 + 1;
                break;
            }
        }
        tally.lines = lines;
        tally.read = lines;
        tally.filtered += lines - survivors;
        self.pace.passed(survivors, lines);
    }

    /// Goes through the sieve line by line, because some look like no object, or leaves it
    /// out. The result is the same in any case: a line that looks like an object and cannot be
    /// selected is not rejected.
    fn scan(
        &mut self,
        sieve: &Sieve,
        sieves: bool,
        bytes: &[u8],
        data: &mut Selected,
        tally: &mut Tally,
    ) {
        let held_back = |line: &[u8]| is_framed(line) && !sieve.passes(line);
        let mut index = std::mem::take(&mut self.index);
        each_line(bytes, &mut index, tally, |line, tally| {
            if sieves && held_back(line.bytes()) {
                tally.filtered += 1;
            } else if let Err(bad) = self.line(line, data, tally) {
                if !sieves && held_back(line.bytes()) {
                    tally.filtered += 1;
                } else {
                    self.stray(line.bytes(), bad, data, tally);
                }
            }
        });
        self.index = index;
    }

    /// Does with a line that is no record what the user wants.
    fn stray(&mut self, line: &[u8], bad: Malformed, data: &mut Selected, tally: &mut Tally) {
        match self.screen.stray(line, &bad, tally) {
            Stray::Gone => {}
            Stray::Pass => self.keep(line, PickKind::Foreign, data, tally),
            Stray::Wrapped(record) => drop(self.line((&*record).into(), data, tally)),
        }
    }

    fn line(
        &mut self,
        line: Line<'_>,
        data: &mut Selected,
        tally: &mut Tally,
    ) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        let line = line.bytes();
        if let Some(met) = self.trees_met
            && record.schema() == Some("tree")
        {
            met.store(true, Ordering::Relaxed);
        }
        let known = &mut self.known;
        let of_tree = |(trees, requests): (&Ids, &Requests)| {
            if self.invert {
                let request = requests.of(&record, known)?;
                return Some(trees.contains(&request));
            }
            self.torn.judge(&record, known, (trees, requests))
        };
        let matches = self
            .trees
            .and_then(of_tree)
            .unwrap_or_else(|| self.filter.matches(&record));
        let selected = matches != self.invert;
        if let Some(key) = self.key {
            let keys = [
                key.of(&record, &mut self.known),
                matches
                    .then(|| key.twin(&record, &mut self.known))
                    .flatten(),
            ];
            let kind = if selected {
                PickKind::Selected
            } else {
                PickKind::Other
            };
            self.keep(line, kind, data, tally);
            if let Some(pick) = data.picks.last_mut() {
                for (key, end) in keys.into_iter().zip(&mut pick.key_ends) {
                    *end = key.map(|key| {
                        data.keys.push_str(&key);
                        data.keys.len()
                    });
                }
            }
        } else if !selected {
            tally.filtered += 1;
        } else if self.treatments.is_empty() {
            self.keep(line, PickKind::Selected, data, tally);
        } else {
            self.treat(line, data, tally);
        }
        Ok(())
    }

    /// Hands a line on: to the output, where it counts as written, or to the stages.
    fn keep(&mut self, line: &[u8], kind: PickKind, data: &mut Selected, tally: &mut Tally) {
        if kind == PickKind::Selected {
            self.count(1, tally);
        }
        if self.staged {
            data.lines.extend_from_slice(line);
            data.lines.push(b'\n');
            data.picks.push(Pick {
                end: data.lines.len(),
                key_ends: [None; 2],
                kind,
            });
            tally.stop |= data.picks.len() >= self.most;
        } else {
            tally.write(line, &mut data.lines);
        }
    }

    /// Counts selected records, and has the chunk left when there are enough.
    fn count(&mut self, records: u64, tally: &mut Tally) {
        self.selected += records;
        if self.selected >= self.limit {
            tally.stop = true;
        }
    }

    fn treat(&mut self, line: &[u8], data: &mut Selected, tally: &mut Tally) {
        match self.scratch.apply(&mut self.treatments, line) {
            Err(reason) => tally.reject(line, self.screen.keeps(), &reason),
            Ok([]) => tally.filtered += 1,
            Ok(lines) if self.staged => {
                let start = data.lines.len();
                data.lines.extend_from_slice(lines);
                let kinds = iter::once(PickKind::Selected).chain(iter::repeat(PickKind::More));
                let ends = memchr::memchr_iter(b'\n', lines);
                let results = memchr::memchr_iter(b'\n', lines).count() as u64;
                data.picks.extend(ends.zip(kinds).map(|(at, kind)| Pick {
                    end: start + at + 1,
                    key_ends: [None; 2],
                    kind,
                }));
                tally.stop |= data.picks.len() >= self.most;
                self.count(results, tally);
            }
            Ok(lines) => {
                data.lines.extend_from_slice(lines);
                tally.written += 1;
            }
        }
    }
}
