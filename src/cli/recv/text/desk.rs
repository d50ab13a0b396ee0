//! Where what decoders make of files is counted and written.

use std::{collections::BTreeSet, sync::Mutex};

use super::{
    super::{Program, RecvArgs, say},
    Batch, Made, Screen, Stamps, lock,
};
use crate::{
    cli::{feed::Stray, ledger::Tally},
    decode::format::Take,
    record::{Additions, Malformed, Stamper},
};

/// What has been said.
type Notes = Mutex<BTreeSet<&'static str>>;

/// What is told of inputs, and of records.
pub(super) struct Told<'t> {
    notes: Notes,
    stamps: &'t Stamps,
}

impl<'t> Told<'t> {
    pub(super) fn new(stamps: &'t Stamps) -> Self {
        Self {
            notes: Notes::default(),
            stamps,
        }
    }

    /// True if each record gets its number.
    pub(super) fn numbers(&self) -> bool {
        self.stamps.numbers
    }
}

/// Where a decoder's records and rejects are counted and written.
pub(super) struct Desk<'b> {
    screen: Screen,
    /// The input that has ended: then there is no line to name.
    ended: Option<&'b str>,
    notes: &'b Notes,
    stamp: Option<Stamp<'b>>,
    pub(super) tally: &'b mut Tally,
    out: &'b mut Vec<u8>,
    /// What is being read.
    lines: &'b [u8],
    /// True if what was rejected last stands there, so that nothing in front of it is part of it: what has been
    /// joined stands in the memory of who has joined it.
    pub(super) is_apart: bool,
}

impl<'b> Desk<'b> {
    /// For what comes of no line that is being read, of the input at `place`, which has had `count` records.
    pub(super) fn new<T: Made>(
        screen: Screen,
        batch: &'b mut Batch<T>,
        told: &'b Told<'_>,
        place: &str,
        count: &'b mut u64,
    ) -> Self {
        Self {
            screen,
            ended: None,
            notes: &told.notes,
            stamp: Stamp::new(told.stamps, place, count),
            tally: &mut batch.tally,
            out: batch.data.text(),
            lines: &[],
            is_apart: false,
        }
    }

    /// For what comes of these lines.
    pub(super) fn reading(self, lines: &'b [u8]) -> Self {
        Self { lines, ..self }
    }

    /// For what comes of it that the input at `place` has ended.
    pub(super) fn behind(self, place: &'b str) -> Self {
        Self {
            ended: Some(place),
            ..self
        }
    }
}

/// What is added to records.
struct Stamp<'b> {
    stamper: Stamper,
    additions: Additions,
    /// How many records there have been, if each gets its number.
    count: Option<&'b mut u64>,
    line: Vec<u8>,
}

impl<'b> Stamp<'b> {
    fn new(stamps: &Stamps, place: &str, count: &'b mut u64) -> Option<Self> {
        stamps.are_any().then(|| Self {
            stamper: Stamper::new("recv"),
            additions: stamps.of(place),
            count: stamps.numbers.then_some(count),
            line: Vec::new(),
        })
    }

    /// A line with it, if that is a record.
    fn on(&mut self, line: &[u8]) -> Result<&[u8], Malformed> {
        self.line.clear();
        if let Some(count) = &self.count {
            let mut digits = itoa::Buffer::new();
            self.additions.set_last(digits.format(**count + 1));
        }
        self.stamper.extend(line, &self.additions, &mut self.line)?;
        if let Some(count) = &mut self.count {
            **count += 1;
        }
        Ok(&self.line)
    }
}

impl Desk<'_> {
    /// Writes a line, with a stamp if it is to have one.
    fn write(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let line = match &mut self.stamp {
            Some(stamp) => stamp.on(line)?,
            None => line,
        };
        self.tally.write(line, self.out);
        Ok(())
    }

    /// Writes what is wanted of a line that is no record.
    fn put(&mut self, bytes: &[u8], stray: Stray) {
        match stray {
            Stray::Gone => {}
            Stray::Pass => self.tally.write(bytes, self.out),
            Stray::Wrapped(record) => {
                // It is one now.
                let _ = self.write(&record);
            }
        }
    }
}

impl Take for Desk<'_> {
    fn record(&mut self, json: &[u8]) {
        self.tally.read += 1;
        if let Err(bad) = self.write(json) {
            let stray = self.screen.stray(json, &bad, self.tally);
            self.put(json, stray);
        }
    }

    fn note(&mut self, words: &'static str) {
        if lock(self.notes).insert(words) {
            say(RecvArgs::NAME, words);
        }
    }

    fn reject(&mut self, bytes: &[u8], reason: &str) {
        self.tally.read += 1;
        self.is_apart = self.lines.as_ptr_range().contains(&bytes.as_ptr());
        let reason = match self.ended {
            None => reason.to_owned(),
            Some(place) => format!("the end of {place}: {reason}"),
        };
        let stray = self.screen.unread(bytes, &reason, self.tally);
        self.put(bytes, stray);
    }
}
