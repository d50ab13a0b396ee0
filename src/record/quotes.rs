//! Where strings end: at the next `"` or `\`, which is searched for, or known from an index.

use wide::u8x16;

use super::index::Marks;

/// Knows where quotes and backslashes stand. The scanner asks for them in order.
pub(super) trait Quotes {
    /// The first one behind the quote at `open`, which opens a string; `ahead` is what there is
    /// of the text from the beginning of `bytes` on, which may be more.
    fn open(&mut self, bytes: &[u8], ahead: &[u8], open: usize) -> Option<usize>;

    /// The first one at `from` or behind it, in a string.
    fn next(&mut self, bytes: &[u8], from: usize) -> Option<usize>;

    /// One has been passed over, because a backslash stands before it.
    fn pass(&mut self);

    /// So many have been passed over.
    fn skip(&mut self, count: usize);
}

/// Searches for them.
pub(super) struct Search;

impl Quotes for Search {
    /// Most strings end within 16 bytes or 32, and this is where a scan without an index spends
    /// its time: so many are looked at in line.
    #[inline]
    fn open(&mut self, bytes: &[u8], ahead: &[u8], open: usize) -> Option<usize> {
        let start = open + 1;
        if let Some(both) = ahead.get(start..).and_then(<[u8]>::first_chunk::<32>)
            && let ([first, second], _) = both.as_chunks()
        {
            let hits = quotes_and_backslashes(*first) | quotes_and_backslashes(*second) << 16;
            if hits != 0 {
                let at = start + hits.trailing_zeros() as usize;
                return (at < bytes.len()).then_some(at);
            }
            return find(bytes, start + 32);
        }
        find(bytes, start)
    }

    #[inline]
    fn next(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        find(bytes, from)
    }

    #[inline]
    fn pass(&mut self) {}

    #[inline]
    fn skip(&mut self, _: usize) {}
}

/// Takes them one by one: between strings there is none in a line that is a record, so that
/// the next one is always the one that is asked for.
impl Quotes for Marks<'_> {
    #[inline]
    fn open(&mut self, bytes: &[u8], _: &[u8], open: usize) -> Option<usize> {
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

    #[inline]
    fn skip(&mut self, count: usize) {
        self.places = self.places.get(count..).unwrap_or_default();
    }
}

/// Finds the first `"` or `\` at `from` or behind it: 16 bytes at a time while strings are
/// short, and with the vector search beyond that.
#[inline(never)]
fn find(bytes: &[u8], from: usize) -> Option<usize> {
    const SHORT: usize = 4;
    let bytes = bytes.get(from..)?;
    let (parts, _) = bytes.as_chunks();
    for (part, at) in parts.iter().take(SHORT).zip((0..).step_by(16)) {
        let hits = quotes_and_backslashes(*part);
        if hits != 0 {
            return Some(from + at + hits.trailing_zeros() as usize);
        }
    }
    let at = 16 * parts.len().min(SHORT);
    memchr::memchr2(b'"', b'\\', &bytes[at..]).map(|i| from + at + i)
}

/// A bit for each byte that is `"` or `\`.
#[inline]
fn quotes_and_backslashes(part: [u8; 16]) -> u32 {
    let part = u8x16::new(part);
    let is = |byte| part.simd_eq(u8x16::splat(byte));
    (is(b'"') | is(b'\\')).to_bitmask()
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
                    assert_eq!(
                        Search.open(&bytes, &bytes, 0),
                        Some(at + 1),
                        "{hit} at {at}"
                    );
                }
            }
            assert_eq!(find(&vec![b'x'; length], 0), None);
        }
    }
}
