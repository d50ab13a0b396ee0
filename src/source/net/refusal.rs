//! Why a peer was refused, or a message of it lost.

use std::time::Duration;

/// Why a peer was refused: a rule of the protocol that it broke, or one of our limits. Or why
/// a message is lost that it had begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A message is longer than it may be.
    #[error("a message of more than {limit} bytes (--max-record)")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// What stands there is not what the framing wants.
    #[error("{0}")]
    Framing(&'static str),
    /// A message did not end in time.
    #[error("a message that has not ended within {} s (--peer-timeout)", .0.as_secs_f32())]
    Slow(Duration),
    /// The peer has left, or the connection broke, within a message.
    #[error("left within a message")]
    Left,
    /// We end, and the message has not.
    #[error("dl-recv ended within a message")]
    Ended,
    /// All peers together hold as many unfinished bytes as they may.
    #[error("unfinished messages of all peers exceed {limit} bytes")]
    Budget {
        /// The limit in bytes.
        limit: usize,
    },
    /// Chunks of a message are missing.
    #[error("{came} of {count} chunks of a message have come within {} s", .time.as_secs_f32())]
    Chunks {
        /// Those that have come.
        came: usize,
        /// All of them.
        count: usize,
        /// How long the others were waited for.
        time: Duration,
    },
    /// More chunked messages were open than may be; the oldest was given up.
    #[error("more than {limit} chunked messages at a time")]
    TooManyOpen {
        /// The limit.
        limit: usize,
    },
    /// What is compressed expands too much.
    #[error("it expands to more than {limit} times its size (--max-ratio)")]
    Ratio {
        /// The limit.
        limit: u64,
    },
    /// What is compressed is broken.
    #[error("broken compression: {0}")]
    Packed(String),
    /// The handshake of TLS failed, or what is encrypted is broken.
    #[error("TLS: {0}")]
    Tls(String),
    /// A request is wrong: the status of the answer, and the reason.
    #[error("{reason} (answered with {status})")]
    Http {
        /// The status code.
        status: u16,
        /// The reason.
        reason: &'static str,
    },
}
