//! The ledger: every line read is written, selected away, or counted with a reason.

mod tally;

use std::{fmt::Write as _, fs::File, io::Write as _, path::PathBuf};

use super::{Outcome, common::LineArgs, feed::SHOWN, meters::Meters, say};
use crate::{
    error::{Error, Result},
    sink::Sink,
    source::Chunk,
};

pub(super) use crate::words::plural;
pub(super) use tally::Tally;

/// What became of all lines so far.
#[derive(Debug)]
pub(super) struct Ledger {
    program: &'static str,
    strict: bool,
    stats: bool,
    rejects: Option<(PathBuf, File)>,
    read: u64,
    written: u64,
    filtered: u64,
    rejected: u64,
    /// Records that a destination should have got and did not.
    undelivered: u64,
    /// Those of the rejected lines that are no JSON objects, which `--foreign` is about.
    foreign: u64,
    text: u64,
    /// Those of the rejected lines that were too long.
    oversized: u64,
    first_reject: Option<String>,
    /// What to say of unfinished lines: an input has one at the most.
    left_out: Vec<String>,
    /// Lines of the current input before the current chunk.
    base: u64,
    /// Where chunks are counted by their source too.
    meters: Option<Meters>,
}

impl Ledger {
    /// An empty ledger, with the file for rejected lines open.
    pub(super) fn new(program: &'static str, args: &LineArgs) -> Result<Self> {
        let rejects = match &args.rejects {
            None => None,
            Some(name) => {
                let path = PathBuf::from(name);
                // Emptied, then appended to: dl-recv keeps a ledger for files and one for
                // sockets, and neither must write over what the other has kept.
                let file = File::create(&path)
                    .and_then(|_| File::options().append(true).open(&path))
                    .map_err(|source| Error::File {
                        path: path.clone(),
                        source,
                    })?;
                Some((path, file))
            }
        };
        Ok(Self {
            program,
            strict: args.strict,
            stats: args.stats,
            rejects,
            read: 0,
            written: 0,
            filtered: 0,
            rejected: 0,
            undelivered: 0,
            foreign: 0,
            text: 0,
            oversized: 0,
            first_reject: None,
            left_out: Vec::new(),
            base: 0,
            meters: None,
        })
    }

    /// True if chunks are counted by their source too.
    pub(super) fn is_metered(&self) -> bool {
        self.meters.is_some()
    }

    /// Counts chunks by their source too.
    pub(super) fn set_meters(&mut self, meters: Meters) {
        self.meters = Some(meters);
    }

    /// True if a rejected line makes the program end with another status.
    pub(super) fn is_strict(&self) -> bool {
        self.strict
    }

    /// True if rejected lines are kept in a file.
    pub(super) fn keeps_rejects(&self) -> bool {
        self.rejects.is_some()
    }

    /// Adds a chunk's tally; call it in the order of the input.
    pub(super) fn absorb(&mut self, chunk: &Chunk, tally: &Tally) -> Result<()> {
        self.base = self.before(chunk);
        if let Some(meters) = &self.meters {
            meters.add_chunk(chunk, tally);
        }
        self.add(tally);
        self.read += chunk.oversized();
        self.rejected += chunk.oversized();
        self.oversized += chunk.oversized();
        if self.first_reject.is_none() {
            self.first_reject = self.failure(chunk, tally);
        }
        if let Some(bytes) = tally.left_out {
            self.left_out.push(format!(
                "{}: an unfinished line of {} is left out",
                self.place(chunk, chunk.as_read(tally.lines)),
                plural(bytes as u64, "byte")
            ));
        }
        self.base += tally.lines + chunk.oversized();
        self.keep(tally)
    }

    /// The place and reason of the first rejected line of a chunk that is not absorbed yet.
    pub(super) fn failure(&self, chunk: &Chunk, tally: &Tally) -> Option<String> {
        let (line, reason) = match (tally.first_rejected(), chunk.first_gap()) {
            // It is none of this chunk, and the reason tells its place.
            (Some((0, reason)), _) => return Some(reason.clone()),
            (Some((line, reason)), gap) if gap.is_none_or(|gap| chunk.as_read(*line) < gap) => {
                (chunk.as_read(*line), reason.as_str())
            }
            (_, gap) => (gap?, "a line longer than --max-record"),
        };
        let line = self.before(chunk) + line;
        Some(format!("{}: {reason}", place(chunk, line)))
    }

    /// How many lines of its input stand before a chunk, the next one or the present one.
    fn before(&self, chunk: &Chunk) -> u64 {
        let known = chunk.lines_before().or(chunk.is_first().then_some(0));
        known.unwrap_or(self.base)
    }

    /// Adds what became of messages from the network, the first rejected one of which came
    /// from `place`.
    pub(super) fn absorb_messages(&mut self, tally: &Tally, place: &str) -> Result<()> {
        self.add(tally);
        if self.first_reject.is_none() {
            self.first_reject = tally
                .first_rejected()
                .map(|(_, reason)| format!("{place}: {reason}"));
        }
        self.keep(tally)
    }

    /// Adds what became of records at the end of stages, which have been counted as read.
    pub(super) fn absorb_staged(&mut self, tally: &Tally) -> Result<()> {
        self.add(tally);
        if self.first_reject.is_none() {
            self.first_reject = tally.first_rejected().map(|(_, reason)| reason.clone());
        }
        self.keep(tally)
    }

    /// Counts as filtered what was read and is neither written nor rejected: stages took it.
    ///
    /// Where a record has become several, no stage knows how many of those that are left stem
    /// from one: no more are counted than there were.
    pub(super) fn balance(&mut self) {
        let selected = self.read.saturating_sub(self.rejected + self.undelivered);
        self.written = self.written.min(selected);
        self.filtered = selected - self.written;
    }

    fn add(&mut self, tally: &Tally) {
        self.read += tally.read;
        self.written += tally.written;
        self.filtered += tally.filtered;
        self.rejected += tally.rejected;
        self.foreign += tally.foreign;
        self.text += tally.text;
    }

    fn keep(&mut self, tally: &Tally) -> Result<()> {
        match &mut self.rejects {
            Some((path, file)) => file.write_all(&tally.kept).map_err(|source| Error::File {
                path: path.clone(),
                source,
            }),
            None => Ok(()),
        }
    }

    /// Where a line of the current chunk stands, counted from 1 within it.
    pub(super) fn place(&self, chunk: &Chunk, line: u64) -> String {
        place(chunk, self.base + line)
    }

    /// Counts records written later than their chunk, such as whole trees.
    pub(super) fn add_written(&mut self, records: u64) {
        self.written += records;
    }

    /// Takes back records counted as written that were not, because there were enough.
    pub(super) fn withhold(&mut self, records: u64) {
        self.written -= records;
        self.filtered += records;
    }

    /// Takes back what a sink that has been finished did not deliver, which is no less than `failed`, or refused.
    pub(super) fn settle(&mut self, sink: &dyn Sink, failed: u64) {
        self.undeliver(sink.undelivered().max(failed));
        if let Some((records, reason)) = sink.refused() {
            self.refuse(records, reason);
        }
    }

    /// Takes back records counted as written that a destination did not take.
    ///
    /// Where several destinations did not take the same record it is told once for each: no
    /// more are taken back than there were.
    pub(super) fn undeliver(&mut self, records: u64) {
        let records = records.min(self.written);
        self.written -= records;
        self.undelivered += records;
    }

    /// Takes back records counted as written that a destination refuses, and says why.
    fn refuse(&mut self, records: u64, reason: String) {
        let records = records.min(self.written);
        self.written -= records;
        self.rejected += records;
        self.first_reject.get_or_insert(reason);
    }

    /// The file for rejected lines, for who finds them later.
    pub(super) fn rejects_file(&self) -> Option<std::io::Result<File>> {
        self.rejects.as_ref().map(|(_, file)| file.try_clone())
    }

    /// Records counted as written so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Adds what another ledger of the same program has counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.written += other.written;
        self.filtered += other.filtered;
        self.rejected += other.rejected;
        self.undelivered += other.undelivered;
        self.foreign += other.foreign;
        self.text += other.text;
        self.oversized += other.oversized;
        if self.first_reject.is_none() {
            self.first_reject = other.first_reject;
        }
        self.left_out.extend(other.left_out);
    }

    /// Says what there is to say at the end and decides how the program ends.
    pub(super) fn finish(self) -> Outcome {
        if self.stats {
            let mut words = format!(
                "{} read, {} written, {} filtered, {} rejected",
                self.read, self.written, self.filtered, self.rejected
            );
            if self.undelivered > 0 {
                let _ = write!(words, ", {} undelivered", self.undelivered);
            }
            say(self.program, &words);
        }
        for words in &self.left_out {
            say(self.program, words);
        }
        if self.rejected == 0 {
            return Outcome::Done;
        }
        let first = self.first_reject.unwrap_or_default();
        say(
            self.program,
            &format!(
                "{} rejected, the first at {first}",
                plural(self.rejected, "line")
            ),
        );
        if self.oversized > 0 {
            say(
                self.program,
                "use --max-record BYTES to let longer lines through",
            );
        }
        if self.rejects.is_none() && self.rejected > self.oversized {
            let pass = if self.foreign > 0 {
                ", --foreign pass to let them through"
            } else {
                ""
            };
            let read = match (self.text, self.program) {
                (0, _) => "",
                // What to do about these has been told.
                _ if first.ends_with(SHOWN) => "",
                (_, "dl-recv") => "--format auto to make records of text, ",
                _ => "dl-recv --format auto to make records of text, ",
            };
            say(
                self.program,
                &format!("use {read}--rejects FILE to keep such lines{pass}"),
            );
        }
        if self.strict {
            Outcome::Incomplete(3)
        } else {
            Outcome::Done
        }
    }
}

/// `FILE:LINE`, as far as lines are counted from the first.
fn place(chunk: &Chunk, line: u64) -> String {
    let place = chunk.place();
    match chunk.counted_since() {
        None => format!("{place}:{line}"),
        Some(byte) => format!("{place}: line {line} behind byte {byte}"),
    }
}
