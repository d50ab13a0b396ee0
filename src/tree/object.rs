//! Writing JSON: an object member by member.

use crate::record::{Instant, two_digits};

/// A member's name as it stands in front of the value: known when this is compiled, so that
/// writing it is a few moves.
macro_rules! key {
    ($name:literal) => {
        concat!(",\"", $name, "\":")
    };
}
pub(super) use key;

/// A JSON object that is being written.
pub(super) struct Object<'o> {
    pub(super) out: &'o mut Vec<u8>,
    start: usize,
}

impl<'o> Object<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    /// Makes the comma of the first member the brace that it should be. An object that is not
    /// ended by [`Object::end`] needs it once it has a member.
    pub(super) fn open(&mut self) {
        self.out[self.start] = b'{';
    }

    pub(super) fn end(mut self) {
        if self.out.len() == self.start {
            self.out.push(b'{');
        } else {
            self.open();
        }
        self.out.push(b'}');
    }

    /// The name of a member, made by `key!`.
    #[inline]
    pub(super) fn key(&mut self, key: &'static str) {
        self.out.extend_from_slice(key.as_bytes());
    }

    #[inline]
    pub(super) fn raw(&mut self, key: &'static str, value: &[u8]) {
        self.key(key);
        self.out.extend_from_slice(value);
    }

    #[inline]
    pub(super) fn text(&mut self, key: &'static str, value: &str) {
        self.key(key);
        text(self.out, value);
    }

    /// A text that is a word of ours.
    #[inline]
    pub(super) fn word(&mut self, key: &'static str, value: &'static str) {
        self.key(key);
        word(self.out, value);
    }

    #[inline]
    pub(super) fn bool(&mut self, key: &'static str, value: bool) {
        self.raw(key, if value { b"true" } else { b"false" });
    }

    #[inline]
    pub(super) fn count(&mut self, key: &'static str, value: usize) {
        self.key(key);
        number(self.out, value as u64);
    }

    #[inline]
    pub(super) fn instant(&mut self, key: &'static str, value: Option<Instant>) {
        if let Some(instant) = value {
            self.key(key);
            self.out.push(b'"');
            instant.write_rfc3339(self.out);
            self.out.push(b'"');
        }
    }

    /// Seconds with at most six decimals: clocks of records tell no more.
    #[inline]
    pub(super) fn seconds(&mut self, key: &'static str, value: Option<f64>) {
        if let Some(seconds) = value.filter(|seconds| seconds.is_finite()) {
            self.key(key);
            decimal(self.out, seconds);
        }
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes seconds rounded to microseconds, without the zeros at the end.
fn decimal(out: &mut Vec<u8>, seconds: f64) {
    /// Up to here, some 68 years, a product with a million is as good as exact: what is read back is
    /// written as it was.
    const EXACT: f64 = 2_147_483_648.0;
    if seconds.abs() > EXACT {
        let text = format!("{seconds:.6}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        return out.extend_from_slice(text.as_bytes());
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is far below 2 to the 63rd"
    )]
    let micros = (seconds * 1e6).round() as i64;
    if micros < 0 {
        out.push(b'-');
    }
    let (whole, fraction) = (
        micros.unsigned_abs() / 1_000_000,
        (micros.unsigned_abs() % 1_000_000) as u32,
    );
    match u8::try_from(whole) {
        Ok(digit @ ..10) => out.push(b'0' + digit),
        _ => number(out, whole),
    }
    if fraction > 0 {
        let mut digits = *b".000000";
        for (at, two) in [
            (1, fraction / 10_000),
            (3, fraction / 100 % 100),
            (5, fraction % 100),
        ] {
            [digits[at], digits[at + 1]] = two_digits(two);
        }
        let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0');
        out.extend_from_slice(&digits[..digits.len() - zeros.count()]);
    }
}

/// Appends a list.
pub(super) fn list<T>(out: &mut Vec<u8>, items: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Appends a text.
pub(super) fn text(out: &mut Vec<u8>, value: &str) {
    if is_plain(value.as_bytes()) {
        word(out, value);
    } else {
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(out, value);
    }
}

/// True if nothing in a text has to be escaped. Eight bytes are looked at at a time, at the end some
/// of them twice.
fn is_plain(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 0xFF;
    let has_odd = |word: u64| {
        // Who takes more from a byte than it is reaches its highest bit, if it was not there.
        let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        (below(word, 0x20) | quote | backslash) & (ONES * 0x80) != 0
    };
    if let Some(last) = text.last_chunk() {
        let (words, _) = text.as_chunks();
        let mut words = words.iter().chain([last]);
        return !words.any(|word| has_odd(u64::from_ne_bytes(*word)));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let [first, last] = [first, last].map(|half| u64::from(u32::from_ne_bytes(*half)));
        return !has_odd(first << 32 | last);
    }
    let is_plain = |&byte: &u8| byte >= b' ' && !matches!(byte, b'"' | b'\\');
    text.iter().all(is_plain)
}

/// Appends a text of which it is known that nothing in it has to be escaped.
#[inline]
pub(super) fn word(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_escaped_is_seen_wherever_it_stands() {
        for length in 0..30 {
            // Bytes next to the odd ones, and those of UTF-8.
            let plain = [b' ', b'!', b'#', b'[', b']', 0x7F, 0x80, 0xA2, 0xDC, 0xFF];
            let text: Vec<u8> = plain.into_iter().cycle().take(length).collect();
            assert!(is_plain(&text), "{length}");
            for at in 0..length {
                for odd in [0, b'\n', 0x1F, b'"', b'\\'] {
                    let mut text = text.clone();
                    text[at] = odd;
                    assert!(!is_plain(&text), "{odd} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn seconds_have_as_many_decimals_as_they_need() {
        let check = |seconds: f64, expect: &str| {
            let mut out = Vec::new();
            decimal(&mut out, seconds);
            assert_eq!(String::from_utf8_lossy(&out), expect);
        };
        check(0.0, "0");
        check(1.238, "1.238");
        check(0.000_051_2, "0.000051");
        check(-0.05, "-0.05");
        check(7200.0, "7200");
        check(9.999_999_6, "10");
        check(10.5, "10.5");
        check(-123_456.000_1, "-123456.0001");
        check(2_147_483_648.25, "2147483648.25");
        check(4_294_967_296.0, "4294967296");
    }

    /// Found by the fuzz target: what is beyond was one microsecond more each time.
    #[test]
    fn seconds_are_read_back_as_they_were_written() {
        let check = |seconds: f64| {
            let (mut once, mut again) = (Vec::new(), Vec::new());
            decimal(&mut once, seconds);
            let read = String::from_utf8_lossy(&once).parse().expect("a number");
            decimal(&mut again, read);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(text(&once), text(&again), "{seconds}");
        };
        for power in 20..40 {
            for micros in 0..2_000 {
                let seconds = f64::from(power).exp2() + f64::from(micros) * 1e-6;
                check(seconds);
                check(-seconds.next_down());
            }
        }
        check(f64::MAX);
    }
}
