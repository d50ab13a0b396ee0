//! A piece: the records of a chunk, and when each of them was.

use crate::{
    cli::{
        feed::{Batch, Feed, Run, Screen, Stray, each_bare_line},
        recv::{Made, Out, hand_out},
    },
    error::Result,
    record::{Canonical, Found, Lines, Reader, Zone},
    source::Chunk,
};

/// The time of a record that has none, as long as it is not known what it stands behind.
pub(super) const UNKNOWN: i64 = i64::MIN;

/// The records of a chunk.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    /// Their lines; not filled in if they are the bytes of the chunk as they are.
    pub(super) text: Vec<u8>,
    /// True if `text` is the chunk's.
    pub(super) whole: bool,
    /// The chunk's bytes then, with more behind them, if they are kept.
    pub(super) kept: Vec<u8>,
    /// When each of them was, in nanoseconds. One that has no time has that of the one before.
    pub(super) times: Vec<i64>,
    /// The length of each with its newline.
    pub(super) lengths: Vec<u32>,
    /// How many of them belong to the input before the chunk's, and how many bytes these are.
    pub(super) before: usize,
    pub(super) bytes_before: usize,
}

impl Piece {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.whole = false;
        self.times.clear();
        self.lengths.clear();
        self.before = 0;
        self.bytes_before = 0;
    }

    /// The lines.
    pub(super) fn bytes<'a>(&'a self, chunk: Option<&'a Chunk>) -> &'a [u8] {
        match chunk {
            Some(chunk) if self.whole => chunk.bytes(),
            _ => &self.text,
        }
    }

    fn push(&mut self, time: Option<i64>, line: &[u8]) {
        let last = self.times.last().copied().unwrap_or(UNKNOWN);
        self.times.push(time.unwrap_or(last));
        // The flag for the longest record allows no more.
        self.lengths
            .push(u32::try_from(line.len() + 1).unwrap_or(u32::MAX));
    }

    fn write(&mut self, line: &[u8]) {
        if !self.whole {
            self.text.extend_from_slice(line);
            self.text.push(b'\n');
        }
    }

    /// Notes that the text is not that of the chunk any more, but for the first bytes of it.
    fn part(&mut self, same: &[u8]) {
        if self.whole {
            self.whole = false;
            self.text.extend_from_slice(same);
        }
    }
}

impl Made for Piece {
    fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    fn begin(&mut self) {
        self.clear();
    }

    fn end_input(&mut self) {
        self.bytes_before = self.text.len();
    }
}

/// Reads inputs whose lines are records already. Who keeps them gets the memory that they stand in.
pub(super) fn read(
    feed: Feed,
    zone: Option<Zone>,
    keeps: bool,
    mut take: impl FnMut(Out<'_, Piece>) -> Result<()> + Send,
) -> Result<Run> {
    feed.run(
        |screen| worker(screen, zone, keeps),
        |event, _| hand_out(event, &mut take),
    )
}

fn worker(
    screen: Screen,
    zone: Option<Zone>,
    keeps: bool,
) -> impl FnMut(&mut Chunk, &mut Batch<Piece>) {
    let (reader, mut found) = scanner();
    move |chunk, batch| {
        let Batch { tally, data: piece } = batch;
        piece.clear();
        piece.whole = true;
        let bytes = chunk.bytes();
        let mut at = 0;
        each_bare_line(bytes, tally, |whole, tally| {
            let line = whole.bytes();
            let end = at + line.len();
            if end == bytes.len() {
                // It lacks its newline.
                piece.part(&bytes[..at]);
            }
            match reader.read(whole, &mut found) {
                Ok(record) => {
                    tally.written += 1;
                    piece.push(record.time_in(zone).map(|time| time.0), line);
                    piece.write(line);
                }
                Err(bad) => {
                    let stray = screen.stray(line, &bad, tally);
                    if !matches!(stray, Stray::Pass) {
                        piece.part(&bytes[..at]);
                    }
                    let line = match &stray {
                        Stray::Gone => None,
                        Stray::Pass => Some(line),
                        Stray::Wrapped(record) => Some(&record[..]),
                    };
                    if let Some(line) = line {
                        tally.written += 1;
                        piece.push(None, line);
                        piece.write(line);
                    }
                }
            }
            at = end + 1;
        });
        if at < bytes.len() {
            // It was broken off.
            piece.part(&bytes[..at]);
        }
        if keeps && piece.whole {
            chunk.exchange(&mut piece.kept);
        }
    }
}

/// Makes what finds the times of lines that a decoder has written.
pub(super) fn finder(zone: Option<Zone>) -> impl FnMut(&mut Piece) {
    let (reader, mut found) = scanner();
    move |piece| {
        let text = std::mem::take(&mut piece.text);
        let mut end = 0;
        for line in Lines::new(&text) {
            let begins = piece.bytes_before > 0 && end == piece.bytes_before;
            if begins {
                piece.before = piece.times.len();
            }
            end += line.len() + 1;
            let time = match reader.read(line, &mut found) {
                Ok(record) => record.time_in(zone).map(|time| time.0),
                Err(_) => None,
            };
            piece.push(if begins { time.or(Some(UNKNOWN)) } else { time }, line);
        }
        if end == piece.bytes_before {
            piece.before = piece.times.len();
        }
        piece.text = text;
    }
}

fn scanner() -> (Reader, Found) {
    let mut reader = Reader::default();
    reader.canonical(Canonical::Time);
    (reader, Found::default())
}
