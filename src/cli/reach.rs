//! Whether other hosts reach an address that we listen at: there, somebody has to be kept out.

use std::net::IpAddr;

use crate::zmtp::{Address, resolve};

/// Whether other hosts reach us at an address. A name counts as what it resolves to now.
pub(super) fn is_reached(host: &str) -> bool {
    let is_far = |ip: IpAddr| !ip.to_canonical().is_loopback();
    match host.parse() {
        Ok(ip) => is_far(ip),
        Err(_) if host == "*" => true,
        // A name that is not known is told by who binds it.
        Err(_) => resolve(host, 0).is_ok_and(|all| all.iter().any(|one| is_far(one.ip()))),
    }
}

/// The same of an address of ZeroMQ.
pub(super) fn is_zeromq_reached(address: &str) -> bool {
    match Address::parse(address) {
        Ok(Address::Tcp { host, .. }) => is_reached(&host),
        // What is wrong with it is told by who binds it.
        Ok(Address::Ipc(_)) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_reached;

    #[test]
    fn addresses_of_other_hosts_are_told_from_loopback() {
        for near in [
            "127.0.0.1",
            "127.8.8.8",
            "::1",
            "::ffff:127.0.0.1",
            "localhost",
        ] {
            assert!(!is_reached(near), "{near}");
        }
        for far in [
            "*",
            "0.0.0.0",
            "::",
            "192.168.1.1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_reached(far), "{far}");
        }
    }
}
