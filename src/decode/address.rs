//! Addresses of clients, as servers write them.

use std::net::IpAddr;

use super::cut::{is_number, last_around};

/// True for an address, with the scope of one of IPv6 or without.
pub(super) fn is_address(text: &[u8]) -> bool {
    let scope = memchr::memchr(b'%', text);
    let address = std::str::from_utf8(&text[..scope.unwrap_or(text.len())]);
    address.is_ok_and(|address| address.parse::<IpAddr>().is_ok())
}

/// `ADDRESS:PORT`; no brackets stand around an address of IPv6.
pub(super) fn with_port(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (client, port) = last_around(text, b':')?;
    (is_address(client) && is_number(port)).then_some((client, port))
}
