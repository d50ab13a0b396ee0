//! Wire formats to records: one file each.
pub mod pickle;
