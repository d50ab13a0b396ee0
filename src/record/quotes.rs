//! The search for the end of a string: the first `"` or `\`.

/// Finds the first `"` or `\`: eight bytes at a time while strings are short, and with the
/// vector search beyond that.
#[inline]
pub(super) fn find_quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const SHORT: usize = 32;
    let mut at = 0;
    while at < SHORT {
        let Some(&word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            let rest = bytes.get(at..).unwrap_or_default();
            return rest
                .iter()
                .position(|&b| b == b'"' || b == b'\\')
                .map(|i| at + i);
        };
        let hits = quotes_and_backslashes(word);
        if hits != 0 {
            return Some(at + (hits.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', &bytes[at..]).map(|i| at + i)
}

/// Sets the high bit of each byte that is `"` or `\`; exact up to and including the first.
///
/// A look at sixteen bytes with SSE2 was tried and is no faster: tokens are short, so that
/// the time goes into branches that cannot be foreseen.
#[inline]
pub(super) fn quotes_and_backslashes(word: [u8; 8]) -> u64 {
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
                    assert_eq!(
                        find_quote_or_backslash(&bytes),
                        Some(at),
                        "{hit} at {at} of {length}"
                    );
                }
            }
            assert_eq!(find_quote_or_backslash(&vec![b'x'; length]), None);
        }
    }
}
