//! HAProxy's log: requests and connections, as `option httplog` and `option tcplog` write them, and what it tells of
//! itself. `syslog` reads the first two within its messages, where HAProxy mostly writes to.

mod entry;
mod own;

pub(super) use self::entry::Entry;
use self::own::Own;
use super::{
    below::{Line, Reader},
    format::{Format, Server},
    object::Object,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "haproxy",
    "the log of HAProxy",
    Server {
        looks,
        reader: |settings| Box::new(Haproxy(settings.zone)),
        goes_on: false,
    },
);

/// True for a line that is an entry.
fn looks(line: &[u8]) -> bool {
    let line = without_mark(line).trim_ascii_end();
    Entry::read(line).is_some() || Own::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Haproxy(Option<Zone>);

impl Reader for Haproxy {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let line = without_mark(line).trim_ascii_end();
        if let Some(entry) = Entry::read(line) {
            object.text(b"time", entry.accepted(self.0).as_bytes());
            entry.write(object);
            return Ok(Line::Marked);
        }
        let own = Own::read(line).ok_or(
            "no log of HAProxy: expected CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMES",
        )?;
        own.write(object);
        Ok(Line::Marked)
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }
}

#[cfg(test)]
mod tests;
