//! A chunk: whole lines of one input, as many as were there.

use std::{os::fd::OwnedFd, sync::Arc};

/// How much is read before a chunk is handed out: large enough that handing over costs
/// nothing, small enough to stay in the second-level cache of the core that works on it.
pub(super) const CHUNK: usize = 256 * 1024;

/// Whole lines of one input; its buffer is reused from chunk to chunk.
#[derive(Debug)]
pub struct Chunk {
    pub(super) buffer: Vec<u8>,
    pub(super) end: usize,
    pub(super) place: Arc<str>,
    pub(super) first: bool,
    pub(super) input: u64,
    /// Where in the bytes lines were passed over because they exceed the limit: a place for each, in order.
    pub(super) gaps: Vec<usize>,
    /// How many of the lines that are there stand in front of each of these places.
    pub(super) above_gaps: Vec<u64>,
    pub(super) unfinished: bool,
    pub(super) pausing: bool,
    /// Where it stands in its input, where inputs take turns.
    pub(super) turn: Option<InTurn>,
    pub(super) origin: Option<Origin>,
    pub(super) mark: Option<Mark>,
    /// What it brings to an end, where that is not told by `mark`.
    pub(super) reached: Option<Vec<Mark>>,
    /// The number of the last record of its input so far, if they are numbered.
    pub(super) numbered: Option<u64>,
}

/// Where a chunk stands in an input that takes turns with others.
#[derive(Clone, Copy, Debug)]
pub(super) struct InTurn {
    /// How many lines stand before it.
    pub(super) before: u64,
    /// True for the end of the input, which is a chunk of its own.
    pub(super) is_last: bool,
}

/// What has been read of a followed file with the last line of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of the file, which is another one after a rotation.
    pub(super) file: u64,
    /// The place behind the line.
    pub(super) offset: u64,
    /// How many lines stand before the chunk, and before that place.
    pub(super) first: u64,
    pub(super) lines: u64,
    /// Where counting them began, because nobody knows how many stand in front of that place.
    pub(super) since: u64,
    /// The place of the chunk, if its bytes stand in the file as they are: no line was passed over.
    pub(super) start: Option<u64>,
}

impl Mark {
    /// The number of the file.
    pub fn file(&self) -> u64 {
        self.file
    }

    /// What has been read with the first lines of the chunk, which have so many bytes; `None` if nobody
    /// knows where they stand.
    pub fn within(self, bytes: usize, lines: u64) -> Option<Self> {
        Some(Self {
            offset: self.start? + bytes as u64,
            lines: self.first + lines,
            ..self
        })
    }
}

/// Where in a file the bytes of a chunk stand.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The file.
    pub file: Arc<OwnedFd>,
    /// The place of the first byte.
    pub offset: u64,
}

impl Default for Chunk {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            end: 0,
            place: Arc::from(""),
            first: false,
            input: 0,
            gaps: Vec::new(),
            above_gaps: Vec::new(),
            unfinished: false,
            pausing: false,
            turn: None,
            origin: None,
            mark: None,
            reached: None,
            numbered: None,
        }
    }
}

impl Chunk {
    /// The lines; only the last line of an input may lack its newline.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// Takes the bytes out, for who keeps them.
    pub fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.truncate(self.end);
        self.end = 0;
        bytes
    }

    /// One without lines, for what is made late of those before it: where they come from, and what is done with then.
    pub fn late(place: &Arc<str>, reached: Vec<Mark>) -> Self {
        Self {
            place: Arc::clone(place),
            reached: Some(reached),
            ..Self::default()
        }
    }

    /// True if it is one of several inputs that are read in turns, and none that grows.
    pub fn takes_turns(&self) -> bool {
        self.turn.is_some()
    }

    /// Where the bytes stand, if they are a piece of a file as it is.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// How much has been read with it of a file that is followed.
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// How far files that are followed have been read when all that was made of it, and of what came
    /// before it, has been delivered.
    pub fn reached(&self) -> &[Mark] {
        self.reached.as_deref().unwrap_or(self.mark.as_slice())
    }

    /// Says what that is instead, because something is held back until more has come.
    pub fn set_reached(&mut self, reached: Vec<Mark>) {
        self.reached = Some(reached);
    }

    /// The number of the last record of its input, behind it, if they are numbered.
    pub fn numbered(&self) -> Option<u64> {
        self.numbered
    }

    /// Says what that is.
    pub fn set_numbered(&mut self, last: u64) {
        self.numbered = Some(last);
    }

    /// Says that no more than its first lines are done with, because it is not read on.
    pub fn end_behind(&mut self, lines: u64) {
        let Some(mark) = self.mark else {
            return;
        };
        let newlines = memchr::memchr_iter(b'\n', self.bytes());
        let ends = std::iter::once(0).chain(newlines.map(|at| at + 1));
        let end = ends.zip(0..=lines).last().map_or(0, |(end, _)| end);
        self.reached = Some(mark.within(end, lines).into_iter().collect());
    }

    /// Takes the bytes out and leaves `spare` to the next chunk; returns how many they are. What is told of
    /// this one is still true, but for the bytes.
    pub fn exchange(&mut self, spare: &mut Vec<u8>) -> usize {
        if spare.len() < self.end {
            *spare = vec![0; self.buffer.len()];
        }
        std::mem::swap(&mut self.buffer, spare);
        self.end
    }

    /// How many lines of the input stand before it, where inputs take turns, so that it does not stand behind
    /// the chunk before it.
    pub fn lines_before(&self) -> Option<u64> {
        self.mark
            .map(|mark| mark.first)
            .or(self.turn.map(|turn| turn.before))
    }

    /// The place from which on lines are counted, where reading did not begin with the first.
    pub fn counted_since(&self) -> Option<u64> {
        let since = self.mark?.since;
        (since > 0).then_some(since)
    }

    /// True for the end of an input that takes turns with others, which is a chunk without lines.
    pub fn is_last(&self) -> bool {
        self.turn.is_some_and(|turn| turn.is_last)
    }

    /// The input's name, as the user gave it.
    pub fn place(&self) -> &Arc<str> {
        &self.place
    }

    /// True for the first chunk of an input: its first line is line 1.
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// The number of the input, from 1, in the order in which they were opened.
    pub fn input(&self) -> u64 {
        self.input
    }

    /// How many lines were passed over because they exceed the limit for one record.
    pub fn oversized(&self) -> u64 {
        self.gaps.len() as u64
    }

    /// Where in the bytes they stood, each between two lines or at an end.
    pub fn gaps(&self) -> &[usize] {
        &self.gaps
    }

    /// The number of the first of them, from 1 for the first line that was read with the chunk.
    pub fn first_gap(&self) -> Option<u64> {
        self.above_gaps.first().map(|above| above + 1)
    }

    /// The number of a line among all that were read with the chunk, by its number among those that are there.
    pub fn as_read(&self, line: u64) -> u64 {
        let above = self.above_gaps.iter().take_while(|above| **above < line);
        line + above.count() as u64
    }

    /// Notes that so many lines have been passed over in front of all that are there, and no others.
    pub(super) fn begin_with_gaps(&mut self, lines: usize) {
        self.gaps.clear();
        self.gaps.resize(lines, 0);
        self.above_gaps.clear();
        self.above_gaps.resize(lines, 0);
    }

    /// True if reading was ended within its only line, the rest of which may have come. The last
    /// line of an input that has ended is whole, even without its newline.
    pub fn is_unfinished(&self) -> bool {
        self.unfinished
    }

    /// True if nothing more was there when it was handed out, and who has written it may have paused.
    pub fn is_pausing(&self) -> bool {
        self.pausing
    }

    /// Drops lines over the limit that came so fast that they never had to wait for room.
    pub(super) fn drop_long_lines(&mut self, max_record: usize) {
        if self.end <= max_record {
            return;
        }
        let (mut from, mut to, mut above) = (0, 0, 0);
        while from < self.end {
            let rest = &self.buffer[from..self.end];
            let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let end = self.end.min(from + line + 1);
            if line > max_record {
                self.gaps.push(to);
                self.above_gaps.push(above);
            } else {
                self.buffer.copy_within(from..end, to);
                to += end - from;
                above += 1;
            }
            from = end;
        }
        self.end = to;
    }
}
