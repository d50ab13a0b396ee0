//! The integration tests, one binary: real sockets, real pipes, real clients.

mod clean;
mod clients;
mod docs;
mod expr;
mod fmt;
mod outputs;
mod passthrough;
mod pickle;
mod pipes;
mod programs;
mod recv;
mod rules;
mod rules_manual;
mod sessions;
mod support;
mod tidy;
mod trees;
mod zmtp;
