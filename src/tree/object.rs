//! Writing JSON: an object member by member.

use crate::record::Instant;

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
#[expect(
    clippy::cast_possible_truncation,
    reason = "it saturates beyond 292,000 years"
)]
fn decimal(out: &mut Vec<u8>, seconds: f64) {
    let micros = (seconds * 1e6).round() as i64;
    let (whole, mut fraction) = (
        micros.unsigned_abs() / 1_000_000,
        micros.unsigned_abs() % 1_000_000,
    );
    if micros < 0 {
        out.push(b'-');
    }
    number(out, whole);
    if fraction > 0 {
        let mut digits = *b".000000";
        for digit in digits[1..].iter_mut().rev() {
            *digit += (fraction % 10) as u8;
            fraction /= 10;
        }
        let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0');
        out.extend_from_slice(&digits[..7 - zeros.count()]);
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
    let is_plain = |&byte: &u8| byte >= b' ' && !matches!(byte, b'"' | b'\\');
    // All are looked at, without a branch for each: nearly all texts are plain.
    if value
        .as_bytes()
        .iter()
        .fold(true, |all, byte| all & is_plain(byte))
    {
        word(out, value);
    } else {
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(out, value);
    }
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
    }
}
