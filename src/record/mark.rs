//! Marks: what tells a producer's records from others.

use super::value::{Kind, Value};

/// Something that tells a producer's records from others.
#[derive(Debug)]
pub(super) enum Mark {
    /// The field is there and not null.
    Has(&'static str),
    /// The field is a number.
    Number(&'static str),
    /// The field is a whole number from the one to the other.
    Between(&'static str, i64, i64),
    /// The field is this text or number, as written.
    Is(&'static str, &'static str),
}

impl Mark {
    pub(super) fn path(&self) -> &'static str {
        match self {
            Self::Has(path) | Self::Number(path) | Self::Between(path, ..) | Self::Is(path, _) => {
                path
            }
        }
    }

    pub(super) fn holds(&self, value: Option<Value<'_>>) -> bool {
        match (self, value) {
            (_, None) => false,
            (Self::Has(_), Some(value)) => value.kind != Kind::Null,
            (Self::Number(_), Some(value)) => value.kind == Kind::Number,
            (Self::Between(_, low, high), Some(value)) => value
                .as_i128()
                .is_some_and(|number| (i128::from(*low)..=i128::from(*high)).contains(&number)),
            (Self::Is(_, expect), Some(value)) => value.raw == expect.as_bytes(),
        }
    }
}
