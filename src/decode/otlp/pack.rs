//! OTLP/JSON to the protobuf that it means: the way back of [`transcode`](super::transcode), by
//! the same tables. It is for documents that are ours; what a table does not know is an error.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

use super::schema::{Field, Kind, Message};

/// Appends a document as a message of the type `message`.
pub(super) fn pack(message: &Message, json: &Json, out: &mut Vec<u8>) -> Result<(), String> {
    let Json::Object(members) = json else {
        return Err(format!("no object: {json}"));
    };
    for (name, value) in members {
        let field = message.fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| format!("no field is called {name}"))?;
        match (field.repeated, value) {
            (_, Json::Null) => {}
            (true, Json::Array(values)) => {
                for value in values {
                    one(field, value, out)?;
                }
            }
            (true, _) => return Err(format!("{name} is no list")),
            (false, value) => one(field, value, out)?,
        }
    }
    Ok(())
}

fn one(field: &Field, value: &Json, out: &mut Vec<u8>) -> Result<(), String> {
    let wrong = || format!("{} cannot be {value}", field.name);
    let text = || value.as_str().ok_or_else(wrong);
    match field.kind {
        Kind::Message(message) => {
            let mut inner = Vec::new();
            pack(message, value, &mut inner)?;
            bytes(field.number, &inner, out);
        }
        Kind::Text => bytes(field.number, text()?.as_bytes(), out),
        Kind::Id => bytes(field.number, &hex(text()?).ok_or_else(wrong)?, out),
        Kind::Bytes => {
            let decoded = STANDARD.decode(text()?).map_err(|_| wrong())?;
            bytes(field.number, &decoded, out);
        }
        Kind::Bool => {
            key(field.number, 0, out);
            out.push(u8::from(value.as_bool().ok_or_else(wrong)?));
        }
        Kind::Number => {
            key(field.number, 0, out);
            varint(value.as_u64().ok_or_else(wrong)?, out);
        }
        Kind::Fixed32 => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            key(field.number, 5, out);
            out.extend_from_slice(&number.ok_or_else(wrong)?.to_le_bytes());
        }
        Kind::Fixed64 => {
            let number: u64 = text()?.parse().map_err(|_| wrong())?;
            key(field.number, 1, out);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Kind::Signed => {
            let number: i64 = text()?.parse().map_err(|_| wrong())?;
            key(field.number, 0, out);
            varint(number.cast_unsigned(), out);
        }
        Kind::Double => {
            key(field.number, 1, out);
            let number = match value.as_str() {
                Some("NaN") => Some(f64::NAN),
                Some("Infinity") => Some(f64::INFINITY),
                Some("-Infinity") => Some(f64::NEG_INFINITY),
                _ => value.as_f64(),
            };
            out.extend_from_slice(&number.ok_or_else(wrong)?.to_le_bytes());
        }
    }
    Ok(())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    };
    pairs.map(byte).collect()
}

/// Appends a field of bytes.
pub(super) fn bytes(number: u64, bytes: &[u8], out: &mut Vec<u8>) {
    key(number, 2, out);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn key(number: u64, kind: u64, out: &mut Vec<u8>) {
    varint(number << 3 | kind, out);
}

/// Appends a number.
pub(super) fn varint(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let seven = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return out.push(seven);
        }
        out.push(seven | 0x80);
    }
}
