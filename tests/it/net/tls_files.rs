//! The files that TLS is given: what is wrong with them is told at once.

use std::io::Write;

use super::{
    certificates::Certificates,
    support::Collector,
    tls::{name, warned},
};
use crate::support::program;

#[test]
fn files_that_are_not_what_they_should_be_are_told() {
    let certificates = Certificates::new();
    let path = |name: &str| certificates.arg(name);
    let check = |certificate: &str, key: &str, ca: &str, expect: &str| {
        let (certificate, key, ca) = (path(certificate), path(key), path(ca));
        let args = [
            "ndjson+tls://:0",
            "--tls-cert",
            &certificate,
            "--tls-key",
            &key,
        ];
        let args = [&args[..], &["--tls-client-ca", &ca]].concat();
        let expect = expect.replace("DIR/", &path(""));
        program("dl-recv").args(&args).check("", &expect, 2);
    };
    check(
        "none.pem",
        "server.key",
        "ca.pem",
        "dl-recv: DIR/none.pem: No such file or directory (os error 2)\n",
    );
    check(
        "server.key",
        "server.key",
        "ca.pem",
        "dl-recv: DIR/server.key: no certificate in PEM in it\n",
    );
    check(
        "server.pem",
        "server.pem",
        "ca.pem",
        "dl-recv: DIR/server.pem: no private key in PEM in it\n",
    );
    check(
        "server.pem",
        "client.key",
        "ca.pem",
        "dl-recv: DIR/client.key: is not the key of the certificate in DIR/server.pem\n",
    );
    check(
        "server.pem",
        "server.key",
        "ca.key",
        "dl-recv: DIR/ca.key: no certificate in PEM in it\n",
    );
}

#[test]
fn a_certificate_of_ours_that_has_expired_is_told_at_once_and_refused_by_clients() {
    let certificates = Certificates::new();
    let (certificate, key) = (
        certificates.arg("expired.pem"),
        certificates.arg("expired.key"),
    );
    let collector = Collector::start(&[
        "ndjson+tls://:0",
        "--tls-cert",
        &certificate,
        "--tls-key",
        &key,
    ]);
    let words = collector.words();
    let expect = format!("{certificate}: has expired at 2002-02-03T00:00:00Z");
    assert!(words.contains(&expect), "{words}");
    let mut client = certificates.client(&collector, 0, None);
    let peer = name(&client);
    assert!(client.write_all(b"{}\n").is_err());
    warned(
        &collector,
        &peer,
        "TLS: the peer refused us: CertificateExpired",
    );
}
