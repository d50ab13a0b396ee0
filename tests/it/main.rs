//! The integration tests, one binary: real sockets, real pipes, real clients.

mod expr;
mod fmt;
mod passthrough;
mod pickle;
mod pipes;
mod support;
mod tidy;
mod trees;
mod zmtp;
