//! Numbers whose digits are hidden in another notation.

/// The most digits that are written out; no secret number has more.
const MOST: usize = 64;

/// The digits of an integer that is written with a point or an exponent, such as
/// `4.111111111111111e15`; `None` for any other number.
pub(super) fn written_out(number: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(number).ok()?;
    let text = text.strip_prefix('-').unwrap_or(text);
    if !text.contains(['.', 'e', 'E']) {
        return None;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent
        .strip_prefix('+')
        .unwrap_or(exponent)
        .parse()
        .ok()?;
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + decimals.len() > MOST {
        return None;
    }
    let mut digits = [whole, decimals].concat();
    let shift = exponent.checked_sub(i32::try_from(decimals.len()).ok()?)?;
    let places = usize::try_from(shift.unsigned_abs()).ok()?;
    if shift >= 0 {
        if digits.len() + places > MOST {
            return None;
        }
        digits.extend(std::iter::repeat_n('0', places));
    } else {
        let at = digits.len().checked_sub(places)?;
        if digits[at..].bytes().any(|digit| digit != b'0') {
            return None;
        }
        digits.truncate(at);
    }
    let digits = digits.trim_start_matches('0');
    (!digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
        .then(|| digits.as_bytes().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_written_out() {
        let check = |number: &str, expect: Option<&str>| {
            let digits = written_out(number.as_bytes());
            assert_eq!(digits.as_deref(), expect.map(str::as_bytes), "{number}");
        };
        check("4.111111111111111e15", Some("4111111111111111"));
        check("4111111111111111.0", Some("4111111111111111"));
        check("-41111111111111110E-1", Some("4111111111111111"));
        check("0.004e+3", Some("4"));
        check("1e3", Some("1000"));
        for none in [
            "12",
            "1.5",
            "1e-1",
            "1e99",
            "1e999999999999",
            "0.0",
            "NaN",
            "-Infinity",
            "true",
            "e",
        ] {
            check(none, None);
        }
    }
}
