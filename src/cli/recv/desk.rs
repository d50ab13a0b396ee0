//! Where what has come from the network becomes stamped records, and is counted.

use std::{collections::BTreeSet, fmt::Write};

use super::{Program, RecvArgs, say};
use crate::{
    cli::{common::now, ledger::Tally},
    decode::format::Take,
    record::{Found, Instant, Kind, Projection, Stamper},
};

/// Where what has come becomes records.
pub(super) struct Desk {
    stamper: Option<Stamper>,
    projection: Projection,
    found: Found,
    /// When what is at hand was received; the clock is read once for all of it.
    pub(super) time: Option<Instant>,
    keep_rejects: bool,
    pub(super) tally: Tally,
    /// Where the first rejected message in the tally came from.
    pub(super) culprit: String,
    pub(super) out: Vec<u8>,
    /// What has been said once.
    said: BTreeSet<&'static str>,
}

impl Desk {
    /// `stamp` adds `dl.recv`.
    pub(super) fn new(stamp: bool, keep_rejects: bool) -> Self {
        Self {
            stamper: stamp.then(|| Stamper::new("recv")),
            projection: Projection::default(),
            found: Found::default(),
            time: None,
            keep_rejects,
            tally: Tally::default(),
            culprit: String::new(),
            out: Vec::new(),
            said: BTreeSet::new(),
        }
    }

    /// Begins with a message, which came from the endpoint and peer that `known` tells. `marks`
    /// says that what `dl.recv` has already is of the decoder's making.
    pub(super) fn message<'d>(
        &'d mut self,
        known: &'d dyn Known,
        number: u64,
        marks: bool,
    ) -> Message<'d> {
        Message {
            desk: self,
            known,
            number,
            marks,
            stamp: String::new(),
        }
    }

    /// Counts what is lost of a message.
    pub(super) fn lost(&mut self, place: &str, bytes: &[u8], reason: &str) {
        self.tally.read += 1;
        if self.tally.first_rejected().is_none() {
            place.clone_into(&mut self.culprit);
        }
        self.tally.reject(bytes, self.keep_rejects, &reason);
    }
}

/// What is known of a message beside its bytes.
pub(super) trait Known {
    /// Appends the first members of the stamp, each but the first behind a comma.
    fn members(&self, stamp: &mut String);

    /// The peer.
    fn peer(&self) -> String;
}

/// A message that becomes records.
pub(super) struct Message<'d> {
    desk: &'d mut Desk,
    known: &'d dyn Known,
    number: u64,
    marks: bool,
    /// Made for the first record of the message, without its closing brace.
    stamp: String,
}

impl Message<'_> {
    fn write(&mut self, json: &[u8]) -> Result<(), String> {
        let desk = &mut *self.desk;
        let start = desk.out.len();
        let done = match &mut desk.stamper {
            Some(stamper) => {
                if self.stamp.is_empty() {
                    let time = *desk.time.get_or_insert_with(now);
                    self.stamp.push('{');
                    self.known.members(&mut self.stamp);
                    // Writing to a string cannot fail.
                    let _ = write!(self.stamp, ",\"time\":\"{time}\",\"seq\":{}}}", self.number);
                }
                let stamp = &self.stamp;
                if self.marks {
                    let merge = |before: Option<crate::record::Value<'_>>| match before {
                        Some(before) if before.kind == Kind::Object => {
                            let marks = String::from_utf8_lossy(&before.raw[1..]);
                            let comma = if marks.trim() == "}" { "" } else { "," };
                            format!("{}{comma}{marks}", &stamp[..stamp.len() - 1])
                        }
                        _ => stamp.clone(),
                    };
                    stamper.update(json, merge, &mut desk.out).map(drop)
                } else {
                    stamper.stamp(json, stamp.as_bytes(), &mut desk.out)
                }
            }
            None => desk
                .projection
                .scan(json, &mut desk.found)
                .map(|()| desk.out.extend_from_slice(json)),
        };
        match done {
            Ok(()) => {
                desk.out.push(b'\n');
                desk.tally.written += 1;
                Ok(())
            }
            Err(bad) => {
                desk.out.truncate(start);
                Err(bad.to_string())
            }
        }
    }

    fn count_rejected(&mut self, bytes: &[u8], reason: &str) {
        let desk = &mut *self.desk;
        if desk.tally.first_rejected().is_none() {
            desk.culprit = format!("{}: message {}", self.known.peer(), self.number);
        }
        desk.tally.reject(bytes, desk.keep_rejects, &reason);
    }
}

impl Take for Message<'_> {
    fn record(&mut self, json: &[u8]) {
        self.desk.tally.read += 1;
        if let Err(reason) = self.write(json) {
            self.count_rejected(json, &reason);
        }
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
