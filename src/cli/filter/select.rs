//! What a worker does: it selects the records of a chunk, and treats them where no stage
//! has to see them first.

use super::{
    plan::Selection,
    stage::{Scratch, Treat},
};
use crate::{
    cli::{
        feed::{Batch, Screen, Stray, each_line},
        ledger::Tally,
    },
    expr::Filter,
    record::{Found, Malformed, Reader},
    source::Chunk,
};

/// What a worker selected of a chunk.
#[derive(Debug, Default)]
pub(super) struct Selected {
    /// Whole lines.
    pub(super) lines: Vec<u8>,
    /// For each record in `lines`, if there are stages, where it ends and what it is.
    pub(super) picks: Vec<Pick>,
}

/// A record for the stages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick {
    /// Where the line ends, after its newline.
    pub(super) end: usize,
    pub(super) kind: PickKind,
}

/// What a picked line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PickKind {
    /// A record that was selected.
    Selected,
    /// A record that was not, for stages that want to see all.
    Other,
    /// No record: it is written as it is, whatever the stages do.
    Foreign,
}

/// What a worker needs to select.
pub(super) struct Select<'p> {
    reader: &'p Reader,
    filter: Filter,
    invert: bool,
    /// True if stages come after this.
    staged: bool,
    /// True if the stages want records that are not selected too.
    all: bool,
    treatments: Vec<Box<dyn Treat>>,
    scratch: Scratch,
    screen: Screen,
    found: Found,
}

impl<'p> Select<'p> {
    pub(super) fn new(selection: &Selection<'p>, staged: bool, screen: Screen) -> Self {
        Self {
            reader: selection.reader,
            // A regex has a cache of its own, which workers should not fight for.
            filter: selection.filter.clone(),
            invert: selection.invert,
            staged,
            all: selection.all,
            treatments: selection.treat(),
            scratch: Scratch::default(),
            screen,
            found: Found::default(),
        }
    }

    pub(super) fn chunk(&mut self, chunk: &Chunk, batch: &mut Batch<Selected>) {
        let Batch { tally, data } = batch;
        data.lines.clear();
        data.picks.clear();
        each_line(chunk.bytes(), tally, |line, tally| {
            if let Err(bad) = self.line(line, data, tally) {
                match self.screen.stray(line, bad, tally) {
                    Stray::Gone => {}
                    Stray::Pass => self.keep(line, PickKind::Foreign, data, tally),
                    Stray::Wrapped(record) => drop(self.line(&record, data, tally)),
                }
            }
        });
    }

    fn line(
        &mut self,
        line: &[u8],
        data: &mut Selected,
        tally: &mut Tally,
    ) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if self.filter.matches(&record) == self.invert {
            if self.all {
                self.keep(line, PickKind::Other, data, tally);
            } else {
                tally.filtered += 1;
            }
        } else if self.treatments.is_empty() {
            self.keep(line, PickKind::Selected, data, tally);
        } else {
            self.treat(line, data, tally);
        }
        Ok(())
    }

    /// Hands a line on: to the output, where it counts as written, or to the stages.
    fn keep(&self, line: &[u8], kind: PickKind, data: &mut Selected, tally: &mut Tally) {
        if self.staged {
            data.lines.extend_from_slice(line);
            data.lines.push(b'\n');
            data.picks.push(Pick {
                end: data.lines.len(),
                kind,
            });
        } else {
            tally.write(line, &mut data.lines);
        }
    }

    fn treat(&mut self, line: &[u8], data: &mut Selected, tally: &mut Tally) {
        match self.scratch.apply(&mut self.treatments, line) {
            Err(reason) => tally.reject(line, self.screen.keeps(), &reason),
            Ok([]) => tally.filtered += 1,
            Ok(lines) if self.staged => {
                let start = data.lines.len();
                data.lines.extend_from_slice(lines);
                data.picks
                    .extend(memchr::memchr_iter(b'\n', lines).map(|at| Pick {
                        end: start + at + 1,
                        kind: PickKind::Selected,
                    }));
            }
            Ok(lines) => {
                data.lines.extend_from_slice(lines);
                tally.written += 1;
            }
        }
    }
}
