//! What the kinds of corpus have in common.

use crate::catalogue::Message;
use crate::json::Line;
use crate::plan::{Event, Request};
use crate::random::Random;

/// A logging library's way to write a record.
pub(crate) trait Producer {
    /// Appends the record, without a newline; nothing where the library would write none.
    fn write(&mut self, line: &mut Line, request: &Request, event: &Event);
}

/// Appends a message's text as a JSON string, with its argument in it.
pub(crate) fn text_of(line: &mut Line, message: &Message, random: &mut Random) {
    line.raw("\"");
    match message.text.split_once('%') {
        Some((before, after)) => {
            line.raw(before);
            message.argument.write_inside(line, random);
            line.raw(&after[1..]);
        }
        None => line.raw(message.text),
    }
    line.raw("\"");
}
