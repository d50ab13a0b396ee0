//! Listeners for other protocols than ZeroMQ: streams and datagrams in, messages out.
//!
//! One [`Server`] has all endpoints of a program and one `poll` call for them, in the caller's
//! thread. It moves bytes and knows no records: a [`Framing`] says where messages end in a
//! stream, [`Http`] reads requests and writes the answers that the caller gives, a datagram is a message by
//! itself, and the chunks of GELF are put together by [`Chunks`]. It keeps no messages: each is
//! handed out where it stands in the receive buffer, and a caller that does not poll does not
//! read, so that streams push back on their senders.
//!
//! What comes compressed is decompressed on its way (`unpack.rs`). What a peer may cost is bounded
//! by [`Limits`]. What it does wrong is a [`Refusal`], which ends that peer alone.

mod chunks;
mod connection;
mod datagrams;
mod drops;
mod event;
mod framing;
mod http;
mod limits;
mod link;
mod listener;
mod refusal;
mod server;
mod tls;
mod unpack;

pub use self::{
    chunks::{Chunks, Given},
    event::{Event, Peer},
    framing::{Cut, Framing, fuzz_framing},
    http::{Http, Progress, Reply, Request, fuzz_http},
    limits::Limits,
    refusal::Refusal,
    server::Server,
    tls::Tls,
    unpack::fuzz_unpack,
};
