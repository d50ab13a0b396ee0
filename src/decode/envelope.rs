//! What containers' runtimes put around the text that a program wrote, and texts that they cut
//! into parts.
//!
//! A text that is a record becomes the record, and what stood around it goes to `dl.recv`; any
//! other text becomes the message of a record, beside what stood around it.

use super::{
    format::{Settings, Take},
    inner::Inner,
    object::Object,
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
    /// True if its beginning may be missing, unless it is a record by itself.
    pub(super) rest: bool,
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
        object.partial(envelope.partial || envelope.rest);
        object.damaged(envelope.damaged);
        object.end();
        take.record(&self.out);
    }
}

impl Envelope {
    /// Writes it as the value of `dl.recv`.
    fn stamp(&self, format: &str, out: &mut Vec<u8>) {
        let mut recv = Object::begin(out);
        recv.text(b"format", format.as_bytes());
        for (key, value) in [
            (&b"time"[..], &self.time),
            (b"stream", &self.stream),
            (b"service", &self.service),
        ] {
            if let Some(value) = value {
                recv.text(key, value);
            }
        }
        if let Some(attrs) = &self.attrs {
            recv.json(b"attrs", attrs);
        }
        recv.partial(self.partial);
        recv.damaged(self.damaged);
        recv.end_as_mark();
    }
}

/// Joins the parts of texts, a text for each stream at a time.
pub(super) struct Joiner {
    opener: Opener,
    waiting: Vec<(Envelope, Vec<u8>)>,
    /// Streams of which the next text may be the rest of one.
    cut: Vec<Option<Vec<u8>>>,
    /// Bytes that are waiting.
    held: usize,
    longest: usize,
}

/// Streams that have a text begun, or cut; a program has two.
const MOST_STREAMS: usize = 16;

impl Joiner {
    pub(super) fn new(opener: Opener, settings: &Settings) -> Self {
        Self {
            opener,
            waiting: Vec::new(),
            cut: Vec::new(),
            held: 0,
            longest: settings.longest,
        }
    }

    /// Takes a part of a text; `last` ends the text. What is around the first part is what is
    /// around the text.
    pub(super) fn part(
        &mut self,
        text: &[u8],
        mut envelope: Envelope,
        last: bool,
        take: &mut dyn Take,
    ) {
        let mut waiting = self.waiting.iter();
        let at = waiting.position(|(begun, _)| begun.stream == envelope.stream);
        match at {
            Some(at) => self.waiting[at].0.damaged |= envelope.damaged,
            None => envelope.rest = self.is_rest(envelope.stream.as_deref()),
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

    /// Goes on without a line that has been passed over, which may have been a part of any text.
    pub(super) fn passed_over(&mut self, take: &mut dyn Take) {
        self.release(take);
        for stream in [&b"stdout"[..], b"stderr"] {
            self.cut(Some(stream.to_vec()));
        }
    }

    /// Hands out what is waiting, because nothing follows.
    pub(super) fn finish(&mut self, take: &mut dyn Take) {
        self.release(take);
        self.cut.clear();
    }

    /// Hands out what is waiting, and says that its end is missing.
    fn release(&mut self, take: &mut dyn Take) {
        for (mut envelope, text) in std::mem::take(&mut self.waiting) {
            envelope.partial = true;
            self.opener.open(&text, &envelope, take);
            self.cut(envelope.stream);
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
