//! Records as they are, a JSON object on each line: for who does something with each of them. Who only passes them on
//! needs no decoder.

use super::format::{By, Decode, Format, Take};

/// It is not among those that lines are made records by.
pub(super) const FORMAT: Format = Format {
    name: "ndjson",
    summary: "JSON objects, one a line",
    joins: false,
    wraps: false,
    by: By::Decoder(|_| Box::new(Ndjson)),
};

/// Hands lines out as they are: who takes them checks them.
struct Ndjson;

impl Decode for Ndjson {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        take.record(line);
    }
}
