//! Deduplication: of records that say the same within a while, the first and the last.
//!
//! The first comes out at once, byte for byte. The window that it opens closes when the
//! records' own time has gone on by its length; then the last repeat comes out with
//! `"dl":{"repeats":N}`: it stands for the N records that came after the first.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::{
    Emit, Wrong,
    field::By,
    loss::Loss,
    ratio,
    weight::{Scout, Sight},
};
use crate::record::{Instant, Stamper};

/// Windows that may be open at a time; one takes some two hundred bytes beside its line.
const MOST_WINDOWS: usize = 10_000;
/// The lines of last repeats that may be kept, in bytes; one alone may be longer.
const MOST_BYTES: usize = 16 << 20;

/// Takes repeats away. It keeps at most 10,000 windows, and 16 MiB of lines or one line.
#[derive(Debug)]
pub struct Dedup {
    /// In nanoseconds.
    length: i64,
    /// The place of a field that a record must have to be a repeat at all.
    required: Option<usize>,
    scout: Scout,
    windows: HashMap<Sameness, Window>,
    /// The windows in the order of their beginnings.
    order: BTreeMap<Beginning, Sameness>,
    opened: u64,
    bytes: usize,
    last: Instant,
    idle_since: Option<Instant>,
    repeats: Stamper,
    throttled: Stamper,
}

/// The SHA-256 of what makes records equal, so that a long message costs no memory.
type Sameness = [u8; 32];
/// The time of the first record, and a number that tells windows of one time apart.
type Beginning = (Instant, u64);

#[derive(Debug)]
struct Window {
    beginning: Beginning,
    /// Empty until there is a repeat.
    last: Vec<u8>,
    repeats: u64,
    throttled: u64,
}

impl Dedup {
    /// Reads a length of time such as `10s`, and the fields in which records must be equal;
    /// none means level, logger and message, and a record without message is no repeat.
    pub fn parse<S: AsRef<str>>(window: &str, by: &[S]) -> Result<Self, Wrong> {
        let length = ratio::window(window)?;
        let (fields, required): (Vec<_>, _) = if by.is_empty() {
            let default = ["level", "logger", "message"];
            (default.into_iter().map(By::parse).collect(), Some(2))
        } else {
            (by.iter().map(|by| By::parse(by.as_ref())).collect(), None)
        };
        let fields = fields.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            length,
            required,
            scout: Scout::new(&fields),
            windows: HashMap::new(),
            order: BTreeMap::new(),
            opened: 0,
            bytes: 0,
            last: Instant(0),
            idle_since: None,
            repeats: Stamper::new("repeats"),
            throttled: Stamper::new("throttled"),
        })
    }

    /// Takes a record, without its newline, and passes on what it lets through now.
    ///
    /// A record without time has that of the last one. What has none of the fields is no
    /// repeat of anything and passes, and so do lines that are no records, and counts of ours.
    ///
    /// # Errors
    /// Only those of `emit`.
    pub fn push<E>(
        &mut self,
        line: &[u8],
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.idle_since = None;
        let Some(sight) = self.scout.look(line) else {
            return emit(Emit::Pass(line));
        };
        self.last = sight.time.unwrap_or(self.last);
        let now = self.last;
        self.close_until(now.0.saturating_sub(self.length), emit)?;
        let Some(sameness) = self.sameness(&sight) else {
            return emit(Emit::Pass(line));
        };
        if let Some(window) = self.windows.get_mut(&sameness) {
            let apart = i128::from(now.0) - i128::from(window.beginning.0.0);
            if apart.unsigned_abs() < u128::from(self.length.unsigned_abs()) {
                self.bytes = self.bytes - window.last.len() + line.len();
                line.clone_into(&mut window.last);
                window.repeats = window.repeats.saturating_add(sight.weight.repeats);
                window.throttled = window.throttled.saturating_add(sight.weight.throttled);
                return self.make_room(emit);
            }
            // Its clock is not the one of this record.
            let beginning = window.beginning;
            self.close(beginning, emit)?;
        }
        let beginning = (now, self.opened);
        self.opened += 1;
        self.order.insert(beginning, sameness);
        let window = Window {
            beginning,
            last: Vec::new(),
            repeats: 0,
            throttled: 0,
        };
        self.windows.insert(sameness, window);
        emit(Emit::Pass(line))?;
        self.make_room(emit)
    }

    /// No record has come for a while; `now` is the time of the clock on the wall. After the
    /// length of a window of that, all windows close.
    ///
    /// # Errors
    /// Only those of `emit`.
    pub fn idle<E>(
        &mut self,
        now: Instant,
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let since = *self.idle_since.get_or_insert(now);
        if now.0.saturating_sub(since.0) < self.length {
            return Ok(());
        }
        self.finish(emit)
    }

    /// The records have ended: closes all windows.
    ///
    /// # Errors
    /// Only those of `emit`.
    pub fn finish<E>(&mut self, emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>) -> Result<(), E> {
        self.close_until(i64::MAX, emit)
    }

    /// What makes the record equal to others, if anything does.
    fn sameness(&self, sight: &Sight<'_>) -> Option<Sameness> {
        let comparable = match self.required {
            Some(at) => sight.fields.get(at).is_some_and(Option::is_some),
            None => sight.fields.iter().any(Option::is_some),
        };
        if !comparable || sight.is_loss {
            return None;
        }
        let mut hash = Sha256::new();
        for field in &sight.fields {
            // The length in front keeps the fields apart; no text is that long.
            let length = field.as_ref().map_or(u64::MAX, |text| text.len() as u64);
            hash.update(length.to_le_bytes());
            hash.update(field.as_deref().unwrap_or_default().as_bytes());
        }
        Some(hash.finalize().into())
    }

    /// Closes the windows that began at this time or before it.
    fn close_until<E>(
        &mut self,
        limit: i64,
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some((&beginning, _)) = self.order.first_key_value()
            && beginning.0.0 <= limit
        {
            self.close(beginning, emit)?;
        }
        Ok(())
    }

    fn make_room<E>(&mut self, emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>) -> Result<(), E> {
        while self.windows.len() > MOST_WINDOWS
            || (self.bytes > MOST_BYTES && self.windows.len() > 1)
        {
            let Some((&oldest, _)) = self.order.first_key_value() else {
                break;
            };
            self.close(oldest, emit)?;
        }
        Ok(())
    }

    fn close<E>(
        &mut self,
        beginning: Beginning,
        emit: &mut dyn FnMut(Emit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sameness = self.order.remove(&beginning);
        let Some(window) = sameness.and_then(|sameness| self.windows.remove(&sameness)) else {
            return Ok(());
        };
        self.bytes -= window.last.len();
        if window.repeats == 0 {
            return Ok(());
        }
        if let Some(stamped) = self.stamp(&window) {
            return emit(Emit::Pass(&stamped));
        }
        // The record has no room for a count of ours: one of our own tells it.
        emit(Emit::Pass(&window.last))?;
        let rest = window.repeats.saturating_add(window.throttled) - 1;
        let mut loss = Loss::default();
        loss.add(rest, None);
        if rest > 0 {
            emit(Emit::Add(&loss.print("dedup", None, None)))?;
        }
        Ok(())
    }

    /// The last repeat with the counts of all.
    fn stamp(&mut self, window: &Window) -> Option<Vec<u8>> {
        let mut stamped = Vec::with_capacity(window.last.len() + 32);
        let repeats = window.repeats.to_string();
        let told = self.repeats.update(&window.last, |_| repeats, &mut stamped);
        if told != Ok(true) {
            return None;
        }
        if window.throttled == 0 {
            return Some(stamped);
        }
        let mut both = Vec::with_capacity(stamped.len() + 32);
        let throttled = window.throttled.to_string();
        let told = self.throttled.update(&stamped, |_| throttled, &mut both);
        (told == Ok(true)).then_some(both)
    }
}

#[cfg(test)]
mod tests;
