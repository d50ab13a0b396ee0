//! Texts: written as they come, and found again where the pickle stores them.

use super::Walk;
use crate::decode::{
    escape,
    pickle::{
        keys::{BLOCK, is_plain, push_block},
        opcode as op,
    },
};

/// What stands in the memo: where a text stands in the pickle, or something that is none.
#[derive(Clone, Copy)]
pub(super) struct Stored {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Something that is no text: a place that is none.
pub(super) const NO_TEXT: Stored = Stored {
    start: u32::MAX,
    end: 0,
};

impl Walk<'_, '_> {
    /// The end of a text at `at`, with what stores it.
    pub(super) fn skip_text(&self, at: usize) -> Option<usize> {
        let (head, length) = text_head(self.input.get(at..)?)?;
        let end = at.checked_add(head)?.checked_add(length)?;
        Some(match *self.input.get(end)? {
            op::BINPUT => end + 2,
            op::LONG_BINPUT => end + 5,
            op::MEMOIZE => end + 1,
            _ => end,
        })
    }

    /// A text, or one that was stored, as a string; where it stands.
    #[inline]
    pub(super) fn text_or_get(&mut self) -> Option<Stored> {
        let number = match self.peek()? {
            op::BINGET => {
                self.at += 1;
                let [number] = self.array()?;
                usize::from(number)
            }
            op::LONG_BINGET => {
                self.at += 1;
                usize::try_from(u32::from_le_bytes(self.array()?)).ok()?
            }
            _ => {
                let (head, length) = text_head(&self.input[self.at..])?;
                let start = self.at + head;
                let end = start.checked_add(length)?;
                if end > self.input.len() {
                    return None;
                }
                let text = stored(start, end);
                self.string(text)?;
                self.at = start + length;
                self.put(text)?;
                return Some(text);
            }
        };
        let text = *self.kept.memo.get(number)?;
        self.string(text)?;
        Some(text)
    }

    /// Writes a text as a string.
    #[inline]
    fn string(&mut self, text: Stored) -> Option<()> {
        let (start, end) = (text.start as usize, text.end as usize);
        let bytes = self.input.get(start..end)?;
        self.out.push(b'"');
        match self.input[start..].first_chunk() {
            Some(block) if bytes.len() <= BLOCK && is_plain(block, bytes.len()) => {
                push_block(self.out, block, bytes.len());
            }
            _ => escape::write(bytes, self.out, self.max).ok()?,
        }
        self.out.push(b'"');
        Some(())
    }

    /// What stores the value that has just been read, if there is something.
    #[inline]
    pub(super) fn put(&mut self, value: Stored) -> Option<()> {
        let number = match self.peek()? {
            op::BINPUT => {
                let number = usize::from(*self.input.get(self.at + 1)?);
                self.at += 2;
                number
            }
            op::MEMOIZE => {
                self.at += 1;
                self.kept.memo.len()
            }
            op::LONG_BINPUT => {
                self.at += 1;
                usize::try_from(u32::from_le_bytes(self.array()?)).ok()?
            }
            _ => return Some(()),
        };
        // Python counts them.
        if number != self.kept.memo.len() {
            return None;
        }
        self.kept.memo.push(value);
        Some(())
    }
}

/// How many bytes stand in front of the text that begins here, and how many it has.
#[inline]
fn text_head(rest: &[u8]) -> Option<(usize, usize)> {
    match *rest {
        [op::BINUNICODE, a, b, c, d, ..] => {
            Some((5, usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?))
        }
        [op::SHORT_BINUNICODE, length, ..] => Some((2, usize::from(length))),
        _ => None,
    }
}

/// A place in the pickle, which is not longer than its limit of 1 GiB.
#[inline]
pub(super) fn stored(start: usize, end: usize) -> Stored {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a place in the pickle, as those who call have made sure"
    )]
    let (start, end) = (start as u32, end as u32);
    Stored { start, end }
}
