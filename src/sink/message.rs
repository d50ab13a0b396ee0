//! What sinks have to say of records that did not go out, in the same words.

use std::fmt;

use crate::error::{Error, Result};

/// So many records, in words.
pub(super) fn records(count: u64) -> String {
    format!("{count} record{}", if count == 1 { "" } else { "s" })
}

/// A socket's error; its own message names the address.
pub(super) fn failed(error: &crate::zmtp::Error) -> Error {
    Error::Failed(error.to_string())
}

/// An error if records were left out because no socket takes messages of that size.
pub(super) fn all_fitted(place: &impl fmt::Display, too_large: u64) -> Result<()> {
    match too_large {
        0 => Ok(()),
        count => Err(Error::Failed(format!(
            "{place}: too large for a message, 64 MiB at most, and not sent: {count} of the records"
        ))),
    }
}
