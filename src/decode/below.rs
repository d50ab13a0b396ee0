//! Tracebacks below a line of text: they belong to the record above them.
//!
//! A record is held until the next line tells that it is whole, or nothing more is there. What follows
//! a head of a traceback, frames and all, goes on until a line that begins a record, and is waited for until
//! its reason has come and a while beyond, because what was raised then may follow. One that no record
//! stands above is a record itself: an interpreter writes it, line by line, when nobody has caught the
//! exception. Any other line that begins nothing is more of the message above it, where the format tells so.

mod reader;
mod stack;

use self::stack::{
    CAUSE, ends_in_frame, error_of_javascript, goes_on_behind_frame, is_frame, is_named,
};
pub(super) use self::{
    reader::{Line, Open, Reader},
    stack::is_raised,
};
use super::{
    format::{Decode, Settings, Take},
    object::{Marks, Object, quote},
};
use crate::record::{Awaited, exception_reason, is_uncaught, leads_to_exception};

/// Decodes a format whose records may have tracebacks below them.
pub(super) struct Joiner {
    reader: Box<dyn Reader>,
    below: Below,
}

impl Joiner {
    pub(super) fn new(reader: Box<dyn Reader>, settings: &Settings) -> Self {
        Self {
            reader,
            below: Below::new(settings.longest),
        }
    }
}

impl Decode for Joiner {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        self.below.line(line, &mut *self.reader, take);
    }

    fn blank(&mut self, line: &[u8], take: &mut dyn Take) {
        if self.below.is_joining() || self.awaits(line) {
            self.below.line(line, &mut *self.reader, take);
        }
    }

    fn passed_over(&mut self, take: &mut dyn Take) {
        self.below.lack(take);
    }

    fn is_within(&self) -> bool {
        self.below.is_joining()
    }

    fn awaits(&self, line: &[u8]) -> bool {
        self.below.awaited(line, &*self.reader).is_some()
    }

    fn is_holding(&self) -> bool {
        self.below.is_holding()
    }

    fn holds_last_line(&self) -> bool {
        self.below.has_last_line()
    }

    fn pause(&mut self, take: &mut dyn Take) {
        self.below.pause(take);
    }

    fn rest(&mut self, take: &mut dyn Take) {
        self.below.rest(take);
    }

    fn finish(&mut self, take: &mut dyn Take) {
        self.below.release(take);
    }
}

/// A record and what stands below it.
pub(super) struct Below {
    /// Without its end; empty if nothing has begun.
    record: Vec<u8>,
    marks: Marks,
    /// What the line was that stands above a traceback, if there is one.
    above: Option<Line>,
    traceback: Vec<u8>,
    reason: Awaited,
    /// True if lines of the traceback are missing.
    is_partial: bool,
    /// True if it has begun with the last line.
    is_new: bool,
    /// How many lines of others have come since its own last one.
    passed: usize,
    longest: usize,
}

impl Below {
    /// Joins no more than `longest` bytes.
    pub(super) fn new(longest: usize) -> Self {
        Self {
            record: Vec::new(),
            marks: Marks::default(),
            above: None,
            traceback: Vec::new(),
            reason: Awaited::default(),
            is_partial: false,
            is_new: false,
            passed: 0,
            longest,
        }
    }

    /// True while lines belong to a traceback.
    pub(super) fn is_joining(&self) -> bool {
        !self.traceback.is_empty()
    }

    /// True if something waits for the next line.
    pub(super) fn is_holding(&self) -> bool {
        !self.record.is_empty()
    }

    /// True if something waits that has begun with the last line.
    pub(super) fn has_last_line(&self) -> bool {
        self.is_new && self.is_holding()
    }

    /// Bytes that wait.
    pub(super) fn held(&self) -> usize {
        self.record.len() + self.traceback.len()
    }

    /// Takes the next line.
    pub(super) fn line(&mut self, line: &[u8], reader: &mut dyn Reader, take: &mut dyn Take) {
        self.is_new = false;
        self.passed = 0;
        if self.joins(line, reader, take)
            || self.takes(line, reader, take)
            || self.takes_more(line, reader, take)
        {
            return;
        }
        self.release(take);
        let mut object = Object::begin(&mut self.record);
        match reader.record(line, &mut object) {
            Ok(shown) => {
                self.marks = object.leave();
                self.above = Some(shown);
                self.is_new = true;
                if let Some(words) = self.marks.note() {
                    take.note(words);
                }
            }
            Err(reason) => {
                self.record.clear();
                if is_raised(line) {
                    self.begin_stack(line, reader, take);
                } else {
                    take.reject(line, reason);
                }
            }
        }
    }

    /// What the record has shown that a line tells more of; `None` if it tells of nothing above.
    fn awaited(&self, line: &[u8], reader: &dyn Reader) -> Option<Line> {
        let above = self.above.filter(|_| !self.is_joining())?;
        reader.awaits(line, above).then_some(above)
    }

    /// Takes a line that tells more of the record above it; false if it does not.
    fn joins(&mut self, line: &[u8], reader: &mut dyn Reader, take: &mut dyn Take) -> bool {
        let Some(above) = self.awaited(line, reader) else {
            return false;
        };
        let marks = std::mem::take(&mut self.marks);
        let mut object = Object::resume(&mut self.record, marks);
        self.above = Some(reader.join(line, above, &mut object));
        self.marks = object.leave();
        self.release_beyond(take);
        true
    }

    /// Takes a line of a traceback; false if it is none.
    fn takes(&mut self, line: &[u8], reader: &mut dyn Reader, take: &mut dyn Take) -> bool {
        if self.is_over_at(line) {
            self.release(take);
        }
        let goes_on = if self.is_joining() {
            let is_apart = matches!(self.above, None | Some(Line::Plain))
                && self.reason.has_come()
                && !leads_to_exception(line)
                && !line.starts_with(CAUSE);
            // Behind the frames of one that nobody has caught no line shows that it belongs there.
            let is_done = self.above.is_none()
                && ends_in_frame(&self.traceback)
                && !goes_on_behind_frame(line)
                && !leads_to_exception(line);
            is_indented(line) || is_head(line) || !is_done && !reader.begins(line, is_apart)
        } else {
            is_head(line)
                || is_uncaught(line)
                || leads_to_exception(line)
                || self.is_raised_below(line)
        };
        if goes_on && (self.is_joining() || is_head(line) || is_uncaught(line)) {
            self.add(line, reader, take);
        } else if goes_on {
            self.begin_stack(line, reader, take);
        }
        goes_on
    }

    /// True for what was raised, or where, below a record.
    fn is_raised_below(&self, line: &[u8]) -> bool {
        match self.above {
            None => false,
            // A name without a dot shows less.
            Some(Line::Plain) => is_frame(line) && !is_named(line),
            Some(_) => is_frame(line) || self.tells_again(line),
        }
    }

    /// True for an error of JavaScript's that is called nothing else, of which the record above has the reason: where
    /// that is another one it is told from no level.
    fn tells_again(&self, line: &[u8]) -> bool {
        let Some(reason) = error_of_javascript(line.trim_ascii_end()) else {
            return false;
        };
        let mut quoted = Vec::new();
        quote(reason, &mut quoted);
        let text = &quoted[1..quoted.len() - 1];
        let has = |text: &[u8]| memchr::memmem::find(&self.record, text).is_some();
        // One that stands above may be told twice, but is no record that tells of it.
        !text.is_empty() && has(text) && !has(b"\"level\":\"Error\"")
    }

    /// Takes a line of a message that has several; false if it is none.
    fn takes_more(&mut self, line: &[u8], reader: &dyn Reader, take: &mut dyn Take) -> bool {
        let goes_on = self.above.is_some_and(Line::is_dated)
            && !self.is_joining()
            && !reader.begins(line, false)
            && !is_raised(line);
        if goes_on {
            let marks = std::mem::take(&mut self.marks);
            let mut object = Object::resume(&mut self.record, marks);
            object.line(line.trim_ascii_end());
            self.marks = object.leave();
            self.release_beyond(take);
        }
        goes_on
    }

    /// Begins with a line above which, or in which, stands what was raised.
    fn begin_stack(&mut self, line: &[u8], reader: &mut dyn Reader, take: &mut dyn Take) {
        self.reason.come();
        self.add(line, reader, take);
    }

    fn add(&mut self, line: &[u8], reader: &mut dyn Reader, take: &mut dyn Take) {
        if !self.is_holding() {
            let mut object = Object::begin(&mut self.record);
            reader.begin(&mut object);
            self.marks = object.leave();
            self.is_new = true;
        }
        self.reason.line(line);
        self.traceback.extend_from_slice(line.trim_ascii_end());
        self.traceback.push(b'\n');
        self.release_beyond(take);
    }

    /// Hands out what is held once that is longer than it may be.
    fn release_beyond(&mut self, take: &mut dyn Take) {
        if self.held() > self.longest {
            self.is_partial = true;
            self.release(take);
        }
    }

    /// True if what is held ends in front of a line, because it begins another exception.
    fn is_over_at(&self, line: &[u8]) -> bool {
        if !self.is_joining() {
            // A plain line may be anything, as a server's that says where it listens hours before.
            return is_uncaught(line) || self.above == Some(Line::Plain) && is_head(line);
        }
        let is_one_line = || {
            let end = memchr::memchr(b'\n', &self.traceback);
            self.above.is_none() && end == Some(self.traceback.len() - 1)
        };
        is_uncaught(line)
            || self.reason.has_come()
                && (line.starts_with(HEAD)
                    || is_raised(line) && (ends_in_frame(&self.traceback) || is_one_line()))
    }

    /// Goes on without a line that has been passed over: a traceback that has begun lacks it, and a record is whole.
    pub(super) fn lack(&mut self, take: &mut dyn Take) {
        if self.is_joining() {
            self.is_partial = true;
            self.reason.come();
        } else {
            // A line about a record may have been that.
            self.is_partial = self.is_holding() && self.above.is_some_and(Line::is_open);
            self.release(take);
        }
    }

    /// Notes that something in what is held was not UTF-8, and has been mended.
    pub(super) fn damage(&mut self) {
        self.marks.damage();
    }

    /// Hands out what is held unless it is a traceback, as another may follow that belongs to it, or has only begun.
    pub(super) fn pause(&mut self, take: &mut dyn Take) {
        if !self.is_joining() && !self.above.is_some_and(Line::is_begun) {
            self.release(take);
        }
    }

    /// Hands out what is held unless it is a traceback of which the line that says what was raised has not come.
    pub(super) fn rest(&mut self, take: &mut dyn Take) {
        if !self.is_joining() || self.reason.has_come() {
            self.release(take);
        }
        self.is_new = false;
    }

    /// Others have written a line: hands out what is held as after a while, unless a line may tell more of it, which
    /// mostly is written together with it.
    pub(super) fn pass(&mut self, take: &mut dyn Take) {
        let is_open = !self.is_joining() && self.above.is_some_and(Line::is_open);
        if is_open && self.passed < MOST_PASSED {
            self.passed += 1;
            self.is_new = false;
        } else {
            self.rest(take);
        }
    }

    /// Hands out what is held.
    pub(super) fn release(&mut self, take: &mut dyn Take) {
        if !self.is_holding() {
            return;
        }
        let traceback = self.traceback.trim_ascii_end();
        let mut object = Object::resume(&mut self.record, std::mem::take(&mut self.marks));
        if self.above.is_none() {
            let reason = exception_reason(&String::from_utf8_lossy(traceback));
            object.text(b"message", reason.unwrap_or_default().as_bytes());
        }
        if !traceback.is_empty() {
            object.text(b"exception", traceback);
        }
        object.partial(std::mem::take(&mut self.is_partial));
        object.end();
        take.record(&self.record);
        self.record.clear();
        self.above = None;
        self.traceback.clear();
        self.reason = Awaited::default();
    }
}

/// How many lines of others may come between those of a record: some programs that write at the same moment.
const MOST_PASSED: usize = 16;

/// True for a line that is no beginning of anything.
pub(super) fn is_indented(line: &[u8]) -> bool {
    line.first().is_none_or(u8::is_ascii_whitespace)
}

/// What a traceback of Python begins with.
const HEAD: &[u8] = b"Traceback (most recent call last)";

/// True for the first line of a traceback of Python.
pub(super) fn is_head(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"  + Exception Group ").unwrap_or(line);
    line.starts_with(HEAD)
}

#[cfg(test)]
mod tests;
