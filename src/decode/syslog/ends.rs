//! Where messages of syslog end.

use super::{priority, without_count};

/// Where the NUL is that another message follows.
pub(super) fn next(line: &[u8]) -> Option<usize> {
    let mut ends = memchr::memchr_iter(0, line);
    ends.find(|&at| priority(without_count(&line[at + 1..])).is_some())
}

/// A message without what has ended it: NUL, or the newline that rsyslog leaves in front of a count's end.
pub(super) fn without_end(message: &[u8]) -> &[u8] {
    let end = message.iter().rposition(|&byte| byte != 0);
    let text = &message[..end.map_or(0, |at| at + 1)];
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}
