//! What each framing finds, however the bytes are cut.

use super::*;

#[track_caller]
fn check(protocol: Protocol, bytes: &[u8], expect: &[&str], refusal: Option<&str>) {
    for piece in [1, 2, 3, 7, bytes.len().max(1)] {
        let pieces = vec![piece; bytes.len()];
        let (messages, refused) = fuzz_framing(protocol, bytes, &pieces, 64);
        let messages: Vec<_> = messages
            .iter()
            .map(|m| String::from_utf8_lossy(m))
            .collect();
        assert_eq!(messages, expect, "in pieces of {piece}");
        assert_eq!(
            refused.map(|refusal| refusal.to_string()).as_deref(),
            refusal,
            "in pieces of {piece}"
        );
    }
}

#[test]
fn lines() {
    let check = |bytes: &[u8], expect, refusal| check(Protocol::Ndjson, bytes, expect, refusal);
    check(b"a\nb\n", &["a", "b"], None);
    check(b"a\r\n\n \nb", &["a\r", "b"], None);
    check(b"", &[], None);
    let long = [&b"a\n"[..], &[b'x'; 65], b"\nb\n"].concat();
    let reason = "a message of more than 64 bytes (--max-record)";
    check(&long, &["a"], Some(reason));
    check(&[b'x'; 64], &[&"x".repeat(64)], None);
}

#[test]
fn nul() {
    check(Protocol::Gelf, b"{}\0\n{ }\0{", &["{}", "\n{ }", "{"], None);
    check(Protocol::Gelf, b"\0\0", &[], None);
}

#[test]
fn lengths() {
    let check = |bytes: &[u8], expect, refusal| check(Protocol::Pylog, bytes, expect, refusal);
    check(b"\0\0\0\x01a\0\0\0\0\0\0\0\x02bc", &["a", "", "bc"], None);
    check(b"\0\0\0\x02b", &[], None);
    check(b"\0\0", &[], None);
    let reason = "a message of more than 64 bytes (--max-record)";
    check(b"\0\0\0\x01a\xff\xff\xff\xff", &["a"], Some(reason));
    check(b"GET / HTTP/1.1", &[], Some(reason));
}

#[test]
fn syslog_is_told_by_its_first_bytes() {
    let check = |bytes: &[u8], expect, refusal| check(Protocol::Syslog, bytes, expect, refusal);
    check(b"5 <1>ab7 <1>a\nbc", &["<1>ab", "<1>a\nbc"], None);
    check(b"5 <1>ab\n5 <1>cd", &["<1>ab", "<1>cd"], None);
    check(b"5 <1>ab9 <1>c", &["<1>ab"], None);
    check(b"<1>a\n<1>b\n", &["<1>a", "<1>b"], None);
    check(b"<1>a\n<1>b", &["<1>a", "<1>b"], None);
    check(b"<1>a\0<1>b\nc\0", &["<1>a", "<1>b\nc"], None);
    // As rsyslog writes files: digits, and no count.
    check(
        b"2026-11-20T x\n2026 y\n",
        &["2026-11-20T x", "2026 y"],
        None,
    );
    let reason = "no count of octets stands in front of a message";
    check(b"5 <1>abx", &["<1>ab"], Some(reason));
    let reason = "a message of more than 64 bytes (--max-record)";
    check(b"99 <1>a", &[], Some(reason));
    check(&[b'<'; 65], &[], Some(reason));
}

#[test]
fn a_traceback_that_nul_ends_is_one_message() {
    let bytes = b"<11>Traceback\n  File\n<KeyError>\0<11>b\0";
    let (messages, refusal) = fuzz_framing(Protocol::Syslog, bytes, &[], 64);
    assert_eq!(refusal, None);
    assert_eq!(
        messages,
        [&b"<11>Traceback\n  File\n<KeyError>"[..], b"<11>b"]
    );
}
