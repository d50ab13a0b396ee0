//! The flags of dl-recv that bound what peers may cost.

use std::time::Duration;

use clap::Args;

use crate::{
    cli::common::{LineArgs, parse_duration, parse_size},
    decode::inflate::Bounds,
    source::net::Limits,
};

/// What peers may cost.
#[derive(Args, Debug)]
pub(super) struct NetArgs {
    /// The most connections at a time; further ones wait
    ///
    /// They are counted over all endpoints that are not ZeroMQ's, which has a limit of its own.
    #[arg(long, value_name = "N", default_value_t = 1024, hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,

    /// How long a peer may take for a message that it has begun
    ///
    /// What has come of it adds a second for each 64 KiB. A connection of HTTP that sends no
    /// further request is closed after the same time; one of other protocols may be silent
    /// between messages for as long as it likes. The handshake of TLS may take 10 s at most.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration, hide_short_help = true)]
    peer_timeout: Duration,

    /// The longest body of a request, as it comes and when decompressed, in bytes
    #[arg(long, value_name = "BYTES", default_value = "32MiB", value_parser = parse_size, hide_short_help = true)]
    max_body: usize,

    /// How many times its size what is compressed may expand to
    ///
    /// It does not hold below 1 MiB.
    #[arg(long, value_name = "N", default_value_t = 200, hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    max_ratio: u32,
}

impl NetArgs {
    /// The limits of the server.
    pub(super) fn limits(&self, lines: &LineArgs) -> Limits {
        let limits = Limits::default();
        let message_bytes = lines.max_record;
        Limits {
            message_bytes,
            body_bytes: self.max_body,
            ratio: self.max_ratio as usize,
            connections: self.max_connections as usize,
            total_bytes: limits.total_bytes.max(message_bytes.saturating_mul(2)),
            message_time: self.peer_timeout,
            idle_time: self.peer_timeout,
            handshake: limits.handshake.min(self.peer_timeout),
            ..limits
        }
    }

    /// The bounds of what is compressed, when it is of at most `bytes`.
    fn bounds(&self, bytes: usize) -> Bounds {
        Bounds {
            bytes,
            ratio: self.max_ratio as usize,
        }
    }

    /// The bounds of a compressed message.
    pub(super) fn message_bounds(&self, lines: &LineArgs) -> Bounds {
        self.bounds(lines.max_record)
    }

    /// The bounds of a compressed body.
    pub(super) fn body_bounds(&self) -> Bounds {
        self.bounds(self.max_body)
    }
}
