//! What uWSGI writes: a line for each request, and lines about itself, of which some have a time in front, and others
//! nothing but words that show whose they are.
//!
//! What an application prints stands between them, and nothing tells it from those of uWSGI's lines that are not read.

mod own;
mod request;

use self::{own::Own, request::Request};
use super::{
    below::{Line, Reader},
    format::{Format, Server},
    object::Object,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "uwsgi",
    "the log of uWSGI: requests, and of its own lines those that show it",
    Server {
        looks,
        reader: |settings| Box::new(Uwsgi(settings.zone)),
        goes_on: false,
    },
);

/// What times look like, as `ctime` of C writes them.
const CTIME: &str = "%a %b %e %H:%M:%S %Y";

/// True for a line of uWSGI's.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Uwsgi(Option<Zone>);

impl Reader for Uwsgi {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line)
            .ok_or("no log of uWSGI: expected [pid: PID|...] CLIENT ... => generated ..., or TIME - MESSAGE")?;
        match entry {
            Entry::Request(request) => request.write(self.0, object),
            Entry::Own(own) => own.write(self.0, object),
        }
        // A traceback stands above the line of its request, and is the application's.
        Ok(Line::Plain)
    }

    fn begins(&self, line: &[u8], is_apart: bool) -> bool {
        is_apart || looks(line)
    }
}

/// What a line tells.
enum Entry<'a> {
    Request(Request<'a>),
    Own(Own<'a>),
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = without_mark(line).trim_ascii_end();
        let request = Request::read(line).map(Self::Request);
        request.or_else(|| Own::read(line).map(Self::Own))
    }
}

#[cfg(test)]
mod tests;
