//! Wire formats to records: one file each. Bytes in, the JSON text of records out; no I/O.

pub mod explode;
pub mod format;
pub mod frames;
pub mod pickle;

mod auto;
mod compose;
mod cri;
mod docker;
mod envelope;
mod inner;
mod journald;
mod json;
mod logfmt;
mod object;
mod pattern;
mod prefix;
mod syslog;
