//! Tokens that stand behind a word which tells them, and keys of AWS.
//!
//! Most texts have none of these words, and a search for words alone is much faster than
//! one for what stands around them.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::Regex;

/// An expression, and the words one of which a text must have, in any case, to match it.
#[derive(Clone, Debug)]
pub(super) struct Credential {
    words: AhoCorasick,
    /// The bytes of the shortest match.
    shortest: usize,
    /// The first group that takes part in a match is what is found.
    regex: Regex,
    accept: fn(&[u8]) -> bool,
}

/// RFC 6750; the word stays.
const BEARER: &str = r"(?i-u:\bbearer)[ \t]+([A-Za-z0-9._~+/-]{8,}=*)";
/// Ids of AWS keys and roles, and secret keys and session tokens behind a name that says what
/// they are.
const AWS_KEY: &str = r#"(?-u:\b)((?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA|ASCA)[A-Z2-7]{16})(?-u:\b)|(?i-u:secret[_-]?(?:access[_-]?)?key)["']?[ \t]*[:=][ \t]*["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+]|$)|(?i-u:session[_-]?token|x-amz-security-token)["']?[ \t]*[:=][ \t]*["']?([A-Za-z0-9/+=]{16,})"#;
/// What the beginnings of ids and the names have in them.
const AWS_WORDS: &[&str] = &[
    "AKIA", "ASIA", "ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "ANPA", "ANVA", "APKA", "AROA", "ASCA",
    "secret", "session", "security",
];

/// Keys of JSON whose values are secret keys or session tokens of AWS, as its tools, its
/// services and its libraries write them: a pattern never sees a key and its value together.
pub(super) const AWS_NAMES: &[&str] = &[
    "*secret_access_key",
    "*secret-access-key",
    "*secret.access.key",
    "*secretaccesskey",
    "*aws_secret_key",
    "*aws-secret-key",
    "*awssecretkey",
    "*session_token",
    "*session-token",
    "*sessiontoken",
    "*amz-security-token",
];

impl Credential {
    pub(super) fn bearer() -> Option<Self> {
        Self::new(&["bearer"], 15, BEARER, is_no_word)
    }

    pub(super) fn aws_key() -> Option<Self> {
        Self::new(AWS_WORDS, 20, AWS_KEY, |_| true)
    }

    fn new(
        words: &[&str],
        shortest: usize,
        regex: &str,
        accept: fn(&[u8]) -> bool,
    ) -> Option<Self> {
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // One look into a table for each byte; the texts are short.
            .kind(Some(AhoCorasickKind::DFA))
            .build(words)
            .ok()?;
        Some(Self {
            words,
            shortest,
            regex: Regex::new(regex).ok()?,
            accept,
        })
    }

    /// Hands the places of tokens in `text` to `found`.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(Range<usize>)) {
        if text.len() < self.shortest || !self.words.is_match(text) {
            return;
        }
        for captures in self.regex.captures_iter(text) {
            let token = captures.iter().skip(1).flatten().next();
            if let Some(token) = token.filter(|token| (self.accept)(token.as_bytes())) {
                found(token.range());
            }
        }
    }
}

/// True for what no word of a sentence is: it has a digit, or is long.
fn is_no_word(token: &[u8]) -> bool {
    /// Longer words are rare in messages, and shorter tokens without a digit rarer.
    const LONG: usize = 16;
    token.len() >= LONG || token.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(token: Option<Credential>, text: &str, expect: &[&str]) {
        let mut found = Vec::new();
        token
            .expect("an expression")
            .find(text.as_bytes(), |place| found.push(&text[place]));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn bearers() {
        let check = |text: &str, expect: &[&str]| check(Credential::bearer(), text, expect);
        check("Authorization: Bearer abcdef.0123==", &["abcdef.0123=="]);
        check("BEARER  abcdefghijklmnop", &["abcdefghijklmnop"]);
        check(
            "bEaReR\tabcdefg1 bearer 12345678",
            &["abcdefg1", "12345678"],
        );
        check("bearer 1234567", &[]);
        check("bearer of news, forbearer x12345678", &[]);
        check("the bearer information was updated", &[]);
    }

    #[test]
    fn keys_of_aws() {
        let check = |text: &str, expect: &[&str]| check(Credential::aws_key(), text, expect);
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        check("key AKIAIOSFODNN7EXAMPLE.", &["AKIAIOSFODNN7EXAMPLE"]);
        check("AKIAIOSFODNN7EXAMPLE", &["AKIAIOSFODNN7EXAMPLE"]);
        check("XAKIAIOSFODNN7EXAMPLE AKIAIOSFODNN7EXAMPLES", &[]);
        check(&format!("aws_secret_access_key = {secret}\n"), &[secret]);
        check(&format!(r#"{{"SecretAccessKey": "{secret}"}}"#), &[secret]);
        check(&format!("secret_key={secret}"), &[secret]);
        check(&format!("{secret} secret_key={secret}x"), &[]);
        let session = "FwoGZXIvYXdzEBYaDJ+/x2K5==";
        check(&format!("AWS_SESSION_TOKEN={session} x"), &[session]);
        check(&format!("X-Amz-Security-Token: {session}"), &[session]);
    }
}
