//! What stands in front of a statement: comments with pairs, and statements of the server's own.

use super::client::Client;
use crate::{
    decode::{
        cut::{around, is_number},
        object::Object,
    },
    record::{Instant, Unit},
};

/// What the lines of an entry have told so far, as bits of what its record shows.
pub(super) mod told {
    pub(in crate::decode) const TIME: u64 = 1;
    pub(in crate::decode) const CLIENT: u64 = 1 << 1;
    pub(in crate::decode) const THREAD: u64 = 1 << 2;
    pub(in crate::decode) const DATABASE: u64 = 1 << 3;
    pub(in crate::decode) const PLAN: u64 = 1 << 4;
    pub(in crate::decode) const SET: u64 = 1 << 5;
    pub(in crate::decode) const STATEMENT: u64 = 1 << 6;
}

/// Writes who has sent a statement.
pub(super) fn write_client(client: &Client<'_>, told: &mut u64, object: &mut Object<'_>) {
    client.write(object);
    write_pairs(client.rest, told, object);
    *told |= told::CLIENT;
}

/// Writes what a line in front of the statement tells; false if it is the statement's.
pub(super) fn write_head(line: &[u8], told: &mut u64, object: &mut Object<'_>) -> bool {
    if *told & told::SET != 0 {
        return false;
    }
    if let Some(plan) = line.strip_prefix(b"# explain: ") {
        if *told & told::PLAN == 0 {
            object.open_text(b"explain", plan);
        } else {
            object.line(plan);
        }
        *told |= told::PLAN;
    } else if let Some(pairs) = line.strip_prefix(b"#") {
        write_pairs(pairs, told, object);
    } else if let Some(name) = statement(line, b"use ") {
        let name = name
            .strip_prefix(b"`")
            .and_then(|name| name.strip_suffix(b"`"))
            .unwrap_or(name);
        write_pair(b"Schema", name, told, object);
    } else if let Some(settings) = statement(line, b"SET ").and_then(settings) {
        for (key, value) in settings {
            write_setting(key, value, told, object);
        }
        *told |= told::SET;
    } else {
        return false;
    }
    true
}

/// What stands in a statement behind the word that it begins with.
fn statement<'a>(line: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(word)?.strip_suffix(b";")
}

/// The pairs of `insert_id=4,timestamp=1715363076`, if it is nothing else.
fn settings(text: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let pairs = text.split(|byte| *byte == b',');
    pairs.map(|pair| around(pair, b"=")).collect()
}

/// Writes the pairs of a line, or what it tells without any.
fn write_pairs(text: &[u8], told: &mut u64, object: &mut Object<'_>) {
    let mut pairs = Pairs::of(text).peekable();
    if pairs.peek().is_none() && !text.trim_ascii().is_empty() {
        object.text(b"comment", text.trim_ascii());
    }
    for (key, value) in pairs {
        write_pair(key, value, told, object);
    }
}

/// Writes `Query_time: 0.000237`, by the name that the table `slow_log` or other records have for it.
fn write_pair(key: &[u8], value: &[u8], told: &mut u64, object: &mut Object<'_>) {
    let (key, bit) = match key {
        b"Query_time" => (b"duration".to_vec(), 0),
        b"Schema" => (b"db".to_vec(), told::DATABASE),
        b"Thread_id" | b"Id" => (b"thread".to_vec(), told::THREAD),
        _ => (key.to_ascii_lowercase(), 0),
    };
    // What has no database has nothing there.
    if value.is_empty() || *told & bit != 0 {
        return;
    }
    *told |= bit;
    if bit == told::DATABASE {
        object.text(&key, value);
    } else {
        object.bare(&key, value);
    }
}

/// Writes `timestamp=1715363076`, as the time if that is not known yet.
fn write_setting(key: &[u8], value: &[u8], told: &mut u64, object: &mut Object<'_>) {
    if key != b"timestamp" {
        return object.bare(key, value);
    }
    let instant = Instant::from_number(value, Unit::Seconds);
    match instant.filter(|_| is_number(value) && *told & told::TIME == 0) {
        Some(instant) => {
            object.text(b"time", instant.to_rfc3339().as_bytes());
            *told |= told::TIME;
        }
        None => object.bare(b"set_timestamp", value),
    }
}

/// Pairs of `Rows_sent: 2`, which blanks stand between; a value goes on to the next key, as names have blanks too.
pub(super) struct Pairs<'a>(&'a [u8]);

impl<'a> Pairs<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self(text)
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = around(self.0, b":")?;
        let end = next_key(rest).unwrap_or(rest.len());
        self.0 = &rest[end..];
        Some((key.trim_ascii(), rest[..end].trim_ascii()))
    }
}

/// Where the next word begins that has a colon behind it and a capital in front.
fn next_key(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b' ', text)
        .map(|at| at + 1)
        .find(|&start| {
            let rest = &text[start..];
            let length = rest
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
                .count();
            let is_end = matches!(rest[length..], [b':'] | [b':', b' ', ..]);
            is_end && rest[0].is_ascii_uppercase()
        })
}
