//! A regular expression of an expression.

use std::fmt::{self, Write};

use regex::bytes::{Regex, RegexBuilder};

/// A pattern and its automaton. It works on bytes, so that a plain string of a record is
/// searched where it stands; bytes that are no UTF-8 match nothing but themselves.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    any_case: bool,
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern; the error is the engine's own reason, in one line.
    pub(super) fn new(text: &str, any_case: bool) -> Result<Self, String> {
        let regex = RegexBuilder::new(text)
            .case_insensitive(any_case)
            .build()
            .map_err(|error| reason(&error))?;
        Ok(Self {
            text: text.to_owned(),
            any_case,
            regex,
        })
    }

    /// The pattern as it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// True if upper and lower case are the same to it.
    pub(super) fn any_case(&self) -> bool {
        self.any_case
    }

    /// The automaton.
    pub(super) fn regex(&self) -> &Regex {
        &self.regex
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.any_case) == (&other.text, other.any_case)
    }
}

impl fmt::Display for Pattern {
    /// Writes the pattern in single quotes. Its backslashes are its own, so only the quote
    /// itself is escaped; the parser knows that rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('\'')?;
        for character in self.text.chars() {
            if character == '\'' {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        f.write_char('\'')
    }
}

/// The engine draws a picture of several lines; the reason is the last one.
fn reason(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(limit) = error {
        return format!("it takes more than {limit} bytes when compiled");
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
