//! What became of the lines of a chunk, as a worker counts them.

use crate::cli::reasons::Reasons;

/// What became of the lines of one chunk.
#[derive(Debug, Default)]
pub(in crate::cli) struct Tally {
    /// Lines read, blank ones not counted.
    pub(in crate::cli) read: u64,
    /// Lines in the chunk, blank ones too: for line numbers.
    pub(in crate::cli) lines: u64,
    /// Records written.
    pub(in crate::cli) written: u64,
    /// Records selected away.
    pub(in crate::cli) filtered: u64,
    /// True if nothing more is to be read: `--foreign fail` has met a line.
    pub(in crate::cli) stop: bool,
    /// True if reading was ended within the line, so that it need not be whole.
    pub(in crate::cli) unfinished: bool,
    /// Bytes of that line, if it is no record.
    pub(super) left_out: Option<usize>,
    pub(super) rejected: u64,
    /// Those of the rejected lines that are no JSON objects.
    pub(super) foreign: u64,
    /// Those of them that are text, where each line should be a record.
    pub(in crate::cli) text: u64,
    first: Option<(u64, String)>,
    /// Why lines were rejected, where that is wanted.
    pub(in crate::cli) reasons: Option<Reasons>,
    pub(super) kept: Vec<u8>,
}

impl Tally {
    /// Starts over, keeping the memory.
    pub(in crate::cli) fn clear(&mut self) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        *self = Self {
            kept,
            ..Self::default()
        };
    }

    /// Appends a line to `out`, with its newline, and counts it as written.
    pub(in crate::cli) fn write(&mut self, line: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(line);
        out.push(b'\n');
        self.written += 1;
    }

    /// Counts a line that is rejected, and keeps it if rejects are kept.
    pub(in crate::cli) fn reject(&mut self, line: &[u8], keep: bool, reason: &impl ToString) {
        self.rejected += 1;
        if let Some(reasons) = &mut self.reasons {
            reasons.count(&reason.to_string());
        }
        if self.first.is_none() {
            self.first = Some((self.lines, reason.to_string()));
        }
        if keep {
            self.kept.extend_from_slice(line);
            self.kept.push(b'\n');
        }
    }

    /// Counts a line of a file that is rejected because it is no JSON object.
    pub(in crate::cli) fn reject_foreign(
        &mut self,
        line: &[u8],
        keep: bool,
        reason: &impl ToString,
    ) {
        self.reject(line, keep, reason);
        self.foreign += 1;
    }

    /// Takes back a line that is neither a record nor whole.
    pub(in crate::cli) fn leave_out(&mut self, line: &[u8]) {
        self.read -= 1;
        self.left_out = Some(line.len());
    }

    /// The place and reason of the first rejected line, for `--foreign fail`.
    pub(in crate::cli) fn first_rejected(&self) -> Option<&(u64, String)> {
        self.first.as_ref()
    }
}
