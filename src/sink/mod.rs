//! Bytes out: standard output, files, sockets. One file each.
//!
//! A sink moves whole lines and knows nothing of what is on them.

mod stdout;

pub use stdout::Stdout;
