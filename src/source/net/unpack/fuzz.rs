//! What fuzz targets drive.

use super::{FREE, PIECE, Unpack};
use crate::{
    source::net::{Refusal, connection::End},
    zmtp::Moved,
};

/// The most that a decoder may hold: a window of zstd, and about as much again of tables and of
/// what it has not given out, which is less than a mebibyte.
const HELD: usize = (8 << 20) + (1 << 20);

/// Shows arbitrary bytes of a peer, in pieces of the given sizes, and returns what comes out, and
/// why it ended: `None` if the peer left in the middle. For fuzz targets and properties: the pieces
/// must make no difference, unless it expands too much, which is found out sooner the smaller they
/// are. A piece without bytes is a look in vain; where there are pieces, there is as much room for
/// what comes out.
///
/// # Errors
///
/// If the stream is broken, or has not ended.
///
/// # Panics
///
/// If more comes out than may, more is held than may be, or something is kept back: never.
pub fn fuzz_unpack(
    bytes: &[u8],
    pieces: &[usize],
    ratio: usize,
) -> (Vec<u8>, Result<(), Option<Refusal>>) {
    let mut unpack = Unpack::new(ratio);
    let (mut out, mut rest) = (Vec::new(), bytes);
    // How much had come out when the peer ended.
    let mut ended = None;
    let mut pieces = pieces.iter().copied();
    let most = FREE.max(bytes.len() as u64 * ratio as u64);
    loop {
        // As a server does: it looks again if there is more, or if its socket has something.
        if !unpack.has_more() && rest.is_empty() {
            ended.get_or_insert(out.len());
        }
        let size = pieces.next();
        let room = size.unwrap_or(256 << 10).max(1);
        let mut buffer = Vec::with_capacity(room);
        let room = buffer.capacity();
        let came = unpack.read(
            |to| {
                let free = to.capacity() - to.len();
                let (piece, after) = rest.split_at(size.unwrap_or(free).min(free).min(rest.len()));
                rest = after;
                to.extend_from_slice(piece);
                Ok(match piece.len() {
                    0 if ended.is_some() => Moved::End,
                    0 => Moved::Later,
                    count => Moved::Bytes(count),
                })
            },
            &mut buffer,
        );
        assert!(
            buffer.len() <= room.max(2 * PIECE),
            "more than there is room for"
        );
        assert!(
            unpack.held() <= HELD + 2 * PIECE,
            "it holds {}",
            unpack.held()
        );
        out.append(&mut buffer);
        // What is too short to be told from text waits for the end, and nothing else.
        assert!(
            out.len() <= ended.unwrap_or(usize::MAX - 3) + 3,
            "kept back"
        );
        assert!(out.len() as u64 <= most, "{} of {most} came out", out.len());
        match came {
            Ok(Moved::Bytes(_) | Moved::Later) => {}
            Ok(Moved::End) => return (out, Ok(())),
            Err(End::Left) => return (out, Err(None)),
            Err(End::Refused(refusal)) => return (out, Err(Some(refusal))),
        }
    }
}
