//! Texts as containers' runtimes keep them: a line each, or several lines with a part of it in each.

use std::borrow::Cow;

use super::{
    envelope::Envelope,
    format::{Decode, Settings, Take},
    within::Within,
};
use crate::record::Zone;

/// A part of a text, or all of it.
pub(super) struct Part<'a> {
    pub(super) envelope: Envelope,
    pub(super) text: Cow<'a, [u8]>,
    /// True if the text ends with it.
    pub(super) is_last: bool,
}

/// Reads a line of a runtime, or tells why it is none.
type Read = for<'a> fn(&'a [u8]) -> Result<Part<'a>, Cow<'static, str>>;

/// Decodes the lines of a runtime: joins the parts of texts, a text for each stream at a time.
pub(super) struct Joiner {
    read: Read,
    within: Within,
    waiting: Vec<(Envelope, Vec<u8>)>,
    /// Streams of which the next text may be the rest of one.
    cut: Vec<Option<Vec<u8>>>,
    /// Bytes that are waiting.
    held: usize,
    /// True if the last line is the first part of a text.
    is_new: bool,
    longest: usize,
    zone: Option<Zone>,
}

/// Streams that have a text begun, or cut; a program has two.
const MOST_STREAMS: usize = 16;

impl Joiner {
    /// Decodes lines of the format of that name.
    pub(super) fn new(format: &'static str, read: Read, settings: &Settings) -> Self {
        Self {
            read,
            within: Within::new(format, settings),
            waiting: Vec::new(),
            cut: Vec::new(),
            held: 0,
            is_new: false,
            longest: settings.longest,
            zone: settings.zone,
        }
    }

    /// Takes a part of a text. What is around the first part is what is around the text.
    fn part(&mut self, part: Part<'_>, take: &mut dyn Take) {
        let Part {
            mut envelope,
            text,
            is_last,
        } = part;
        if let Some(instant) = self.zone_time(&envelope) {
            envelope.time = Some(instant);
        }
        let mut waiting = self.waiting.iter();
        let at = waiting.position(|(begun, _)| begun.stream == envelope.stream);
        match at {
            Some(at) => self.waiting[at].0.damaged |= envelope.damaged,
            None => envelope.rest = self.is_rest(envelope.stream.as_deref()),
        }
        match (at, is_last) {
            (None, true) => return self.within.text(&text, envelope, take),
            (None, false) => {
                if self.waiting.len() == MOST_STREAMS {
                    self.release(take);
                }
                // What is whole need not be read again if the end of this comes in another run.
                self.within.rest(take);
                self.waiting.push((envelope, text.to_vec()));
                self.is_new = true;
            }
            (Some(at), true) => {
                let (envelope, mut whole) = self.waiting.remove(at);
                self.held -= whole.len();
                whole.extend_from_slice(&text);
                return self.within.text(&whole, envelope, take);
            }
            (Some(at), false) => self.waiting[at].1.extend_from_slice(&text),
        }
        self.held += text.len();
        if self.held > self.longest {
            self.release(take);
        }
    }

    /// The time of what has none with a zone, by the user's.
    fn zone_time(&self, envelope: &Envelope) -> Option<Vec<u8>> {
        let instant = self.zone?.instant_of(envelope.time.as_deref()?)?;
        Some(instant.to_rfc3339().into_bytes())
    }

    /// Hands out what is waiting, and says that its end is missing.
    fn release(&mut self, take: &mut dyn Take) {
        for (mut envelope, text) in std::mem::take(&mut self.waiting) {
            envelope.partial = true;
            let stream = envelope.stream.clone();
            self.within.text(&text, envelope, take);
            self.cut(stream);
        }
        self.held = 0;
    }

    /// Notes that the next text of a stream may be the rest of one.
    fn cut(&mut self, stream: Option<Vec<u8>>) {
        if self.cut.len() < MOST_STREAMS && !self.cut.contains(&stream) {
            self.cut.push(stream);
        }
    }

    /// True if a text that begins now may be the rest of one.
    fn is_rest(&mut self, stream: Option<&[u8]>) -> bool {
        let mut cut = self.cut.iter();
        let at = cut.position(|cut| cut.as_deref() == stream);
        at.map(|at| self.cut.swap_remove(at)).is_some()
    }
}

impl Decode for Joiner {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        self.is_new = false;
        match (self.read)(line) {
            Ok(part) => self.part(part, take),
            Err(reason) => take.reject(line, &reason),
        }
    }

    fn passed_over(&mut self, take: &mut dyn Take) {
        // It may have been a part of any text.
        self.within.lack(take);
        self.release(take);
        for stream in [&b"stdout"[..], b"stderr"] {
            self.cut(Some(stream.to_vec()));
        }
    }

    fn is_holding(&self) -> bool {
        !self.waiting.is_empty() || self.within.is_holding()
    }

    fn holds_last_line(&self) -> bool {
        match self.waiting.len() {
            0 => self.within.has_last_text(),
            1 => self.is_new && !self.within.is_holding(),
            _ => false,
        }
    }

    fn pause(&mut self, take: &mut dyn Take) {
        self.within.pause(take);
    }

    fn rest(&mut self, take: &mut dyn Take) {
        self.within.rest(take);
    }

    fn finish(&mut self, take: &mut dyn Take) {
        self.release(take);
        self.within.finish(take);
        self.cut.clear();
    }
}
