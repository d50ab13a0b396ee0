//! The integration tests, one binary: real sockets, real pipes, real clients.

mod clean;
mod clients;
mod context;
mod docs;
mod expr;
mod fmt;
mod jq;
mod outputs;
mod passthrough;
mod pathologies;
mod pickle;
mod pipes;
mod programs;
mod recv;
mod rng;
mod robust;
mod rules;
mod rules_manual;
mod rules_undelivered;
mod sessions;
mod support;
mod tidy;
mod trees;
mod truth;
mod whole_tree;
mod zmtp;
