//! Levels as rules have them: the names of Python's logging and of those who add to it, or a number.

/// Names that every process understands, with the numbers that they have there.
const NAMES: [(&str, &str); 9] = [
    ("TRACE", "TRACE"),
    ("DEBUG", "DEBUG"),
    ("INFO", "INFO"),
    ("NOTICE", "NOTICE"),
    ("WARNING", "WARNING"),
    ("WARN", "WARNING"),
    ("ERROR", "ERROR"),
    ("CRITICAL", "CRITICAL"),
    ("FATAL", "CRITICAL"),
];

/// Reads a level in any case and gives it as it goes over the wire.
pub fn parse_level(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    if let Some((_, level)) = NAMES.iter().find(|(name, _)| *name == upper) {
        return Ok((*level).to_owned());
    }
    match upper.parse::<u8>() {
        Ok(number @ 1..=100) => Ok(number.to_string()),
        _ => Err(
            "expected TRACE, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL or a number from 1 to 100"
                .into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_understood() {
        for (text, expect) in [
            ("debug", Some("DEBUG")),
            ("Warn", Some("WARNING")),
            ("fatal", Some("CRITICAL")),
            ("5", Some("5")),
            ("007", Some("7")),
            ("0", None),
            ("101", None),
            ("-1", None),
            ("NOTSET", None),
            ("", None),
        ] {
            assert_eq!(parse_level(text).ok().as_deref(), expect, "{text}");
        }
    }
}
