//! The log of slow queries of MariaDB and MySQL: lines of comments that tell of a statement, and the statement.
//!
//! MariaDB writes the time only where another second has begun, by the clock on its wall; the statement that sets the
//! time, which stands in front of each, is what tells it then.

mod client;
mod head;

use chrono::NaiveDateTime;

use self::{
    client::Client,
    head::{told, write_client, write_head},
};
use super::{
    below::{Line, Open, Reader},
    cut::around,
    format::{Format, Server},
    object::Object,
    wall,
};
use crate::record::{Instant, Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "mysql-slow",
    "the log of slow queries of MariaDB and MySQL",
    Server {
        looks,
        reader: |settings| Box::new(Slow(settings.zone)),
        goes_on: true,
    },
);

/// True for a line that an entry begins with.
fn looks(line: &[u8]) -> bool {
    Begin::read(line).is_some()
}

/// Reads entries, of which the times by the clock on the wall are of that zone.
struct Slow(Option<Zone>);

impl Reader for Slow {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let begin = Begin::read(line)
            .ok_or("no log of slow queries: expected # Time: TIME or # User@Host: USER[USER] @ HOST [ADDRESS]")?;
        let mut told = 0;
        match begin {
            Begin::Started(line) => {
                object.text(b"message", line);
                return Ok(Line::Dated);
            }
            Begin::Zoned(time) => {
                object.text(b"time", &wall::told(time, self.0));
                told |= told::TIME;
            }
            Begin::Wall(time) => object.text(b"logged", wall::shown(time, self.0).as_bytes()),
            Begin::Client(client) => write_client(&client, &mut told, object),
        }
        Ok(open(told))
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }

    fn awaits(&self, line: &[u8], above: Line) -> bool {
        above
            .open(FORMAT.name)
            .is_some_and(|open| match Begin::read(line) {
                Some(Begin::Client(_)) => open.head & told::CLIENT == 0,
                begin => begin.is_none(),
            })
    }

    fn join(&mut self, line: &[u8], above: Line, object: &mut Object<'_>) -> Line {
        let Some(Open { head: mut told, .. }) = above.open(FORMAT.name) else {
            return above;
        };
        let line = line.trim_ascii_end();
        if let Some(Begin::Client(client)) = Begin::read(line) {
            write_client(&client, &mut told, object);
            return open(told);
        }
        if told & told::STATEMENT != 0 {
            object.line(line);
        } else if line.is_empty() || write_head(line, &mut told, object) {
            return open(told);
        } else {
            object.text(b"message", line.strip_prefix(b"# ").unwrap_or(line));
        }
        // A statement has one at its end, and may have others.
        if line.ends_with(b";") {
            Line::Dated
        } else {
            open(told | told::STATEMENT)
        }
    }
}

fn open(told: u64) -> Line {
    Line::Open(Open {
        by: FORMAT.name,
        head: told,
        is_dated: true,
        is_begun: true,
    })
}

/// What an entry may begin with.
enum Begin<'a> {
    /// MySQL's time, with a zone.
    Zoned(&'a [u8]),
    /// MariaDB's.
    Wall(NaiveDateTime),
    Client(Client<'a>),
    /// What the server writes when it opens the file.
    Started(&'a [u8]),
}

impl<'a> Begin<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = without_mark(line).trim_ascii_end();
        if let Some(time) = line.strip_prefix(b"# Time: ") {
            let is_zoned = time.contains(&b'T') && Instant::from_text(time).is_some();
            return match wall::wall(time, "%y%m%d %H:%M:%S") {
                Some(time) => Some(Self::Wall(time)),
                None => is_zoned.then_some(Self::Zoned(time)),
            };
        }
        if let Some(client) = line.strip_prefix(b"# User@Host: ") {
            return Client::read(client).map(Self::Client);
        }
        is_started(line).then_some(Self::Started(line))
    }
}

/// True for `/usr/sbin/mysqld, Version: 8.4.0 (MySQL Community Server - GPL). started with:`, with nothing in front.
fn is_started(line: &[u8]) -> bool {
    let version = line.strip_suffix(b". started with:");
    let Some((program, _)) = version.and_then(|text| around(text, b", Version: ")) else {
        return false;
    };
    let is_first = matches!(program, [first, ..] if !b" \t0123456789".contains(first));
    let name = program.rsplit(|byte| b"/\\".contains(byte)).next();
    is_first
        && name.is_some_and(|name| name.starts_with(b"mysqld") || name.starts_with(b"mariadbd"))
}

#[cfg(test)]
mod tests;
