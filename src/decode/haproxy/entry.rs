//! Requests and connections: `CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES` and what is counted.

use chrono::NaiveDateTime;

use crate::{
    decode::{
        access,
        cut::{around, digits, is_number, last_around, within},
        logfmt::Pairs,
        object::Object,
        wall,
    },
    record::Zone,
};

/// What an entry tells.
#[derive(Debug)]
pub(in crate::decode) struct Entry<'a> {
    client: &'a [u8],
    port: &'a [u8],
    time: NaiveDateTime,
    frontend: &'a [u8],
    what: What<'a>,
}

#[derive(Debug)]
enum What<'a> {
    Served(Box<Served<'a>>),
    /// Why a connection has come to nothing.
    Refused {
        bind: &'a [u8],
        message: &'a [u8],
    },
}

/// How a request or a connection was served.
#[derive(Debug)]
struct Served<'a> {
    backend: &'a [u8],
    server: &'a [u8],
    /// Milliseconds, by HAProxy's names for them.
    times: Vec<(&'static str, &'a [u8])>,
    status: Option<&'a [u8]>,
    bytes: &'a [u8],
    /// What was captured of cookies, of the request and of the response.
    cookies: [&'a [u8]; 2],
    termination: &'a [u8],
    connections: Vec<&'a [u8]>,
    queues: Vec<&'a [u8]>,
    /// What was captured of headers.
    captures: Vec<&'a [u8]>,
    request: Option<&'a [u8]>,
    rest: &'a [u8],
}

/// Times of a request, and of a connection; the last is how long it took.
const HTTP_TIMES: [&str; 5] = ["TR", "Tw", "Tc", "Tr", "duration_ms"];
const TCP_TIMES: [&str; 3] = ["Tw", "Tc", "duration_ms"];

impl<'a> Entry<'a> {
    pub(in crate::decode) fn read(line: &'a [u8]) -> Option<Self> {
        let (from, rest) = around(line.get(..LONGEST_CLIENT.min(line.len()))?, b" [")
            .map(|(from, _)| (from, &line[from.len() + 2..]))?;
        // Before all else, what few other lines have.
        if rest.get(2) != Some(&b'/') || from.contains(&b' ') {
            return None;
        }
        let (time, rest) = around(rest, b"] ")?;
        let time = wall::wall(time, "%d/%b/%Y:%H:%M:%S%.f")?;
        let (client, port) = last_around(from, b':').filter(|(_, port)| is_number(port))?;
        let (frontend, rest) = around(rest, b" ")?;
        let what = match frontend
            .strip_suffix(b":")
            .and_then(|names| last_around(names, b'/'))
        {
            Some((_, bind)) => What::Refused {
                bind,
                message: rest,
            },
            None => What::Served(Box::new(Served::read(rest)?)),
        };
        let frontend = match what {
            What::Refused { .. } => around(frontend, b"/")?.0,
            // What TLS was spoken with.
            What::Served(_) => frontend.strip_suffix(b"~").unwrap_or(frontend),
        };
        Some(Self {
            client,
            port,
            time,
            frontend,
            what,
        })
    }

    /// When the request or the connection came, by a clock of that zone.
    pub(in crate::decode) fn accepted(&self, zone: Option<Zone>) -> String {
        wall::shown(self.time, zone)
    }

    /// Writes all else that it tells.
    pub(in crate::decode) fn write(&self, object: &mut Object<'_>) {
        object.text(b"client", self.client);
        object.bare(b"port", self.port);
        object.text(b"frontend", self.frontend);
        match &self.what {
            What::Served(served) => served.write(object),
            What::Refused { bind, message } => {
                object.text(b"bind", bind);
                object.text(b"message", message);
            }
        }
    }
}

/// No client is longer, which is an address.
const LONGEST_CLIENT: usize = 64;

impl<'a> Served<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let mut rest = text;
        let mut next = || {
            let (word, after) = match around(rest, b" ") {
                Some(cut) => cut,
                None => (rest, &b""[..]),
            };
            rest = after;
            Some(word).filter(|word| !word.is_empty())
        };
        let (backend, server) = around(next()?, b"/")?;
        let times: Vec<_> = next()?.split(|&byte| byte == b'/').collect();
        if !times.iter().all(|time| is_signed(time)) {
            return None;
        }
        let names = match times.len() {
            5 => &HTTP_TIMES[..],
            3 => &TCP_TIMES[..],
            _ => return None,
        };
        let is_http = times.len() == HTTP_TIMES.len();
        let status = if is_http { Some(next()?) } else { None };
        let bytes = next()?;
        let cookies = if is_http {
            [next()?, next()?]
        } else {
            [&b"-"[..], b"-"]
        };
        let termination = next()?;
        let counts = |word: &'a [u8], count: usize| {
            let counts: Vec<_> = word.split(|&byte| byte == b'/').collect();
            (counts.len() == count && counts.iter().all(|count| is_signed(count))).then_some(counts)
        };
        let connections = counts(next()?, 5)?;
        let queues = counts(next()?, 2)?;
        if !status.is_none_or(is_signed) || !is_signed(bytes) {
            return None;
        }
        let mut captures = Vec::new();
        while let Some((inner, after)) = within(rest, b'{') {
            captures.push(inner);
            rest = after.trim_ascii_start();
        }
        let (request, rest) = match rest.strip_prefix(b"\"") {
            // Too long a request is cut off, with what closes it.
            Some(inner) => {
                let (request, rest) = around(inner, b"\"").unwrap_or((inner, b""));
                (Some(request), rest.trim_ascii())
            }
            None => (None, rest),
        };
        Some(Self {
            backend,
            server,
            times: names.iter().copied().zip(times).collect(),
            status,
            bytes,
            cookies,
            termination,
            connections,
            queues,
            captures,
            request,
            rest,
        })
    }

    fn write(&self, object: &mut Object<'_>) {
        object.text(b"backend", self.backend);
        object.text(b"server", self.server);
        if let Some(request) = self.request {
            access::write_request(request, object);
        }
        if let Some(status) = self.status {
            object.bare(b"status", status);
        }
        object.bare(b"bytes", self.bytes);
        for &(name, time) in &self.times {
            object.bare(name.as_bytes(), time);
        }
        object.text(b"termination_state", self.termination);
        for (name, cookie) in ["request_cookie", "response_cookie"]
            .iter()
            .zip(self.cookies)
        {
            if cookie != b"-" {
                object.text(name.as_bytes(), cookie);
            }
        }
        let counted = ["actconn", "feconn", "beconn", "srv_conn", "retries"];
        for (name, count) in counted.iter().zip(&self.connections) {
            object.bare(name.as_bytes(), count);
        }
        for (name, count) in ["srv_queue", "backend_queue"].iter().zip(&self.queues) {
            object.bare(name.as_bytes(), count);
        }
        for (at, captured) in self.captures.iter().enumerate() {
            let name = if at == 0 {
                "captured"
            } else {
                "captured_response"
            };
            object.text(name.as_bytes(), captured);
        }
        let mut pairs = Vec::new();
        let words = Pairs::of(self.rest, &mut pairs);
        if !words.is_empty() {
            object.text(b"rest", words);
        }
        for pair in &pairs {
            pair.write(None, object);
        }
    }
}

/// True for a number, which may be -1, or have a plus in front while there is more to come.
fn is_signed(text: &[u8]) -> bool {
    let number = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+"));
    digits(number.unwrap_or(text)).is_some_and(|(_, rest)| rest.is_empty())
}
