//! What servers tell of a request that are not behind another: http.server and what is built upon it, as Flask's and
//! Django's servers for development are, uvicorn, and Node.js with morgan.
//!
//! None of them escapes a quote in the request, so that it is read from both ends.

use chrono::NaiveDateTime;

use super::{tell, write_request};
use crate::{
    decode::{
        address::{is_address, with_port},
        cut::{around, is_number, last_around},
        object::Object,
        wall,
    },
    record::{Level, Zone},
};

/// What a line tells; a dash there tells nothing.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    time: Option<NaiveDateTime>,
    level: Option<&'a [u8]>,
    client: Option<&'a [u8]>,
    port: Option<&'a [u8]>,
    user: Option<&'a [u8]>,
    request: Option<&'a [u8]>,
    /// Method and path of a request whose protocol is not told.
    asked: Option<[&'a [u8]; 2]>,
    status: &'a [u8],
    reason: Option<&'a [u8]>,
    bytes: Option<&'a [u8]>,
    /// Milliseconds.
    duration: Option<&'a [u8]>,
    message: Option<&'a [u8]>,
}

impl<'a> Entry<'a> {
    /// Takes a line apart that is without colours.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        dated(line).or_else(|| marked(line)).or_else(|| timed(line))
    }

    /// Writes what it tells; its time is one of `zone`.
    pub(super) fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            object.text(b"time", wall::shown(time, zone).as_bytes());
        }
        tell(object, b"level", self.level);
        tell(object, b"client", self.client);
        // A proxy that tells the client does not tell its port.
        if let Some(port) = self.port.filter(|port| *port != b"0") {
            object.bare(b"port", port);
        }
        tell(object, b"user", self.user);
        if let Some(request) = self.request {
            write_request(request, object);
        }
        if let Some([method, path]) = self.asked {
            tell(object, b"method", Some(method));
            tell(object, b"path", Some(path));
        }
        // Of a request that was given up there is none.
        if self.status != b"-" {
            object.bare(b"status", self.status);
        }
        tell(object, b"reason", self.reason);
        if let Some(bytes) = self.bytes.filter(|bytes| *bytes != b"-") {
            object.bare(b"bytes", bytes);
        }
        if let Some(duration) = self.duration.filter(|duration| *duration != b"-") {
            object.bare(b"duration_ms", duration);
        }
        if let Some(message) = self.message {
            object.text(b"message", message);
        }
    }
}

/// `CLIENT - - [TIME] "REQUEST" STATUS BYTES` with a time that has no zone, or that without a client, as Django has it.
fn dated(line: &[u8]) -> Option<Entry<'_>> {
    let at = memchr::memchr(b'[', line)?;
    let client = match line[..at].strip_suffix(b" - - ") {
        Some(client) => Some(address(client)?),
        None if at == 0 => None,
        None => return None,
    };
    let end = at + memchr::memchr(b']', &line[at..])?;
    let time = &line[at + 1..end];
    let time = ["%d/%b/%Y %H:%M:%S", "%d/%b/%Y:%H:%M:%S"]
        .iter()
        .find_map(|codes| wall::wall(time, codes))?;
    let entry = Entry {
        time: Some(time),
        client: client.map(|(client, _)| client),
        port: client.and_then(|(_, port)| port),
        ..Entry::default()
    };
    let rest = line[end + 1..].strip_prefix(b" ")?;
    if let Some(rest) = rest.strip_prefix(b"code ") {
        let (status, message) = around(rest, b", message ")?;
        return is_number(status).then_some(Entry {
            status,
            message: Some(message),
            ..entry
        });
    }
    let (request, rest) = quoted(rest)?;
    let (status, bytes) = around(rest, b" ")?;
    let is_told = is_number(status) && (is_number(bytes) || bytes == b"-");
    is_told.then_some(Entry {
        request: Some(request),
        status,
        bytes: Some(bytes),
        ..entry
    })
}

/// `LEVEL:     CLIENT:PORT - "REQUEST" STATUS REASON`, as uvicorn writes it, or that without a level.
fn marked(line: &[u8]) -> Option<Entry<'_>> {
    let (level, rest) = match line.iter().position(|byte| !byte.is_ascii_uppercase())? {
        0 => (None, line),
        end => {
            let (word, rest) = line.split_at(end);
            Level::from_word(std::str::from_utf8(word).ok()?)?;
            (Some(word), rest.strip_prefix(b":")?.trim_ascii_start())
        }
    };
    // Whoever came through a socket of Unix has no address.
    let (client, rest) = if let Some(rest) = rest.strip_prefix(b"- ") {
        (None, rest)
    } else {
        let (client, rest) = rest.split_at(memchr::memchr(b' ', rest)?);
        (Some(with_port(client)?), rest.strip_prefix(b" - ")?)
    };
    let (request, rest) = quoted(rest)?;
    let (status, reason) = around(rest, b" ").unwrap_or((rest, b""));
    is_number(status).then_some(Entry {
        level,
        client: client.map(|(client, _)| client),
        port: client.map(|(_, port)| port),
        request: Some(request),
        status,
        reason: Some(reason),
        ..Entry::default()
    })
}

/// morgan's: `METHOD PATH STATUS BYTES - TIME ms` (tiny), `METHOD PATH STATUS TIME ms - BYTES` (dev), and
/// `CLIENT USER METHOD PATH PROTOCOL STATUS BYTES - TIME ms` (short).
fn timed(line: &[u8]) -> Option<Entry<'_>> {
    // Before all else, what few other lines have.
    let is_last = line.ends_with(b" ms");
    if !is_last {
        let (before, _) = last_around(line, b' ')?;
        before.ends_with(b" ms -").then_some(())?;
    }
    let mut words: Vec<_> = line.rsplitn(6, |&byte| byte == b' ').collect();
    words.reverse();
    let [front, status, ending @ ..] = &words[..] else {
        return None;
    };
    let ((true, [bytes, b"-", duration, b"ms"]) | (false, [duration, b"ms", b"-", bytes])) =
        (is_last, ending)
    else {
        return None;
    };
    let (bytes, duration) = (*bytes, *duration);
    let is_count = |word: &[u8]| word == b"-" || is_number(word);
    let is_time = duration == b"-"
        || around(duration, b".").is_some_and(|(whole, rest)| is_number(whole) && is_number(rest));
    if !is_count(status) || !is_count(bytes) || !is_time {
        return None;
    }
    let is_asked = |method: &[u8], path: &[u8]| {
        let is_method = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
        is_method && (path.starts_with(b"/") || matches!(path, b"*"))
    };
    let entry = Entry {
        status,
        bytes: Some(bytes),
        duration: Some(duration),
        ..Entry::default()
    };
    let parts: Vec<_> = front.split(|&byte| byte == b' ').collect();
    match parts[..] {
        [method, path] if is_asked(method, path) => Some(Entry {
            asked: Some([method, path]),
            ..entry
        }),
        [client, user, method, path, protocol]
            if is_last
                && (client == b"-" || is_address(client))
                && protocol.starts_with(b"HTTP/")
                && is_asked(method, path) =>
        {
            Some(Entry {
                client: Some(client),
                user: Some(user),
                request: Some(&front[client.len() + user.len() + 2..]),
                ..entry
            })
        }
        _ => None,
    }
}

/// An address with a port or without one.
fn address(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if is_address(text) {
        return Some((text, None));
    }
    with_port(text).map(|(client, port)| (client, Some(port)))
}

/// What stands between the first quote and the last one that has a blank behind it, and what follows that.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b"\"")?;
    let end = memchr::memmem::rfind(inner, b"\" ")?;
    Some((&inner[..end], &inner[end + 2..]))
}
