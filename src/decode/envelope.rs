//! What containers' runtimes put around the text that a program wrote, and texts that they cut
//! into parts.
//!
//! A text that is a record becomes the record, and what stood around it goes to `dl.recv`; any
//! other text becomes the message of a record, beside what stood around it.

use super::{
    format::{Settings, Take},
    inner::Inner,
    object::{Object, quote},
};
use crate::record::Stamper;

/// What stood around a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelope {
    /// When the runtime read it, as written.
    pub(super) time: Option<Vec<u8>>,
    /// `stdout` or `stderr`.
    pub(super) stream: Option<Vec<u8>>,
    /// The container or service that wrote it.
    pub(super) service: Option<Vec<u8>>,
    /// Labels, as JSON.
    pub(super) attrs: Option<Vec<u8>>,
    /// True if its end has not been seen.
    pub(super) partial: bool,
    /// True if the text has U+FFFD for what was not UTF-8.
    pub(super) damaged: bool,
}

/// Makes records of texts and what stood around them.
pub(super) struct Opener {
    format: &'static str,
    inner: Inner,
    /// `None` leaves records alone.
    stamper: Option<Stamper>,
    out: Vec<u8>,
    stamp: Vec<u8>,
}

impl Opener {
    pub(super) fn new(format: &'static str, settings: &Settings) -> Self {
        Self {
            format,
            inner: Inner::default(),
            stamper: settings.stamp.then(|| Stamper::new("recv")),
            out: Vec::new(),
            stamp: Vec::new(),
        }
    }

    /// Hands out the record that a text is; false if it is none.
    pub(super) fn record(&mut self, text: &[u8], envelope: &Envelope, take: &mut dyn Take) -> bool {
        let Some(record) = self.inner.record(text) else {
            return false;
        };
        let Some(stamper) = &mut self.stamper else {
            take.record(record);
            return true;
        };
        envelope.stamp(self.format, &mut self.stamp);
        self.out.clear();
        let done = stamper.stamp(record, &self.stamp, &mut self.out);
        if done.is_ok() {
            take.record(&self.out);
        }
        done.is_ok()
    }

    /// Makes a record of a text.
    pub(super) fn open(&mut self, text: &[u8], envelope: &Envelope, take: &mut dyn Take) {
        if self.record(text, envelope, take) {
            return;
        }
        let mut object = Object::begin(&mut self.out);
        for (key, value) in [
            (&b"time"[..], &envelope.time),
            (b"service", &envelope.service),
            (b"stream", &envelope.stream),
        ] {
            if let Some(value) = value {
                object.text(key, value);
            }
        }
        object.text(b"message", text);
        if let Some(attrs) = &envelope.attrs {
            object.json(b"attrs", attrs);
        }
        object.partial(envelope.partial);
        object.damaged(envelope.damaged);
        object.end();
        take.record(&self.out);
    }
}

impl Envelope {
    /// Writes it as the value of `dl.recv`.
    fn stamp(&self, format: &str, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(b"{\"format\":");
        quote(format.as_bytes(), out);
        for (key, value) in [
            (&b"time"[..], &self.time),
            (b"stream", &self.stream),
            (b"service", &self.service),
        ] {
            if let Some(value) = value {
                out.push(b',');
                quote(key, out);
                out.push(b':');
                quote(value, out);
            }
        }
        if let Some(attrs) = &self.attrs {
            out.extend_from_slice(b",\"attrs\":");
            out.extend_from_slice(attrs);
        }
        if self.damaged {
            out.extend_from_slice(b",\"invalid_utf8\":true");
        }
        if self.partial {
            out.extend_from_slice(b",\"partial\":true");
        }
        out.push(b'}');
    }
}

/// Joins the parts of texts, a text for each stream at a time.
pub(super) struct Joiner {
    opener: Opener,
    waiting: Vec<(Envelope, Vec<u8>)>,
    /// Bytes that are waiting.
    held: usize,
    longest: usize,
}

/// Streams that have a text begun; a program has two.
const MOST_STREAMS: usize = 16;

impl Joiner {
    pub(super) fn new(opener: Opener, settings: &Settings) -> Self {
        Self {
            opener,
            waiting: Vec::new(),
            held: 0,
            longest: settings.longest,
        }
    }

    /// Takes a part of a text; `last` ends the text. What is around the first part is what is
    /// around the text.
    pub(super) fn part(
        &mut self,
        text: &[u8],
        envelope: Envelope,
        last: bool,
        take: &mut dyn Take,
    ) {
        let mut waiting = self.waiting.iter();
        let at = waiting.position(|(begun, _)| begun.stream == envelope.stream);
        if let Some(at) = at {
            self.waiting[at].0.damaged |= envelope.damaged;
        }
        match (at, last) {
            (None, true) => return self.opener.open(text, &envelope, take),
            (None, false) => {
                if self.waiting.len() == MOST_STREAMS {
                    self.release(take);
                }
                self.waiting.push((envelope, text.to_vec()));
            }
            (Some(at), true) => {
                let (envelope, mut whole) = self.waiting.remove(at);
                self.held -= whole.len();
                whole.extend_from_slice(text);
                return self.opener.open(&whole, &envelope, take);
            }
            (Some(at), false) => self.waiting[at].1.extend_from_slice(text),
        }
        self.held += text.len();
        if self.held > self.longest {
            self.release(take);
        }
    }

    /// True if a text has begun of which the end is missing.
    pub(super) fn is_holding(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Hands out what is waiting, and says that its end is missing.
    pub(super) fn release(&mut self, take: &mut dyn Take) {
        for (mut envelope, text) in self.waiting.drain(..) {
            envelope.partial = true;
            self.opener.open(&text, &envelope, take);
        }
        self.held = 0;
    }
}
