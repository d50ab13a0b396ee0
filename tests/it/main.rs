//! The integration tests, one binary: real sockets, real pipes, real clients.

mod docs;
mod expr;
mod passthrough;
mod pickle;
mod pipes;
mod programs;
mod sessions;
mod support;
mod zmtp;
