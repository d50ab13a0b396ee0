//! Addresses of IPv6 in brackets, listened at and connected to.

use std::net::TcpListener;

use super::{
    send_streams::{all_came, records, send},
    support::Collector,
};
use crate::support::{program, wait_for};

/// A port of the loopback of IPv6, or none where there is no IPv6.
fn listener() -> Option<TcpListener> {
    TcpListener::bind("[::1]:0").ok()
}

#[test]
fn records_come_over_ipv6() {
    if listener().is_none() {
        return;
    }
    let text = records(100);
    for scheme in ["tcp", "ndjson+tcp"] {
        let collector = Collector::start(&[&format!("{scheme}://[::1]:0"), "--no-stamp"]);
        let port = collector.endpoints[0].rsplit_once(':').expect("a port").1;
        let endpoint = format!("{scheme}://[::1]:{port}");
        assert_eq!(collector.endpoints, [endpoint.as_str()]);
        let ran = send(&endpoint).stdin(&text).run();
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        all_came(&text, &collector.end().rest);
    }
}

#[test]
fn databases_and_queues_are_connected_to_over_ipv6() {
    let Some(server) = listener() else { return };
    server.set_nonblocking(true).expect("a socket");
    let port = server.local_addr().expect("an address").port();
    for (scheme, path) in [
        ("nats", "LOGS"),
        ("nats+tls", "LOGS"),
        ("clickhouse", "logs"),
        ("clickhouse+tls", "logs"),
        ("postgres", "logs"),
        ("otlp+http", "x"),
    ] {
        let place = format!("{scheme}://[::1]:{port}/{path}");
        let mut sender = program("dl-send").arg(&place).start();
        sender.write("{\"n\":1}\n");
        sender.stdin = None;
        // Which speaks first is no matter here: who connects has understood the address.
        wait_for(&place, || server.accept().is_ok());
    }
}
