//! Sizes: `10MB`, `1.5KiB`, as numbers of bytes.
//!
//! Only units that mean one thing are read: a bare `M` could be either power, and `Mb` could
//! be bits. None of them is a unit of time, so a text is never both a size and a duration.

use super::number::Number;

/// The units and the bytes in each.
const UNITS: [(&str, i128); 11] = [
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
    ("PB", 1_000_000_000_000_000),
];

/// Reads a number of JSON without sign and exponent and its unit, which blanks may part.
pub(super) fn bytes(text: &str) -> Option<Number> {
    let (number, unit) = split(text)?;
    let factor = factor(unit)?;
    exact(number, factor).or_else(|| {
        #[expect(
            clippy::cast_precision_loss,
            reason = "powers of two and ten below 2^53"
        )]
        let bytes = number.parse::<f64>().ok()? * factor as f64;
        Number::read(&bytes.to_string())
    })
}

/// True for a unit of [`bytes`].
pub(super) fn is_unit(text: &str) -> bool {
    factor(text).is_some()
}

/// What a number with a unit that could mean several things was probably to say.
pub(super) fn meant(text: &str) -> Option<String> {
    let (number, unit) = split(text)?;
    let unit = match unit.to_ascii_lowercase().as_str() {
        "b" => "B",
        "k" | "kb" => "kB",
        "ki" | "kib" => "KiB",
        "m" | "mb" => "MB",
        "mi" | "mib" => "MiB",
        "g" | "gb" => "GB",
        "gi" | "gib" => "GiB",
        "t" | "tb" => "TB",
        "ti" | "tib" => "TiB",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

fn factor(unit: &str) -> Option<i128> {
    UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, factor)| *factor)
}

fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(at);
    Number::read(number).map(|_| (number, unit.trim_start_matches(' ')))
}

/// The bytes, if they are a whole number.
fn exact(number: &str, factor: i128) -> Option<Number> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let bytes = digits.checked_mul(factor)?;
    (bytes % scale == 0).then(|| Number::read(&(bytes / scale).to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::duration;

    #[test]
    fn units_multiply() {
        let check = |text: &str, expect: Option<&str>| {
            let found = bytes(text).map(|number| number.to_string());
            assert_eq!(found.as_deref(), expect, "{text}");
        };
        check("0B", Some("0"));
        check("10MB", Some("10000000"));
        check("10 MB", Some("10000000"));
        check("1.5MiB", Some("1572864"));
        check("1.5 MiB", Some("1572864"));
        check("0.1kB", Some("100"));
        check("0.1KB", Some("100"));
        check("2KiB", Some("2048"));
        check("1GiB", Some("1073741824"));
        check("3TB", Some("3000000000000"));
        check("0.0001kB", Some("0.1"));
        check("9007199254740993B", Some("9007199254740993"));
        check(
            "99999999999999999999999999999999999999999B",
            Some("100000000000000000000000000000000000000000"),
        );
        for wrong in [
            "", "B", "5", "5M", "5m", "5Mb", "5mb", "5k", "5kb", "007B", "-1B", "+1B", "1e3B",
            ".5MB", "1.MB", "1..5MB", "5MB ", "5MBx", "5\tMB", "1MB1kB",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn no_text_is_a_size_and_a_duration() {
        for unit in ["ns", "us", "µs", "ms", "s", "m", "h", "d", "w"] {
            assert!(!is_unit(unit), "{unit}");
        }
        for (unit, _) in UNITS {
            assert_eq!(duration::seconds(&format!("5{unit}")), None, "{unit}");
        }
    }

    #[test]
    fn slips_are_understood() {
        assert_eq!(meant("5M").as_deref(), Some("5MB"));
        assert_eq!(meant("1.5gib").as_deref(), Some("1.5GiB"));
        assert_eq!(meant("5x"), None);
        assert_eq!(meant("M"), None);
    }
}
