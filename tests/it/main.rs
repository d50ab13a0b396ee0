//! The integration tests, one binary: real sockets, real pipes, real clients.

mod docs;
mod expr;
mod pickle;
mod programs;
mod sessions;
mod zmtp;
