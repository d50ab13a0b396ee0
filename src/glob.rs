//! Patterns of names: `*` is any text, `?` one character, and everything else means itself.

use regex::Regex;

/// The longest pattern. Names of hosts have 255 characters at most, those of loggers rarely a hundred.
const LONGEST: usize = 256;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub(crate) struct Glob(Regex);

impl Glob {
    /// Reads a pattern; the error says what is wrong with it.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        check(text)?;
        let mut pattern = String::from("(?s)^");
        for character in text.chars() {
            match character {
                '*' => pattern.push_str(".*"),
                '?' => pattern.push('.'),
                other => pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
        }
        pattern.push('$');
        Regex::new(&pattern)
            .map(Self)
            .map_err(|_| "the pattern is too complex".to_owned())
    }

    /// True if the whole name is as the pattern says.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// What a pattern must be, without making one.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("a pattern is not empty; * is every name".into());
    }
    if text.chars().count() > LONGEST {
        return Err(format!("a pattern has {LONGEST} characters at most"));
    }
    if text.chars().any(char::is_control) {
        return Err("a pattern has no control characters".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match() {
        let check = |pattern: &str, name: &str, expect: bool| {
            let glob = Glob::new(pattern).expect("a pattern");
            assert_eq!(glob.matches(name), expect, "{pattern} {name}");
        };
        check("orders.*", "orders.db", true);
        check("orders.*", "orders", false);
        check("orders.*", "ordersXdb", false);
        check("orders*", "orders", true);
        check("*", "", true);
        check("api-?", "api-1", true);
        check("api-?", "api-12", false);
        check("a[b]", "a[b]", true);
        check("a[b]", "ab", false);
        check("*.db", "x\ny.db", true);
        check("ä?", "äö", true);
    }

    #[test]
    fn patterns_are_bounded() {
        assert!(Glob::new("").is_err());
        assert!(Glob::new("a\nb").is_err());
        assert!(Glob::new(&"*".repeat(256)).is_ok());
        assert!(Glob::new(&"*".repeat(257)).is_err());
    }
}
