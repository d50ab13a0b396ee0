//! Exceptions that their producers write as lists: of lines, as python-json-logger has it, or of
//! what was raised, as structlog's `dict_tracebacks` has it. They become the text that Python itself
//! would have written. Those that are objects are in `thrown`.

use std::borrow::Cow;

use super::{cursor::Cursor, scan::Malformed, thrown::thrown_text, value::Value};

/// How many groups inside of each other are looked into.
const DEEPEST: usize = 16;

/// The exception as text for people: lines where the text is a list of them, and as it is where it is
/// not known what stands in it.
pub fn exception_text(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.starts_with('{') {
        return thrown_text(&text).map_or(text, Cow::Owned);
    }
    if !text.starts_with('[') {
        return text;
    }
    let list = text.as_bytes();
    let written = lines(list).or_else(|| {
        let mut out = String::new();
        write(&raised(list, DEEPEST)?, "", &mut out);
        Some(out)
    });
    written.map_or(text, Cow::Owned)
}

/// The lines of a list that has nothing else.
fn lines(list: &[u8]) -> Option<String> {
    let mut lines = Vec::new();
    let mut are_texts = true;
    let walked = Cursor::array(list, |cursor| {
        match cursor.value()?.as_str() {
            Some(line) => lines.push(line.into_owned()),
            None => are_texts = false,
        }
        Ok(())
    });
    (walked.is_ok() && are_texts).then(|| lines.join("\n"))
}

/// One exception.
#[derive(Default)]
struct Raised {
    kind: Option<String>,
    value: String,
    notes: Vec<String>,
    /// True if the one that stands before it in the list was raised from it.
    is_cause: bool,
    frames: Vec<Frame>,
    /// Those of a group, each with what it was raised from.
    group: Vec<Vec<Raised>>,
}

/// A place that it came through.
#[derive(Default)]
struct Frame {
    file: String,
    line: String,
    function: String,
    source: String,
    locals: Vec<(String, String)>,
}

/// What was raised, the last one first; `None` if the list is of something else.
fn raised(list: &[u8], depth: usize) -> Option<Vec<Raised>> {
    let mut all = Vec::new();
    let walked = Cursor::array(list, |cursor| {
        all.push(one(cursor.value()?, depth));
        Ok(())
    });
    walked.ok()?;
    all.into_iter().collect()
}

fn one(value: Value<'_>, depth: usize) -> Option<Raised> {
    let depth = depth.checked_sub(1)?;
    let mut one = Raised::default();
    let walked = Cursor::line(value.raw, |key, cursor| {
        let value = cursor.value()?;
        match key {
            b"exc_type" => one.kind = value.as_str().map(Cow::into_owned),
            b"exc_value" => one.value = value.text().into_owned(),
            b"exc_notes" => {
                let _ = each(value, |note| one.notes.push(note.text().into_owned()));
            }
            b"is_cause" => one.is_cause = value.raw == b"true",
            b"frames" => {
                let _ = each(value, |frame| one.frames.push(Frame::read(frame)));
            }
            b"exceptions" => {
                let _ = each(value, |list| one.group.extend(raised(list.raw, depth)));
            }
            _ => {}
        }
        Ok(())
    });
    (walked.is_ok() && one.kind.is_some()).then_some(one)
}

/// Goes through the elements of a list.
fn each<'a>(list: Value<'a>, mut each: impl FnMut(Value<'a>)) -> Result<(), Malformed> {
    Cursor::array(list.raw, |cursor| {
        each(cursor.value()?);
        Ok(())
    })
}

impl Frame {
    fn read(value: Value<'_>) -> Self {
        let mut frame = Self::default();
        // What is no object has no members.
        let _ = Cursor::line(value.raw, |key, cursor| {
            let value = cursor.value()?;
            let text = || value.text().into_owned();
            match key {
                b"filename" => frame.file = text(),
                b"lineno" => frame.line = text(),
                b"name" => frame.function = text(),
                b"line" => frame.source = text(),
                b"locals" => {
                    let _ = Cursor::line(value.raw, |name, cursor| {
                        let name = String::from_utf8_lossy(name).into_owned();
                        frame
                            .locals
                            .push((name, cursor.value()?.text().into_owned()));
                        Ok(())
                    });
                }
                _ => {}
            }
            Ok(())
        });
        frame
    }
}

/// Appends exceptions as Python does: the first that was raised is the first.
fn write(all: &[Raised], indent: &str, out: &mut String) {
    for (number, raised) in all.iter().enumerate().rev() {
        let mut line = |text: &str| {
            for text in text.lines() {
                out.push_str(indent);
                out.push_str(text);
                out.push('\n');
            }
        };
        if !raised.frames.is_empty() {
            line("Traceback (most recent call last):");
        }
        for Frame {
            file,
            line: number,
            function,
            source,
            locals,
        } in &raised.frames
        {
            line(&format!("  File \"{file}\", line {number}, in {function}"));
            if !source.is_empty() {
                line(&format!("    {source}"));
            }
            for (name, value) in locals {
                line(&format!("      {name} = {value}"));
            }
        }
        let kind = raised.kind.as_deref().unwrap_or_default();
        match raised.value.as_str() {
            "" => line(kind),
            value => line(&format!("{kind}: {value}")),
        }
        for note in &raised.notes {
            line(note);
        }
        if number > 0 {
            line(if raised.is_cause {
                "The above exception was the direct cause of the following exception:"
            } else {
                "During handling of the above exception, another exception occurred:"
            });
        }
        for inner in &raised.group {
            write(inner, &format!("{indent}  | "), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_become_what_python_would_have_written() {
        let check = |text: &str, expect: &str| {
            assert_eq!(exception_text(text.into()).trim_end(), expect, "{text}");
        };
        check(
            r#"["Traceback (most recent call last):","  File \"a.py\", line 1","E: x"]"#,
            "Traceback (most recent call last):\n  File \"a.py\", line 1\nE: x",
        );
        check(
            r#"[{"exc_type":"ValueError","exc_value":"bad","exc_notes":["at night"],"is_cause":false,"frames":[{"filename":"a.py","lineno":8,"name":"run","locals":{"n":"7"}}],"exceptions":[]},{"exc_type":"KeyError","exc_value":"'k'","is_cause":true,"frames":[{"filename":"a.py","lineno":6,"name":"run","line":"{}['k']"}]}]"#,
            "Traceback (most recent call last):
  File \"a.py\", line 6, in run
    {}['k']
KeyError: 'k'
The above exception was the direct cause of the following exception:
Traceback (most recent call last):
  File \"a.py\", line 8, in run
      n = 7
ValueError: bad
at night",
        );
        check(
            r#"[{"exc_type":"ExceptionGroup","exc_value":"many","is_group":true,"frames":[],"exceptions":[[{"exc_type":"E","exc_value":"1","frames":[]}],[{"exc_type":"F","exc_value":""}]]}]"#,
            "ExceptionGroup: many\n  | E: 1\n  | F",
        );
    }

    #[test]
    fn what_is_no_such_list_stays_as_it_is() {
        for text in [
            "",
            "E: x",
            "[Errno 2] No such file or directory",
            r#"["a",1]"#,
            r#"[{"code":5}]"#,
            r#"[{"exc_type":"E"},7]"#,
            r#"[["E"]]"#,
            r#"["a""#,
        ] {
            assert_eq!(exception_text(text.into()), text);
        }
    }

    #[test]
    fn groups_in_groups_have_an_end() {
        let mut text = r#"[{"exc_type":"E","exceptions":[]}]"#.to_owned();
        for _ in 0..10_000 {
            text = format!(r#"[{{"exc_type":"E","exceptions":[{text}]}}]"#);
        }
        let shown = exception_text(text.as_str().into());
        assert_eq!(shown.matches('E').count(), DEEPEST);
    }
}
