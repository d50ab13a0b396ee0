//! The end of all stages: what arrives here is written, or only counted.

use super::stage::Next;
use crate::{
    cli::ledger::{Ledger, Tally},
    error::Result,
    sink::{Sink, Stdout},
    source::Chunk,
};

/// Where selected records arrive.
pub(super) struct End {
    stdout: Stdout,
    /// How many more are wanted.
    left: Option<u64>,
    /// Only the number is wanted.
    count: bool,
    selected: u64,
    /// Records that wait to be written together.
    out: Vec<u8>,
    /// What became of records at the end of the stages.
    tally: Tally,
    keep: bool,
}

impl End {
    pub(super) fn new(stdout: Stdout, left: Option<u64>, count: bool) -> Self {
        Self {
            stdout,
            left,
            count,
            selected: 0,
            out: Vec::new(),
            tally: Tally::default(),
            keep: false,
        }
    }

    /// Sets whether rejected lines are kept.
    pub(super) fn keep_rejects(&mut self, keep: bool) {
        self.keep = keep;
    }

    /// True if no more records are wanted.
    pub(super) fn is_full(&self) -> bool {
        self.left == Some(0)
    }

    /// True if records are counted off one by one.
    pub(super) fn is_limited(&self) -> bool {
        self.left.is_some()
    }

    /// How many lines are wanted of whole ones, if there are as many or more.
    pub(super) fn wanted_of(&self, lines: &[u8]) -> Option<u64> {
        let left = self.left?;
        let newlines = memchr::memchr_iter(b'\n', lines).count() as u64;
        (newlines >= left).then_some(left)
    }

    /// Takes whole lines that workers have selected and counted as written.
    pub(super) fn take(&mut self, lines: &[u8], ledger: &mut Ledger) -> Result<()> {
        let wanted = first_lines(lines, &mut self.left);
        let newlines = |bytes| memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.selected += newlines(wanted);
        if wanted.len() < lines.len() {
            ledger.withhold(newlines(&lines[wanted.len()..]));
        }
        if self.count || wanted.is_empty() {
            return Ok(());
        }
        self.stdout.write(wanted)
    }

    /// Takes a chunk with so many lines, all of which are selected and counted as written.
    pub(super) fn take_all(&mut self, chunk: &Chunk, lines: u64) -> Result<()> {
        self.selected += lines;
        if self.count {
            return Ok(());
        }
        match chunk.origin() {
            Some(origin) => self
                .stdout
                .write_from(chunk.bytes(), &origin.file, origin.offset),
            None => self.stdout.write(chunk.bytes()),
        }
    }

    /// Writes a line that is no record, which counts as written and not as selected.
    pub(super) fn foreign(&mut self, line: &[u8]) -> Result<()> {
        self.tally.written += 1;
        self.add(line)
    }

    /// Writes what has come through the stages, and has it counted.
    pub(super) fn flush(&mut self, ledger: &mut Ledger) -> Result<()> {
        ledger.absorb_staged(&self.tally)?;
        self.tally.clear();
        if self.out.is_empty() {
            return Ok(());
        }
        let written = self.stdout.write(&self.out);
        self.out.clear();
        written
    }

    /// Writes the number, if that is what is wanted, and returns it.
    pub(super) fn finish(mut self) -> Result<u64> {
        if self.count {
            self.stdout
                .write(format!("{}\n", self.selected).as_bytes())?;
        }
        Ok(self.selected)
    }
}

impl Next for End {
    fn pass(&mut self, line: &[u8]) -> Result<()> {
        if !self.is_full() {
            self.tally.written += 1;
        }
        self.more(line)
    }

    fn more(&mut self, line: &[u8]) -> Result<()> {
        match &mut self.left {
            Some(0) => return Ok(()),
            Some(left) => *left -= 1,
            None => {}
        }
        self.selected += 1;
        self.add(line)
    }

    fn add(&mut self, line: &[u8]) -> Result<()> {
        if !self.count {
            self.out.extend_from_slice(line);
            self.out.push(b'\n');
        }
        Ok(())
    }

    fn reject(&mut self, line: &[u8], reason: &str) {
        self.tally.reject(line, self.keep, &reason);
    }
}

/// The first `left` lines, which are counted off.
fn first_lines<'l>(lines: &'l [u8], left: &mut Option<u64>) -> &'l [u8] {
    let Some(left) = left else { return lines };
    let mut end = 0;
    for newline in memchr::memchr_iter(b'\n', lines) {
        if *left == 0 {
            break;
        }
        *left -= 1;
        end = newline + 1;
    }
    &lines[..end]
}
