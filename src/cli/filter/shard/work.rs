//! What a worker does: it puts each line of a chunk where the records of its tree are.

use std::ops::Range;

use super::Part;
use crate::{
    cli::{
        feed::{Batch, Screen, each_bare_line},
        filter::key::Key,
        ledger::Tally,
    },
    decode::explode::{DOCUMENTS, Exploded},
    expr::Filter,
    record::{Found, Line, Malformed, Reader},
    source::Chunk,
    tree::{Known, Shard, Sharder, shard},
};

/// What workers need to know.
pub(super) struct Selection<'s> {
    pub(super) reader: &'s Reader,
    /// `None` if every record is selected.
    pub(super) filter: Option<&'s Filter>,
    pub(super) invert: bool,
    /// What keeps records together, if not the tree.
    pub(super) key: Option<&'s Key>,
    pub(super) wanted: Part,
}

/// The lines of a chunk by part, or those of the one that is wanted.
#[derive(Debug, Default)]
pub(super) struct Parted {
    pub(super) parts: Vec<Vec<u8>>,
    pub(super) torn: u64,
}

/// A worker.
pub(super) struct Worker<'s> {
    select: &'s Selection<'s>,
    /// A regex has a cache of its own, which workers should not fight for.
    filter: Option<Filter>,
    /// True if no field of a list has to be looked at, because it has none.
    takes_lists: bool,
    sharder: Sharder,
    exploded: Exploded,
    found: Found,
    known: Known,
    screen: Screen,
}

impl<'s> Worker<'s> {
    pub(super) fn new(select: &'s Selection<'s>, screen: Screen) -> Self {
        Self {
            select,
            filter: select.filter.cloned(),
            takes_lists: select.filter.is_none() && select.key.is_none(),
            sharder: Sharder::new(select.wanted.parts, &DOCUMENTS),
            exploded: Exploded::default(),
            found: Found::default(),
            known: Known::default(),
            screen,
        }
    }

    pub(super) fn chunk(&mut self, chunk: &Chunk, batch: &mut Batch<Parted>) {
        let Batch { tally, data } = batch;
        let Part { part, parts } = self.select.wanted;
        let buffers = if part.is_some() { 1 } else { parts as usize };
        data.parts.resize_with(buffers, Vec::new);
        data.parts.iter_mut().for_each(Vec::clear);
        data.torn = 0;
        each_bare_line(chunk.bytes(), tally, |line, tally| {
            let Err(bad) = self.line(line, data, tally) else {
                return;
            };
            let line = line.bytes();
            if let Some(line) = self.screen.keep(line, Err(bad), tally) {
                // It has no tree.
                let shard = shard(&line, parts);
                let written = self.write(&line, shard, data);
                count(written, tally);
            }
        });
    }

    /// Puts a line where it belongs; an error says why it is no record.
    fn line(
        &mut self,
        line: Line<'_>,
        data: &mut Parted,
        tally: &mut Tally,
    ) -> std::result::Result<(), Malformed> {
        let is_list = line.bytes().trim_ascii_start().starts_with(b"[");
        if self.takes_lists && is_list && self.document(line.bytes(), data, tally) {
            return Ok(());
        }
        if self.filter.is_some() || self.select.key.is_some() {
            let record = self.select.reader.read(line, &mut self.found)?;
            let matches = |filter: &Filter| filter.matches(&record) != self.select.invert;
            if !self.filter.as_ref().is_none_or(matches) {
                tally.filtered += 1;
                return Ok(());
            }
            let key = self.select.key;
            let key = key.and_then(|key| key.of(&record, &mut self.known));
            if let Some(key) = key {
                let shard = shard(key.as_bytes(), self.select.wanted.parts);
                let written = self.write(line.bytes(), shard, data);
                count(written, tally);
                return Ok(());
            }
        }
        let mut place = self.sharder.of(line)?;
        if place == Shard::Document {
            if self.document(line.bytes(), data, tally) {
                return Ok(());
            }
            place = self.sharder.of_record(line)?;
        }
        let written = self.put(line.bytes(), place, data);
        count(written, tally);
        Ok(())
    }

    /// Takes a document apart, so that its records go where their trees are; false if it is
    /// none, or if none of them has a tree. It counts as one record, which is written if one of
    /// its records is.
    fn document(&mut self, line: &[u8], data: &mut Parted, tally: &mut Tally) -> bool {
        if !self.exploded.read(line) {
            return false;
        }
        let bytes = self.exploded.bytes();
        let record = |range: &Range<usize>| &bytes[range.clone()];
        let ranges = self.exploded.records();
        let places: Vec<_> = ranges
            .iter()
            .map(|range| self.sharder.of_record(record(range)))
            .collect();
        let is_tree = |place: &_| matches!(place, Ok(Shard::Tree { .. }));
        if !places.iter().any(is_tree) {
            return false;
        }
        let mut written = false;
        for (range, place) in ranges.iter().zip(places) {
            // A part of a document that could be read is a record.
            if let Ok(place) = place {
                written |= self.put(record(range), place, data);
            }
        }
        count(written, tally);
        true
    }

    fn put(&self, line: &[u8], place: Shard, data: &mut Parted) -> bool {
        let (shard, torn) = match place {
            Shard::Tree { shard, torn } => (shard, torn),
            Shard::Alone(shard) => (shard, false),
            Shard::Document => return false,
        };
        let written = self.write(line, shard, data);
        data.torn += u64::from(written && torn);
        written
    }

    /// Writes a line that is of this shard; false if it is not wanted.
    fn write(&self, line: &[u8], shard: u32, data: &mut Parted) -> bool {
        let at = match self.select.wanted.part {
            None => shard as usize,
            Some(part) if part == shard => 0,
            Some(_) => return false,
        };
        let out = &mut data.parts[at];
        out.extend_from_slice(line);
        out.push(b'\n');
        true
    }
}

fn count(written: bool, tally: &mut Tally) {
    if written {
        tally.written += 1;
    } else {
        tally.filtered += 1;
    }
}
