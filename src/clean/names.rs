//! Names of keys, whole or with wildcards, in upper or lower case.

use std::collections::HashSet;

use regex::bytes::{Regex, RegexBuilder};

use super::Wrong;

/// Tells whether a key has one of the names.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// In lower case.
    plain: HashSet<Vec<u8>, foldhash::fast::RandomState>,
    /// What names end with that have no wildcard but one in front, in lower case.
    endings: Vec<Vec<u8>>,
    /// The names with other wildcards, or with letters beyond ASCII.
    others: Option<Regex>,
    lower: Vec<u8>,
}

impl Names {
    /// Prepares names; in them `*` is any text and `?` is any character.
    pub(super) fn new(names: &[String]) -> Result<Self, Wrong> {
        let (plain, others): (Vec<&String>, Vec<_>) = names
            .iter()
            .partition(|name| name.is_ascii() && !name.contains(['*', '?']));
        let (endings, others): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|name| ending(name).is_some());
        let alternatives: Vec<_> = others.iter().map(|name| regex(name)).collect();
        let others = if others.is_empty() {
            None
        } else {
            let regex = RegexBuilder::new(&format!("^(?:{})$", alternatives.join("|")))
                .case_insensitive(true)
                .dot_matches_new_line(true)
                .build();
            let wrong = |_| {
                Wrong::new(
                    "there are too many names with wildcards",
                    "give fewer names, or shorter ones",
                )
            };
            Some(regex.map_err(wrong)?)
        };
        Ok(Self {
            plain: plain
                .into_iter()
                .map(|name| name.to_ascii_lowercase().into_bytes())
                .collect(),
            endings: endings
                .into_iter()
                .filter_map(|name| ending(name))
                .map(|ending| ending.to_ascii_lowercase().into_bytes())
                .collect(),
            others,
            lower: Vec::new(),
        })
    }

    /// True if `key`, decoded, has one of the names.
    pub(super) fn contain(&mut self, key: &[u8]) -> bool {
        self.lower.clear();
        self.lower.extend(key.iter().map(u8::to_ascii_lowercase));
        self.plain.contains(&self.lower)
            || self
                .endings
                .iter()
                .any(|ending| self.lower.ends_with(ending))
            || self
                .others
                .as_ref()
                .is_some_and(|others| others.is_match(key))
    }
}

/// What follows the one wildcard, a star in front, of a name in ASCII.
fn ending(name: &str) -> Option<&str> {
    let ending = name.strip_prefix('*')?;
    (name.is_ascii() && !ending.contains(['*', '?'])).then_some(ending)
}

fn regex(name: &str) -> String {
    let mut regex = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_and_case_is_nothing() {
        let names = [
            "password",
            "*token*",
            "x?y",
            "Straße",
            "a.b",
            "set-cookie",
            "*_Pin",
        ];
        let mut names = Names::new(&names.map(str::to_owned)).expect("names");
        for key in [
            "password",
            "PASSWORD",
            "Password",
            "token",
            "accessToken",
            "x_TOKEN_id",
            "xzy",
            "xéy",
            "straße",
            "STRAßE",
            "a.b",
            "Set-Cookie",
            "user_PIN",
            "_pin",
        ] {
            assert!(names.contain(key.as_bytes()), "{key}");
        }
        for key in [
            "passwords",
            "my_password",
            "toke",
            "xy",
            "xzzy",
            "axb",
            "",
            "pin",
            "_pins",
        ] {
            assert!(!names.contain(key.as_bytes()), "{key}");
        }
    }
}
