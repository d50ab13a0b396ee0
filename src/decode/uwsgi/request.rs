//! The line that uWSGI writes for each request, with what `--vhost`, `--memory-report` and `--log-micros` make of it.

use std::borrow::Cow;

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

/// What the line tells. What has no name in other logs of requests has that of uWSGI's variables for `--logformat`.
pub(super) struct Request<'a> {
    time: NaiveDateTime,
    members: Vec<(&'static str, Cow<'a, [u8]>)>,
}

/// Members that are text, even where it is digits.
const TEXTS: [&str; 6] = ["vhost", "client", "user", "method", "path", "protocol"];

impl<'a> Request<'a> {
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        // Before all else, what few other lines have.
        let (rest, core) = last_around(line.strip_suffix(b")")?, b' ')?;
        let rest = rest.strip_suffix(b" switches on core")?;
        let (rest, switches) = last_around(rest, b'(')?;
        // A client may have sent anything as the path, and what is behind it is uWSGI's.
        let at = memchr::memmem::rfind(rest, b" => generated ")?;
        let (head, tail) = (&rest[..at], &rest[at + b" => generated ".len()..]);
        let (front, head) = around(head, b"[pid: ")?;
        let (process, head) = digits(head)?;
        let (app, head) = around(head.strip_prefix(b"|app: ")?, b"|req: ")?;
        let (request, head) = around(head, b"] ")?;
        let (client, head) = around(head, b" (")?;
        let (user, head) = around(head, b") {")?;
        let (vars, head) = digits(head)?;
        let (size, head) = digits(head.strip_prefix(b" vars in ")?)?;
        let (time, head) = around(head.strip_prefix(b" bytes} [")?, b"]")?;
        let time = wall::wall(time, CTIME)?;
        let head = head.strip_prefix(b" ")?;
        let (method, path) = around(head, b" ").unwrap_or((head, b""));

        let (bytes, tail) = digits(tail)?;
        let (taken, tail) = digits(tail.strip_prefix(b" bytes in ")?)?;
        let (duration, tail): (Cow<'_, _>, _) = match tail.strip_prefix(b" msecs") {
            Some(tail) => (taken.into(), tail),
            None => (thousandth(taken).into(), tail.strip_prefix(b" micros")?),
        };
        let (via, tail) = around(tail, b" (")?;
        let via = via.strip_prefix(b" via ").unwrap_or(via);
        let at = memchr::memmem::rfind(tail, b") ")?;
        let (protocol, status) = last_around(&tail[..at], b' ')?;
        let (headers, tail) = digits(&tail[at + 2..])?;
        let (header_size, _) = digits(tail.strip_prefix(b" headers in ")?)?;
        let (vhost, memory) = match memchr::memchr(b'{', front) {
            Some(at) => front.split_at(at),
            None => (front, &b""[..]),
        };
        let told = [
            ("vhost", vhost.trim_ascii()),
            ("client", client),
            ("user", user),
            ("method", method),
            ("path", path),
            ("protocol", protocol),
            ("status", status),
            ("bytes", bytes),
        ];
        let more = [
            ("process", process),
            ("app_id", app),
            ("req", request),
            ("vars", vars),
            ("pktsize", size),
            ("headers", headers),
            ("hsize", header_size),
            ("via", via.strip_suffix(b"()").unwrap_or(via)),
            ("switches", switches),
            ("core", core),
        ];
        // What was too long to be written, and the client with it.
        let is_cut = path == b"-";
        let is_none =
            |key: &str, value: &[u8]| matches!(value, b"" | b"-") || is_cut && key == "client";
        let is_told = |(key, value): &(&str, &[u8])| !is_none(key, value);
        let more = more.into_iter().chain(usage(memory)).filter(is_told);
        let mut members: Vec<_> = told
            .into_iter()
            .filter(is_told)
            .map(|(key, value)| (key, value.into()))
            .collect();
        members.push(("duration_ms", duration));
        members.extend(more.map(|(key, value)| (key, value.into())));
        is_number(status).then_some(Self { time, members })
    }

    pub(super) fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        object.text(b"time", wall::shown(self.time, zone).as_bytes());
        for (key, value) in &self.members {
            if TEXTS.contains(key) {
                object.text(key.as_bytes(), value);
            } else {
                object.bare(key.as_bytes(), value);
            }
        }
    }
}

/// What `--memory-report` tells: `{rss usage: 13504512 bytes/12MB} `, and more of that kind.
fn usage(mut text: &[u8]) -> Vec<(&'static str, &[u8])> {
    const KINDS: [(&[u8], &str); 4] = [
        (b"address space usage", "vsz"),
        (b"rss usage", "rss"),
        (b"uss usage", "uss"),
        (b"pss usage", "pss"),
    ];
    let mut found = Vec::new();
    while let Some((inner, rest)) = text.strip_prefix(b"{").and_then(|text| around(text, b"} ")) {
        let told = around(inner, b": ").and_then(|(kind, told)| {
            let (_, name) = KINDS.iter().find(|(known, _)| *known == kind)?;
            Some((*name, digits(told)?.0))
        });
        found.extend(told);
        text = rest;
    }
    found
}

/// A number of microseconds as one of milliseconds.
fn thousandth(number: &[u8]) -> Vec<u8> {
    let padded = [&b"0000"[..4 - number.len().min(4)], number].concat();
    let (whole, fraction) = padded.split_at(padded.len() - 3);
    [whole, b".", fraction].concat()
}
