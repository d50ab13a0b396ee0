//! Where what has come from the network becomes stamped records, and is counted.

mod head;

use std::{borrow::Cow, collections::BTreeSet, ops::ControlFlow};

use self::head::Head;
use super::{Program, RecvArgs, say, warnings::Warnings};
use crate::{
    cli::{
        common::now,
        ledger::Tally,
        meters::{Counts, Meters},
    },
    decode::format::Take,
    record::{Additions, Canonical, Field, Found, Kind, Path, Projection, Reader, Stamper, Value},
};

/// Bytes of records after which they are written even though more are there.
pub(super) const BATCH: usize = 256 * 1024;

/// Bytes of records that have to be written before more is taken. What has been read of a peer becomes more than
/// it was, and what is left of it would have to be kept, so that this is what a read becomes if records are short.
const FULL: usize = 12 * BATCH;

/// Where what has come becomes records.
pub(super) struct Desk {
    /// `None` leaves records alone.
    stamper: Option<Stamper>,
    /// What the user has told of all records, for their stamps.
    given: Additions,
    projection: Projection,
    found: Found,
    /// When what is at hand was received, as text; the clock is read once for all of it.
    time: Option<String>,
    head: Head,
    keep_rejects: bool,
    pub(super) tally: Tally,
    /// What has come from each source since the last time that it was told.
    counts: Vec<(String, Counts)>,
    /// Reads when a record was made, and when it came.
    clock: Reader,
    came: Field,
    /// Where the first rejected message in the tally came from.
    pub(super) culprit: String,
    pub(super) out: Vec<u8>,
    pub(super) warnings: Warnings,
    /// What has been said once.
    said: BTreeSet<&'static str>,
}

/// Where a message came from.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    /// The number of the source, as [`Desk::sources`] has them.
    pub(super) source: usize,
    /// The endpoint as JSON, if it is told.
    pub(super) endpoint: Option<&'a str>,
    pub(super) peer: &'a str,
    /// Who the peer has proven to be.
    pub(super) client: Option<&'a str>,
    pub(super) topic: Option<&'a [u8]>,
    /// Its number among those of the peer, from 1.
    pub(super) number: u64,
    /// Whether somebody may have had it before.
    pub(super) replayed: bool,
}

impl Desk {
    /// Records get `dl.recv` with what is `given` in it, or nothing.
    pub(super) fn new(given: Option<Additions>, keep_rejects: bool, sources: Vec<String>) -> Self {
        let mut clock = Reader::default();
        clock.canonical(Canonical::Time);
        let came = clock.raw(&Path::dotted("dl.recv.time"));
        let counts = sources.into_iter();
        Self {
            counts: counts.map(|name| (name, Counts::default())).collect(),
            clock,
            came,
            stamper: given.is_some().then(|| Stamper::new("recv")),
            given: given.unwrap_or_default(),
            projection: Projection::default(),
            found: Found::default(),
            time: None,
            head: Head::default(),
            keep_rejects,
            tally: Tally::default(),
            culprit: String::new(),
            out: Vec::new(),
            warnings: Warnings::new(std::time::Instant::now()),
            said: BTreeSet::new(),
        }
    }

    /// Says that what comes from here on is received later than what came before.
    pub(super) fn begin(&mut self) {
        self.time = None;
        self.head.forget();
    }

    /// Whether more can be taken before what there is goes out.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.out.len() >= FULL {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Begins with a message of so many bytes. `marks` says that what `dl.recv` has already is of the decoder's
    /// making.
    pub(super) fn message<'d>(
        &'d mut self,
        origin: Origin<'d>,
        bytes: usize,
        marks: bool,
    ) -> Message<'d> {
        if let Some((_, counts)) = self.counts.get_mut(origin.source) {
            counts.bytes += bytes as u64;
        }
        if self.stamper.is_some() {
            let time = self.time.get_or_insert_with(|| now().to_string());
            self.head.be(&origin, time, &self.given);
        }
        Message {
            desk: self,
            origin,
            marks,
        }
    }

    /// Tells what has come from each source since the last time.
    pub(super) fn count(&mut self, meters: &Meters) {
        let mut lag = self.lag();
        for (name, counts) in &mut self.counts {
            if counts.records > 0 || counts.bytes > 0 || counts.rejected.lines() > 0 {
                if counts.records > 0 {
                    counts.lag = lag.take();
                }
                meters.add(name, counts);
                *counts = Counts::default();
            }
        }
    }

    /// How long before now the last record was made, in seconds.
    fn lag(&mut self) -> Option<f64> {
        let line = self.out.strip_suffix(b"\n")?;
        let line = &line[memchr::memrchr(b'\n', line).map_or(0, |at| at + 1)..];
        let record = self.clock.read(line, &mut self.found).ok()?;
        // What has no time of its own was made whenever.
        let place = |value: Value<'_>| value.raw.as_ptr();
        if record.value(Canonical::Time).map(place) == record.raw(&self.came).map(place) {
            return None;
        }
        let made = record.time()?;
        #[allow(clippy::cast_precision_loss)] // Nanoseconds of years are not needed.
        let nanoseconds = now().0.saturating_sub(made.0) as f64;
        Some(nanoseconds / 1e9)
    }

    /// Counts what is lost of a message.
    pub(super) fn lost(&mut self, source: usize, place: &str, bytes: &[u8], reason: &str) {
        self.tally.read += 1;
        if let Some((_, counts)) = self.counts.get_mut(source) {
            counts.rejected.count(reason);
        }
        if self.tally.first_rejected().is_none() {
            place.clone_into(&mut self.culprit);
        }
        self.tally.reject(bytes, self.keep_rejects, &reason);
    }

    /// Warns of a peer.
    pub(super) fn warn(&mut self, peer: &str, words: &str) {
        self.warnings.tell(std::time::Instant::now(), peer, words);
    }

    /// Writes a record that is one for certain with the stamp of the present message; `None` if it has to be
    /// looked at for that.
    fn write_made(&mut self, json: &[u8]) -> Option<()> {
        match &self.stamper {
            Some(stamper) => stamper.add(json, &self.head.text, &mut self.out)?,
            None => self.out.extend_from_slice(json),
        }
        self.out.push(b'\n');
        self.tally.written += 1;
        Some(())
    }

    /// Writes a record with the stamp of the present message.
    fn write(&mut self, json: &[u8], marks: bool) -> Result<(), String> {
        let start = self.out.len();
        let stamp = &self.head.text;
        let done = match &mut self.stamper {
            Some(stamper) if marks => {
                let merge = |before: Option<Value<'_>>| merged(stamp, before);
                stamper.update(json, merge, &mut self.out).map(drop)
            }
            Some(stamper) if !self.given.is_empty() => {
                // Where somebody else has stamped it, that is added too.
                let added = |before: Option<Value<'_>>| match before {
                    None => stamp.clone(),
                    Some(before) => self.given.added_to(before),
                };
                stamper.update(json, added, &mut self.out).map(drop)
            }
            Some(stamper) => stamper.stamp(json, stamp, &mut self.out),
            None => self
                .projection
                .scan(json, &mut self.found)
                .map(|()| self.out.extend_from_slice(json)),
        };
        match done {
            Ok(()) => {
                self.out.push(b'\n');
                self.tally.written += 1;
                Ok(())
            }
            Err(bad) => {
                self.out.truncate(start);
                Err(bad.to_string())
            }
        }
    }
}

/// A stamp, with the members of an object that stands where it is to stand.
fn merged<'s>(stamp: &'s [u8], before: Option<Value<'_>>) -> Cow<'s, [u8]> {
    match before {
        Some(before) if before.kind == Kind::Object => {
            let marks = String::from_utf8_lossy(&before.raw[1..]);
            let comma = if marks.trim() == "}" { "" } else { "," };
            let open = &stamp[..stamp.len() - 1];
            [open, comma.as_bytes(), marks.as_bytes()].concat().into()
        }
        _ => stamp.into(),
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A message that becomes records.
pub(super) struct Message<'d> {
    desk: &'d mut Desk,
    origin: Origin<'d>,
    marks: bool,
}

impl Message<'_> {
    fn count_record(&mut self) {
        if let Some((_, counts)) = self.desk.counts.get_mut(self.origin.source) {
            counts.records += 1;
        }
    }

    fn count_rejected(&mut self, bytes: &[u8], reason: &str) {
        let desk = &mut *self.desk;
        if desk.tally.first_rejected().is_none() {
            let Origin { peer, number, .. } = self.origin;
            desk.culprit = format!("{peer}: message {number}");
        }
        if let Some((_, counts)) = desk.counts.get_mut(self.origin.source) {
            counts.rejected.count(reason);
        }
        desk.tally.reject(bytes, desk.keep_rejects, &reason);
    }
}

impl Take for Message<'_> {
    fn record(&mut self, json: &[u8]) {
        self.desk.tally.read += 1;
        match self.desk.write(json, self.marks) {
            Ok(()) => self.count_record(),
            Err(reason) => self.count_rejected(json, &reason),
        }
    }

    fn made(&mut self, json: &[u8]) {
        // Where there is no `dl`, there are no marks of the decoder to be kept either.
        if self.desk.write_made(json).is_none() {
            return self.record(json);
        }
        self.desk.tally.read += 1;
        self.count_record();
    }

    fn reject(&mut self, bytes: &[u8], reason: &str) {
        self.desk.tally.read += 1;
        self.count_rejected(bytes, reason);
    }

    fn note(&mut self, words: &'static str) {
        if self.desk.said.insert(words) {
            say(RecvArgs::NAME, words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of a record that a decoder has made, and whether it was rejected.
    fn made(json: &str, marks: bool) -> (String, bool) {
        let mut desk = Desk::new(Some(Additions::default()), false, vec!["here".to_owned()]);
        desk.time = Some("T".to_owned());
        let origin = Origin {
            source: 0,
            endpoint: None,
            peer: "p",
            client: None,
            topic: None,
            number: 7,
            replayed: false,
        };
        let mut message = desk.message(origin, json.len(), marks);
        message.made(json.as_bytes());
        let rejected = desk.tally.first_rejected().is_some();
        let text = String::from_utf8(desk.out).expect("text");
        (text.trim_end().to_owned(), rejected)
    }

    #[test]
    fn what_a_decoder_has_made_is_looked_at_only_for_what_it_knew() {
        let check = |json: &str, marks: bool, expect: &str| {
            assert_eq!(made(json, marks), (expect.to_owned(), false), "{json}");
        };
        let stamp = r#"{"peer":"p","time":"T","seq":7"#;
        for marks in [false, true] {
            check(
                r#"{"a":1}"#,
                marks,
                &format!(r#"{{"a":1,"dl":{{"recv":{stamp}}}}}}}"#),
            );
            // It would be rejected if it were checked, which costs more than to decode it.
            check("{a}", marks, &format!(r#"{{a,"dl":{{"recv":{stamp}}}}}}}"#));
        }
        let known = r#"{"a":1,"dl":{"recv":{"cut":true}}}"#;
        check(
            known,
            true,
            &format!(r#"{{"a":1,"dl":{{"recv":{stamp},"cut":true}}}}}}"#),
        );
        check(known, false, known);
        assert!(made(r#"{"dl"}"#, true).1);
    }
}
