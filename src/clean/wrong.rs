//! What is wrong with the text of a rule, in words.

/// Why a rule was not understood; the caller puts the flag or the place in front.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Wrong {
    reason: String,
    hint: Option<&'static str>,
}

impl Wrong {
    pub(super) fn new(reason: impl Into<String>, hint: &'static str) -> Self {
        Self {
            reason: reason.into(),
            hint: Some(hint),
        }
    }

    /// What the user could write instead.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}
