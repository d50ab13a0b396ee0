//! What peers may cost.

use std::time::Duration;

/// What peers may cost. Sizes are checked against what a peer announces where it does, and
/// against what has come where it does not, before more memory is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message of a stream.
    pub message_bytes: usize,
    /// Bytes of the body of a request.
    pub body_bytes: usize,
    /// Bytes of the head of a request. 16 KiB: twice what most servers take.
    pub head_bytes: usize,
    /// How many times its size a stream may expand to that comes compressed.
    pub ratio: usize,
    /// Connections at a time, over all endpoints. Further ones wait in the system's queue.
    pub connections: usize,
    /// Bytes of unfinished messages over all peers.
    pub total_bytes: usize,
    /// How long a peer may take for a message that it has begun. What has come of it adds a
    /// second for each 64 KiB.
    pub message_time: Duration,
    /// How long a peer may take for the handshake of TLS. 10 s: three round trips of the slowest
    /// networks, and a lost packet in each.
    pub handshake: Duration,
    /// How long a connection of HTTP may be without a request.
    pub idle_time: Duration,
    /// Messages of which some chunks have come, over all peers of one GELF endpoint.
    pub open_chunked: usize,
    /// How long to wait for the rest of them. 5 s: what the specification of GELF says.
    pub chunk_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 256 << 20,
            body_bytes: 32 << 20,
            head_bytes: 16 << 10,
            ratio: 200,
            connections: 1024,
            total_bytes: 512 << 20,
            message_time: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
            idle_time: Duration::from_secs(60),
            open_chunked: 1024,
            chunk_time: Duration::from_secs(5),
        }
    }
}

impl Limits {
    /// How long a peer may take for a message of which so many bytes have come.
    pub(super) fn time_for(&self, bytes: usize) -> Duration {
        self.message_time + Duration::from_secs((bytes >> 16) as u64)
    }
}
