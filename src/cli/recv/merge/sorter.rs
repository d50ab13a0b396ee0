//! The sorter: records that fit into memory become a run in the temporary file.

use std::io;

use super::runs::{Run, Spills};

/// How many bytes are a block: as many as a chunk has, which fit into a core's cache.
const BLOCK: usize = 256 << 10;

/// Records that are out of order.
#[derive(Debug, Default)]
pub(super) struct Segment {
    text: Vec<u8>,
    entries: Vec<Entry>,
}

/// A record: when it was, and where in the text it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) time: i64,
    pub(super) at: u32,
    pub(super) length: u32,
}

impl Entry {
    /// The record's bytes.
    pub(super) fn of(self, text: &[u8]) -> &[u8] {
        let at = self.at as usize;
        text.get(at..at + self.length as usize).unwrap_or_default()
    }
}

impl Segment {
    /// Adds records.
    pub(super) fn add(&mut self, text: &[u8], times: &[i64], lengths: &[u32]) {
        list(self.text.len(), times, lengths, &mut self.entries);
        self.text.extend_from_slice(text);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The memory that it takes to sort it, about.
    pub(super) fn memory(&self) -> usize {
        // Sorting takes half as many entries again.
        self.text.len() + self.entries.len() * size_of::<Entry>() * 3 / 2
    }
}

/// Lists records that stand in a text from `at` on.
pub(super) fn list(at: usize, times: &[i64], lengths: &[u32], entries: &mut Vec<Entry>) {
    // Neither a segment nor a stretch reaches 4 GiB: a record has 2 at most.
    let mut at = u32::try_from(at).unwrap_or(u32::MAX);
    entries.extend(times.iter().zip(lengths).map(|(&time, &length)| {
        let entry = Entry { time, at, length };
        at = at.saturating_add(length);
        entry
    }));
}

/// Sorts a segment and writes it.
pub(super) fn sort(mut segment: Segment, spills: &Spills) -> io::Result<Run> {
    segment.entries.sort_by_key(|entry| entry.time);
    let mut run = Run::new();
    let mut text = Vec::with_capacity(BLOCK * 2);
    let (mut times, mut lengths) = (Vec::new(), Vec::new());
    let mut entries = segment.entries.iter().peekable();
    while let Some(entry) = entries.next() {
        text.extend_from_slice(entry.of(&segment.text));
        times.push(entry.time);
        lengths.push(entry.length);
        if text.len() >= BLOCK || entries.peek().is_none() {
            let origin = spills.text.append(&text)?;
            run.push(spills.block(origin, &times, &lengths)?);
            text.clear();
            times.clear();
            lengths.clear();
        }
    }
    Ok(run)
}
