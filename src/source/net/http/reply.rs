//! Replies to requests.

use std::io::Write;

/// A reply. The default is 200 without a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The type of the body; empty if there is none.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// The methods that would do, for 405.
    pub allow: &'static str,
    /// No further request is wanted on this connection.
    pub last: bool,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            status: 200,
            content_type: "",
            body: Vec::new(),
            allow: "",
            last: false,
        }
    }
}

impl Reply {
    /// A reply in words.
    pub fn text(status: u16, words: &str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: format!("{words}\n").into_bytes(),
            ..Self::default()
        }
    }

    /// Appends the reply; `stays` tells the client whether the connection does.
    pub(super) fn write(&self, out: &mut Vec<u8>, stays: bool, head_only: bool) {
        let (status, reason) = (self.status, reason(self.status));
        // Writing into memory does not fail.
        let _ = write!(out, "HTTP/1.1 {status} {reason}\r\n");
        if !self.content_type.is_empty() {
            let _ = write!(out, "Content-Type: {}\r\n", self.content_type);
        }
        if !self.allow.is_empty() {
            let _ = write!(out, "Allow: {}\r\n", self.allow);
        }
        let _ = write!(out, "Content-Length: {}\r\n", self.body.len());
        if !stays {
            out.extend_from_slice(b"Connection: close\r\n");
        }
        out.extend_from_slice(b"\r\n");
        if !head_only {
            out.extend_from_slice(&self.body);
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        _ => "Error",
    }
}
