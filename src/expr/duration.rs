//! Lengths of time: `1.5s`, `200ms`, `1h30m`, as seconds.

/// Reads a length with units, in seconds; a sign in front holds for the whole.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(unit_at);
        let next_at = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, next) = tail.split_at(next_at);
        total += part(number, unit)?;
        rest = next;
    }
    f64::is_finite(total).then_some(sign * total)
}

/// One number with its unit. Fractions of a second go by way of the exponent, because
/// `1.1e-3` is the nearest double to 1.1 ms and `1.1 * 0.001` need not be.
fn part(number: &str, unit: &str) -> Option<f64> {
    let (exponent, factor) = match unit {
        "ns" => ("e-9", 1.0),
        "us" | "µs" | "μs" => ("e-6", 1.0),
        "ms" => ("e-3", 1.0),
        "s" => ("", 1.0),
        "m" => ("", 60.0),
        "h" => ("", 3_600.0),
        "d" => ("", 86_400.0),
        "w" => ("", 604_800.0),
        _ => return None,
    };
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(format!("{number}{exponent}").parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up_to_seconds() {
        let check = |text: &str, expect: Option<f64>| assert_eq!(seconds(text), expect, "{text}");
        check("1.5s", Some(1.5));
        check("200ms", Some(0.2));
        check("2m", Some(120.0));
        check("1h30m", Some(5_400.0));
        check("1d", Some(86_400.0));
        check("2w", Some(1_209_600.0));
        check("7ns", Some(7e-9));
        check("5us", Some(5e-6));
        check("5µs", Some(5e-6));
        check("1.1ms", Some(0.0011));
        check("-3h", Some(-10_800.0));
        for wrong in [
            "", "-", "5", "s", "5 s", "1h30", "1..5s", ".5s", "5x", "1h-3m",
        ] {
            check(wrong, None);
        }
    }
}
