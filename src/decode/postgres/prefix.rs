//! What stands in front of a line of PostgreSQL's log: a time, a process, and of a session who that is.

use crate::{
    decode::{
        cut::{around, digits, is_number, last_around, within},
        object::Object,
        wall,
    },
    record::{Instant, Zone},
};

/// A prefix taken apart.
#[derive(Debug, Default)]
pub(super) struct Prefix<'a> {
    time: &'a [u8],
    /// The letters behind the time, where they do not tell what zone that is.
    zone: Option<&'a [u8]>,
    pub(super) process: u32,
    line: Option<&'a [u8]>,
    user: Option<&'a [u8]>,
    dbname: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    port: Option<&'a [u8]>,
    application: Option<&'a [u8]>,
    /// What else stands there.
    rest: Option<&'a [u8]>,
}

impl<'a> Prefix<'a> {
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let mut prefix = Self::default();
        let rest = prefix.time(text)?;
        match rest.strip_prefix(b":") {
            Some(rest) => prefix.colons(rest)?,
            None => prefix.blanks(rest)?,
        }
        Some(prefix)
    }

    /// Takes the time, and the letters behind it that do not tell its zone.
    fn time(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        const SECONDS: usize = "2026-11-20 12:00:00".len();
        let fraction = text.get(SECONDS..)?.strip_prefix(b".").and_then(digits);
        let end = SECONDS + fraction.map_or(0, |(digits, _)| 1 + digits.len());
        self.time = &text[..end];
        Instant::from_text(self.time)?;
        let rest = text[end..].strip_prefix(b" ")?;
        let length = rest.iter().position(|byte| b" :".contains(byte))?;
        let (zone, behind) = rest.split_at(length);
        let with_zone = &text[..end + 1 + length];
        if Instant::from_text(with_zone).is_some() {
            self.time = with_zone;
        } else {
            let is_zone = !zone.is_empty() && zone.iter().all(u8::is_ascii_alphabetic);
            self.zone = Some(zone).filter(|_| is_zone);
            self.zone?;
        }
        Some(behind)
    }

    /// `%r:%u@%d:[%p]:`, as RDS has it.
    fn colons(&mut self, text: &'a [u8]) -> Option<()> {
        // Whoever is not known has brackets too.
        let at = memchr::memmem::rfind(text, b":[")?;
        let (session, process) = (&text[..at], &text[at + 2..]);
        self.process = number(process.strip_suffix(b"]:")?)?;
        // Addresses have colons too.
        let (remote, who) = last_around(session, b':')?;
        self.remote(remote);
        let (user, dbname) = around(who, b"@")?;
        (self.user, self.dbname) = (known(user), known(dbname));
        Some(())
    }

    /// `[%p] ` or `[%p]: `, with `-%l` or `[%l-1]`, and `%u@%d `, with more or without, or pairs such as
    /// `user=%u,db=%d ` behind it.
    fn blanks(&mut self, text: &'a [u8]) -> Option<()> {
        let (process, rest) = around(text.strip_prefix(b" [")?, b"]")?;
        let (process, line) = match around(process, b"-") {
            Some((process, line)) => (process, Some(line)),
            None => (process, None),
        };
        self.process = number(process)?;
        self.line = line.filter(|line| is_number(line));
        let mut rest = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii();
        if let Some(inner) = rest.strip_prefix(b"[")
            && let Some((line, behind)) = around(inner, b"-1]")
            && is_number(line)
        {
            self.line = Some(line);
            rest = behind.trim_ascii_start();
        }
        // Whoever has put a session in brackets has named what it is of.
        if let Some((inner, b"")) = within(rest, b'[') {
            rest = inner;
        }
        if self.pairs(rest).is_none() {
            // What stands behind who it is may be anything, such as an application.
            let (who, more) = around(rest, b" ").unwrap_or((rest, b""));
            self.rest = match around(who, b"@") {
                Some((user, dbname)) => {
                    (self.user, self.dbname) = (known(user), known(dbname));
                    known(more.trim_ascii_start())
                }
                None => known(rest),
            };
        }
        Some(())
    }

    /// `user=u,db=d,app=a,client=c`.
    fn pairs(&mut self, text: &'a [u8]) -> Option<()> {
        let mut pairs = Self::default();
        for pair in text.split(|&byte| byte == b',') {
            let (key, value) = around(pair, b"=")?;
            match key.trim_ascii_start() {
                b"user" => pairs.user = known(value),
                b"db" => pairs.dbname = known(value),
                b"app" => pairs.application = known(value),
                b"client" | b"host" => pairs.remote(value),
                _ => return None,
            }
        }
        *self = Self {
            time: self.time,
            zone: self.zone,
            process: self.process,
            line: self.line,
            ..pairs
        };
        Some(())
    }

    /// `127.0.0.1(51234)`, or a host by itself.
    fn remote(&mut self, text: &'a [u8]) {
        let parts = text
            .strip_suffix(b")")
            .and_then(|text| around(text, b"("))
            .filter(|(_, port)| is_number(port));
        (self.host, self.port) = match parts {
            Some((host, port)) => (known(host), Some(port)),
            None => (known(text), None),
        };
    }

    /// Writes what it tells, with the level of the line behind the time, which is one of `zone` if it has none.
    pub(super) fn write(&self, level: Option<&[u8]>, zone: Option<Zone>, object: &mut Object<'_>) {
        object.text(b"time", &wall::told(self.time, zone));
        let process = self.process.to_string();
        let texts = [
            (&b"zone"[..], self.zone),
            (b"level", level),
            (b"process", Some(process.as_bytes())),
            (b"line_num", self.line),
            (b"user", self.user),
            (b"dbname", self.dbname),
            (b"remote_host", self.host),
            (b"remote_port", self.port),
            (b"application_name", self.application),
            (b"prefix", self.rest),
        ];
        for (key, value) in texts {
            match (key, value) {
                (b"process" | b"line_num" | b"remote_port", Some(value)) => object.bare(key, value),
                (_, Some(value)) => object.text(key, value),
                (_, None) => {}
            }
        }
    }
}

fn number(text: &[u8]) -> Option<u32> {
    let text = Some(text).filter(|text| is_number(text))?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// What is told; of a process that has no session nothing is.
fn known(text: &[u8]) -> Option<&[u8]> {
    Some(text).filter(|text| !matches!(*text, b"" | b"[unknown]"))
}
