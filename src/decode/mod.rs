//! Wire formats to records: one file each. Bytes in, the JSON text of records out; no I/O.

pub mod explode;
pub mod form;
pub mod format;
pub mod frames;
pub mod gelf;
pub mod inflate;
pub mod otlp;
pub mod pickle;
pub mod pylog;
pub(crate) mod syslog;

mod access;
mod auto;
mod below;
mod compose;
mod cri;
mod cut;
mod docker;
mod entry;
mod envelope;
mod inner;
mod journald;
mod json;
mod literal;
mod logfmt;
mod nginx;
mod object;
mod parts;
mod pattern;
mod postgres;
mod prefix;
mod pubhandler;
mod redis;
mod stamped;
mod time_format;
mod wall;
mod within;
