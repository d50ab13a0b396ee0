//! The integration tests, one binary.

mod pickle;
