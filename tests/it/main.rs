//! The integration tests, one binary: real sockets, real pipes, real clients.

mod pickle;
mod zmtp;
