//! Lines that are no records, and what is made of them.

/// What is to be done about a line that is no record.
#[derive(Debug)]
pub(in crate::cli) enum Stray {
    /// Nothing more: it is blank, or counted as rejected.
    Gone,
    /// Write it as it is.
    Pass,
    /// Treat this record in its place.
    Wrapped(Vec<u8>),
}

/// A record whose message is `line`: all of it, because the blanks in front of the lines of
/// a traceback are part of it; only the CR of CR LF belongs to the file.
pub(in crate::cli) fn wrap(line: &[u8]) -> Vec<u8> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line));
    format!("{{\"message\":{}}}", serde_json::Value::from(text)).into_bytes()
}
