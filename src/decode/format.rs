//! The registry of text formats: what a name given to `--format` stands for.
//!
//! A decoder gets the lines of one input after the other and hands out records, each a line of
//! JSON. It never sees where lines come from, and never drops one: what it cannot read it hands
//! back with the reason.

use super::{
    access, apache, auto,
    below::{Joiner, Reader},
    compose, cri, docker, dotnet, glog, haproxy, journald, json, jul, logfmt, mysql, mysql_slow,
    ndjson, nginx, pattern, postgres, rabbitmq, redis, stamped, syslog, uwsgi,
};
pub use super::{
    pattern::{Pattern, PatternError},
    syslog::Year,
    time_format::{TimeFormat, TimeFormatError},
};
use crate::record::Zone;

/// All formats, in the order in which the manual tells of them. A new one is its file and a
/// line here.
pub static FORMATS: &[Format] = &[
    auto::FORMAT,
    logfmt::FORMAT,
    syslog::FORMAT,
    access::FORMAT,
    nginx::FORMAT,
    haproxy::FORMAT,
    uwsgi::FORMAT,
    redis::FORMAT,
    rabbitmq::FORMAT,
    postgres::FORMAT,
    mysql::FORMAT,
    mysql_slow::FORMAT,
    apache::FORMAT,
    jul::FORMAT,
    glog::FORMAT,
    dotnet::FORMAT,
    docker::FORMAT,
    cri::FORMAT,
    compose::FORMAT,
    stamped::FORMAT,
    journald::FORMAT,
    json::FORMAT,
    json::SEQUENCE,
];

/// The format of text that patterns tell of: it is asked for by giving some.
pub static PATTERN: &Format = &pattern::FORMAT;

/// Records as they are, which need no decoder unless something is done with each of them.
pub static NDJSON: &Format = &ndjson::FORMAT;

/// A text format.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// True if a record may be made of several lines, so that lines have to come in order.
    pub joins: bool,
    /// True if there are texts in its lines, which patterns may tell of.
    pub wraps: bool,
    pub(super) by: By,
}

impl Format {
    /// What a server writes, one entry a line and more below it.
    pub(super) const fn server(name: &'static str, summary: &'static str, server: Server) -> Self {
        Self {
            name,
            summary,
            joins: true,
            wraps: false,
            by: By::Server(server),
        }
    }

    /// Makes a decoder.
    #[must_use]
    pub fn decoder(&self, settings: &Settings) -> Box<dyn Decode> {
        match self.by {
            By::Decoder(decoder) => decoder(settings),
            By::Reader(reader) | By::Server(Server { reader, .. }) => {
                Box::new(Joiner::new(reader(settings), settings))
            }
        }
    }
}

/// What makes records of the lines of a format.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Decoder(fn(&Settings) -> Box<dyn Decode>),
    /// Each line is a record, or below one.
    Reader(Read),
    /// The same of what a server writes, which `auto` and the formats of containers know too.
    Server(Server),
}

/// How a server's log is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    pub(super) looks: Looks,
    pub(super) reader: Read,
    /// True if a line that begins nothing is more of the message above it.
    pub(super) goes_on: bool,
}

/// True for a line that begins an entry.
pub(super) type Looks = fn(&[u8]) -> bool;

/// Makes what reads the lines of a format.
pub(super) type Read = fn(&Settings) -> Box<dyn Reader>;

/// The formats of servers' logs.
pub(super) fn servers() -> impl Iterator<Item = (&'static Format, Server)> {
    FORMATS.iter().filter_map(|format| match format.by {
        By::Server(server) => Some((format, server)),
        By::Decoder(_) | By::Reader(_) => None,
    })
}

/// True for an entry of a server's log, or of a log of requests.
pub(super) fn is_of_server(line: &[u8]) -> bool {
    let is_entry = || access::looks(line) || servers().any(|(_, server)| (server.looks)(line));
    !is_bare_date(line) && is_entry()
}

/// True for a line with a date in front, `2026-11-` or `2026/11/`, and no bracket behind it. Most that programs write are so, and none
/// that servers do, so that few formats need be asked about them.
pub(super) fn is_bare_date(line: &[u8]) -> bool {
    let is_date = |head: &[u8; 8]| {
        let mut head = head.iter().enumerate();
        head.all(|(at, byte)| match at {
            4 | 7 => matches!(*byte, b'-' | b'/'),
            _ => byte.is_ascii_digit(),
        })
    };
    line.first_chunk().is_some_and(is_date) && memchr::memchr(b'[', line).is_none()
}

/// What decoders are told by the user.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The year of times that have none; without it such times are kept as they are written.
    pub year: Option<Year>,
    /// The zone of times that have none; without it times with a date are kept as they are
    /// written, and others are UTC.
    pub zone: Option<Zone>,
    /// True if records get `dl.recv`, where what an envelope knew is kept.
    pub stamp: bool,
    /// What lines look like, for [`PATTERN`], and texts within lines; the first that matches one tells what it is.
    pub patterns: Vec<Pattern>,
    /// How the group `time` of patterns is written.
    pub time_format: Option<TimeFormat>,
    /// The longest record that lines are joined to, in bytes.
    pub longest: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            year: None,
            zone: None,
            stamp: true,
            patterns: Vec::new(),
            time_format: None,
            longest: 256 << 20,
        }
    }
}

/// Makes records of lines.
pub trait Decode: Send {
    /// Takes a line that is not blank, without its newline. What it makes of it, or of it and
    /// those before, goes to `take`.
    fn line(&mut self, line: &[u8], take: &mut dyn Take);

    /// Takes a blank line, which means something in few formats.
    fn blank(&mut self, _line: &[u8], _take: &mut dyn Take) {}

    /// A line that is longer than `--max-record` stood here and has been passed over: what it was part of lacks it,
    /// and does not come out as if it were whole.
    fn passed_over(&mut self, _take: &mut dyn Take) {}

    /// True if the next line belongs to what has begun, whatever it looks like.
    fn is_within(&self) -> bool {
        false
    }

    /// True if what has begun goes on with this line, whatever else it looks like.
    fn awaits(&self, _line: &[u8]) -> bool {
        false
    }

    /// True if something of the lines so far waits for more of them, and has not been handed out.
    fn is_holding(&self) -> bool {
        self.is_within()
    }

    /// True if what waits has begun with the line that was taken last, so that all in front of that is done with.
    fn holds_last_line(&self) -> bool {
        false
    }

    /// Nothing more is there for now: hands out what is a record as it is, and only might go on.
    fn pause(&mut self, _take: &mut dyn Take) {}

    /// Nothing more has come for a while: hands out what mostly goes on at once if it does.
    fn rest(&mut self, take: &mut dyn Take) {
        self.pause(take);
    }

    /// The input has ended: hands out what was waiting for more.
    fn finish(&mut self, _take: &mut dyn Take) {}
}

/// Receives what a decoder makes.
pub trait Take {
    /// A record: a line of JSON, an object, without a newline.
    fn record(&mut self, json: &[u8]);

    /// A record that the decoder has written from beginning to end, so that it need not be checked: an object
    /// without a blank around it.
    fn made(&mut self, json: &[u8]) {
        self.record(json);
    }

    /// What could not be read, byte for byte, and why.
    fn reject(&mut self, bytes: &[u8], reason: &str);

    /// Something that the user should hear of once, however often it happens.
    fn note(&mut self, words: &'static str);
}

/// The format of that name.
pub fn find(name: &str) -> Option<&'static Format> {
    let mut formats = FORMATS.iter().chain([PATTERN]);
    formats.find(|format| format.name == name)
}

#[cfg(test)]
pub(super) mod tests;
