//! A stream that goes compressed, in the way that dl-recv and others tell by its first bytes.
//!
//! It is one frame of zstd, or one member of gzip, for as long as the connection lasts, so that
//! small batches profit of what went before; behind each batch stands all that the receiver
//! needs to have the batch. What is so much of the same that a receiver would take it for a bomb
//! goes in parts as it is, as a member of gzip of stored blocks.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use crate::sink::Packing;

/// What is compressed at a time. 64 KiB: small beside [`FREE`].
const PIECE: usize = 64 << 10;

/// How much more than [`RATIO`] times its size a stream may stand for: a fourth of what dl-recv
/// grants.
const FREE: u64 = 256 << 10;

/// How many times its size a stream may stand for: a fourth of what dl-recv grants.
const RATIO: u64 = 50;

/// The window of zstd as a power of two: 256 KiB, because a receiver has one for each sender.
const WINDOW: u32 = 18;

/// Compresses what goes over one connection.
pub(super) struct Pack {
    by: Packing,
    frame: Frame,
    /// Bytes that it stands for, and bytes that it is.
    plain: u64,
    packed: u64,
    out: Vec<u8>,
}

enum Frame {
    /// None has begun.
    None,
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::Encoder<'static, Vec<u8>>),
}

impl Pack {
    pub(super) fn new(by: Packing) -> Self {
        Self {
            by,
            frame: Frame::None,
            plain: 0,
            packed: 0,
            out: Vec::new(),
        }
    }

    /// Compresses bytes; what is to be sent for them.
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<&[u8]> {
        self.out.clear();
        for piece in bytes.chunks(PIECE) {
            if self.plain > FREE + RATIO * self.packed {
                self.close()?;
                let mut stored = GzEncoder::new(Vec::new(), Compression::none());
                stored.write_all(piece)?;
                let stored = stored.finish()?;
                self.take(&stored);
            } else {
                self.frame.write(self.by, piece)?;
                let made = self.frame.made();
                self.take(&made);
            }
            self.plain += piece.len() as u64;
        }
        self.frame.flush()?;
        let made = self.frame.made();
        self.take(&made);
        Ok(&self.out)
    }

    /// Ends the stream; what is to be sent for it.
    pub(super) fn end(&mut self) -> io::Result<&[u8]> {
        self.out.clear();
        self.close()?;
        Ok(&self.out)
    }

    fn close(&mut self) -> io::Result<()> {
        let last = match std::mem::replace(&mut self.frame, Frame::None) {
            Frame::None => return Ok(()),
            Frame::Gzip(encoder) => encoder.finish()?,
            Frame::Zstd(encoder) => encoder.finish()?,
        };
        self.take(&last);
        Ok(())
    }

    fn take(&mut self, made: &[u8]) {
        self.packed += made.len() as u64;
        self.out.extend_from_slice(made);
    }
}

impl Frame {
    fn write(&mut self, by: Packing, piece: &[u8]) -> io::Result<()> {
        if let Self::None = self {
            *self = match by {
                Packing::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), Compression::fast())),
                Packing::Zstd => {
                    let mut encoder =
                        zstd::Encoder::new(Vec::new(), zstd::DEFAULT_COMPRESSION_LEVEL)?;
                    encoder.window_log(WINDOW)?;
                    Self::Zstd(encoder)
                }
            };
        }
        match self {
            Self::None => Ok(()),
            Self::Gzip(encoder) => encoder.write_all(piece),
            Self::Zstd(encoder) => encoder.write_all(piece),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }

    /// What has been made, which is not kept.
    fn made(&mut self) -> Vec<u8> {
        match self {
            Self::None => Vec::new(),
            Self::Gzip(encoder) => std::mem::take(encoder.get_mut()),
            Self::Zstd(encoder) => std::mem::take(encoder.get_mut()),
        }
    }
}
