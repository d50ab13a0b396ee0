//! `--sorted`: inputs that are in order are put together while they are read.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    mem::{swap, take},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    EACH, failed,
    piece::Piece,
    pieces,
    slack::{Order, Slack},
};
use crate::{
    cli::{
        feed::{Feed, Run},
        recv::{Out, lock, text::Text},
    },
    error::{Error, Result},
    sink::Sink,
    source::{Chunk, Turns},
};

/// Puts the records of inputs that are in order together, as they come.
pub(super) fn read(
    feed: Feed,
    text: Text<'_>,
    allowed: Allowed,
    sink: &Mutex<Box<dyn Sink>>,
) -> Result<Run> {
    let mut zipper = Zipper {
        allowed,
        ..Zipper::default()
    };
    let feed = feed.abreast(zipper.turns.clone()).holding(&zipper.held);
    let take = |out: Out<'_, Piece>| match out {
        Out::Made(chunk, piece) => {
            zipper.take(chunk, piece);
            zipper.write(sink)
        }
        Out::Idle => lock(sink).tick(),
    };
    let mut run = pieces(feed, text, true, take)?;
    // Something is left only if reading was ended.
    zipper.end_all();
    if let Err(error) = zipper.write(sink) {
        run.ledger.undeliver(zipper.held.load(Ordering::Relaxed));
        return Err(failed(run, error));
    }
    for strand in &zipper.strands {
        if let Some(error) = strand.unsorted(allowed.tolerance) {
            run.failures.say(&error);
        }
    }
    Ok(run)
}

/// How much inputs may be out of order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowed {
    /// How much earlier a record may be than one before it.
    pub(super) tolerance: Duration,
    /// The memory for all inputs, also to put that right with.
    pub(super) memory: usize,
}

impl Allowed {
    fn nanoseconds(self) -> i64 {
        i64::try_from(self.tolerance.as_nanos()).unwrap_or(i64::MAX)
    }
}

/// What has been read and not been written, of all inputs.
#[derive(Default)]
struct Zipper {
    allowed: Allowed,
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
struct Strand {
    place: Option<Arc<str>>,
    sheaves: VecDeque<Sheaf>,
    /// The next record of the first sheaf, and where it stands in the text.
    next: usize,
    at: usize,
    order: Order,
    /// What waits to be put right, if some may be out of order.
    slack: Option<Slack>,
    is_over: bool,
}

/// Records of a chunk.
#[derive(Debug, Default)]
pub(super) struct Sheaf {
    /// Their lines, and perhaps more behind them.
    pub(super) text: Vec<u8>,
    pub(super) times: Vec<i64>,
    pub(super) lengths: Vec<u32>,
}

impl Sheaf {
    /// Adds a record, with its newline.
    pub(super) fn push(&mut self, time: i64, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.times.push(time);
        self.lengths
            .push(u32::try_from(line.len()).unwrap_or(u32::MAX));
    }
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
            // What reading takes of each input's share is not there to put it in order.
            let share = self.allowed.memory / self.awaited.max(1);
            let allowed = Allowed {
                memory: share.saturating_sub(EACH),
                ..self.allowed
            };
            self.strands
                .resize_with(self.awaited, || Strand::new(allowed));
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
        let mut sheaf = self.spare.pop().unwrap_or_default();
        let text = if piece.whole {
            &mut piece.kept
        } else {
            &mut piece.text
        };
        swap(&mut sheaf.text, text);
        swap(&mut sheaf.times, &mut piece.times);
        swap(&mut sheaf.lengths, &mut piece.lengths);
        strand.arrange(&mut sheaf);
        if let Some(time) = sheaf.times.first() {
            if strand.sheaves.is_empty() {
                self.heads.push(Reverse((*time, number)));
            }
            strand.sheaves.push_back(sheaf);
        } else {
            self.spare.push(sheaf);
            self.turns.release(number);
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
        for (number, strand) in self.strands.iter_mut().enumerate() {
            strand.is_over = true;
            let mut rest = Sheaf::default();
            strand.arrange(&mut rest);
            if let Some(time) = rest.times.first() {
                if strand.sheaves.is_empty() {
                    self.heads.push(Reverse((*time, number)));
                }
                strand.sheaves.push_back(rest);
            }
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
    fn new(allowed: Allowed) -> Self {
        Self {
            place: None,
            sheaves: VecDeque::new(),
            next: 0,
            at: 0,
            order: Order::new(allowed.nanoseconds()),
            slack: (!allowed.tolerance.is_zero()).then(|| Slack::new(allowed.memory)),
            is_over: false,
        }
    }

    /// True if it has no record, though there may be more.
    fn is_awaited(&self) -> bool {
        !self.is_over && self.sheaves.is_empty()
    }

    /// Puts the records of a sheaf in order, as far as that may be, and holds back what may not go on yet.
    fn arrange(&mut self, sheaf: &mut Sheaf) {
        let Some(slack) = &mut self.slack else {
            for time in &mut sheaf.times {
                *time = self.order.give(*time);
            }
            return;
        };
        slack.pass(&mut self.order, sheaf);
        if self.is_over {
            slack.empty(sheaf);
        }
    }

    /// What is wrong with it.
    fn unsorted(&self, tolerance: Duration) -> Option<Error> {
        let place = self.place.as_deref().unwrap_or_default();
        let Order {
            late, first_late, ..
        } = self.order;
        let others = match late {
            0 => return None,
            1 => String::new(),
            2 => ", and so is 1 other".to_owned(),
            late => format!(", and so are {} others", late - 1),
        };
        let (how, hint) = match &self.slack {
            None => (
                "earlier than the one before it".to_owned(),
                "use --sorted=TIME if it nearly is, or leave it out to have all put in order",
            ),
            Some(slack) if slack.was_full => (
                "earlier than what could be held back".to_owned(),
                "use --memory BYTES to hold more, or leave out --sorted",
            ),
            Some(_) => (
                format!("more than {tolerance:?} earlier than one before it"),
                "use a longer --sorted=TIME, or leave it out to have all put in order",
            ),
        };
        Some(Error::Misused {
            reason: format!("{place} is not in order: record {first_late} is {how}{others}"),
            hint,
        })
    }
}
