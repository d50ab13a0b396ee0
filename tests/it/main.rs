//! The integration tests: real sockets, real pipes, real clients.

mod zmtp;
