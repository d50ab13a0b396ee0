//! Ids of traces and requests as they are written: what is no part of one, and what means that there is none.

use std::borrow::Cow;

/// An id without the `0x` in front of its hexadecimal digits.
pub fn without_prefix(id: Cow<'_, str>) -> Cow<'_, str> {
    match (prefix(&id), id) {
        (0, id) => id,
        (prefix, Cow::Borrowed(id)) => Cow::Borrowed(&id[prefix..]),
        (prefix, Cow::Owned(id)) => Cow::Owned(id[prefix..].to_owned()),
    }
}

/// The length of `0x` in front of hexadecimal digits.
fn prefix(id: &str) -> usize {
    let digits = id.strip_prefix("0x").or(id.strip_prefix("0X"));
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits.is_some_and(is_hex) { 2 } else { 0 }
}

/// True for what stands where there is no trace.
pub fn is_no_trace(id: &str) -> bool {
    is_no_request(id) || id == "0"
}

/// True for what stands where there is no request. A counter may begin with 0.
pub fn is_no_request(id: &str) -> bool {
    let digits = id.strip_prefix("0x").or(id.strip_prefix("0X"));
    let is_nil = |id: &str| id.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    matches!(id, "" | "-" | "None") || id != "0" && is_nil(digits.unwrap_or(id))
}

#[cfg(test)]
mod tests {
    use super::super::{Canonical, Found, Reader};

    #[test]
    fn what_says_that_there_is_no_request_is_no_id() {
        let check = |line: &str, expect: Option<&str>| {
            let mut reader = Reader::default();
            reader.canonical(Canonical::Tree);
            let mut found = Found::default();
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            assert_eq!(record.text(Canonical::Tree).as_deref(), expect, "{line}");
        };
        for nil in [
            "",
            "-",
            "None",
            "00000000000000000000000000000000",
            "0x0",
            "00-00",
        ] {
            for name in ["trace_id", "otelTraceID", "request_id", "correlation_id"] {
                check(&format!(r#"{{"{name}":"{nil}"}}"#), None);
                check(
                    &format!(r#"{{"{name}":"{nil}","CorrelationId":"r"}}"#),
                    Some("r"),
                );
            }
        }
        check(r#"{"otelTraceID":"0","request_id":"r"}"#, Some("r"));
        check(r#"{"req":{"id":0}}"#, Some("0"));
        check(r#"{"request_id":"0x"}"#, None);
        check(r#"{"request_id":"None of them"}"#, Some("None of them"));
    }
}
