//! Records of the texts that programs wrote into something that keeps a time, a stream or a name beside each.
//!
//! A text that is a record is handed out as it is. Any other is read as a line of text would be, by the patterns of
//! the user, or as an access log, the log of a server, or logfmt, with the tracebacks below it; what they cannot read is
//! a message. What stood around a text goes beside what it says itself.

use super::{
    access,
    below::{Below, Line, Reader, is_indented, is_raised},
    envelope::{Envelope, Opener},
    format::{Settings, Take, is_bare_date, is_of_server, servers},
    inner::Inner,
    logfmt::{Logfmt, TIMES},
    object::Object,
    pattern::Patterns,
};
use crate::record::Zone;

/// Makes records of texts.
pub(super) struct Within {
    opener: Opener,
    texts: Texts,
    /// What has begun and may go on, for each that writes. All but the last are tracebacks, or records that a line may
    /// tell more of.
    begun: Vec<(Source, Below)>,
    longest: usize,
}

/// Who wrote a text: its service and its stream.
type Source = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Those of which a traceback may have begun at a time.
const MOST_SOURCES: usize = 16;

impl Within {
    /// Takes texts out of what the format of that name has around them.
    pub(super) fn new(format: &'static str, settings: &Settings) -> Self {
        Self {
            opener: Opener::new(format, settings),
            texts: Texts::new(format, settings),
            begun: Vec::new(),
            longest: settings.longest,
        }
    }

    /// Takes a text, or what there is of it.
    pub(super) fn text(&mut self, text: &[u8], envelope: Envelope, take: &mut dyn Take) {
        let source = (envelope.service.clone(), envelope.stream.clone());
        // What others have begun is mostly whole; if not, it is a traceback or waits for the rest of its record.
        let others = self.begun.iter_mut().filter(|(other, _)| *other != source);
        others.for_each(|(_, below)| below.pass(take));
        self.begun
            .retain(|(other, below)| *other == source || below.is_holding());
        let at = self.begun.iter().position(|(begun, _)| *begun == source);
        let is_joining = at.is_some_and(|at| self.begun[at].1.is_joining());

        let is_part = envelope.partial || envelope.rest;
        let may_be_record =
            text.trim_ascii_start().starts_with(b"{") && !(is_joining && is_indented(text));
        if is_part || may_be_record {
            if let Some(at) = at {
                self.begun[at].1.release(take);
            }
            if self.opener.record(text, &envelope, take) {
                return;
            }
        }
        let is_damaged = envelope.damaged;
        self.texts.envelope = envelope;
        if is_part {
            return self.texts.part(text, take);
        }
        let at = at.unwrap_or_else(|| {
            if self.begun.len() == MOST_SOURCES {
                self.begun.remove(0).1.release(take);
            }
            self.begun.push((source, Below::new(self.longest)));
            self.begun.len() - 1
        });
        let below = &mut self.begun[at].1;
        below.line(text, &mut self.texts, take);
        if is_damaged {
            below.damage();
        }
        let held = self.begun.iter().map(|(_, below)| below.held());
        if held.sum::<usize>() > self.longest {
            self.finish(take);
        }
    }

    /// True if something waits for more.
    pub(super) fn is_holding(&self) -> bool {
        self.begun.iter().any(|(_, below)| below.is_holding())
    }

    /// True if what waits has begun with the last text.
    pub(super) fn has_last_text(&self) -> bool {
        let mut begun = self.begun.iter().map(|(_, below)| below);
        self.is_holding() && begun.all(|below| !below.is_holding() || below.has_last_line())
    }

    /// Goes on without a line that has been passed over, which may have been of any of them.
    pub(super) fn lack(&mut self, take: &mut dyn Take) {
        self.each(|below| below.lack(take));
    }

    /// Nothing more is there for now.
    pub(super) fn pause(&mut self, take: &mut dyn Take) {
        self.each(|below| below.pause(take));
    }

    /// Nothing more has come for a while.
    pub(super) fn rest(&mut self, take: &mut dyn Take) {
        self.each(|below| below.rest(take));
    }

    /// Hands out all that has begun.
    pub(super) fn finish(&mut self, take: &mut dyn Take) {
        self.each(|below| below.release(take));
        self.begun.clear();
    }

    fn each(&mut self, act: impl FnMut(&mut Below)) {
        self.begun.iter_mut().map(|(_, below)| below).for_each(act);
    }
}

/// Reads texts, each beside what stood around it.
struct Texts {
    /// What texts look like.
    form: Box<dyn Reader>,
    /// True if the user has not told what they look like.
    is_any: bool,
    /// What a text may be before it is read as logfmt.
    servers: Vec<Box<dyn Reader>>,
    zone: Option<Zone>,
    inner: Inner,
    /// What stands around the text that is read.
    envelope: Envelope,
    /// The name of the format, for `dl.recv`; `None` if records get none.
    stamp: Option<&'static str>,
    /// What a text says, as an object.
    said: Vec<u8>,
    out: Vec<u8>,
}

impl Texts {
    fn new(format: &'static str, settings: &Settings) -> Self {
        let form: Box<dyn Reader> = if settings.patterns.is_empty() {
            Box::new(Logfmt::new(settings))
        } else {
            Box::new(Patterns::new(settings))
        };
        Self {
            form,
            is_any: settings.patterns.is_empty(),
            servers: servers()
                .map(|(_, server)| (server.reader)(settings))
                .collect(),
            zone: settings.zone,
            inner: Inner::default(),
            envelope: Envelope::default(),
            stamp: settings.stamp.then_some(format),
            said: Vec::new(),
            out: Vec::new(),
        }
    }

    /// Hands out a part of a text, which may be cut anywhere.
    fn part(&mut self, text: &[u8], take: &mut dyn Take) {
        let mut out = std::mem::take(&mut self.out);
        let mut object = Object::begin(&mut out);
        object.partial(true);
        self.plain(text, &mut object);
        object.end();
        take.record(&out);
        self.out = out;
    }

    /// Writes a text of which nothing is known.
    fn plain(&self, text: &[u8], object: &mut Object<'_>) {
        self.head(&[], object);
        object.text(b"message", text);
        self.labels(&[], object);
    }

    /// Writes what stands around a text and is not `said` in it; what is said, `dl.recv` has of both.
    fn head(&self, said: &[Vec<u8>], object: &mut Object<'_>) {
        let envelope = &self.envelope;
        let mut format = self.stamp;
        for (key, value) in envelope.known() {
            let names = if key == b"time" { &TIMES[..] } else { &[key] };
            let is_said = said.iter().any(|said| names.contains(&&said[..]));
            if !is_said {
                object.text(key, value);
            } else if self.stamp.is_some() {
                if let Some(format) = format.take() {
                    object.recv(b"format", format.as_bytes());
                }
                object.recv(key, value);
            }
        }
        object.damaged(envelope.damaged);
    }

    /// Reads what a text says.
    fn read(&mut self, text: &[u8], said: &mut Object<'_>) -> Result<Line, &'static str> {
        if self.is_any && !is_bare_date(text) {
            if access::write(text, self.zone, said) {
                // A traceback is none of a request's entry.
                return Ok(Line::Plain);
            }
            let mut servers = self.servers.iter_mut();
            if let Some(shown) = servers.find_map(|server| server.record(text, said).ok()) {
                return Ok(shown.alone());
            }
        }
        self.form.record(text, said).map(Line::alone)
    }

    /// True for what a server has written, if the user has not told what texts look like.
    fn is_of_server(&self, text: &[u8]) -> bool {
        self.is_any && is_of_server(text)
    }

    fn labels(&self, said: &[Vec<u8>], object: &mut Object<'_>) {
        let is_said = said.iter().any(|said| said == b"attrs");
        if let Some(attrs) = self.envelope.attrs.as_ref().filter(|_| !is_said) {
            object.json(b"attrs", attrs);
        }
    }
}

impl Reader for Texts {
    fn record(&mut self, text: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let mut out = std::mem::take(&mut self.said);
        let mut said = Object::begin(&mut out);
        let shown = match self.read(text, &mut said) {
            Ok(shown) => {
                let marks = said.leave();
                out.push(b'}');
                let (members, keys) = self.inner.members(&out).unwrap_or_default();
                // The time comes first, whosever it is.
                let has_time = keys.iter().any(|key| TIMES.contains(&&key[..]));
                if !has_time {
                    self.head(&keys, object);
                }
                object.adopt(members, marks);
                if has_time {
                    self.head(&keys, object);
                }
                self.labels(&keys, object);
                Ok(shown)
            }
            // What is the first line of a stack stands in it, too.
            Err(reason) if is_raised(text) => Err(reason),
            Err(_) => {
                self.plain(text, object);
                Ok(Line::Plain)
            }
        };
        self.said = out;
        shown
    }

    fn begins(&self, text: &[u8], is_apart: bool) -> bool {
        // Where nothing shows what records begin with, each line is one.
        is_apart || self.is_of_server(text) || self.form.begins(text, is_apart)
    }

    fn awaits(&self, text: &[u8], above: Line) -> bool {
        let mut servers = self.servers.iter();
        above.is_open() && servers.any(|server| server.awaits(text, above))
    }

    fn join(&mut self, text: &[u8], above: Line, object: &mut Object<'_>) -> Line {
        let mut servers = self.servers.iter_mut();
        let server = servers.find(|server| server.awaits(text, above));
        server.map_or(above, |server| server.join(text, above, object).alone())
    }

    fn begin(&mut self, object: &mut Object<'_>) {
        self.head(&[], object);
        self.labels(&[], object);
    }
}

#[cfg(test)]
mod tests;
