//! What a peer may cost, checked before memory is taken.

use std::time::Duration;

/// What peers may cost. Every figure is checked against what a header *announces*, before
/// memory is taken, except [`total_bytes`](Self::total_bytes), which counts what has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one frame's body. 64 MiB: hl's longest message, and over any record seen.
    pub frame_bytes: usize,
    /// Bytes of one message, its frame headers counted. 64 MiB and a page for the headers.
    pub message_bytes: usize,
    /// Frames of one message. 1,024: records have two; interop tests use 1,000.
    pub parts: usize,
    /// Connections at a time. Further ones wait in the listener's backlog. 1,024: the usual
    /// soft limit of descriptors.
    pub connections: usize,
    /// From accept or connect to READY. 5 s: two lost SYN-ACKs and a slow host.
    pub handshake: Duration,
    /// Bytes of unfinished messages over all peers. 256 MiB: four of the largest messages.
    pub total_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 64 << 20,
            message_bytes: (64 << 20) + 4096,
            parts: 1024,
            connections: 1024,
            handshake: Duration::from_secs(5),
            total_bytes: 256 << 20,
        }
    }
}
