//! `--sorted`: inputs that are in order are put together while they are read.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    mem::{swap, take},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    failed,
    piece::{Piece, UNKNOWN},
    pieces,
};
use crate::{
    cli::{
        feed::{Feed, Run},
        recv::{Out, lock},
    },
    decode::format::{Format, Settings},
    error::{Error, Result},
    sink::Sink,
    source::{Chunk, Turns},
};

/// Puts the records of inputs that are in order together, as they come.
pub(super) fn read(
    feed: Feed,
    format: Option<&Format>,
    settings: &Settings,
    sink: &Mutex<Box<dyn Sink>>,
) -> Result<Run> {
    let mut zipper = Zipper::default();
    let feed = feed.abreast(zipper.turns.clone()).holding(&zipper.held);
    let take = |out: Out<'_, Piece>| match out {
        Out::Made(chunk, piece) => {
            zipper.take(chunk, piece);
            zipper.write(sink)
        }
        Out::Idle => lock(sink).tick(),
    };
    let mut run = pieces(feed, format, settings, true, take)?;
    // Something is left only if reading was ended.
    zipper.end_all();
    if let Err(error) = zipper.write(sink) {
        run.ledger.undeliver(zipper.held.load(Ordering::Relaxed));
        return Err(failed(run, error));
    }
    for strand in &zipper.strands {
        if let Some(error) = strand.unsorted() {
            run.failures.say(&error);
        }
    }
    Ok(run)
}

/// What has been read and not been written, of all inputs.
#[derive(Default)]
struct Zipper {
    turns: Turns,
    strands: Vec<Strand>,
    /// When the next record was of each input that has one, and which input that is.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    /// How many inputs have none, though they have not ended.
    awaited: usize,
    /// Memory for what comes.
    spare: Vec<Sheaf>,
    /// What is to be written, and how many records that is.
    out: Vec<u8>,
    due: u64,
    /// How many records have been taken and not been written.
    held: Arc<AtomicU64>,
}

/// An input.
#[derive(Default)]
struct Strand {
    place: Option<Arc<str>>,
    sheaves: VecDeque<Sheaf>,
    /// The next record of the first sheaf, and where it stands in the text.
    next: usize,
    at: usize,
    /// The latest time so far, and that of the record before.
    latest: i64,
    before: i64,
    records: u64,
    /// How many records are earlier than the one before them, and the number of the first such one.
    late: u64,
    first_late: u64,
    is_over: bool,
}

/// Records of a chunk.
#[derive(Debug, Default)]
struct Sheaf {
    /// Their lines, and perhaps more behind them.
    text: Vec<u8>,
    times: Vec<i64>,
    lengths: Vec<u32>,
}

impl Zipper {
    /// Takes the records of a chunk, and puts together what can be; those that come without a chunk,
    /// because reading was ended, come last.
    fn take(&mut self, chunk: Option<&Chunk>, piece: &mut Piece) {
        let records = piece.times.len() as u64;
        self.held.fetch_add(records, Ordering::Relaxed);
        let Some(chunk) = chunk else {
            self.end_all();
            self.out.extend_from_slice(piece.bytes(None));
            self.due += records;
            return;
        };
        if self.strands.is_empty() {
            self.awaited = self.turns.inputs();
            self.strands.resize_with(self.awaited, Strand::new);
        }
        let number = usize::try_from(chunk.input())
            .unwrap_or(0)
            .saturating_sub(1);
        let Some(strand) = self.strands.get_mut(number) else {
            return;
        };
        let was_awaited = strand.is_awaited();
        strand
            .place
            .get_or_insert_with(|| Arc::clone(chunk.place()));
        strand.is_over |= chunk.is_last();
        if piece.times.is_empty() {
            self.turns.release(number);
        } else {
            strand.see(&mut piece.times);
            if strand.sheaves.is_empty() {
                self.heads.push(Reverse((piece.times[0], number)));
            }
            let mut sheaf = self.spare.pop().unwrap_or_default();
            let text = if piece.whole {
                &mut piece.kept
            } else {
                &mut piece.text
            };
            swap(&mut sheaf.text, text);
            swap(&mut sheaf.times, &mut piece.times);
            swap(&mut sheaf.lengths, &mut piece.lengths);
            strand.sheaves.push_back(sheaf);
        }
        self.awaited -= usize::from(was_awaited && !strand.is_awaited());
        self.zip();
    }

    /// Puts together what is earlier than all that may still come.
    fn zip(&mut self) {
        while self.awaited == 0
            && let Some(Reverse((_, number))) = self.heads.pop()
        {
            // Of one time, what comes from the input that was named first goes first.
            let bound = self.heads.peek().map(|Reverse(head)| *head);
            let goes = |time: i64| bound.is_none_or(|bound| (time, number) < bound);
            let strand = &mut self.strands[number];
            while let Some(sheaf) = strand.sheaves.front() {
                let left = &sheaf.times[strand.next..];
                let count = left.iter().take_while(|time| goes(**time)).count();
                let end = strand.next + count;
                let lengths = &sheaf.lengths[strand.next..end];
                let bytes: usize = lengths.iter().map(|length| *length as usize).sum();
                self.out
                    .extend_from_slice(&sheaf.text[strand.at..strand.at + bytes]);
                self.due += count as u64;
                if let Some(time) = sheaf.times.get(end) {
                    (strand.next, strand.at) = (end, strand.at + bytes);
                    self.heads.push(Reverse((*time, number)));
                    break;
                }
                (strand.next, strand.at) = (0, 0);
                self.spare.extend(strand.sheaves.pop_front());
                self.turns.release(number);
            }
            self.awaited += usize::from(strand.is_awaited());
        }
    }

    /// Takes it that nothing more comes.
    fn end_all(&mut self) {
        for strand in &mut self.strands {
            strand.is_over = true;
        }
        self.awaited = 0;
        self.zip();
    }

    fn write(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        lock(sink).write(&self.out)?;
        self.out.clear();
        self.held.fetch_sub(take(&mut self.due), Ordering::Relaxed);
        Ok(())
    }
}

impl Strand {
    fn new() -> Self {
        Self {
            latest: UNKNOWN,
            before: UNKNOWN,
            ..Self::default()
        }
    }

    /// True if it has no record, though there may be more.
    fn is_awaited(&self) -> bool {
        !self.is_over && self.sheaves.is_empty()
    }

    /// Looks whether records are in order. One that is not, or has no time, goes with the one before it.
    fn see(&mut self, times: &mut [i64]) {
        for time in times {
            self.records += 1;
            if *time < self.before && *time != UNKNOWN {
                if self.late == 0 {
                    self.first_late = self.records;
                }
                self.late += 1;
            }
            if *time != UNKNOWN {
                self.before = *time;
            }
            self.latest = self.latest.max(*time);
            *time = self.latest;
        }
    }

    /// What is wrong with it.
    fn unsorted(&self) -> Option<Error> {
        let place = self.place.as_deref().unwrap_or_default();
        let others = match self.late {
            0 => return None,
            1 => String::new(),
            2 => ", and so is 1 other".to_owned(),
            late => format!(", and so are {} others", late - 1),
        };
        Some(Error::Misused {
            reason: format!(
                "{place} is not in order: record {} is earlier than the one before it{others}",
                self.first_late
            ),
            hint: "leave out --sorted to have all put in order",
        })
    }
}
