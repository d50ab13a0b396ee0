//! The end of what was written to a processor: what it may not have read when it dies.
//!
//! A pipe tells how many bytes in it are unread. They are the last ones that were written,
//! so whoever keeps those can hand them to the next processor. Whole lines only: a line of
//! which the newline was not read is handed over from its beginning.

use memchr::{memchr, memrchr};

/// How much of a line that began before the bytes of the pipe is kept to begin it again.
const LINE: usize = 1 << 20;

/// The last bytes written, and those that are to be written again.
#[derive(Debug)]
pub(super) struct Tail {
    /// What a pipe can hold, in bytes.
    capacity: usize,
    bytes: Vec<u8>,
    /// Those that have been written to the current processor; the rest wait for it.
    sent: usize,
    /// True if the first line in `bytes` lacks its beginning.
    cut: bool,
    /// True if the rest of a line that cannot be begun again is on its way.
    skipping: bool,
    /// Lines that could not be begun again.
    lost: u64,
}

impl Tail {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            bytes: Vec::new(),
            sent: 0,
            cut: false,
            skipping: false,
            lost: 0,
        }
    }

    /// What the current processor has to get before anything new.
    pub(super) fn waiting(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// So many of the waiting bytes were written.
    pub(super) fn sent(&mut self, count: usize) {
        self.sent += count;
    }

    /// How many bytes of `fresh` belong to a line that was given up.
    pub(super) fn skip(&mut self, fresh: &[u8]) -> usize {
        if !self.skipping {
            return 0;
        }
        match memchr(b'\n', fresh) {
            Some(at) => {
                self.skipping = false;
                at + 1
            }
            None => fresh.len(),
        }
    }

    /// Keeps new bytes that were written; nothing waits.
    pub(super) fn keep(&mut self, written: &[u8]) {
        self.bytes.extend_from_slice(written);
        self.sent = self.bytes.len();
        // Moving the bytes that stay costs less than one copy of each byte this way.
        if self.bytes.len() >= (self.capacity + LINE) * 2 {
            let pipe = self.bytes.len() - self.capacity;
            let from = match memrchr(b'\n', &self.bytes[..pipe]) {
                Some(at) if pipe - at <= LINE => at + 1,
                _ => pipe - LINE,
            };
            self.cut = self.bytes[from - 1] != b'\n';
            self.drain(from);
        }
    }

    /// The processor is gone, and `unread` of the bytes written were still in its pipe: they
    /// wait for the next one. True if it has brought them on: a line was read, or is lost.
    pub(super) fn rewind(&mut self, unread: usize) -> bool {
        if unread > self.sent {
            // A pipe that the processor has made larger than ours are.
            self.lost += 1;
        }
        let read = self.sent.saturating_sub(unread);
        let newline = memrchr(b'\n', &self.bytes[..read]);
        let brought_on = newline.is_some() || self.cut;
        if let Some(at) = newline {
            self.drain(at + 1);
            self.cut = false;
        } else if self.cut {
            self.lost += 1;
            self.cut = false;
            if let Some(at) = memchr(b'\n', &self.bytes) {
                self.drain(at + 1);
            } else {
                self.skipping = !self.bytes.is_empty();
                self.bytes.clear();
            }
        }
        self.sent = 0;
        brought_on
    }

    /// The number of lines that a processor with `unread` bytes in its pipe has not got.
    pub(super) fn pending(&self, unread: usize) -> usize {
        let from = self.sent.saturating_sub(unread);
        memchr::memchr_iter(b'\n', &self.bytes[from..]).count()
    }

    /// Takes the number of lines lost.
    pub(super) fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    fn drain(&mut self, from: usize) {
        self.bytes.drain(..from);
        self.sent = self.sent.saturating_sub(from);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A processor that reads what it likes and dies now and then.
    fn play(lines: &[Vec<u8>], steps: &[(usize, usize, bool)]) -> Vec<Vec<u8>> {
        const PIPE: usize = 16;
        let mut tail = Tail::new(PIPE);
        let text: Vec<u8> = lines
            .iter()
            .flat_map(|l| [&l[..], b"\n"].concat())
            .collect();
        let mut left = &text[..];
        let (mut pipe, mut read) = (Vec::new(), Vec::new());
        let mut got = Vec::new();
        let mut take = |read: &mut Vec<u8>| {
            while let Some(at) = memchr(b'\n', read) {
                got.push(read[..at].to_vec());
                read.drain(..=at);
            }
        };
        let mut steps = steps
            .iter()
            .copied()
            .chain(std::iter::repeat((PIPE, PIPE, false)));
        while !left.is_empty() || !tail.waiting().is_empty() || !pipe.is_empty() {
            let (write, take_in, dies) = steps.next().expect("it repeats");
            let room = (PIPE - pipe.len()).min(write);
            if tail.waiting().is_empty() {
                left = &left[tail.skip(left)..];
                let count = room.min(left.len());
                pipe.extend_from_slice(&left[..count]);
                tail.keep(&left[..count]);
                left = &left[count..];
            } else {
                let count = room.min(tail.waiting().len());
                pipe.extend_from_slice(&tail.waiting()[..count]);
                tail.sent(count);
            }
            let count = take_in.min(pipe.len());
            read.extend(pipe.drain(..count));
            take(&mut read);
            if dies {
                tail.rewind(pipe.len());
                pipe.clear();
                read.clear();
            }
        }
        assert_eq!(tail.take_lost(), 0);
        got
    }

    proptest! {
        #[test]
        fn each_line_is_read_whole_and_once_whatever_dies(
            lines in proptest::collection::vec(proptest::collection::vec(b'a'..b'e', 0..40), 0..12),
            steps in proptest::collection::vec((0usize..20, 0usize..20, any::<bool>()), 0..40),
        ) {
            prop_assert_eq!(play(&lines, &steps), lines);
        }
    }

    #[test]
    fn a_line_that_cannot_be_begun_again_is_counted_and_passed_over() {
        let mut tail = Tail::new(8);
        let long = vec![b'x'; 4 * LINE];
        tail.keep(&long);
        assert!(tail.bytes.len() < 3 * LINE);
        tail.rewind(8);
        assert_eq!((tail.waiting().len(), tail.take_lost()), (0, 1));
        assert_eq!(tail.skip(b"xxx"), 3);
        assert_eq!(tail.skip(b"x\nnext\n"), 2);
        assert_eq!(tail.skip(b"next\n"), 0);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut tail = Tail::new(1 << 16);
        for _ in 0..100 {
            tail.keep(&b"0123456789abcde\n".repeat(1 << 12));
        }
        assert!(tail.bytes.len() < 3 << 20, "{}", tail.bytes.len());
        tail.rewind(33);
        assert_eq!(tail.waiting(), b"0123456789abcde\n".repeat(3));
        assert_eq!(tail.pending(0), 3);
    }
}
