//! Requests, whole and broken, however the bytes are cut.

use super::*;

/// The requests as `METHOD path?query type/encoding body`, and the refusal.
#[track_caller]
fn check(bytes: &str, expect: &[&str], refusal: Option<&str>) {
    for piece in [1, 2, 3, 5, bytes.len()] {
        let (requests, refused) = fuzz_http(bytes.as_bytes(), &vec![piece; bytes.len()]);
        let requests: Vec<_> = requests
            .iter()
            .map(|(request, body)| {
                let Request {
                    method,
                    path,
                    query,
                    content_type,
                    encoding,
                    ..
                } = request;
                let body = String::from_utf8_lossy(body);
                format!("{method} {path}?{query} {content_type}/{encoding} {body}")
            })
            .collect();
        assert_eq!(requests, expect, "in pieces of {piece}");
        let refused = refused.map(|refusal| refusal.to_string());
        assert_eq!(refused.as_deref(), refusal, "in pieces of {piece}");
    }
}

#[test]
fn requests() {
    check(
        "GET /log?a=b HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\ncontent-LENGTH: 3\r\n\
         Content-Type: Application/JSON; charset=utf-8\r\nContent-Encoding: gzip\r\n\r\nabc\r\n\
         GET / HTTP/1.0\n\nGET /not-read HTTP/1.1\r\n\r\n",
        &[
            "GET /log?a=b / ",
            "POST /? application/json/gzip abc",
            "GET /? / ",
        ],
        None,
    );
    check(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n\
         0\r\nx: y\r\n\r\nGET / HTTP/1.1\r\nConnection: x, Close\r\n\r\nGET",
        &["POST /? / abc0123456789", "GET /? / "],
        None,
    );
    check("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", &[], None);
    check("GET / HTTP/1.1\r\nHost", &[], None);
}

#[test]
fn what_is_ambiguous_or_too_large_is_refused() {
    let broken = |head: &str, refusal: &str| {
        check(&format!("POST / HTTP/1.1\r\n{head}"), &[], Some(refusal));
    };
    check(
        "\x16\x03\x01\n\n",
        &[],
        Some("not HTTP/1 (answered with 400)"),
    );
    check(
        "GET / HTTP/2.0\r\n\r\n",
        &[],
        Some("not HTTP/1 (answered with 400)"),
    );
    broken(
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "two lengths in one request (answered with 400)",
    );
    broken(
        "Content-Length: +3\r\n\r\n",
        "a length that is no number (answered with 400)",
    );
    broken(
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "a length and chunks in one request (answered with 400)",
    );
    broken(
        "Transfer-Encoding: gzip, chunked\r\n\r\n",
        "a transfer coding other than chunked (answered with 501)",
    );
    for chunks in ["+3\r\n", "\r\n", "3\r\nabcd", "3\r\nabc\r\nx\r\n"] {
        broken(
            &format!("Transfer-Encoding: chunked\r\n\r\n{chunks}\r\n"),
            "broken chunks (answered with 400)",
        );
    }
    let too_large = "the body of a request exceeds --max-body (answered with 413)";
    broken("Content-Length: 9999999999999999999\r\n\r\n", too_large);
    for size in ["1001", "ffffffffffffffffffff"] {
        broken(
            &format!("Transfer-Encoding: chunked\r\n\r\n{size}\r\n"),
            too_large,
        );
    }
    broken(
        &format!("x: {}", "y".repeat(2000)),
        "the head of a request is too long (answered with 431)",
    );
    broken(
        &format!("{}\r\n", "x:\r\n".repeat(65)),
        "a request with more than 64 fields (answered with 431)",
    );
}
