//! Streams that come compressed, by gzip or by zstd, which their first bytes tell.
//!
//! It stands between a connection and the buffer that is parsed, and hands out no more than that
//! has room for, so what a peer costs is a piece of input and what its decoder keeps. A stream may
//! be several members of gzip or frames of zstd one behind the other; what is not compressed may
//! not stand behind them.
//!
//! In what pieces a stream comes makes no difference: what was decompressed before something was
//! wrong is handed out first.

mod fuzz;

use std::{fmt, mem};

use flate2::{Decompress, DecompressError, FlushDecompress, Status};
use zstd::zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

pub use self::fuzz::fuzz_unpack;
use super::{Refusal, connection::End};
use crate::zmtp::Moved;

/// Bytes that are taken from a connection at once.
const PIECE: usize = 16 << 10;

/// How often a connection is read in one turn if nothing comes out, so that a peer that sends
/// nothing but what stands for nothing does not starve the others.
const READS: usize = 16;

/// What may come out whatever went in, in bytes: a single record of zeros is no bomb.
const FREE: u64 = 1 << 20;

/// The largest window of zstd that is taken, as a power of two: 8 MiB, which is what a decoder has
/// to support (RFC 8878, 3.1.1.1.2) and what the strongest of the usual levels wants.
const WINDOW: u32 = 23;

/// The bits of the largest window that gzip has.
const GZIP_WINDOW: u8 = 15;

/// What a decoder of zstd looks at first, and the head of a block, in bytes: RFC 8878, 3.1.1.
const ZSTD_BEGINS: usize = 5;
const BLOCK_HEAD: usize = 3;

/// What a decoder of gzip keeps, in bytes: its window, and about as much of tables.
const GZIP_HELD: usize = 64 << 10;

/// Decompresses what a peer sends, if it is compressed.
pub(super) struct Unpack {
    state: State,
    /// Bytes of the peer that no decoder has seen.
    input: Vec<u8>,
    at: usize,
    /// Whether a decoder may have more without more input.
    more: bool,
    /// What was wrong behind what has been handed out.
    wrong: Option<End>,
    /// Bytes that decoders have taken in and given out.
    taken: u64,
    given: u64,
    /// How many times the former the latter may be.
    ratio: u64,
}

enum State {
    /// Nothing has come of which it could be told.
    Fresh,
    Plain,
    Gzip(Box<Decompress>),
    /// With how many bytes it wants next.
    Zstd(DCtx<'static>, usize),
    /// A member or a frame has ended, and another may begin.
    Between,
}

/// What the first bytes of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Gzip,
    Zstd,
    Plain,
    /// There are too few of them.
    Unknown,
}

/// RFC 1952, 2.3.1; RFC 8878, 3.1.1 and 3.1.2, the last byte first, as it stands there.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Behind a byte of which only the upper half counts: frames that stand for nothing.
const SKIPPED: [u8; 3] = [0x2a, 0x4d, 0x18];

impl Look {
    fn at(bytes: &[u8]) -> Self {
        let begins = |magic: &[u8]| {
            let count = bytes.len().min(magic.len());
            bytes[..count] == magic[..count]
        };
        let is_skipped = bytes.split_first().is_some_and(|(first, rest)| {
            first >> 4 == 5 && rest.iter().zip(SKIPPED).all(|(a, b)| *a == b)
        });
        match bytes {
            [] => Self::Unknown,
            [_, _, ..] if begins(&GZIP) => Self::Gzip,
            [_, _, _, _, ..] if begins(&ZSTD) || is_skipped => Self::Zstd,
            [_, _, _, _, ..] => Self::Plain,
            _ if begins(&GZIP) || begins(&ZSTD) || is_skipped => Self::Unknown,
            _ => Self::Plain,
        }
    }
}

impl fmt::Debug for Unpack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpack").finish_non_exhaustive()
    }
}

impl Unpack {
    /// For a connection of which nothing has been read; more than so many times its size, what it
    /// sends must not expand to.
    pub(super) fn new(ratio: usize) -> Self {
        Self {
            state: State::Fresh,
            input: Vec::new(),
            at: 0,
            more: false,
            wrong: None,
            taken: 0,
            given: 0,
            ratio: ratio as u64,
        }
    }

    /// Bytes of memory that it holds.
    pub(super) fn held(&self) -> usize {
        let decoder = match &self.state {
            State::Fresh | State::Plain | State::Between => 0,
            State::Gzip(_) => GZIP_HELD,
            State::Zstd(decoder, _) => decoder.sizeof(),
        };
        self.input.capacity() + decoder
    }

    /// Whether something can come out although nothing comes in.
    pub(super) fn has_more(&self) -> bool {
        self.more || self.wrong.is_some()
    }

    /// Appends to `buffer` what comes by `read`, which appends what is there up to the capacity of
    /// what it is given, and does so likewise.
    pub(super) fn read(
        &mut self,
        mut read: impl FnMut(&mut Vec<u8>) -> Result<Moved, End>,
        buffer: &mut Vec<u8>,
    ) -> Result<Moved, End> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        for _ in 0..READS {
            if matches!(self.state, State::Plain) && self.input.is_empty() {
                return read(buffer);
            }
            let had = buffer.len();
            // A decoder of zstd that is asked in vain too often takes its stream for broken.
            if self.more || self.at < self.input.len() {
                let done = self.unpack(buffer);
                if buffer.len() > had {
                    self.wrong = done.err();
                    return Ok(Moved::Bytes(buffer.len() - had));
                }
                done?;
            }
            self.input.drain(..self.at);
            self.at = 0;
            self.input.reserve(PIECE);
            match read(&mut self.input)? {
                Moved::Bytes(_) => {}
                Moved::Later => return Ok(Moved::Later),
                Moved::End => return self.end(buffer),
            }
        }
        Ok(Moved::Later)
    }

    /// The peer sends no more. What it would have been compressed of is text if it was too short.
    fn end(&mut self, buffer: &mut Vec<u8>) -> Result<Moved, End> {
        match self.state {
            State::Fresh if !self.input.is_empty() => {
                self.state = State::Plain;
                let count = self.input.len();
                buffer.append(&mut self.input);
                Ok(Moved::Bytes(count))
            }
            State::Fresh | State::Plain => Ok(Moved::End),
            State::Between if self.input.is_empty() => Ok(Moved::End),
            // Whoever cuts a connection off must not make a message end early.
            State::Between | State::Gzip(_) | State::Zstd(..) => Err(End::Left),
        }
    }

    /// Decompresses as much as there is, and as there is room for.
    fn unpack(&mut self, buffer: &mut Vec<u8>) -> Result<(), End> {
        if buffer.len() == buffer.capacity() {
            buffer.reserve(PIECE);
        }
        let mut is_flushing = mem::take(&mut self.more);
        loop {
            let before = self.at;
            let input = &self.input[before..];
            let had = buffer.len();
            // Whether a member or a frame is done; what came out before it was broken counts too.
            let done = match &mut self.state {
                State::Plain => {
                    buffer.extend_from_slice(input);
                    (self.input, self.at) = (Vec::new(), 0);
                    return Ok(());
                }
                State::Fresh | State::Between => {
                    let was_packed = matches!(self.state, State::Between);
                    self.state = match Look::at(input) {
                        Look::Unknown => return Ok(()),
                        Look::Plain if was_packed => {
                            let words = "bytes behind the end of what is compressed";
                            return Err(Refusal::Framing(words).into());
                        }
                        Look::Plain => State::Plain,
                        Look::Gzip => State::Gzip(Box::new(Decompress::new_gzip(GZIP_WINDOW))),
                        Look::Zstd => State::Zstd(decoder()?, ZSTD_BEGINS),
                    };
                    continue;
                }
                State::Gzip(decoder) => {
                    let so_far = decoder.total_in();
                    let done = decoder.decompress_vec(input, buffer, FlushDecompress::None);
                    let taken = decoder.total_in() - so_far;
                    self.taken += taken;
                    self.at += usize::try_from(taken).unwrap_or(usize::MAX);
                    done.map(|status| status == Status::StreamEnd)
                        .map_err(|error| broken(words(&error)))
                }
                State::Zstd(decoder, wanted) => {
                    // A call that fails gives back nothing, and so each is for a block at the most;
                    // what a block has become is all out before more is taken.
                    let most = if is_flushing { 0 } else { *wanted };
                    let mut from = InBuffer::around(&input[..most.min(input.len())]);
                    let mut to = OutBuffer::around_pos(buffer, had);
                    let left = decoder.decompress_stream(&mut to, &mut from);
                    let taken = from.pos;
                    self.taken += taken as u64;
                    self.at += taken;
                    if let Ok(left) = left {
                        // It counts the head of the next block among what it wants of this one.
                        *wanted = if left > BLOCK_HEAD {
                            left - BLOCK_HEAD
                        } else {
                            left
                        };
                    }
                    left.map(|left| left == 0)
                        .map_err(|code| broken(get_error_name(code)))
                }
            };
            self.given += (buffer.len() - had) as u64;
            let most = FREE.max(self.taken.saturating_mul(self.ratio));
            if let Some(over) = self.given.checked_sub(most).filter(|over| *over > 0) {
                let over = usize::try_from(over).unwrap_or(usize::MAX);
                buffer.truncate(buffer.len().saturating_sub(over).max(had));
                return Err(Refusal::Ratio { limit: self.ratio }.into());
            }
            if done? {
                self.state = State::Between;
            }
            if buffer.len() == buffer.capacity() {
                self.more = true;
                return Ok(());
            }
            if self.at == before && !mem::take(&mut is_flushing) {
                return Ok(());
            }
        }
    }
}

fn decoder() -> Result<DCtx<'static>, End> {
    let mut decoder = DCtx::create();
    decoder
        .set_parameter(DParameter::WindowLogMax(WINDOW))
        .map_err(|code| broken(get_error_name(code)))?;
    Ok(decoder)
}

/// What is wrong with a member of gzip. What zlib-rs finds on its fast way it has no words for
/// but these, which tell of a call that nobody has made.
fn words(error: &DecompressError) -> &str {
    let told = error
        .message()
        .filter(|words| !words.starts_with("repeated call"));
    told.unwrap_or("invalid data")
}

fn broken(words: &str) -> End {
    Refusal::Packed(words.to_owned()).into()
}

#[cfg(test)]
mod tests;
