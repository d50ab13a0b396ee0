//! What stands below a line: further lines of the message, fields of several lines, the traceback.

use std::iter;

use super::{Page, fields::Tall};
use crate::record::{Canonical, Record, exception_lines, exception_text};

/// The columns of a tab.
const TAB: usize = 4;

impl Page<'_> {
    /// Appends all of it, a line each; of the message only if it has several lines.
    pub(super) fn below(
        &self,
        record: &Record<'_, '_>,
        is_long: bool,
        tall: &[Tall],
        out: &mut Vec<u8>,
    ) {
        let has_message = is_long && self.columns.has(Canonical::Message);
        let message = has_message.then(|| record.message()).flatten();
        for line in message.iter().flat_map(|message| message.lines().skip(1)) {
            self.further(b"    ", line, out);
        }
        for Tall { key, text } in tall {
            out.extend_from_slice(b"    ");
            self.pen.key.text(out, key);
            out.extend_from_slice(b":\n");
            for line in text.lines() {
                self.further(b"      ", line, out);
            }
        }
        if self.columns.has(Canonical::Exception)
            && let Some(exception) = record.text(Canonical::Exception)
        {
            let exception = exception_text(exception);
            // Formatters of Python append it to the message, which others then send beside it.
            let is_told = |message: &str| message.trim_end().ends_with(exception.trim_end());
            if message.as_deref().is_some_and(is_told) {
                return;
            }
            for line in exception_lines(&exception) {
                self.further(b"    ", line, out);
            }
        }
    }

    /// Appends a line that goes on.
    fn further(&self, indent: &[u8], line: &str, out: &mut Vec<u8>) {
        let line = line.trim_end();
        if !line.is_empty() {
            out.extend_from_slice(indent);
            // Stacks of the JVM have tabs in front, which would be shown as escapes.
            let text = line.trim_start_matches('\t');
            out.extend(iter::repeat_n(b' ', (line.len() - text.len()) * TAB));
            self.pen.folded(out, Some(&self.pen.dim), text, false);
            out.push(b'\n');
        }
    }
}
