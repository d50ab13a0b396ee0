//! What pyzmq's `PUBHandler` sends: a topic that has the level in it, and a text
//! (REFERENCE.md §5). The topic is `ROOT.LEVEL.SUB`, where the handler's root and what the
//! message began with, up to `::`, may be missing.

use super::object::Object;

/// The names that Python's logging has for levels.
const LEVELS: [&[u8]; 7] = [
    b"DEBUG",
    b"INFO",
    b"WARNING",
    b"WARN",
    b"ERROR",
    b"CRITICAL",
    b"FATAL",
];

/// Writes a record of it; false if the topic is none of these.
pub(super) fn record(topic: &[u8], text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut parts = topic.split(|&byte| byte == b'.');
    let Some(level) = parts.find(|part| LEVELS.contains(part)) else {
        return false;
    };
    // Where the level stands, both are slices of the topic.
    let start = level.as_ptr() as usize - topic.as_ptr() as usize;
    let root = topic[..start].strip_suffix(b".").unwrap_or_default();
    let sub = &topic[start + level.len()..];
    let logger = if root.is_empty() {
        sub.strip_prefix(b".").unwrap_or(sub).to_vec()
    } else {
        [root, sub].concat()
    };
    let mut object = Object::begin(out);
    object.text(b"level", level);
    if !logger.is_empty() {
        object.text(b"logger", &logger);
    }
    // The formats that it comes with end most texts with a newline.
    object.message(text.strip_suffix(b"\n").unwrap_or(text));
    object.end();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_have_the_level_in_them() {
        let check = |topic: &str, expect: &str| {
            let mut out = Vec::new();
            let known = record(topic.as_bytes(), b"a \"b\"\nc\n", &mut out);
            let text = String::from_utf8(out).expect("UTF-8");
            assert_eq!(if known { &text } else { "" }, expect, "{topic}");
        };
        check("INFO", r#"{"level":"INFO","message":"a \"b\"\nc"}"#);
        check(
            "app.db.WARNING",
            r#"{"level":"WARNING","logger":"app.db","message":"a \"b\"\nc"}"#,
        );
        check(
            "app.ERROR.step.one",
            r#"{"level":"ERROR","logger":"app.step.one","message":"a \"b\"\nc"}"#,
        );
        check(
            "DEBUG.sub",
            r#"{"level":"DEBUG","logger":"sub","message":"a \"b\"\nc"}"#,
        );
        check("app.info", "");
        check("PLJ", "");
        check("", "");
    }

    #[test]
    fn a_traceback_below_the_text_is_the_exception() {
        let mut out = Vec::new();
        let text = b"failed\nTraceback (most recent call last):\n  File \"a.py\"\nKeyError: 'x'\n";
        assert!(record(b"ERROR", text, &mut out));
        assert_eq!(
            String::from_utf8_lossy(&out),
            r#"{"level":"ERROR","message":"failed","exception":"Traceback (most recent call last):\n  File \"a.py\"\nKeyError: 'x'"}"#
        );
    }
}
