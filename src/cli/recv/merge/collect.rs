//! The collector: what was read becomes runs.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::Scope,
};

use super::{
    piece::{Piece, UNKNOWN},
    runs::{Run, Spills},
    sorter::{Segment, sort},
};
use crate::source::Chunk;

/// How many files may stay open to be read again; the records of others go to the temporary
/// file. Far below what systems allow, which is 1,024 in most.
const OPEN: usize = 200;

/// What is out of order goes together with what the next file has if it is less than this, so that
/// many small files are not as many runs.
const SMALL: usize = 1 << 20;

/// Makes runs of pieces.
pub(super) struct Collector {
    spills: Arc<Spills>,
    runs: Vec<Run>,
    /// The time of the last record of the run that goes on, if one does.
    last: Option<i64>,
    /// The time of the last record of the input.
    before: i64,
    /// What is out of order, until there is enough of it to be sorted.
    segment: Segment,
    limit: usize,
    files: usize,
    segments: Option<SyncSender<Segment>>,
    sorted: Receiver<io::Result<Run>>,
    /// The numbers of the runs that are being sorted.
    awaited: VecDeque<usize>,
}

/// All there is.
pub(super) struct Runs {
    pub(super) spills: Arc<Spills>,
    pub(super) runs: Vec<Run>,
}

impl Collector {
    /// Starts the thread that sorts.
    pub(super) fn new<'s>(scope: &'s Scope<'s, '_>, memory: usize) -> io::Result<Self> {
        let spills = Arc::new(Spills::new()?);
        // One segment is filled while another one is sorted.
        let (segments, jobs) = sync_channel::<Segment>(0);
        let (done, sorted) = sync_channel(1 << 10);
        let theirs = Arc::clone(&spills);
        std::thread::Builder::new().spawn_scoped(scope, move || {
            for segment in jobs {
                if done.send(sort(segment, &theirs)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self {
            spills,
            runs: Vec::new(),
            last: None,
            before: UNKNOWN,
            segment: Segment::default(),
            // Two segments, and the rest for the chunks under way and what memory is lost in
            // between.
            limit: (memory / 3).clamp(64 << 10, 1 << 30),
            files: 0,
            segments: Some(segments),
            sorted,
            awaited: VecDeque::new(),
        })
    }

    /// Takes the records of a chunk; the last ones of all may come without one.
    pub(super) fn take(&mut self, chunk: Option<&Chunk>, piece: &mut Piece) -> io::Result<()> {
        let first = chunk.is_some_and(Chunk::is_first);
        let origin = chunk.filter(|_| piece.whole).and_then(Chunk::origin);
        if first && origin.is_some() {
            self.files += 1;
        }
        let (old, new) = piece.times.split_at_mut(piece.before);
        adopt(old, &mut self.before);
        if first {
            self.before = UNKNOWN;
        }
        adopt(new, &mut self.before);
        if first && self.segment.memory() >= SMALL {
            self.close_segment()?;
        }
        let (Some(&begin), Some(&end)) = (piece.times.first(), piece.times.last()) else {
            return Ok(());
        };
        if first {
            // Another file may be in order by itself, which is another run.
            self.last = self.last.filter(|&last| last <= begin);
        }
        if self.segment.is_empty()
            && self.last.is_none_or(|last| last <= begin)
            && piece.times.is_sorted()
        {
            let origin = match origin {
                Some(origin) if self.files <= OPEN => origin.clone(),
                _ => self.spills.text.append(piece.bytes(chunk))?,
            };
            let block = self.spills.block(origin, &piece.times, &piece.lengths)?;
            if self.last.is_none() {
                self.runs.push(Run::new());
            }
            if let Some(run) = self.runs.last_mut() {
                run.push(block);
            }
            self.last = Some(end);
            return Ok(());
        }
        self.segment
            .add(piece.bytes(chunk), &piece.times, &piece.lengths);
        if self.segment.memory() >= self.limit {
            self.close_segment()?;
        }
        Ok(())
    }

    /// Has the segment sorted, into a run of its own.
    fn close_segment(&mut self) -> io::Result<()> {
        self.last = None;
        if self.segment.is_empty() {
            return Ok(());
        }
        while let Ok(sorted) = self.sorted.try_recv() {
            self.place(sorted)?;
        }
        self.awaited.push_back(self.runs.len());
        self.runs.push(Run::new());
        let segment = std::mem::take(&mut self.segment);
        match &self.segments {
            Some(segments) if segments.send(segment).is_ok() => Ok(()),
            _ => Err(io::Error::other("the thread that sorts has died")),
        }
    }

    fn place(&mut self, sorted: io::Result<Run>) -> io::Result<()> {
        if let Some(number) = self.awaited.pop_front() {
            self.runs[number] = sorted?;
        }
        Ok(())
    }

    /// The runs, once all has been taken.
    pub(super) fn finish(mut self) -> io::Result<Runs> {
        self.close_segment()?;
        self.segments = None;
        while let Ok(sorted) = self.sorted.recv() {
            self.place(sorted)?;
        }
        if !self.awaited.is_empty() {
            return Err(io::Error::other("the thread that sorts has died"));
        }
        Ok(Runs {
            spills: self.spills,
            runs: self.runs,
        })
    }
}

/// Gives records without a time, in front of all that have one, that of the one `before`.
fn adopt(times: &mut [i64], before: &mut i64) {
    for time in times.iter_mut().take_while(|time| **time == UNKNOWN) {
        *time = *before;
    }
    *before = times.last().copied().unwrap_or(*before);
}
