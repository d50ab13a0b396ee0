//! Where strings end: at the next `"` or `\`, which is searched for, or known from an index.

use super::index::Marks;

/// Knows where quotes and backslashes stand. The scanner asks for them in order.
pub(super) trait Quotes {
    /// The first one behind the quote at `open`, which opens a string.
    fn open(&mut self, bytes: &[u8], open: usize) -> Option<usize>;

    /// The first one at `from` or behind it, in a string.
    fn next(&mut self, bytes: &[u8], from: usize) -> Option<usize>;

    /// One has been passed over, because a backslash stands before it.
    fn pass(&mut self);
}

/// Searches for them.
pub(super) struct Search;

impl Quotes for Search {
    /// Most strings end within eight bytes or a few times that, and this is where a scan
    /// without an index spends its time: the first two words are looked at in line.
    #[inline]
    fn open(&mut self, bytes: &[u8], open: usize) -> Option<usize> {
        let start = open + 1;
        let rest = bytes.get(start..).unwrap_or_default();
        if let Some((first, rest)) = rest.split_first_chunk::<8>()
            && let Some(second) = rest.first_chunk::<8>()
        {
            let first = quotes_and_backslashes(*first);
            let second = quotes_and_backslashes(*second);
            if first | second == 0 {
                return find(bytes, start + 16);
            }
            // Without a branch, which nobody could foresee.
            let (hits, skipped) = if first == 0 { (second, 8) } else { (first, 0) };
            return Some(start + skipped + (hits.trailing_zeros() / 8) as usize);
        }
        find(bytes, start)
    }

    #[inline]
    fn next(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        find(bytes, from)
    }

    #[inline]
    fn pass(&mut self) {}
}

/// Takes them one by one: between strings there is none in a line that is a record, so that
/// the next one is always the one that is asked for.
impl Quotes for Marks<'_> {
    #[inline]
    fn open(&mut self, bytes: &[u8], open: usize) -> Option<usize> {
        self.pass();
        self.next(bytes, open + 1)
    }

    #[inline]
    fn next(&mut self, _: &[u8], _: usize) -> Option<usize> {
        let (place, rest) = self.places.split_first()?;
        self.places = rest;
        Some(usize::from(place - self.base))
    }

    #[inline]
    fn pass(&mut self) {
        self.places = self.places.get(1..).unwrap_or_default();
    }
}

/// Finds the first `"` or `\` at `from` or behind it: eight bytes at a time while strings are
/// short, and with the vector search beyond that.
#[inline(never)]
fn find(bytes: &[u8], from: usize) -> Option<usize> {
    const SHORT: usize = 32;
    let bytes = bytes.get(from..)?;
    let mut at = 0;
    while at < SHORT {
        let Some(&word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            let rest = bytes.get(at..).unwrap_or_default();
            return rest
                .iter()
                .position(|&b| b == b'"' || b == b'\\')
                .map(|i| from + at + i);
        };
        let hits = quotes_and_backslashes(word);
        if hits != 0 {
            return Some(from + at + (hits.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', &bytes[at..]).map(|i| from + at + i)
}

/// Sets the high bit of each byte that is `"` or `\`; exact up to and including the first.
#[inline]
fn quotes_and_backslashes(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    zero_bytes(word ^ repeat(b'"')) | zero_bytes(word ^ repeat(b'\\'))
}

const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Sets the high bit of each zero byte; exact up to and including the lowest one, which is
/// all that `trailing_zeros` looks at.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(repeat(1)) & !word & repeat(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hit_is_found_wherever_it_stands() {
        for length in 0..80 {
            for at in 0..length {
                for hit in [b'"', b'\\'] {
                    // Bytes next to the wanted ones, with and without the high bit.
                    let mut bytes: Vec<u8> = (0..length)
                        .map(|i| [0x21, 0x23, 0x5B, 0x5D, 0xA2, 0xDC][i % 6])
                        .collect();
                    bytes[at] = hit;
                    bytes.extend_from_slice(b"\"\\");
                    assert_eq!(find(&bytes, 0), Some(at), "{hit} at {at} of {length}");
                    bytes.insert(0, b'"');
                    assert_eq!(Search.open(&bytes, 0), Some(at + 1), "{hit} at {at}");
                }
            }
            assert_eq!(find(&vec![b'x'; length], 0), None);
        }
    }
}
