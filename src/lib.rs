//! distlog: the library under the `dl-*` programs.
//!
//! The modules stand in the order in which data flows: bytes come in through a
//! [`source`], wire formats become records in [`decode`], a [`record`] is a raw line
//! whose fields are found on demand, [`expr`] selects, [`jq`] rewrites, [`clean`] redacts and thins
//! out, [`route`] says where to, [`tree`] rebuilds requests, [`aggregate`] computes, [`render`]
//! shows, a [`sink`] takes the bytes out, a [`store`] keeps them, and [`pump`] drives it all. [`control`] is about the levels
//! of running processes. ARCHITECTURE.md has the map and the invariants.

pub mod aggregate;
mod caret;
pub mod clean;
pub mod cli;
pub mod control;
pub mod decode;
pub mod endpoint;
pub mod error;
pub mod expr;
mod glob;
mod http;
pub mod jq;
mod nats;
pub mod pump;
pub mod record;
pub mod render;
pub mod route;
pub mod shutdown;
pub mod sink;
pub mod source;
pub mod store;
pub mod tls;
pub mod tree;
mod words;
pub mod zmtp;
