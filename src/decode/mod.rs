//! Wire formats to records: one file each. Bytes in, the JSON text of records out; no I/O.

pub mod explode;
pub mod frames;
pub mod pickle;
