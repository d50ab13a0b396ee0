//! What stands around the text that a program wrote: containers' runtimes and the journal put it there.
//!
//! A text that is a record becomes the record, and what stood around it goes to `dl.recv`. `within.rs` makes records
//! of other texts.

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

/// Takes records out of what stands around them.
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
}

impl Envelope {
    /// What is known, under the names that records have for it.
    pub(super) fn known(&self) -> impl Iterator<Item = (&'static [u8], &[u8])> {
        let parts = [
            (&b"time"[..], &self.time),
            (b"stream", &self.stream),
            (b"service", &self.service),
        ];
        let parts = parts.into_iter();
        parts.filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }

    /// Writes it as the value of `dl.recv`.
    fn stamp(&self, format: &str, out: &mut Vec<u8>) {
        let mut recv = Object::begin(out);
        recv.text(b"format", format.as_bytes());
        for (key, value) in self.known() {
            recv.text(key, value);
        }
        if let Some(attrs) = &self.attrs {
            recv.json(b"attrs", attrs);
        }
        recv.partial(self.partial);
        recv.damaged(self.damaged);
        recv.end_as_mark();
    }
}
