//! Tracebacks as their producers write them.

/// The lines of an exception's text.
///
/// The original distlog writes each newline of a traceback as the two characters `\n`; only
/// there, where no real one is left, do they end a line (REFERENCE.md §3.2).
pub fn exception_lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    let escaped = text.starts_with("Traceback") && !text.contains('\n');
    let ends = move |c: char, rest: &str| c == '\n' || (escaped && rest.starts_with("\\n"));
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        if ends(c, &text[at..]) {
            lines.push(&text[start..at]);
            start = at + if c == '\n' { 1 } else { 2 };
            at = start;
        } else {
            at += c.len_utf8();
        }
    }
    lines.push(&text[start..]);
    lines.into_iter()
}

/// What begins a line between exceptions of which one led to the other.
const BETWEEN: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];
/// What begins the line above the frames of an exception, and of a group of them.
const HEADS: [&str; 2] = ["Traceback", "  + Exception Group Traceback"];
/// What begins the line above an exception that has ended a thread, and one that came where Python can raise none.
const THREAD: &[u8] = b"Exception in thread ";
const IGNORED: &[u8] = b"Exception ignored in: ";
/// What stands in front of the lines of a group.
const MARGIN: &str = "  | ";

/// A text, and the traceback of Python's below it, which a formatter has put there.
pub fn split_traceback(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memmem::find(text, b"\nTraceback (most recent call last):\n") {
        Some(at) => (text[..at].trim_ascii_end(), Some(text[at..].trim_ascii())),
        None => (text, None),
    }
}

/// True for a line that stands between two exceptions of which one led to the other.
pub fn leads_to_exception(line: &[u8]) -> bool {
    BETWEEN.iter().any(|mark| line.starts_with(mark.as_bytes()))
}

/// True for a line that tells where an exception was that nobody has caught.
pub fn is_uncaught(line: &[u8]) -> bool {
    behind_place(line).is_some()
}

/// What stands behind the place of an exception that nobody has caught: the JVM tells there what was raised, Python below.
fn behind_place(line: &[u8]) -> Option<&[u8]> {
    let end = &line[line.len()..];
    if line.starts_with(IGNORED) {
        return Some(end);
    }
    match line.strip_prefix(THREAD)? {
        [b'"', name @ ..] => {
            let at = memchr::memmem::find(name, b"\" ");
            Some(at.map_or(end, |at| &name[at + 2..]))
        }
        [.., b':'] => Some(end),
        _ => None,
    }
}

/// The line with the type and the reason of what was raised last.
///
/// It comes behind the frames, and need not be the last one: reasons may have more lines, notes follow, and so do the
/// members of a group.
pub fn exception_reason(text: &str) -> Option<String> {
    let lines: Vec<_> = exception_lines(text.trim_end()).collect();
    let behind = |marks: [&str; 2], lines: &[&str]| {
        let begins = |line: &&str| marks.iter().any(|mark| line.starts_with(mark));
        let last = lines.iter().rposition(begins);
        last.map_or(0, |last| last + 1)
    };
    let raised = &lines[behind(BETWEEN, &lines)..];
    raised[behind(HEADS, raised)..]
        .iter()
        .map(|line| line.strip_prefix(MARGIN).unwrap_or(line))
        .map(|line| {
            let raised = behind_place(line.as_bytes()).unwrap_or(line.as_bytes());
            &line[line.len() - raised.len()..]
        })
        .find(|line| !line.starts_with(' ') && !line.trim().is_empty())
        .map(|line| line.trim().to_owned())
}

/// Whether the line with the reason has come, of a traceback that is told line by line: what
/// [`exception_reason`] says of those so far, without a look at all of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Awaited {
    has_come: bool,
}

impl Awaited {
    /// Takes the next line.
    pub fn line(&mut self, line: &[u8]) {
        if leads_to_exception(line) {
            self.has_come = false;
        } else if HEADS.iter().any(|head| line.starts_with(head.as_bytes())) {
            // All of a traceback may stand in one line, with its newlines written as two characters.
            self.has_come = exception_reason(&String::from_utf8_lossy(line)).is_some();
        } else if !self.has_come {
            let line = line.strip_prefix(MARGIN.as_bytes()).unwrap_or(line);
            let line = behind_place(line).unwrap_or(line);
            self.has_come = !line.starts_with(b" ") && !line.trim_ascii().is_empty();
        }
    }

    /// Says that it need not be waited for, because it stands in front or is not known to be missing.
    pub fn come(&mut self) {
        self.has_come = true;
    }

    /// True if it has come.
    pub fn has_come(self) -> bool {
        self.has_come
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_reason_is_noticed_when_its_line_comes(
            lines in prop::collection::vec(prop::sample::select(vec![
                "Traceback (most recent call last):",
                "  + Exception Group Traceback (most recent call last):",
                "  |   File \"a.py\", line 1, in f",
                "  | ExceptionGroup: many",
                "  File \"a.py\", line 1, in f",
                "During handling of the above exception, another exception occurred:",
                "\tat a",
                "Exception in thread Thread-1 (f):",
                "Exception in thread \"main\" a.E: x",
                "Exception in thread \"main\"",
                "Exception ignored in: <a>",
                "E: x\\n",
                "",
                " ",
            ]), 1..20)
        ) {
            let mut awaited = Awaited::default();
            let mut text = String::new();
            for line in lines {
                awaited.line(line.as_bytes());
                text += line;
                text += "\n";
                prop_assert_eq!(awaited.has_come(), exception_reason(&text).is_some(), "{}", text);
            }
        }
    }

    #[test]
    fn all_of_a_traceback_may_stand_in_a_line() {
        let mut awaited = Awaited::default();
        awaited.line(b"Traceback (most recent call last):\\n  File\\nE: x");
        assert!(awaited.has_come());
    }

    #[test]
    fn only_an_escaped_traceback_is_split_at_two_characters() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(exception_lines(text).collect::<Vec<_>>(), expect);
        };
        check(
            "Traceback\\n  File\\nValueError: x",
            &["Traceback", "  File", "ValueError: x"],
        );
        check(
            "Traceback\n  File\nE: C:\\new",
            &["Traceback", "  File", "E: C:\\new"],
        );
        check(
            "FileNotFoundError: C:\\new\\note.txt",
            &["FileNotFoundError: C:\\new\\note.txt"],
        );
        check("", &[""]);
    }

    #[test]
    fn the_reason_is_behind_the_frames() {
        let check = |text: &str, expect: &str| {
            assert_eq!(exception_reason(text).as_deref(), Some(expect), "{text}");
        };
        let frames =
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\n    ^^^\n";
        check("E: x", "E: x");
        check(&format!("{frames}E: x\n"), "E: x");
        check("Traceback (most recent call last):\\n  File\\nE: x", "E: x");
        // A reason of many lines, with a note below it.
        check(
            &format!("{frames}E: 2 errors\n\nfirst\n  second\na note"),
            "E: 2 errors",
        );
        check(
            &format!("{frames}C: c\n\n{}\n\n{frames}E: x\nmore", BETWEEN[0]),
            "E: x",
        );
        // One that was never raised has no frames.
        check(
            &format!("{frames}C: c\n\n{}\n\nE: x\nmore", BETWEEN[1]),
            "E: x",
        );
        check(
            "  + Exception Group Traceback (most recent call last):
  |   File \"a.py\", line 1, in f
  | ExceptionGroup: many (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File \"a.py\", line 1, in f
    | E: x
    +---------------- 2 ----------------
    | F: y
    +------------------------------------",
            "ExceptionGroup: many (2 sub-exceptions)",
        );
        // The JVM tells the thread in front of it, Python above.
        check(
            "Exception in thread \"a b\" a.E: x\n\tat a.B.c(B.java:1)",
            "a.E: x",
        );
        check(
            &format!("Exception in thread Thread-1 (f):\n{frames}E: x"),
            "E: x",
        );
        check(
            "Exception ignored in: <a>\nBrokenPipeError: b",
            "BrokenPipeError: b",
        );
        assert_eq!(exception_reason("Exception in thread T:"), None);
        assert_eq!(exception_reason(""), None);
        assert_eq!(exception_reason("  \n "), None);
    }
}
