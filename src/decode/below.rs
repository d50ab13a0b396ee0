//! Tracebacks below a line of text: they belong to the record above them.
//!
//! A record is held until the next line tells that it is whole, or nothing more is there. What follows
//! a head of a traceback, frames and all, goes on until a line that begins a record, and is waited for until
//! its reason has come. One that no record stands above is a record itself: an interpreter writes it, line by
//! line, when nobody has caught the exception.

use super::{
    format::{Decode, Settings, Take},
    object::{Object, quote},
};
use crate::record::{exception_reason, leads_to_exception};

/// Reads the lines of a text format that has a record in each.
pub(super) trait Reader: Send {
    /// The record that a line is, or why it is none.
    fn record(&mut self, line: &[u8]) -> Result<&[u8], &'static str>;

    /// True if a line is the beginning of a record and not of a traceback's text.
    fn begins(&self, line: &[u8]) -> bool;
}

/// Decodes a format whose records may have tracebacks below them.
pub(super) struct Joiner<R> {
    reader: R,
    below: Below,
}

impl<R> Joiner<R> {
    pub(super) fn new(reader: R, settings: &Settings) -> Self {
        Self {
            reader,
            below: Below::new(settings),
        }
    }
}

impl<R: Reader> Decode for Joiner<R> {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        if self.below.takes(line, || self.reader.begins(line), take) {
            return;
        }
        match self.reader.record(line) {
            Ok(record) => self.below.hold(record, take),
            Err(reason) => {
                self.below.release(take);
                take.reject(line, reason);
            }
        }
    }

    fn blank(&mut self, line: &[u8], take: &mut dyn Take) {
        self.below.blank(line, take);
    }

    fn is_within(&self) -> bool {
        self.below.is_joining()
    }

    fn is_holding(&self) -> bool {
        self.below.is_holding()
    }

    fn pause(&mut self, take: &mut dyn Take) {
        if !self.below.lacks_reason() {
            self.below.release(take);
        }
    }

    fn finish(&mut self, take: &mut dyn Take) {
        self.below.release(take);
    }
}

/// A record and what stands below it.
struct Below {
    /// Empty if there is none.
    record: Vec<u8>,
    traceback: Vec<u8>,
    longest: usize,
}

impl Below {
    fn new(settings: &Settings) -> Self {
        Self {
            record: Vec::new(),
            traceback: Vec::new(),
            longest: settings.longest,
        }
    }

    /// True while lines belong to a traceback.
    fn is_joining(&self) -> bool {
        !self.traceback.is_empty()
    }

    /// True if something waits for the next line.
    fn is_holding(&self) -> bool {
        self.is_joining() || !self.record.is_empty()
    }

    /// Takes a line of a traceback; false if it is none. Whether it `begins` a record only who knows
    /// the format can tell.
    fn takes(&mut self, line: &[u8], begins: impl FnOnce() -> bool, take: &mut dyn Take) -> bool {
        if self.is_joining() && line.starts_with(HEAD) && self.is_whole() {
            self.release(take);
        }
        let goes_on = if self.is_joining() {
            is_indented(line) || is_head(line) || !begins()
        } else {
            is_head(line) || leads_to_exception(line) || !self.record.is_empty() && is_frame(line)
        };
        if goes_on {
            self.traceback.extend_from_slice(line.trim_ascii_end());
            self.traceback.push(b'\n');
            if self.record.len() + self.traceback.len() > self.longest {
                self.release(take);
            }
        }
        goes_on
    }

    /// True for a traceback of which the line that says what was raised has not come.
    fn lacks_reason(&self) -> bool {
        self.is_joining() && exception_reason(&String::from_utf8_lossy(&self.traceback)).is_none()
    }

    /// True if another traceback would not be part of this one.
    fn is_whole(&self) -> bool {
        let text = self.traceback.trim_ascii_end();
        let last = text.rsplit(|&byte| byte == b'\n').next();
        !last.is_some_and(leads_to_exception) && !self.lacks_reason()
    }

    /// Takes a blank line, which is part of a traceback that has begun and else nothing.
    fn blank(&mut self, line: &[u8], take: &mut dyn Take) {
        if self.is_joining() {
            self.takes(line, || false, take);
        }
    }

    /// Holds the next record, and hands out the one before.
    fn hold(&mut self, record: &[u8], take: &mut dyn Take) {
        self.release(take);
        self.record.extend_from_slice(record);
    }

    /// Hands out what is held.
    fn release(&mut self, take: &mut dyn Take) {
        let traceback = self.traceback.trim_ascii_end();
        if !traceback.is_empty() {
            let record = &mut self.record;
            if record.pop().is_none() {
                let reason = exception_reason(&String::from_utf8_lossy(traceback));
                Object::begin(record).text(b"message", reason.unwrap_or_default().as_bytes());
            }
            record.extend_from_slice(b",\"exception\":");
            quote(traceback, record);
            record.push(b'}');
        }
        if !self.record.is_empty() {
            take.record(&self.record);
        }
        self.record.clear();
        self.traceback.clear();
    }
}

/// True for a line that is no beginning of anything.
pub(super) fn is_indented(line: &[u8]) -> bool {
    line.first().is_none_or(u8::is_ascii_whitespace)
}

/// What a traceback of Python begins with.
const HEAD: &[u8] = b"Traceback (most recent call last)";

/// True for the first line of a traceback of Python.
fn is_head(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"  + Exception Group ").unwrap_or(line);
    line.starts_with(HEAD)
}

/// True for a line of a stack as the JVM, .NET and JavaScript have it, and for what leads to one.
fn is_frame(line: &[u8]) -> bool {
    if is_indented(line) {
        return line.trim_ascii_start().starts_with(b"at ");
    }
    let end = line.iter().position(|byte| b": ".contains(byte));
    let name = &line[..end.unwrap_or(line.len())];
    line.starts_with(b"Caused by: ")
        || name.contains(&b'.')
            && [&b"Exception"[..], b"Error", b"Throwable"]
                .iter()
                .any(|kind| name.ends_with(kind))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::decode::format::{
        Settings,
        tests::{decode, decode_slowly},
    };

    fn check(format: &str, text: &str, expect: &Expect) {
        expect.assert_eq(&decode(format, &Settings::default(), text.as_bytes()));
    }

    #[test]
    fn tracebacks_of_python_are_exceptions_of_the_record_above() {
        let text = "2026-11-20 12:00:00,123 ERROR app failed order=7
Traceback (most recent call last):
  File \"a.py\", line 3, in f
    return g(x=1, y = 2)
           ^^^^^^^^^^^^^
ValueError: bad key=1 of 2

  a second line
The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File \"a.py\", line 9, in <module>
    {\"a\": f()}
RuntimeError: no
2026-11-20 12:00:01,123 INFO app went on
";
        let expect = expect![[r#"
            {"time":"2026-11-20 12:00:00,123","level":"ERROR","message":"app failed","order":7,"exception":"Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    return g(x=1, y = 2)\n           ^^^^^^^^^^^^^\nValueError: bad key=1 of 2\n\n  a second line\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"a.py\", line 9, in <module>\n    {\"a\": f()}\nRuntimeError: no"}
            {"time":"2026-11-20 12:00:01,123","level":"INFO","message":"app went on"}
        "#]];
        check("logfmt", text, &expect);
        check("auto", text, &expect);
    }

    #[test]
    fn what_nobody_has_caught_is_a_record() {
        let text = "Traceback (most recent call last):
  File \"a.py\", line 1, in <module>
KeyError: 'x'
level=info msg=next
";
        let expect = expect![[r#"
            {"message":"KeyError: 'x'","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'"}
            {"level":"info","msg":"next"}
        "#]];
        check("logfmt", text, &expect);
    }

    #[test]
    fn one_that_stands_behind_another_is_another_record() {
        let one = |name: &str| {
            format!(
                "Traceback (most recent call last):\n  File \"{name}.py\", line 1\n{name}: no\n"
            )
        };
        let text = format!(
            "{}{}\nThe above exception was the direct cause of the following exception:\n\n{}a=1\n",
            one("A"),
            one("B"),
            one("C")
        );
        let expect = expect![[r#"
            {"message":"A: no","exception":"Traceback (most recent call last):\n  File \"A.py\", line 1\nA: no"}
            {"message":"C: no","exception":"Traceback (most recent call last):\n  File \"B.py\", line 1\nB: no\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"C.py\", line 1\nC: no"}
            {"a":1}
        "#]];
        check("logfmt", &text, &expect);
        check("auto", &text, &expect);
    }

    #[test]
    fn what_an_interpreter_writes_line_by_line_is_waited_for() {
        let text = "a=1
Traceback (most recent call last):
  File \"a.py\", line 1, in <module>
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"a.py\", line 3, in <module>
ValueError: y
b=2
";
        // Nobody knows whether more follows what is whole.
        let expect = expect![[r#"
            {"a":1}
            {"message":"KeyError: 'x'","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'"}
            {"message":"ValueError: y","exception":"During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nValueError: y"}
            {"b":2}
        "#]];
        for format in ["logfmt", "auto"] {
            let came = decode_slowly(format, &Settings::default(), text.as_bytes());
            expect.assert_eq(&came);
        }
    }

    #[test]
    fn stacks_of_other_languages() {
        let text = "2026-11-20 12:00:00.123 [main] ERROR app.Main - failed
java.lang.IllegalStateException: bad
\tat app.Main.run(Main.java:3)
Caused by: java.io.IOException: gone
\tat app.Main.read(Main.java:9)
\t... 1 more
2026-11-20 12:00:01.123 [main] INFO app.Main - went on
";
        let expect = expect![[r#"
            {"time":"2026-11-20 12:00:00.123","level":"ERROR","logger":"app.Main","thread":"main","message":"failed","exception":"java.lang.IllegalStateException: bad\n\tat app.Main.run(Main.java:3)\nCaused by: java.io.IOException: gone\n\tat app.Main.read(Main.java:9)\n\t... 1 more"}
            {"time":"2026-11-20 12:00:01.123","level":"INFO","logger":"app.Main","thread":"main","message":"went on"}
        "#]];
        check("logfmt", text, &expect);
    }

    #[test]
    fn records_of_another_format_end_a_traceback_and_keep_their_order() {
        let text = "level=error msg=failed
Traceback (most recent call last):
  File \"a.py\", line 1, in <module>
KeyError: 'x'
{\"level\":\"info\",\"msg\":\"json\"}
  File \"b.py\", line 1
level=info msg=last
{\"n\":1}
";
        let expect = expect![[r#"
            {"level":"error","msg":"failed","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'"}
            {"level":"info","msg":"json"}
            rejected (no key=value pair, and no time or level in front):   File "b.py", line 1
            {"level":"info","msg":"last"}
            {"n":1}
        "#]];
        check("auto", text, &expect);
    }

    #[test]
    fn one_that_is_too_long_is_cut_where_it_is() {
        let settings = Settings {
            longest: 60,
            ..Settings::default()
        };
        let text = "a=1\nTraceback (most recent call last):\n  File \"a.py\", line 1\n  File \"b.py\"\nb=2\n";
        expect![[r#"
            {"a":1,"exception":"Traceback (most recent call last):\n  File \"a.py\", line 1"}
            rejected (no key=value pair, and no time or level in front):   File "b.py"
            {"b":2}
        "#]]
        .assert_eq(&decode("logfmt", &settings, text.as_bytes()));
    }
}
