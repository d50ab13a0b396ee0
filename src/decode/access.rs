//! Access logs of web servers, as nginx, Apache and gunicorn write them: the Common Log Format and the Combined one,
//! with the name of a virtual host in front or not, and whatever stands behind. `development` has what servers write
//! that stand in front of nothing but an application, `squid` what a proxy of that name does.

mod development;
mod squid;

use chrono::DateTime;

use super::{
    colour::without_colours,
    cut::is_number,
    format::{By, Decode, Format, Take},
    logfmt::{Pair, Pairs, Text, closing_quote},
    object::Object,
};
use crate::record::Zone;

pub(super) const FORMAT: Format = Format {
    name: "access",
    summary: "access logs of web servers: the common and the combined log format, uvicorn's, Flask's, Django's, morgan's and Squid's",
    joins: false,
    wraps: false,
    by: By::Decoder(|settings| {
        Box::new(Access {
            zone: settings.zone,
            out: Vec::new(),
        })
    }),
};

/// True for a line that is an entry.
pub(super) fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
        || squid::Entry::read(line).is_some()
        || development::Entry::read(&without_colours(line)).is_some()
}

/// Writes what an entry tells; false if the line is none. A time without a zone is one of `zone`.
pub(super) fn write(line: &[u8], zone: Option<Zone>, object: &mut Object<'_>) -> bool {
    if let Some(entry) = Entry::read(line) {
        entry.write(object);
        return true;
    }
    if let Some(entry) = squid::Entry::read(line) {
        entry.write(object);
        return true;
    }
    let line = without_colours(line);
    let entry = development::Entry::read(&line);
    entry.map(|entry| entry.write(zone, object)).is_some()
}

struct Access {
    zone: Option<Zone>,
    out: Vec<u8>,
}

impl Decode for Access {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        let mut object = Object::begin(&mut self.out);
        if !write(line, self.zone, &mut object) {
            return take.reject(
                line,
                "no access log: expected CLIENT - USER [TIME] \"REQUEST\" STATUS BYTES",
            );
        }
        object.end();
        take.record(&self.out);
    }
}

/// What a line tells; a dash there tells nothing.
#[derive(Debug)]
struct Entry<'a> {
    time: String,
    /// The virtual host, the client, and its name by identd and by the server.
    who: [Option<&'a [u8]>; 4],
    request: &'a [u8],
    status: &'a [u8],
    bytes: &'a [u8],
    referer: Option<&'a [u8]>,
    agent: Option<&'a [u8]>,
    rest: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Takes a line apart.
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        // Before all else, what few other lines have; a search for a text costs more than one for a byte.
        memchr::memchr(b'"', line)?;
        let end = memchr::memmem::find(line, b"] \"")?;
        let start = memchr::memmem::find(&line[..end], b" [")?;
        let words: Vec<_> = line[..start].split(|&byte| byte == b' ').collect();
        let [front @ .., ident, user] = &words[..] else {
            return None;
        };
        let is_listed = |word: &&[u8]| word.ends_with(b",");
        let [host, client] = match front {
            [client] => [None, Some(*client)],
            // A client and the proxies behind it, as X-Forwarded-For lists them.
            [before @ .., last] if before.iter().all(is_listed) => {
                let length = before.iter().map(|word| word.len() + 1).sum::<usize>();
                [None, Some(&line[..length + last.len()])]
            }
            [host, client] => [Some(*host), Some(*client)],
            _ => return None,
        };
        let who = [host, client, Some(*ident), Some(*user)];
        let time = std::str::from_utf8(&line[start + 2..end]).ok()?;
        let time = DateTime::parse_from_str(time, "%d/%b/%Y:%H:%M:%S %z").ok()?;
        let (request, rest) = quoted(&line[end + 1..])?;
        let (status, rest) = word(rest)?;
        let (bytes, rest) = word(rest)?;
        if !is_number(status) || !(is_number(bytes) || bytes == b"-") {
            return None;
        }
        let (referer, agent, rest) = match quoted(rest) {
            Some((referer, behind)) => match quoted(behind) {
                Some((agent, rest)) => (Some(referer), Some(agent), rest),
                None => (None, None, rest),
            },
            None => (None, None, rest),
        };
        Some(Self {
            time: time.to_rfc3339(),
            who,
            request,
            status,
            bytes,
            referer,
            agent,
            rest,
        })
    }

    /// Writes what it tells.
    fn write(&self, object: &mut Object<'_>) {
        object.text(b"time", self.time.as_bytes());
        let [host, client, ident, user] = self.who;
        tell(object, b"vhost", host);
        tell(object, b"client", client);
        tell(object, b"ident", ident);
        tell(object, b"user", user);
        write_request(self.request, object);
        object.bare(b"status", self.status);
        if self.bytes != b"-" {
            object.bare(b"bytes", self.bytes);
        }
        tell(object, b"referer", self.referer);
        tell(object, b"agent", self.agent);
        let (front, behind) = up_to_pairs(self.rest);
        let mut pairs = Vec::new();
        let words = Pairs::of(behind.trim_ascii(), &mut pairs);
        // What stands by itself is a value here, such as an address, and would be another key in each line.
        let lone = pairs.iter().filter_map(Pair::lone);
        let rest: Vec<_> = [front.trim_ascii(), words]
            .into_iter()
            .chain(lone)
            .filter(|text| !text.is_empty())
            .collect();
        if !rest.is_empty() {
            object.text(b"rest", &rest.join(&b' '));
        }
        for pair in pairs.iter().filter(|pair| pair.lone().is_none()) {
            pair.write(None, object);
        }
    }
}

/// Writes the line that a request begins with.
pub(super) fn write_request(request: &[u8], object: &mut Object<'_>) {
    let words: Vec<_> = request.split(|&byte| byte == b' ').collect();
    match words[..] {
        [method, path, protocol] if protocol.starts_with(b"HTTP/") => {
            tell(object, b"method", Some(method));
            tell(object, b"path", Some(path));
            tell(object, b"protocol", Some(protocol));
        }
        // What no client of the protocol sends.
        _ => tell(object, b"request", Some(request)),
    }
}

/// Adds what stands between quotes, with escapes, unless it is a dash.
fn tell(object: &mut Object<'_>, key: &[u8], value: Option<&[u8]>) {
    if let Some(value) = value.filter(|value| !matches!(*value, b"-" | b"")) {
        object.text(key, &Text::Quoted(value).bytes());
    }
}

/// What stands between quotes behind a blank, and what follows.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b" \"")?;
    let end = closing_quote(inner)?;
    Some((&inner[..end], &inner[end + 1..]))
}

/// What stands in front of the first pair, and from there.
fn up_to_pairs(text: &[u8]) -> (&[u8], &[u8]) {
    let is_value = |(word, _): &(&[u8], &[u8])| !word.is_empty() && !word.contains(&b'=');
    let mut behind = text;
    while let Some((_, rest)) = quoted(behind).or_else(|| word(behind).filter(is_value)) {
        behind = rest;
    }
    text.split_at(text.len() - behind.len())
}

/// The word behind a blank, and what follows.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b" ")?;
    let end = text.iter().position(|&byte| byte == b' ');
    Some(text.split_at(end.unwrap_or(text.len())))
}

#[cfg(test)]
mod tests;
