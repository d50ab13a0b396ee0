//! The lines of a chunk, one after the other, and the worker that only lets records through.

use std::ops::ControlFlow;

use super::{super::ledger::Tally, Batch, Screen};
use crate::{
    record::{Found, Index, Line, Lines, Projection},
    source::Chunk,
};

/// Lets records through and sees to the other lines.
pub(in crate::cli) fn records(screen: Screen) -> impl FnMut(&mut Chunk, &mut Batch<Vec<u8>>) {
    let projection = Projection::default();
    let mut found = Found::default();
    let mut index = Index::default();
    move |chunk, batch| {
        let Batch { tally, data: out } = batch;
        out.clear();
        each_line(chunk.bytes(), &mut index, tally, |line, tally| {
            let scanned = projection.scan(line, &mut found);
            if let Some(line) = screen.keep(line.bytes(), scanned, tally) {
                tally.write(&line, out);
            }
        });
        if tally.stop {
            chunk.end_behind(tally.lines - 1);
        }
    }
}

/// Goes through the lines of a chunk, counting them; `line` gets each with the tally.
pub(in crate::cli) fn each_line(
    bytes: &[u8],
    index: &mut Index,
    tally: &mut Tally,
    mut line: impl FnMut(Line<'_>, &mut Tally),
) {
    // That it was broken off is in the tally.
    let _ = index.each(bytes, |bytes| {
        tally.lines += 1;
        tally.read += 1;
        line(bytes, tally);
        if tally.stop {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
}

/// The same without an index, for who looks at few values of lines whose keys are mostly known
/// from those before.
pub(in crate::cli) fn each_bare_line(
    bytes: &[u8],
    tally: &mut Tally,
    mut line: impl FnMut(Line<'_>, &mut Tally),
) {
    let mut lines = Lines::new(bytes);
    while let Some(bytes) = lines.next_line() {
        tally.lines += 1;
        tally.read += 1;
        line(bytes, tally);
        if tally.stop {
            break;
        }
    }
}
