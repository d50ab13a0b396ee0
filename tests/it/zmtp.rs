//! `distlog::zmtp` against libzmq (through pyzmq), the crate `zeromq`, and bytes by hand.

mod hostile;
mod interop;
mod ipc;
mod properties;
mod pull;
mod push;
mod speed;
mod support;
