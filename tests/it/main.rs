//! The integration tests, one binary: real sockets, real pipes, real clients.

mod clients;
mod docs;
mod expr;
mod fmt;
mod jq;
mod outputs;
mod passthrough;
mod pickle;
mod pipes;
mod programs;
mod recv;
mod sessions;
mod support;
mod tidy;
mod trees;
mod zmtp;
