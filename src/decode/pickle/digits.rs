//! Integers of any size as decimal digits.
//!
//! JSON has no bound on integers and neither has Python, so what does not fit 64 bits is kept
//! as text. Knows two's complement and decimal lines, not opcodes.

/// The value of a little-endian two's complement number (LONG1, LONG4) of at most eight bytes;
/// no bytes at all mean 0.
#[inline]
pub(super) fn small(bytes: &[u8]) -> Option<i64> {
    if bytes.len() > 8 {
        return None;
    }
    let negative = bytes.last().is_some_and(|&b| b >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    Some(i64::from_le_bytes(wide))
}

/// Appends the decimal digits of a little-endian two's complement number, or gives `None` if
/// there are more than `limit`.
///
/// The time is quadratic in the size, which the limit bounds before the work begins: 4,300
/// digits (1.8 kB) take some 0.2 ms.
pub(super) fn large(bytes: &[u8], limit: usize, text: &mut Vec<u8>) -> Option<()> {
    let negative = bytes.last().is_some_and(|&b| b >= 0x80);
    // Sign bytes say nothing about the size; Python writes at most one.
    let sign = if negative { 0xff } else { 0 };
    let len = bytes.iter().rposition(|&b| b != sign).map_or(0, |i| i + 1);
    // A byte is worth 2.408 digits; the bytes below the top one are all significant.
    if len.saturating_sub(1).saturating_mul(2408) / 1000 > limit {
        return None;
    }
    let words = magnitude(&bytes[..len], negative);
    let groups = to_billions(&words);
    let mut digits = Vec::with_capacity(groups.len() * 9);
    for group in groups.iter().rev() {
        let mut rest = *group;
        let mut nine = [b'0'; 9];
        for digit in nine.iter_mut().rev() {
            *digit += low_byte(rest % 10);
            rest /= 10;
        }
        digits.extend_from_slice(&nine);
    }
    append(negative, &digits, limit, text)
}

/// Appends the digits of a decimal line (INT, LONG in protocol 0), or says what is wrong.
pub(super) fn line(line: &[u8], limit: usize, text: &mut Vec<u8>) -> Result<(), Bad> {
    let (negative, digits) = match line {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Bad::Syntax);
    }
    append(negative, digits, limit, text).ok_or(Bad::Large)
}

/// Why a decimal line was refused.
pub(super) enum Bad {
    /// It is no number.
    Syntax,
    /// It has too many digits.
    Large,
}

/// Appends sign and digits without leading zeros.
fn append(negative: bool, digits: &[u8], limit: usize, text: &mut Vec<u8>) -> Option<()> {
    let zeros = digits.iter().take_while(|&&b| b == b'0').count();
    let digits = &digits[zeros..];
    if digits.len() > limit {
        return None;
    }
    match digits {
        [] => text.push(b'0'),
        digits => {
            if negative {
                text.push(b'-');
            }
            text.extend_from_slice(digits);
        }
    }
    Some(())
}

/// The absolute value as 32-bit words, the lowest first. `bytes` is without its sign bytes.
fn magnitude(bytes: &[u8], negative: bool) -> Vec<u32> {
    let mut carry = negative;
    let words = bytes.chunks(4).map(|chunk| {
        let mut word = [if negative { 0xff } else { 0 }; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        let word = u32::from_le_bytes(word);
        if !negative {
            return word;
        }
        // −x = !x + 1, the carry running upwards.
        let (word, over) = (!word).overflowing_add(u32::from(carry));
        carry = over;
        word
    });
    let mut words: Vec<u32> = words.collect();
    if carry && negative {
        words.push(1);
    }
    words
}

/// The same number in base 10⁹, the lowest group first.
fn to_billions(words: &[u32]) -> Vec<u32> {
    const BILLION: u64 = 1_000_000_000;
    let mut groups: Vec<u32> = Vec::new();
    for &word in words.iter().rev() {
        let mut carry = u64::from(word);
        for group in &mut groups {
            let wide = (u64::from(*group) << 32) | carry;
            // A billion divides what is below 2³² × 10⁹, so both parts fit 32 bits.
            *group = low_word(wide % BILLION);
            carry = wide / BILLION;
        }
        while carry > 0 {
            groups.push(low_word(carry % BILLION));
            carry /= BILLION;
        }
    }
    groups
}

#[allow(clippy::cast_possible_truncation)] // The callers' remainders fit.
fn low_word(n: u64) -> u32 {
    n as u32
}

#[allow(clippy::cast_possible_truncation)] // A decimal digit.
fn low_byte(n: u32) -> u8 {
    n as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expect: &str) {
        let mut text = Vec::new();
        assert!(large(bytes, 100, &mut text).is_some());
        assert_eq!(String::from_utf8_lossy(&text), expect);
        if let Some(n) = small(bytes) {
            assert_eq!(n.to_string(), expect);
        }
    }

    #[test]
    fn both_ways_agree_with_python() {
        check(b"", "0");
        check(b"\x00", "0");
        check(b"\xff", "-1");
        check(b"\x80", "-128");
        check(b"\x00\x80", "-32768");
        check(b"\xff\x00", "255");
        check(
            b"\xff\xff\xff\xff\xff\xff\xff\xff\x00",
            "18446744073709551615",
        );
        check(b"\x00\x00\x00\x00\x00\x00\x00\x80", "-9223372036854775808");
        check(
            b"\x00\x00\x00\x00\x00\x00\x00\x00\xff",
            "-18446744073709551616",
        );
        check(&[0, 0, 0, 0, 0, 0, 0, 0, 0x40], "1180591620717411303424");
        check(b"\x00\xca\x9a\x3b", "1000000000");
    }

    #[test]
    fn the_limit_counts_digits_exactly() {
        let mut text = Vec::new();
        // 10²⁰ has 21 digits.
        let n = 100_000_000_000_000_000_000_i128.to_le_bytes();
        assert!(large(&n, 20, &mut text).is_none());
        assert!(large(&n, 21, &mut text).is_some());
        assert!(large(&vec![1; 1 << 20], 4300, &mut text).is_none());
    }

    #[test]
    fn lines_lose_signs_and_zeros_that_json_forbids() {
        for (input, expect) in [("007", "7"), ("-0", "0"), ("+5", "5"), ("-12", "-12")] {
            let mut text = Vec::new();
            assert!(line(input.as_bytes(), 9, &mut text).is_ok());
            assert_eq!(text, expect.as_bytes());
        }
        for bad in ["", "-", "1x", "0x1", " 1"] {
            assert!(line(bad.as_bytes(), 9, &mut Vec::new()).is_err());
        }
    }
}
