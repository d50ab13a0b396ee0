//! The integration tests, one binary: real sockets, real pipes, real clients.

mod expr;
mod pickle;
mod pipes;
mod support;
mod zmtp;
