//! Numbers and bytes as JSON text, spelt as Python spells them.

use std::io::Write;

/// Appends an integer.
#[inline]
pub(super) fn int(n: i64, out: &mut Vec<u8>) {
    // serde_json has the fastest digits at hand; a vector takes every write.
    let _ = serde_json::to_writer(out, &n);
}

/// Appends a float as Python's `repr` writes it, and `NaN`, `Infinity` and `-Infinity` bare, as
/// `json.dumps` does.
///
/// The digits are the shortest that read back to the same float, with `serde_json` as with
/// Python. The two differ in when an exponent is used and in how it looks: Python uses one
/// below 1e-4 and from 1e16 (`CPython`'s Python/pystrtod.c, `format_float_short`), with a
/// sign and at least two digits.
#[inline]
pub(super) fn float(x: f64, out: &mut Vec<u8>) {
    if x.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if x.is_infinite() {
        let text: &[u8] = if x > 0.0 { b"Infinity" } else { b"-Infinity" };
        out.extend_from_slice(text);
    } else if x == 0.0 || (1e-4..1e16).contains(&x.abs()) {
        let _ = serde_json::to_writer(out, &x);
    } else {
        exponent(x, out);
    }
}

/// Appends a float that Python writes with an exponent.
#[cold]
fn exponent(x: f64, out: &mut Vec<u8>) {
    // Rust's form is `1.25e-7`: the same digits with a bare exponent.
    let text = format!("{x:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    let _ = write!(out, "{digits}e{sign}{power:0>2}");
}

/// Appends bytes in base64 (RFC 4648, section 4), with padding.
pub(in crate::decode) fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let [a, b, c] = three;
        let sextets = [
            a >> 2,
            (a & 3) << 4 | b >> 4,
            (b & 15) << 2 | c >> 6,
            c & 63,
        ];
        let mut text = sextets.map(|n| DIGITS[usize::from(n)]);
        text[chunk.len() + 1..].fill(b'=');
        out.extend_from_slice(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_like_python() {
        for (x, expect) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1.5e300, "1.5e+300"),
            (1e-4, "0.0001"),
            (1.234e-5, "1.234e-05"),
            (-1e-7, "-1e-07"),
            (5e-324, "5e-324"),
            (1_795_177_627.750_822, "1795177627.750822"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let mut out = Vec::new();
            float(x, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expect);
        }
    }

    #[test]
    fn base64_pads() {
        for (bytes, expect) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"\xff\xfe\xfd\xfc", "//79/A=="),
        ] {
            let mut out = Vec::new();
            base64(bytes, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expect);
        }
    }
}
