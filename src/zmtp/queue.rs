//! Messages that wait to be sent, already as they will be on the wire.
//!
//! They lie in batches of about 64 KiB, so that one write takes hundreds of records and a
//! message costs no allocation. Where a message begins is not kept: the frame headers in
//! the batch tell it, and it is asked only when a connection broke in the middle.

use std::collections::VecDeque;

use super::{
    Refusal,
    frame::{Header, frame_len, write_frame},
};

/// Bytes of a full batch. 64 KiB: larger ones gained nothing on loopback, and a batch is
/// what a sender with several peers gives to one of them at a time.
pub(super) const BATCH: usize = 64 << 10;

/// Empty batches that are kept for their memory.
const SPARES: usize = 4;

/// Some whole messages on their way.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where the first message begins that is not known to be written completely.
    begin: usize,
    /// Bytes before this one are written.
    written: usize,
    /// Messages from `begin` on.
    messages: usize,
    /// The same for a peer of CURVE, which is what is written then.
    sealed: Option<Sealed>,
}

/// Messages as one peer can read them. They are made when a batch is taken and forgotten when
/// the peer is lost: another one has other keys.
#[derive(Debug, Default)]
struct Sealed {
    bytes: Vec<u8>,
    /// Bytes before this one are written.
    written: usize,
    /// Where each message ends.
    ends: Vec<usize>,
}

/// Appends a frame as it goes over the wire: its body, and whether more follow.
type Seal<'s> = dyn FnMut(&[u8], bool, &mut Vec<u8>) -> Result<(), Refusal> + 's;

impl Batch {
    /// What is still to be written.
    pub(super) fn unwritten(&self) -> &[u8] {
        match &self.sealed {
            Some(sealed) => &sealed.bytes[sealed.written..],
            None => &self.bytes[self.written..],
        }
    }

    /// `count` bytes were written; says whether that was the end.
    pub(super) fn advance(&mut self, count: usize) -> bool {
        if let Some(sealed) = &mut self.sealed {
            sealed.written += count;
            return sealed.written == sealed.bytes.len();
        }
        self.written += count;
        self.written == self.bytes.len()
    }

    /// Seals each frame that is to be written.
    pub(super) fn seal(&mut self, seal: &mut Seal<'_>) -> Result<(), Refusal> {
        let mut sealed = Sealed::default();
        let mut at = self.begin;
        // These are our own headers: anything else is unreachable, and ends the batch.
        while let Some(rest) = self.bytes.get(at..)
            && let Ok(Some(header)) = Header::read(rest)
        {
            let body = usize::try_from(header.body).unwrap_or_default();
            let Some(frame) = rest.get(header.len..header.len + body) else {
                break;
            };
            seal(frame, header.more, &mut sealed.bytes)?;
            if !header.more {
                sealed.ends.push(sealed.bytes.len());
            }
            at += header.len + body;
        }
        self.sealed = Some(sealed);
        Ok(())
    }

    /// Counts the messages off that are written completely; returns their number.
    fn pass_written(&mut self) -> usize {
        match self.sealed.take() {
            Some(sealed) => {
                let written = sealed.ends.iter().filter(|end| **end <= sealed.written);
                let count = written.count();
                self.pass(usize::MAX, count)
            }
            None => self.pass(self.written, usize::MAX),
        }
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.begin
    }

    /// Where the message that begins at `at` ends.
    fn message_end(&self, mut at: usize) -> usize {
        loop {
            // These are our own headers: anything else is unreachable, and ends the batch.
            let Ok(Some(header)) = Header::read(&self.bytes[at..]) else {
                return self.bytes.len();
            };
            at += header.len + usize::try_from(header.body).unwrap_or_default();
            if !header.more {
                return at;
            }
        }
    }

    /// Moves `begin` over `limit` messages at most that end at or before `end`; returns
    /// their number.
    fn pass(&mut self, end: usize, limit: usize) -> usize {
        let before = self.messages;
        while self.messages > 0 && before - self.messages < limit {
            let next = self.message_end(self.begin);
            if next > end {
                break;
            }
            self.begin = next;
            self.messages -= 1;
        }
        before - self.messages
    }
}

/// Messages that wait to be sent, and the count of all that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Queue {
    batches: VecDeque<Batch>,
    spares: Vec<Vec<u8>>,
    /// Messages and bytes here and in the batches that were taken.
    messages: usize,
    bytes: usize,
    takes: u64,
}

impl Queue {
    /// Messages that are not written completely, those in taken batches included.
    pub(super) fn messages(&self) -> usize {
        self.messages
    }

    /// Bytes of those messages.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether everything was taken.
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// How often a batch was taken.
    pub(super) fn takes(&self) -> u64 {
        self.takes
    }

    /// Bytes that a message of these frames takes in the queue.
    pub(super) fn cost(frames: &[&[u8]]) -> usize {
        frames.iter().map(|frame| frame_len(frame.len())).sum()
    }

    /// Appends a message; returns whether its batch is full.
    pub(super) fn push(&mut self, frames: &[&[u8]], cost: usize) -> bool {
        let batch = match self.batches.back_mut() {
            Some(batch) if batch.len() < BATCH => batch,
            _ => {
                let bytes = self
                    .spares
                    .pop()
                    .unwrap_or_else(|| Vec::with_capacity(BATCH + BATCH / 8));
                self.batches.push_back(Batch {
                    bytes,
                    ..Batch::default()
                });
                self.batches.back_mut().expect("a batch was just pushed")
            }
        };
        batch.bytes.reserve(cost);
        let last = frames.len().saturating_sub(1);
        for (index, frame) in frames.iter().enumerate() {
            write_frame(&mut batch.bytes, frame, index < last);
        }
        batch.messages += 1;
        self.messages += 1;
        self.bytes += cost;
        batch.len() >= BATCH
    }

    /// Takes the first messages: a whole batch for a single peer, or one of `peers` even
    /// shares of it.
    pub(super) fn take(&mut self, peers: usize) -> Option<Batch> {
        let first = self.batches.front_mut()?;
        self.takes += 1;
        let share = first.messages.div_ceil(peers.max(1));
        if share >= first.messages {
            return self.batches.pop_front();
        }
        let from = first.begin;
        let messages = first.pass(usize::MAX, share);
        first.written = first.begin;
        let mut bytes = self.spares.pop().unwrap_or_default();
        bytes.extend_from_slice(&first.bytes[from..first.begin]);
        Some(Batch {
            bytes,
            messages,
            ..Batch::default()
        })
    }

    /// A taken batch was written completely.
    pub(super) fn done(&mut self, mut batch: Batch) {
        self.messages -= batch.messages;
        self.bytes -= batch.len();
        // A huge message's memory goes back to the system.
        if self.spares.len() < SPARES && batch.bytes.capacity() <= 2 * BATCH {
            batch.bytes.clear();
            self.spares.push(batch.bytes);
        }
    }

    /// A taken batch could not be written to its end: its messages from the first that was
    /// not written completely come first again.
    pub(super) fn give_back(&mut self, mut batch: Batch) {
        let before = batch.len();
        self.messages -= batch.pass_written();
        self.bytes -= before - batch.len();
        batch.written = batch.begin;
        if batch.messages > 0 {
            self.batches.push_front(batch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(bodies: &[&[u8]]) -> Queue {
        let mut queue = Queue::default();
        for body in bodies {
            let frames = [b"topic".as_slice(), body];
            queue.push(&frames, Queue::cost(&frames));
        }
        queue
    }

    #[test]
    fn a_broken_batch_comes_back_from_its_first_unfinished_message() {
        // The topic's frame takes 7 bytes, a short body's 5, the long body's 309.
        let bodies = [b"one".as_slice(), b"two", &[b'x'; 300], b"end"];
        let check = |written: usize, messages: usize, bytes: usize| {
            let mut queue = filled(&bodies);
            assert_eq!((queue.messages(), queue.bytes()), (4, 352));
            let mut batch = queue.take(1).expect("a batch");
            batch.advance(written);
            queue.give_back(batch);
            assert_eq!(
                (queue.messages(), queue.bytes()),
                (messages, bytes),
                "{written}"
            );
            let left = queue.take(1).map_or(0, |batch| batch.unwritten().len());
            assert_eq!(left, bytes, "{written}");
        };
        check(0, 4, 352);
        check(11, 4, 352);
        check(12, 3, 340);
        check(13, 3, 340);
        check(24, 2, 328);
        check(339, 2, 328);
        check(340, 1, 12);
        check(351, 1, 12);
        check(352, 0, 0);
    }

    #[test]
    fn several_peers_get_even_shares_in_order() {
        let bodies: Vec<[u8; 1]> = (0..10).map(|number| [number]).collect();
        let mut queue = filled(&bodies.iter().map(<[u8; 1]>::as_slice).collect::<Vec<_>>());
        let mut got = Vec::new();
        while let Some(mut batch) = queue.take(3) {
            got.push((batch.messages, batch.unwritten().last().copied()));
            batch.advance(batch.unwritten().len());
            queue.done(batch);
        }
        let expect =
            [(4, 3), (2, 5), (2, 7), (1, 8), (1, 9)].map(|(count, last)| (count, Some(last)));
        assert_eq!(got, expect);
        assert_eq!((queue.messages(), queue.bytes()), (0, 0));
    }
}
