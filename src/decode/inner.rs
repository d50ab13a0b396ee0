//! A record within the text of an envelope.

use crate::record::{Cursor, Found, Projection, trim};

/// Tells whether a text is a record.
#[derive(Default)]
pub(super) struct Inner {
    projection: Projection,
    found: Found,
}

impl Inner {
    /// The text of the record, without blanks around it.
    pub(super) fn record<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let text = trim(text);
        // What is written as one line stays one.
        if text.first() != Some(&b'{') || text.contains(&b'\n') {
            return None;
        }
        self.projection.scan(text, &mut self.found).ok()?;
        Some(text)
    }

    /// The members of the record, as they stand between its braces, and their keys.
    pub(super) fn members<'a>(&mut self, text: &'a [u8]) -> Option<(&'a [u8], Vec<Vec<u8>>)> {
        let text = self.record(text)?;
        let mut keys = Vec::new();
        Cursor::line(text, |key, cursor| {
            keys.push(key.to_vec());
            cursor.value().map(drop)
        })
        .ok()?;
        Some((text[1..text.len() - 1].trim_ascii(), keys))
    }
}
