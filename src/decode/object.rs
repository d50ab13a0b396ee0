//! Writes the objects that decoders make: members in the order in which they came, equal keys
//! too, and text that is not UTF-8 with U+FFFD in its place, which is told.

use std::borrow::Cow;

use super::escape;
use crate::record::split_traceback;

/// An object that is being written.
#[derive(Debug)]
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    marks: Marks,
}

/// What is known of an object besides its text.
#[derive(Debug, Default)]
pub(super) struct Marks {
    damaged: bool,
    partial: bool,
    has_dl: bool,
    /// What the user should hear of.
    note: Option<&'static str>,
    /// Members of `dl.recv`, each with a comma behind it.
    recv: Vec<u8>,
    /// Where the text ends that further lines belong to, which mostly is the message.
    open: Option<usize>,
}

impl Marks {
    /// Notes that something in the record was not UTF-8.
    pub(super) fn damage(&mut self) {
        self.damaged = true;
    }

    /// What the user should hear of, once.
    pub(super) fn note(&mut self) -> Option<&'static str> {
        self.note.take()
    }
}

impl<'o> Object<'o> {
    /// Begins an object in `out`, which is emptied.
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.clear();
        out.push(b'{');
        Self {
            out,
            marks: Marks::default(),
        }
    }

    /// Leaves it without its end, to be gone on with.
    pub(super) fn leave(self) -> Marks {
        self.marks
    }

    /// Goes on with one that was left in `out`.
    pub(super) fn resume(out: &'o mut Vec<u8>, marks: Marks) -> Self {
        Self { out, marks }
    }

    /// Adds a member whose value is text.
    pub(super) fn text(&mut self, key: &[u8], value: &[u8]) {
        self.key(key);
        self.marks.damaged |= quote(value, self.out);
        if key == b"message" {
            self.marks.open = Some(self.out.len() - 1);
        }
    }

    /// Adds a member whose value is text that further lines belong to.
    pub(super) fn open_text(&mut self, key: &[u8], value: &[u8]) {
        self.text(key, value);
        self.marks.open = Some(self.out.len() - 1);
    }

    /// Adds a text as the message, with the traceback below it as the exception.
    pub(super) fn message(&mut self, text: &[u8]) {
        let (message, exception) = split_traceback(text);
        self.text(b"message", message);
        if let Some(exception) = exception {
            self.text(b"exception", exception);
        }
    }

    /// Adds a line to the message, or to the text that has been added last to be gone on with.
    pub(super) fn line(&mut self, line: &[u8]) {
        let Some(end) = self.marks.open else {
            return self.text(b"message", line);
        };
        let mut quoted = Vec::new();
        self.marks.damaged |= quote(&[b"\n", line].concat(), &mut quoted);
        let text = &quoted[1..quoted.len() - 1];
        self.out.splice(end..end, text.iter().copied());
        self.marks.open = Some(end + text.len());
    }

    /// Adds a member whose value is JSON already.
    pub(super) fn json(&mut self, key: &[u8], value: &[u8]) {
        self.key(key);
        self.out.extend_from_slice(value);
    }

    /// Adds a member whose value stands without quotes in the text: a number or a truth value
    /// stays one, all else is text.
    pub(super) fn bare(&mut self, key: &[u8], value: &[u8]) {
        if matches!(value, b"true" | b"false") || is_faithful_number(value) {
            self.json(key, value);
        } else {
            self.text(key, value);
        }
    }

    /// Adds members that are JSON already, as they stand between braces.
    pub(super) fn members(&mut self, members: &[u8]) {
        if !members.is_empty() {
            self.comma();
            self.out.extend_from_slice(members);
        }
    }

    /// Notes that something in the record was not UTF-8.
    pub(super) fn damaged(&mut self, damaged: bool) {
        self.marks.damaged |= damaged;
    }

    /// Notes that the end of the record's text is missing.
    pub(super) fn partial(&mut self, partial: bool) {
        self.marks.partial |= partial;
    }

    /// Notes something that the user should hear of.
    pub(super) fn note(&mut self, words: &'static str) {
        self.marks.note = Some(words);
    }

    /// Adds a member to `dl.recv`, which comes at the end.
    pub(super) fn recv(&mut self, key: &[u8], value: &[u8]) {
        let recv = &mut self.marks.recv;
        quote(key, recv);
        recv.push(b':');
        self.marks.damaged |= quote(value, recv);
        recv.push(b',');
    }

    /// Adds the members of another object that has been left, all of them, and what is known of it.
    pub(super) fn adopt(&mut self, members: &[u8], marks: Marks) {
        self.members(members);
        // A brace stood in front of them there.
        let start = self.out.len() - members.len();
        if let Some(open) = marks.open.filter(|_| !members.is_empty()) {
            self.marks.open = Some(start + open - 1);
        }
        self.marks.damaged |= marks.damaged;
        self.marks.partial |= marks.partial;
        self.marks.has_dl |= marks.has_dl;
        self.marks.note = self.marks.note.or(marks.note);
        self.marks.recv.extend(marks.recv);
    }

    /// True if there is no member yet.
    pub(super) fn is_empty(&self) -> bool {
        self.out.ends_with(b"{")
    }

    /// Ends an object that is part of a record; true if text in it was not UTF-8.
    pub(super) fn close(self) -> bool {
        self.out.push(b'}');
        self.marks.damaged
    }

    /// Ends the object. What `dl.recv` has to say, of damaged text and missing ends too, is said unless
    /// the record has a `dl` of its own.
    pub(super) fn end(mut self) {
        let marks = std::mem::take(&mut self.marks);
        if (marks.damaged || marks.partial || !marks.recv.is_empty()) && !marks.has_dl {
            self.key(b"dl");
            self.out.extend_from_slice(b"{\"recv\":{");
            let known = marks.recv.strip_suffix(b",").unwrap_or_default();
            self.out.extend_from_slice(known);
            Object::resume(self.out, marks).end_as_mark();
            self.out.push(b'}');
        }
        self.out.push(b'}');
    }

    /// Ends an object that is the value of `dl.recv`, which says itself if text was damaged or its end is missing.
    pub(super) fn end_as_mark(mut self) {
        let Marks {
            damaged, partial, ..
        } = self.marks;
        for (key, is_so) in [(&b"invalid_utf8"[..], damaged), (b"partial", partial)] {
            if is_so {
                self.json(key, b"true");
            }
        }
        self.out.push(b'}');
    }

    fn comma(&mut self) {
        if !self.is_empty() {
            self.out.push(b',');
        }
    }

    fn key(&mut self, key: &[u8]) {
        self.marks.has_dl |= key == b"dl";
        self.comma();
        self.marks.damaged |= quote(key, self.out);
        self.out.push(b':');
    }
}

/// Appends `text` as a JSON string; true if it was not UTF-8.
pub(super) fn quote(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    let mut is_damaged = false;
    if escape::is_plain(text) {
        out.extend_from_slice(text);
    } else {
        let mended = String::from_utf8_lossy(text);
        is_damaged = matches!(mended, Cow::Owned(_));
        escape::write_text(&mended, out);
    }
    out.push(b'"');
    is_damaged
}

/// True for what JSON calls a number and every reader reads as it is written: an integer of 64
/// bits, or a decimal fraction that a float gives back. `1e5` is none of them, because ids of
/// hexadecimal digits look like that, and neither is `007`.
fn is_faithful_number(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    // Most values are words.
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let (whole, fraction) = match digits.iter().position(|&byte| byte == b'.') {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let all_digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if !all_digits(whole) || (whole.len() > 1 && whole[0] == b'0') {
        return false;
    }
    let spelt = || str::from_utf8(text).unwrap_or_default();
    match fraction {
        // 18 digits are what 64 bits always hold.
        None if whole.len() <= 18 => text != b"-0",
        None => spelt().parse::<i64>().is_ok() || spelt().parse::<u64>().is_ok(),
        // 15 digits are what a float of 64 bits always keeps.
        Some(fraction) => {
            all_digits(fraction)
                && (whole.len() + fraction.len() <= 15
                    || spelt()
                        .parse::<f64>()
                        .is_ok_and(|number| number.to_string() == spelt()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_as_they_are_or_are_text() {
        let check = |text: &str, expect: bool| {
            assert_eq!(is_faithful_number(text.as_bytes()), expect, "{text}");
        };
        for number in [
            "0",
            "-1",
            "1.50",
            "18446744073709551615",
            "-9223372036854775808",
            "1795177294.9942589",
        ] {
            check(number, true);
            assert!(serde_json::from_str::<f64>(number).is_ok(), "{number}");
        }
        for text in [
            "",
            "-",
            "-0",
            "007",
            "1.",
            ".5",
            "1e5",
            "18446744073709551616",
            "0.12345678901234567890",
            "NaN",
            "+1",
            "1_000",
            "--1",
            "1.2.3",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn text_is_quoted_so_that_a_json_parser_gives_it_back() {
        let check = |text: &[u8], damaged: bool| {
            let mut out = Vec::new();
            assert_eq!(quote(text, &mut out), damaged);
            let back: String = serde_json::from_slice(&out).expect("JSON");
            assert_eq!(back, String::from_utf8_lossy(text));
        };
        check(b"a \"b\" \\ c\n\r\t\x00\x1b\x7f", false);
        check("é\u{2028}😀".as_bytes(), false);
        check(b"bin \xff", true);
        check(b"", false);
    }

    #[test]
    fn damage_is_told() {
        let write = |key: &[u8], value: &[u8]| {
            let mut out = Vec::new();
            let mut object = Object::begin(&mut out);
            object.text(key, value);
            object.end();
            String::from_utf8(out).expect("UTF-8")
        };
        assert_eq!(write(b"a", b"b"), r#"{"a":"b"}"#);
        assert_eq!(
            write(b"a", b"\xff"),
            "{\"a\":\"\u{fffd}\",\"dl\":{\"recv\":{\"invalid_utf8\":true}}}"
        );
        assert_eq!(write(b"dl", b"\xff"), "{\"dl\":\"\u{fffd}\"}");
    }
}
