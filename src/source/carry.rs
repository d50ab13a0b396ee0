//! What has been read of a line whose end has not.

use super::chunk::{CHUNK, Chunk};

/// The unfinished last line of an input.
#[derive(Debug, Default)]
pub(super) struct Carry {
    bytes: Vec<u8>,
    /// True while the rest of a line that is too long is passed over.
    skipping: bool,
    /// Lines passed over that no chunk has told of yet: all of them stand in front of what is there.
    oversized: usize,
}

impl Carry {
    /// Moves the unfinished line to the front of a chunk.
    pub(super) fn begin(&mut self, chunk: &mut Chunk) {
        if chunk.buffer.is_empty() {
            // Fresh memory comes zeroed from the system, which `resize` would do again.
            chunk.buffer = vec![0; CHUNK];
        }
        let length = self.bytes.len();
        if chunk.buffer.len() < length * 2 {
            chunk.buffer.resize(length * 2, 0);
        }
        chunk.buffer[..length].copy_from_slice(&self.bytes);
        chunk.end = length;
        self.bytes.clear();
    }

    /// Takes in so many bytes that were read to the end of a chunk; returns how many bytes of it
    /// are whole lines now, given how many were before.
    pub(super) fn took(&mut self, chunk: &mut Chunk, read: usize, complete: usize) -> usize {
        let fresh = chunk.end;
        chunk.end += read;
        if self.skipping {
            self.skip(chunk, fresh);
        }
        let newline = memchr::memrchr(b'\n', &chunk.buffer[fresh.min(chunk.end)..chunk.end]);
        newline.map_or(complete, |at| fresh + at + 1)
    }

    /// Puts aside what stands behind the first `complete` bytes of a chunk.
    pub(super) fn keep(&mut self, chunk: &mut Chunk, complete: usize) {
        self.bytes.clear();
        self.bytes
            .extend_from_slice(&chunk.buffer[complete..chunk.end]);
        chunk.end = complete;
    }

    /// Makes room for a long line, or gives it up when it exceeds the limit.
    pub(super) fn grow(&mut self, chunk: &mut Chunk, max_record: usize) {
        if chunk.end > max_record {
            self.skipping = true;
            chunk.end = 0;
        } else {
            // Room for the newline too, because only what lacks one then is too long.
            let size = (chunk.buffer.len() * 2).min(max_record.saturating_add(1).max(CHUNK));
            chunk.buffer.resize(size.max(chunk.end + 1), 0);
        }
    }

    /// Drops bytes up to the newline that ends a line which is too long.
    fn skip(&mut self, chunk: &mut Chunk, fresh: usize) {
        match memchr::memchr(b'\n', &chunk.buffer[fresh..chunk.end]) {
            None => chunk.end = fresh,
            Some(at) => {
                chunk.buffer.copy_within(fresh + at + 1..chunk.end, fresh);
                chunk.end -= at + 1;
                self.oversized += 1;
                self.skipping = false;
            }
        }
    }

    /// Tells a chunk of the lines that have been passed over, and drops those of its own that are too long.
    pub(super) fn tell(&mut self, chunk: &mut Chunk, max_record: usize) {
        chunk.begin_with_gaps(std::mem::take(&mut self.oversized));
        chunk.drop_long_lines(max_record);
    }

    /// Has the input end, within a line that is passed over or not.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.skipping) {
            self.oversized += 1;
        }
    }

    /// Forgets the unfinished line.
    pub(super) fn clear(&mut self) {
        self.skipping = false;
        self.bytes.clear();
    }

    /// How many bytes of the unfinished line there are; none of one that is passed over.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True while a line that is too long is passed over.
    pub(super) fn is_skipping(&self) -> bool {
        self.skipping
    }

    /// True if lines have been passed over that no chunk has told of.
    pub(super) fn has_passed_over(&self) -> bool {
        self.oversized > 0
    }

    /// True if there is neither an unfinished line nor one to tell of.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.oversized == 0
    }
}
