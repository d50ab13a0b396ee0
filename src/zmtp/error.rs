//! Why a socket of this module could not be made or used.
//!
//! A message reads `PLACE: REASON`, for example `tcp://127.0.0.1:5010: address already in
//! use`. What a *peer* did wrong is no error here: it ends that peer alone and is a
//! [`Refusal`](super::Refusal).

use std::{fmt, io};

/// What a fallible function of this module returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a socket of this module could not be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not an address that this module can use.
    #[error("{text}: {reason}")]
    Address {
        /// The text, as it was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The host name could not be turned into an address.
    #[error("{place}: unknown host: {source}")]
    Host {
        /// The address, as it was given.
        place: String,
        /// The resolver's reason.
        source: io::Error,
    },
    /// Somebody listens there already.
    #[error("{place}: address already in use")]
    InUse {
        /// The address, as it was given.
        place: String,
    },
    /// The path of an `ipc` address holds something that is not a socket; it is left alone.
    #[error("{place}: the path exists and is not a socket")]
    NotASocket {
        /// The address, as it was given.
        place: String,
    },
    /// The operating system refused.
    #[error("{place}: {}", lower(.source))]
    System {
        /// The address, or the thing that was being done.
        place: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A message without any frame cannot be put on the wire.
    #[error("a message needs at least one frame")]
    NoFrames,
    /// A message is longer than peers take: it would be refused again and again, and hold up
    /// everything behind it. It was not queued.
    #[error("a message of {bytes} bytes exceeds the limits of a receiver (frames: {parts})")]
    TooLarge {
        /// Its bytes on the wire.
        bytes: usize,
        /// Its frames.
        parts: usize,
    },
    /// No address was given.
    #[error("no address to bind or connect")]
    NoAddress,
}

impl Error {
    /// The error of a system call at `place`; an occupied address gets its own variant.
    pub(crate) fn system(place: impl fmt::Display, source: impl Into<io::Error>) -> Self {
        let (place, source) = (place.to_string(), source.into());
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { place },
            _ => Self::System { place, source },
        }
    }
}

/// The operating system's words without its number, in the lower case of our messages.
pub(crate) fn lower(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_place_and_the_reason() {
        let text = |kind: i32| {
            Error::system("tcp://127.0.0.1:1", io::Error::from_raw_os_error(kind)).to_string()
        };
        assert_eq!(text(13), "tcp://127.0.0.1:1: permission denied");
        assert_eq!(text(98), "tcp://127.0.0.1:1: address already in use");
    }
}
