//! Writing JSON: an object member by member.

use crate::record::Instant;

/// A JSON object that is being written.
pub(super) struct Object<'o> {
    pub(super) out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    pub(super) fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn raw(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.out.extend_from_slice(value);
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        text(self.out, value);
    }

    pub(super) fn bool(&mut self, key: &str, value: bool) {
        self.raw(key, if value { b"true" } else { b"false" });
    }

    pub(super) fn count(&mut self, key: &str, value: usize) {
        self.raw(key, value.to_string().as_bytes());
    }

    pub(super) fn instant(&mut self, key: &str, value: Option<Instant>) {
        if let Some(instant) = value {
            self.key(key);
            self.out.push(b'"');
            self.out.extend_from_slice(instant.to_rfc3339().as_bytes());
            self.out.push(b'"');
        }
    }

    /// Seconds with at most six decimals: clocks of records tell no more.
    pub(super) fn seconds(&mut self, key: &str, value: Option<f64>) {
        if let Some(seconds) = value.filter(|seconds| seconds.is_finite()) {
            self.key(key);
            decimal(self.out, seconds);
        }
    }
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
    out.extend_from_slice(whole.to_string().as_bytes());
    if fraction > 0 {
        out.push(b'.');
        let mut place = 100_000;
        while fraction > 0 {
            out.extend(u8::try_from(fraction / place).map(|digit| b'0' + digit));
            fraction %= place;
            place /= 10;
        }
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
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(out, value);
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
