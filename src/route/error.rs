//! Why a text is no file of rules.

use std::fmt;

/// A place in a file, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    /// In characters.
    pub(super) column: u64,
}

/// What is wrong with a file of rules, where, and in which rule.
///
/// Displayed, it is `LINE:COLUMN: rule 'NAME': REASON`; the file's name is put in front of it
/// by whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    pub(super) place: Place,
    pub(super) rule: Option<String>,
    pub(super) reason: String,
    pub(super) hint: Option<String>,
}

impl RuleError {
    pub(super) fn new(place: Place, reason: impl Into<String>) -> Self {
        Self {
            place,
            rule: None,
            reason: reason.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says in which rule it is, unless that is known already.
    pub(super) fn in_rule(mut self, name: &str) -> Self {
        self.rule.get_or_insert_with(|| name.to_owned());
        self
    }

    /// What the user could write instead.
    pub fn suggestion(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl std::error::Error for RuleError {}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "{line}:{column}: ")?;
        if let Some(rule) = &self.rule {
            write!(f, "rule '{rule}': ")?;
        }
        f.write_str(&self.reason)
    }
}
