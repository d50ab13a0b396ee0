//! Compressed bytes of a peer, within bounds: a few thousand bytes can stand for gigabytes.

use std::io::{BufRead, Read};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, which HTTP calls deflate.
    Zlib,
}

/// How much may come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes in all.
    pub bytes: usize,
    /// Times the bytes that went in, once more than [`FREE`] have come out.
    pub ratio: usize,
}

/// What may come out whatever went in, in bytes: a single record of zeros is no bomb.
pub const FREE: usize = 1 << 20;

/// Why something was not decompressed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// It is broken or cut off.
    #[error("broken compression: {0}")]
    Broken(String),
    /// More comes out than may.
    #[error("it is more than {0} bytes when decompressed")]
    Bytes(usize),
    /// It expands too much.
    #[error("it expands to more than {0} times its size (--max-ratio)")]
    Ratio(usize),
}

impl Coding {
    /// What the first bytes say; `None` if they are not compressed.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // RFC 1950, 2.2: deflate, and the two bytes are a multiple of 31.
            [first, second, ..]
                if first & 0x0f == 8
                    && first >> 4 <= 7
                    && u16::from_be_bytes([*first, *second]).is_multiple_of(31) =>
            {
                Some(Self::Zlib)
            }
            _ => None,
        }
    }
}

/// Decompresses `input` into `out`, which is emptied first.
pub fn inflate(
    coding: Coding,
    input: &[u8],
    bounds: Bounds,
    out: &mut Vec<u8>,
) -> Result<(), InflateError> {
    out.clear();
    match coding {
        Coding::Gzip => read(MultiGzDecoder::new(input), input.len(), bounds, out),
        Coding::Zlib => {
            let mut decoder = ZlibDecoder::new(input);
            read(&mut decoder, input.len(), bounds, out)?;
            match decoder.get_mut().fill_buf() {
                Ok([]) => Ok(()),
                _ => Err(InflateError::Broken("bytes behind its end".into())),
            }
        }
    }
}

fn read(
    mut from: impl Read,
    size: usize,
    bounds: Bounds,
    out: &mut Vec<u8>,
) -> Result<(), InflateError> {
    let most = FREE.max(size.saturating_mul(bounds.ratio));
    let limit = most.min(bounds.bytes);
    // One byte more tells that there is more.
    let mut limited = from.by_ref().take(limit as u64 + 1);
    let broken = |error: std::io::Error| InflateError::Broken(error.to_string());
    limited.read_to_end(out).map_err(broken)?;
    if out.len() <= limit {
        return Ok(());
    }
    out.truncate(limit);
    Err(if most < bounds.bytes {
        InflateError::Ratio(bounds.ratio)
    } else {
        InflateError::Bytes(bounds.bytes)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    use super::*;

    const BOUNDS: Bounds = Bounds {
        bytes: 8 << 20,
        ratio: 100,
    };

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn what_was_compressed_comes_back() {
        let text = b"{\"a\":1}".repeat(1000);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).expect("memory");
        let (gzip, zlib) = (gzip(&text), zlib.finish().expect("memory"));
        let mut out = Vec::new();
        for (bytes, coding) in [(&gzip, Coding::Gzip), (&zlib, Coding::Zlib)] {
            assert_eq!(Coding::of(bytes), Some(coding));
            assert_eq!(inflate(coding, bytes, BOUNDS, &mut out), Ok(()));
            assert_eq!(out, text);
            let cut = &bytes[..bytes.len() - 5];
            let broken = inflate(coding, cut, BOUNDS, &mut out);
            assert!(matches!(broken, Err(InflateError::Broken(_))), "{broken:?}");
            let more = [&bytes[..], b"x"].concat();
            assert!(inflate(coding, &more, BOUNDS, &mut out).is_err());
        }
        assert_eq!(Coding::of(b"{}"), None);
        assert_eq!(Coding::of(b"x"), None);
    }

    #[test]
    fn a_bomb_costs_its_limit() {
        let bomb = gzip(&vec![0; 9 << 20]);
        assert!(bomb.len() < 100 << 10, "{}", bomb.len());
        let mut out = Vec::new();
        assert_eq!(
            inflate(Coding::Gzip, &bomb, BOUNDS, &mut out),
            Err(InflateError::Ratio(100))
        );
        assert!(out.capacity() <= 16 << 20, "{}", out.capacity());
        let wide = Bounds {
            ratio: 100_000,
            ..BOUNDS
        };
        assert_eq!(
            inflate(Coding::Gzip, &bomb, wide, &mut out),
            Err(InflateError::Bytes(8 << 20))
        );
        let small = gzip(&vec![0; 1 << 20]);
        assert_eq!(inflate(Coding::Gzip, &small, BOUNDS, &mut out), Ok(()));
    }
}
