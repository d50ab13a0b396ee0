//! Canonical fields as man/dl.7 tells where they are: of the producers and places that the
//! generated records have.

use super::{
    json::Json,
    words::{LEVEL_NUMBERS, LEVEL_WORDS, TIMES},
};

pub(super) enum Asked {
    Level(u8),
    Time(i64),
    Length(f64),
    Text(String),
}

/// Something that reads a canonical field of one producer.
type Places = &'static [&'static [&'static str]];

pub(super) const NAMES: &[&str] = &[
    "level",
    "time",
    "message",
    "logger",
    "tree",
    "duration",
    "status",
    "process",
    "exception",
];

enum Producer {
    Eliot,
    Distlog,
    Python,
    Pino,
    Generic,
}

fn producer(record: &Json) -> Producer {
    let has = |path: &[&str]| record.first(path).is_some_and(|value| *value != Json::Null);
    let number = |path: &[&str]| matches!(record.first(path), Some(Json::Number(_)));
    if has(&["task_uuid"]) && has(&["task_level"]) {
        Producer::Eliot
    } else if has(&["levelno"]) && has(&["context", "key"]) {
        Producer::Distlog
    } else if has(&["levelno"]) && number(&["created"]) {
        Producer::Python
    } else if number(&["level"]) && has(&["time"]) && has(&["msg"]) {
        Producer::Pino
    } else {
        Producer::Generic
    }
}

/// A canonical field of a record, if it is there and can be read.
pub(super) fn ask(record: &Json, name: &str) -> Option<Asked> {
    let who = producer(record);
    match name {
        "level" => ask_level(record, &who).map(Asked::Level),
        "time" => {
            let places: Places = match who {
                Producer::Eliot => &[&["timestamp"]],
                Producer::Distlog | Producer::Python => &[&["created"]],
                Producer::Pino => &[&["time"]],
                Producer::Generic => &[
                    &["@timestamp"],
                    &["timestamp"],
                    &["time"],
                    &["ts"],
                    &["created"],
                ],
            };
            places
                .iter()
                .find_map(|path| time(record.first(path)?))
                .map(Asked::Time)
        }
        "duration" => match who {
            Producer::Generic | Producer::Pino => {
                let mut places: Vec<(&[&str], f64)> =
                    vec![(&["duration_ms"], 1e-3), (&["duration"], 1.0)];
                if matches!(who, Producer::Generic) {
                    places.push((&["elapsed"], 1.0));
                }
                places
                    .into_iter()
                    .find_map(|(path, factor)| match record.first(path)? {
                        Json::Number(text) => {
                            Some(Asked::Length(text.parse::<f64>().ok()? * factor))
                        }
                        _ => None,
                    })
            }
            _ => None,
        },
        "status" => {
            let Producer::Eliot = who else { return None };
            let Json::Text(word) = record.first(&["action_status"])? else {
                return None;
            };
            let status = match word.as_str() {
                "started" => "running",
                "succeeded" | "failed" => word,
                _ => return None,
            };
            Some(Asked::Text(status.to_owned()))
        }
        "tree" if matches!(who, Producer::Distlog) => {
            let Json::Text(key) = record.first(&["context", "key"])? else {
                return None;
            };
            let (seq, scope) = key.split_once('@')?;
            seq.parse::<u64>().ok()?;
            let tree = scope.split('/').next()?;
            (!tree.is_empty()).then(|| Asked::Text(tree.to_owned()))
        }
        "message" if matches!(who, Producer::Pino) => {
            record.last(&["msg"]).and_then(text).map(Asked::Text)
        }
        name => {
            let fails = name == "exception" && !matches!(who, Producer::Eliot);
            let read = if fails { failure } else { text };
            let mut places = text_places(name, &who).iter();
            places
                .find_map(|path| read(record.first(path)?))
                .map(Asked::Text)
        }
    }
}

fn text_places(name: &str, who: &Producer) -> Places {
    match (name, who) {
        ("message", Producer::Eliot) => {
            &[&["message"], &["action_type"], &["message_type"], &["text"]]
        }
        ("message", Producer::Distlog | Producer::Python) => &[&["message"], &["msg"]],
        ("message", _) => &[&["message"], &["msg"], &["event"], &["log"]],
        ("logger", Producer::Eliot) => &[&["logger"]],
        ("logger", Producer::Generic) => &[&["logger"], &["name"]],
        ("logger", _) => &[&["name"]],
        ("tree", Producer::Eliot) => &[&["task_uuid"]],
        ("tree", _) => &[&["trace_id"], &["request_id"], &["req", "id"]],
        ("process", Producer::Distlog | Producer::Python) => &[&["process"]],
        ("process", Producer::Pino) => &[&["pid"]],
        ("process", _) => &[&["pid"], &["process"]],
        ("exception", Producer::Eliot) => &[&["traceback"]],
        ("exception", Producer::Distlog | Producer::Python) => &[&["exc_text"]],
        ("exception", Producer::Generic) => &[&["exc_text"], &["traceback"], &["error"]],
        _ => &[],
    }
}

fn ask_level(record: &Json, who: &Producer) -> Option<u8> {
    let at = |path: &[&str], pino| level(record.first(path)?, pino);
    match who {
        Producer::Eliot => at(&["log_level"], false).or_else(|| {
            let Json::Text(status) = record.first(&["action_status"])? else {
                return None;
            };
            match status.as_str() {
                "started" | "succeeded" => Some(9),
                "failed" => Some(17),
                _ => None,
            }
        }),
        Producer::Distlog | Producer::Python => {
            at(&["levelno"], false).or_else(|| at(&["levelname"], false))
        }
        Producer::Pino => at(&["level"], true),
        Producer::Generic => [
            &["level"][..],
            &["levelname"],
            &["levelno"],
            &["log", "level"],
            &["log_level"],
        ]
        .into_iter()
        .find_map(|path| at(path, false)),
    }
}

/// A level of a record; `pino` says on which scale its numbers are.
pub(super) fn level(value: &Json, pino: bool) -> Option<u8> {
    let number = |text: &str| {
        let found = LEVEL_NUMBERS.iter().find(|(number, ..)| *number == text);
        if let Some((_, python, on_pino)) = found {
            return Some(if pino { *on_pino } else { *python });
        }
        // Any other number of the generated records.
        match (text.parse::<i64>().ok()?, pino) {
            (..0, _) | (0..10, true) => None,
            (0..5, false) => Some(1),
            (5..10, false) => Some(2),
            _ => Some(if pino { 21 } else { 22 }),
        }
    };
    match value {
        Json::Number(text) => number(text),
        Json::Text(text) => {
            let word = LEVEL_WORDS
                .iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
            word.map(|(_, severity)| *severity)
                .or_else(|| number(text.trim()))
        }
        _ => None,
    }
}

/// A point in time of a record.
pub(super) fn time(value: &Json) -> Option<i64> {
    let spelled = match value {
        Json::Number(text) => text.clone(),
        Json::Text(text) => format!("\"{text}\""),
        _ => return None,
    };
    let known = TIMES.iter().find(|(text, _)| *text == spelled);
    known.map(|(_, nanos)| *nanos)
}

/// What failed, as text: `false`, 0 and what is empty say that nothing has.
fn failure(value: &Json) -> Option<String> {
    let is_nothing = match value {
        Json::Null => true,
        Json::Bool(value) => !value,
        Json::Number(text) => text == "0",
        Json::Text(text) => text.is_empty(),
        Json::Array(elements, _) => elements.is_empty(),
        Json::Object(members, _) => members.is_empty(),
    };
    if is_nothing { None } else { text(value) }
}

/// Any scalar but null as text, and containers as they are written.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::Bool(value) => Some(value.to_string()),
        Json::Number(text) | Json::Text(text) | Json::Array(_, text) | Json::Object(_, text) => {
            Some(text.clone())
        }
    }
}
