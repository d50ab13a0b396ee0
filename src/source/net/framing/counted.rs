//! Messages with their octets counted in front, in digits and a blank (RFC 6587, 3.4.1).

use std::ops::Range;

use super::Cut;
use crate::source::net::Refusal;

/// Digits of a count: ten are more than any limit.
const DIGITS: usize = 10;

/// The count in front of a message, and where the message begins; `None` while digits may
/// follow.
pub(super) fn count(input: &[u8]) -> Result<Option<Range<usize>>, Refusal> {
    let wrong = Refusal::Framing("no count of octets stands in front of a message");
    let digits = input.iter().take_while(|byte| byte.is_ascii_digit());
    let digits = digits.count();
    match input.get(digits) {
        _ if digits > DIGITS || input.first() == Some(&b'0') => Err(wrong),
        None => Ok(None),
        Some(b' ') if digits > 0 => {
            let text = std::str::from_utf8(&input[..digits]).unwrap_or_default();
            let octets: usize = text.parse().map_err(|_| wrong)?;
            let start = digits + 1;
            Ok(Some(start..start.saturating_add(octets)))
        }
        Some(_) => Err(wrong),
    }
}

/// Looks at `input` once.
pub(super) fn next(input: &[u8], limit: usize) -> Result<Cut, Refusal> {
    // Some senders end a counted message with a newline or NUL all the same.
    let between = input.iter().take_while(|byte| matches!(byte, b'\n' | 0));
    let between = between.count();
    if between > 0 {
        return Ok(Cut::Nothing { consumed: between });
    }
    let Some(at) = count(input)? else {
        return Ok(Cut::More {
            wanted: input.len() + 1,
        });
    };
    if at.len() > limit {
        return Err(Refusal::TooLong { limit });
    }
    Ok(if input.len() < at.end {
        Cut::More { wanted: at.end }
    } else {
        let consumed = at.end;
        Cut::Message { at, consumed }
    })
}
