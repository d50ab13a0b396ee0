//! Lines made by chance to lead a search for literals astray: any character may be escaped,
//! any number spelled oddly, any key repeated, and what is searched for stands in other
//! places too.

use super::{
    expression::{Check, Expression, Field, Literal},
    words::{
        BLANK_SIZES, FIELDS, LENGTHS, LEVEL_NUMBERS, LEVEL_WORDS, NUMBERS, SIZES, TEXTS, TIMES,
        TREES,
    },
};
use crate::rng::Rng;

/// A line, and the same in what `serde_json` can read; no reading if it is no record.
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    pub(super) reading: Option<String>,
}

/// What expressions look for, and so records should have now and then: a path and a value
/// as JSON, which this module may spell differently.
pub(super) struct Wish {
    path: &'static [&'static str],
    value: Value,
}

#[derive(Clone)]
enum Value {
    Text(String),
    /// Written as it is.
    Bare(String),
}

/// What the expressions wish for.
pub(super) fn wishes<'e>(
    rng: &mut Rng,
    expressions: impl IntoIterator<Item = &'e Expression>,
) -> Vec<Wish> {
    let mut wishes = Vec::new();
    for expression in expressions {
        expression.tests(&mut |test| {
            let literals: Vec<&Literal> = match &test.check {
                Check::Compare(_, literal) => vec![literal],
                Check::OneOf(literals) => literals.iter().collect(),
                _ => Vec::new(),
            };
            let mut values: Vec<Value> = literals
                .into_iter()
                .map(|literal| value_of(rng, literal))
                .collect();
            if let Check::Text(_, text) = &test.check {
                values.push(Value::Text(text.clone()));
                values.push(Value::Text(format!("ab{text}")));
                values.push(Value::Text(format!("{text}é\"")));
            }
            let path: &[&str] = match test.field {
                Field::Raw(_, path) => path,
                Field::Canonical(name) => places(rng, name),
            };
            wishes.extend(values.into_iter().map(|value| Wish { path, value }));
        });
    }
    wishes
}

fn value_of(rng: &mut Rng, literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Bare("null".into()),
        Literal::Bool(value) => Value::Bare(value.to_string()),
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Number(number) => {
            let known = NUMBERS
                .iter()
                .find(|(plain, spellings)| plain == number || spellings.contains(&number.as_str()));
            let spelled = known
                .map_or(number.as_str(), |(_, spellings)| rng.pick(spellings))
                .to_owned();
            if rng.once_in(4) {
                Value::Text(spelled)
            } else {
                Value::Bare(spelled)
            }
        }
        Literal::Length(spelled, seconds) => match rng.below(3) {
            0 => Value::Bare(seconds.to_string()),
            _ => Value::Text((*spelled).to_owned()),
        },
        Literal::Size(spelled, bytes) => match rng.below(3) {
            0 => Value::Bare(bytes.to_string()),
            _ => Value::Text((*spelled).to_owned()),
        },
        Literal::Level(..) => level(rng),
        Literal::Time(..) => time(rng),
    }
}

fn level(rng: &mut Rng) -> Value {
    if rng.once_in(2) {
        Value::Bare(rng.pick(LEVEL_NUMBERS).0.to_owned())
    } else {
        Value::Text(rng.pick(LEVEL_WORDS).0.to_owned())
    }
}

fn time(rng: &mut Rng) -> Value {
    let (json, _) = rng.pick(TIMES);
    match json
        .strip_prefix('"')
        .and_then(|json| json.strip_suffix('"'))
    {
        Some(text) => Value::Text(text.to_owned()),
        None => Value::Bare(json.to_owned()),
    }
}

/// One of the places where a canonical field may stand.
fn places(rng: &mut Rng, name: &str) -> &'static [&'static str] {
    let places: &[&[&str]] = match name {
        "level" => &[
            &["level"],
            &["log", "level"],
            &["levelname"],
            &["log_level"],
            &["levelno"],
        ],
        "time" => &[&["time"], &["timestamp"], &["ts"], &["@timestamp"]],
        "message" => &[&["message"], &["msg"], &["event"]],
        "logger" => &[&["logger"], &["name"]],
        "tree" => &[
            &["trace_id"],
            &["request_id"],
            &["req", "id"],
            &["task_uuid"],
        ],
        "duration" => &[&["duration"], &["duration_ms"], &["elapsed"]],
        "status" => &[&["action_status"]],
        "process" => &[&["pid"], &["process"]],
        _ => &[&["exc_text"], &["traceback"], &["error"]],
    };
    rng.pick(places)
}

/// Members with the same meaning for us and for `serde_json`, though some differ in bytes.
struct Writer {
    bytes: Vec<u8>,
    reading: String,
}

impl Writer {
    /// The same in both.
    fn both(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.reading.push_str(text);
    }

    fn space(&mut self, rng: &mut Rng) {
        if rng.once_in(5) {
            self.both(rng.pick(&[" ", "  ", "\t", " \t "]));
        }
    }

    /// A string, any character of which may be escaped.
    fn text(&mut self, rng: &mut Rng, text: &str) {
        let odds = if rng.once_in(3) { 3 } else { 1_000 };
        self.both("\"");
        for c in text.chars() {
            let must = c < ' ' || matches!(c, '"' | '\\');
            let short = match c {
                '"' => "\\\"",
                '\\' => "\\\\",
                '/' => "\\/",
                '\n' => "\\n",
                '\t' => "\\t",
                _ => "",
            };
            if !must && !rng.once_in(odds) {
                self.both(c.encode_utf8(&mut [0; 4]));
            } else if !short.is_empty() && rng.once_in(2) {
                self.both(short);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let hex = format!("{unit:04x}");
                    let hex = if rng.once_in(2) {
                        hex.to_uppercase()
                    } else {
                        hex
                    };
                    self.both(&format!("\\u{hex}"));
                }
            }
        }
        self.both("\"");
    }

    fn key(&mut self, rng: &mut Rng, key: &str) {
        self.text(rng, key);
        self.space(rng);
        self.both(":");
        self.space(rng);
    }

    fn value(&mut self, rng: &mut Rng, value: &Value) {
        match value {
            Value::Bare(text) => self.both(text),
            Value::Text(text) => self.text(rng, text),
        }
    }

    /// The value, or an array that has it among others, or one where it lies too deep.
    fn wrapped(&mut self, rng: &mut Rng, value: &Value) {
        match rng.below(12) {
            0 => {
                let at = rng.below(3);
                self.both("[");
                for index in 0..=at.max(rng.below(3)) {
                    if index > 0 {
                        self.both(",");
                    }
                    self.space(rng);
                    if index == at {
                        self.value(rng, value);
                    } else {
                        let value = any_value(rng);
                        self.value(rng, &value);
                    }
                    self.space(rng);
                }
                self.both("]");
            }
            1 if rng.once_in(2) => {
                self.both("[[");
                self.value(rng, value);
                self.both("],{\"k\":");
                self.value(rng, value);
                self.both("}]");
            }
            2 if rng.once_in(2) => {
                self.both("{");
                self.key(rng, "k");
                self.value(rng, value);
                self.both("}");
            }
            _ => self.value(rng, value),
        }
    }

    /// A member at a path, nested or with dots in its key.
    fn member(&mut self, rng: &mut Rng, path: &[&str], value: &Value) {
        match path {
            [key] => {
                self.key(rng, key);
                self.wrapped(rng, value);
            }
            [key, "[1]"] => {
                self.key(rng, key);
                self.both("[0,");
                self.wrapped(rng, value);
                self.both("]");
            }
            [outer, inner] if rng.once_in(4) => {
                self.key(rng, &format!("{outer}.{inner}"));
                self.wrapped(rng, value);
            }
            [outer, rest @ ..] => {
                self.key(rng, outer);
                self.both("{");
                if rng.once_in(4) {
                    self.noise(rng);
                    self.both(",");
                }
                self.member(rng, rest, value);
                self.both("}");
            }
            [] => {}
        }
    }

    /// A member that no expression asks for, with what they search for in it.
    fn noise(&mut self, rng: &mut Rng) {
        let text = rng.pick(TEXTS);
        match rng.below(9) {
            0 => self.both(r#""noise":"\"a\":\"ab\",\"level\":\"error\"""#),
            1 => self
                .both(r#""noise":{"a":"ab","level":"error","o":{"k":1},"b":500,"task_uuid":"u"}"#),
            2 => self.both(r#""noise":["a",{"a":[1]},"level","error",null,[{"b":9}]]"#),
            3 => {
                // What serde_json does not read: bytes that are no UTF-8, and half of a pair.
                self.both("\"noise\":\"");
                self.bytes.extend_from_slice(rng.pick(&[
                    &b"\xFF\xC0\x80"[..],
                    b"\xE9",
                    b"\\ud83d",
                    b"\\uDE00x",
                    b"\x01\x00\x7F",
                ]));
                self.both("\"");
            }
            4 => {
                self.both("\"noise\":");
                self.bytes
                    .extend_from_slice(rng.pick(&[&b"NaN"[..], b"Infinity", b"-Infinity"]));
                self.reading.push_str("null");
            }
            5 => self.both("\"noise\":18446744073709551616000"),
            6 => {
                self.key(rng, "noise");
                self.text(rng, text);
            }
            _ => {
                self.key(rng, text);
                let value = any_value(rng);
                self.value(rng, &value);
            }
        }
    }

    /// The members that make a record one of a producer's.
    fn marks(&mut self, rng: &mut Rng) {
        let word = rng.pick(LEVEL_WORDS);
        let number = rng.pick(LEVEL_NUMBERS);
        match rng.below(8) {
            0 => {
                let tree = rng.pick(TREES);
                self.member(rng, &["task_uuid"], &Value::Text(tree.into()));
                self.both(",\"task_level\":[1],");
                let status = rng.pick(&["started", "succeeded", "failed", "other"]);
                self.member(rng, &["action_status"], &Value::Text(status.into()));
            }
            1 => {
                self.member(rng, &["levelno"], &Value::Bare(number.0.into()));
                let created = rng.pick(&["1795177800", "1795177800.25", "1795129200"]);
                self.both(",");
                self.key(rng, "created");
                self.both(created);
                if rng.once_in(2) {
                    let key = rng.pick(&["0@40be6df2/1", "3@é/1", "x@40be6df2", "nothing", "1@/2"]);
                    self.both(",");
                    self.member(rng, &["context", "key"], &Value::Text(key.into()));
                }
            }
            2 => {
                self.key(rng, "level");
                self.both(number.0);
                self.both(",\"time\":1795177800250,");
                let text = rng.pick(TEXTS);
                self.member(rng, &["msg"], &Value::Text(text.into()));
            }
            3 => self.member(rng, &["level"], &Value::Text(word.0.into())),
            _ => self.both("\"plain\":true"),
        }
    }
}

fn any_value(rng: &mut Rng) -> Value {
    match rng.below(14) {
        0 => Value::Bare("null".into()),
        1 => Value::Bare("true".into()),
        2 => Value::Bare("false".into()),
        3..=5 => {
            let (_, spellings) = rng.pick(NUMBERS);
            Value::Bare((rng.pick(spellings)).into())
        }
        6 => Value::Text(rng.pick(LENGTHS).0.into()),
        7 => Value::Text(rng.pick(SIZES).0.into()),
        8 => Value::Text(rng.pick(BLANK_SIZES).0.into()),
        9 => Value::Text(rng.pick(LEVEL_WORDS).0.into()),
        _ => Value::Text((rng.pick(TEXTS)).into()),
    }
}

/// Any line.
pub(super) fn line(rng: &mut Rng, number: usize, wishes: &[Wish]) -> Line {
    let mut writer = Writer {
        bytes: Vec::new(),
        reading: String::new(),
    };
    let front: &[u8] = rng.pick(&[&b""[..], b"", b"", b"", b"", b" ", b"\xEF\xBB\xBF", b"\x1E"]);
    writer.bytes.extend_from_slice(front);
    writer.both(&format!("{{\"number\":{number},"));
    writer.marks(rng);
    for _ in 0..rng.below(6) {
        writer.both(",");
        writer.space(rng);
        match rng.below(12) {
            0..=5 if !wishes.is_empty() => {
                let wish = &wishes[rng.below(wishes.len())];
                writer.member(rng, wish.path, &wish.value.clone());
            }
            6 => writer.noise(rng),
            7 => {
                let value = time(rng);
                writer.key(rng, "deadline");
                writer.value(rng, &value);
            }
            _ => {
                let (_, path) = rng.pick(FIELDS);
                let value = any_value(rng);
                writer.member(rng, path, &value);
            }
        }
        writer.space(rng);
    }
    writer.both("}");
    finish(rng, writer)
}

/// Ends the line: well, or as broken as lines can be.
fn finish(rng: &mut Rng, writer: Writer) -> Line {
    let Writer { mut bytes, reading } = writer;
    let mut reading = Some(reading);
    match rng.below(40) {
        0 => {
            // Cut off.
            bytes.truncate(bytes.len() - 1 - rng.below(bytes.len() / 2));
            reading = None;
        }
        1 => {
            bytes.push(rng.pick(b"}x\0\x1E"));
            reading = None;
        }
        2 | 3 => bytes.extend_from_slice(b" \r"),
        4..=9 => bytes.push(b'\r'),
        _ => {}
    }
    Line { bytes, reading }
}
