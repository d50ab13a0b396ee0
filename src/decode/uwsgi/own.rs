//! What uWSGI tells of itself.

use chrono::NaiveDateTime;

use super::CTIME;
use crate::{
    decode::{
        cut::{around, digits, is_number, last_around},
        object::Object,
        wall,
    },
    record::Zone,
};

/// What a line tells that has a time in front, or words that no other program has.
pub(super) struct Own<'a> {
    time: Option<NaiveDateTime>,
    message: &'a [u8],
}

/// What lines without a time begin with.
const MARKS: [&[u8]; 19] = [
    b"[uWSGI] ",
    b"*** Starting uWSGI ",
    b"*** uWSGI ",
    b"*** Operational MODE: ",
    b"*** HARAKIRI ",
    b"*** WARNING: you are running uWSGI ",
    b"*** WARNING: you have enabled harakiri ",
    b"spawned uWSGI ",
    b"Respawned uWSGI ",
    b"gracefully (RE)spawned uWSGI ",
    b"DAMN ! ",
    b"!!! uWSGI ",
    b"HARAKIRI: ",
    b"WSGI app ",
    b"unable to load app ",
    b"*** no app loaded",
    b"--- no python application found",
    b"SIGINT/SIGTERM received",
    b"goodbye to uWSGI",
];

impl<'a> Own<'a> {
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        if let Some(own) = Self::dated(line) {
            return Some(own);
        }
        let message = line.trim_ascii();
        MARKS.iter().find(|mark| message.starts_with(mark))?;
        let time = message
            .strip_prefix(b"*** Starting uWSGI ")
            .and_then(|text| {
                let (_, time) = around(text.strip_suffix(b"] ***")?, b" on [")?;
                wall::wall(time, CTIME)
            });
        Some(Self { time, message })
    }

    /// `Mon Nov 30 12:00:00 2026 - MESSAGE`.
    fn dated(line: &'a [u8]) -> Option<Self> {
        const TIME: usize = "Mon Nov 30 12:00:00 2026".len();
        let (time, rest) = line.split_at_checked(TIME)?;
        let message = rest.strip_prefix(b" - ")?;
        Some(Self {
            time: Some(wall::wall(time, CTIME)?),
            message: message.trim_ascii(),
        })
    }

    pub(super) fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            object.text(b"time", wall::shown(time, zone).as_bytes());
        }
        // It tells no other level.
        if self.message.starts_with(b"*** WARNING: ") {
            object.text(b"level", b"WARNING");
        }
        if let Some((front, rest)) = around(self.message, b"pid: ")
            && let Some((process, _)) = digits(rest)
        {
            object.bare(b"process", process);
            if let Some(worker) = worker(front) {
                object.bare(b"worker", worker);
            }
        }
        if let Some(place) = Place::read(self.message) {
            place.write(object);
        }
        object.text(b"message", self.message);
    }
}

/// The number of the worker that a text ends with, and a bracket behind it.
fn worker(text: &[u8]) -> Option<&[u8]> {
    let (front, _) = last_around(text, b'(')?;
    let (front, number) = last_around(front.trim_ascii_end(), b' ')?;
    let (_, word) = last_around(front, b' ')?;
    (word.eq_ignore_ascii_case(b"worker") && is_number(number)).then_some(number)
}

/// Where in uWSGI's source something has failed, and during which request: `REASON [core/writer.c line 429] during GET
/// /path (10.0.0.9)`.
struct Place<'a> {
    file: &'a [u8],
    line: &'a [u8],
    request: Option<[(&'static str, &'a [u8]); 3]>,
}

impl<'a> Place<'a> {
    fn read(message: &'a [u8]) -> Option<Self> {
        let (front, rest) = around(message, b".c line ")?;
        let start = memchr::memrchr(b'[', front)? + 1;
        let file = &message[start..front.len() + b".c".len()];
        let (line, rest) = digits(rest)?;
        let rest = rest.strip_prefix(b"]")?;
        let request = rest.strip_prefix(b" during ").and_then(|rest| {
            let (method, rest) = around(rest, b" ")?;
            let at = memchr::memmem::rfind(rest, b" (")?;
            let client = rest[at + 2..].strip_suffix(b")")?;
            Some([
                ("client", client),
                ("method", method),
                ("path", &rest[..at]),
            ])
        });
        Some(Self {
            file,
            line,
            request,
        })
    }

    fn write(&self, object: &mut Object<'_>) {
        object.text(b"filename", self.file);
        object.bare(b"lineno", self.line);
        for (key, value) in self.request.iter().flatten() {
            object.text(key.as_bytes(), value);
        }
    }
}
