//! Chunked GELF: a message in up to 128 datagrams, which come in any order or not at all.
//!
//! A chunk is `1e 0f`, eight bytes that are the same for all chunks of a message, its number
//! and the number of chunks (REFERENCE.md §8). This module is given the time and has no socket.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use hashlink::LinkedHashMap;

use super::{Limits, Refusal};

/// What a chunk begins with.
const MAGIC: [u8; 2] = [0x1e, 0x0f];
/// Bytes in front of a chunk's part of the message.
const HEAD: usize = 12;
/// The most chunks that a message may have.
const MOST: u8 = 128;

/// Messages of which some chunks have come, by who sends them (`P`) and the id in the chunks.
#[derive(Debug)]
pub struct Chunks<P> {
    /// The oldest first.
    open: LinkedHashMap<(P, [u8; 8]), Open>,
    limits: Limits,
    held: usize,
}

#[derive(Debug)]
struct Open {
    parts: Vec<Option<Box<[u8]>>>,
    came: usize,
    bytes: usize,
    since: Instant,
}

/// What a datagram was.
#[derive(Debug, PartialEq, Eq)]
pub enum Given {
    /// No chunk: a message by itself.
    Whole,
    /// A chunk, and others are missing.
    Kept,
    /// The last chunk that was missing: here is the message.
    Message(Vec<u8>),
    /// A chunk that cannot be one.
    Broken(Refusal),
}

impl Open {
    fn lost(self, time: Duration) -> (Vec<u8>, Refusal) {
        let (came, count) = (self.came, self.parts.len());
        (self.join(), Refusal::Chunks { came, count, time })
    }

    fn join(self) -> Vec<u8> {
        let mut message = Vec::with_capacity(self.bytes);
        for part in self.parts.into_iter().flatten() {
            message.extend_from_slice(&part);
        }
        message
    }
}

impl<P: Clone + Eq + Hash> Chunks<P> {
    /// None so far.
    pub fn new(limits: &Limits) -> Self {
        Self {
            open: LinkedHashMap::new(),
            limits: limits.clone(),
            held: 0,
        }
    }

    /// Takes a datagram. What has to be given up for it comes out of [`lost`](Self::lost).
    pub fn take(&mut self, peer: &P, datagram: &[u8], now: Instant) -> Given {
        if !datagram.starts_with(&MAGIC) {
            return Given::Whole;
        }
        let Some((head, part)) = datagram.split_first_chunk::<HEAD>() else {
            return Given::Broken(Refusal::Framing("a chunk of fewer than 12 bytes"));
        };
        let (number, count) = (head[10], head[11]);
        if count == 0 || count > MOST || number >= count {
            return Given::Broken(Refusal::Framing(
                "a chunk whose number is not below their count, or more than 128",
            ));
        }
        let mut id = [0; 8];
        id.copy_from_slice(&head[2..10]);
        let key = (peer.clone(), id);
        let open = self.open.entry(key.clone()).or_insert_with(|| Open {
            parts: vec![None; count.into()],
            came: 0,
            bytes: 0,
            since: now,
        });
        if open.parts.len() != usize::from(count) {
            return Given::Broken(Refusal::Framing(
                "a chunk that tells another count than those before it",
            ));
        }
        let place = &mut open.parts[usize::from(number)];
        if place.is_some() {
            // UDP may deliver twice.
            return Given::Kept;
        }
        *place = Some(part.into());
        open.came += 1;
        open.bytes += part.len();
        self.held += part.len();
        if open.bytes > self.limits.message_bytes {
            self.held -= open.bytes;
            self.open.remove(&key);
            return Given::Broken(Refusal::TooLong {
                limit: self.limits.message_bytes,
            });
        }
        if open.came < open.parts.len() {
            return Given::Kept;
        }
        match self.open.remove(&key) {
            Some(open) => {
                self.held -= open.bytes;
                Given::Message(open.join())
            }
            None => Given::Kept,
        }
    }

    /// The next message that is lost by now: who sent it, what of it has come, and why.
    pub fn lost(&mut self, now: Instant) -> Option<(P, Vec<u8>, Refusal)> {
        let limits = &self.limits;
        let late = |open: &Open| now >= open.since + limits.chunk_time;
        let ((peer, _), open) = self.open.front().map(|(key, open)| (key.clone(), open))?;
        let reason = if late(open) {
            None
        } else if self.open.len() > limits.open_chunked {
            Some(Refusal::TooManyOpen {
                limit: limits.open_chunked,
            })
        } else if self.held > limits.total_bytes {
            Some(Refusal::Budget {
                limit: limits.total_bytes,
            })
        } else {
            return None;
        };
        let (_, open) = self.open.pop_front()?;
        self.held -= open.bytes;
        let (bytes, missing) = open.lost(self.limits.chunk_time);
        Some((peer, bytes, reason.unwrap_or(missing)))
    }

    /// Gives up the oldest message, because we end.
    pub fn give_up(&mut self) -> Option<(P, Vec<u8>)> {
        let ((peer, _), open) = self.open.pop_front()?;
        self.held -= open.bytes;
        Some((peer, open.join()))
    }

    /// When the next message is lost if nothing comes.
    pub fn due(&self) -> Option<Instant> {
        let (_, oldest) = self.open.front()?;
        Some(oldest.since + self.limits.chunk_time)
    }

    /// Puts all deadlines off by a time in which nobody read.
    pub fn excuse(&mut self, away: Duration) {
        for (_, open) in &mut self.open {
            open.since += away;
        }
    }

    /// Bytes of memory that hold parts of messages.
    pub fn held(&self) -> usize {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(id: u8, number: u8, count: u8, part: &[u8]) -> Vec<u8> {
        [&MAGIC[..], &[id; 8], &[number, count], part].concat()
    }

    #[test]
    fn chunks_are_joined_in_any_order() {
        let now = Instant::now();
        let mut chunks = Chunks::new(&Limits::default());
        assert_eq!(chunks.take(&1, b"{}", now), Given::Whole);
        assert_eq!(chunks.take(&1, &chunk(7, 2, 3, b"c"), now), Given::Kept);
        assert_eq!(chunks.take(&2, &chunk(7, 0, 3, b"z"), now), Given::Kept);
        assert_eq!(chunks.take(&1, &chunk(7, 0, 3, b"a"), now), Given::Kept);
        assert_eq!(chunks.take(&1, &chunk(7, 0, 3, b"x"), now), Given::Kept);
        assert_eq!(
            chunks.take(&1, &chunk(7, 1, 3, b"b"), now),
            Given::Message(b"abc".to_vec())
        );
        assert_eq!(chunks.held(), 1);
        assert_eq!(chunks.lost(now), None);
        let later = chunks.due().expect("one is open");
        let (peer, bytes, reason) = chunks.lost(later).expect("it is late");
        assert_eq!((peer, bytes), (2, b"z".to_vec()));
        assert_eq!(
            reason.to_string(),
            "1 of 3 chunks of a message have come within 5 s"
        );
        assert_eq!(chunks.held(), 0);
    }

    #[test]
    fn what_cannot_be_a_chunk_is_refused_and_floods_cost_their_limit() {
        let now = Instant::now();
        let limits = Limits {
            open_chunked: 10,
            total_bytes: 1000,
            message_bytes: 100,
            ..Limits::default()
        };
        let mut chunks = Chunks::new(&limits);
        for broken in [
            chunk(1, 0, 0, b""),
            chunk(1, 3, 3, b""),
            chunk(1, 0, 129, b""),
            b"\x1e\x0f".to_vec(),
        ] {
            assert!(matches!(chunks.take(&1, &broken, now), Given::Broken(_)));
        }
        assert_eq!(chunks.take(&1, &chunk(9, 0, 2, &[0; 60]), now), Given::Kept);
        assert_eq!(
            chunks.take(&1, &chunk(9, 1, 2, &[0; 60]), now),
            Given::Broken(Refusal::TooLong { limit: 100 })
        );
        assert_eq!(chunks.held(), 0);
        let mut lost = 0;
        for id in 0..100 {
            chunks.take(&1, &chunk(id, 0, 2, b"x"), now);
            while chunks.lost(now).is_some() {
                lost += 1;
            }
            assert!(chunks.held() <= 10);
        }
        assert_eq!(lost, 90);
    }
}
