//! Protobuf to the JSON that OTLP means by it: ids in hexadecimal digits, enums as numbers,
//! 64-bit integers as strings. Fields that are not on the wire are not written; those that the
//! schema does not know are passed over, as protobuf has it.

use std::fmt::Write;

use super::{
    schema::{Field, Kind, Message},
    wire::{Fields, Value, WireError},
};
use crate::decode::{object::quote, pickle::base64};

/// Messages within messages. Those of a request are seven deep, and each level of a value two
/// more; `serde_json` reads 127 levels of what is written.
const DEPTH: usize = 60;

/// Appends `bytes`, a message of the type `message`, as a JSON object on one line.
pub(super) fn transcode(
    message: &Message,
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), WireError> {
    object(message, bytes, DEPTH, out)
}

fn object(
    message: &Message,
    bytes: &[u8],
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), WireError> {
    let depth = depth.checked_sub(1).ok_or(WireError::Depth(DEPTH))?;
    // What is there, a bit for each field of the schema; it checks the whole message as well.
    let (mut present, mut last) = (0_u32, None);
    let mut fields = Fields(bytes);
    while let Some((number, _)) = fields.next()? {
        if let Some(index) = message.fields.iter().position(|f| f.number == number) {
            present |= 1 << index;
            last = Some(index);
        }
    }
    if message.oneof {
        present = last.map_or(0, |last| 1 << last);
    }
    out.push(b'{');
    for (index, field) in message.fields.iter().enumerate() {
        if present & (1 << index) == 0 {
            continue;
        }
        if !out.ends_with(b"{") {
            out.push(b',');
        }
        // Names are ours, and have nothing to escape.
        out.push(b'"');
        out.extend_from_slice(field.name.as_bytes());
        out.extend_from_slice(b"\":");
        if field.repeated {
            list(field, bytes, depth, out)?;
        } else {
            single(field, bytes, depth, out)?;
        }
    }
    out.push(b'}');
    Ok(())
}

/// All values of a field, wherever they stand between others.
fn list(field: &Field, bytes: &[u8], depth: usize, out: &mut Vec<u8>) -> Result<(), WireError> {
    out.push(b'[');
    let mut fields = Fields(bytes);
    while let Some((number, found)) = fields.next()? {
        if number == field.number {
            if !out.ends_with(b"[") {
                out.push(b',');
            }
            value(field, found, depth, out)?;
        }
    }
    out.push(b']');
    Ok(())
}

/// The last value of a field.
fn single(field: &Field, bytes: &[u8], depth: usize, out: &mut Vec<u8>) -> Result<(), WireError> {
    let (mut fields, mut last) = (Fields(bytes), None);
    while let Some((number, found)) = fields.next()? {
        if number == field.number {
            last = Some(found);
        }
    }
    last.map_or(Ok(()), |found| value(field, found, depth, out))
}

fn value(
    field: &Field,
    found: Value<'_>,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), WireError> {
    let mut text = |arguments: std::fmt::Arguments<'_>| {
        let mut text = String::new();
        // Writing into memory does not fail.
        let _ = text.write_fmt(arguments);
        out.extend_from_slice(text.as_bytes());
    };
    match (field.kind, found) {
        (Kind::Message(message), Value::Bytes(bytes)) => {
            return object(message, bytes, depth, out);
        }
        (Kind::Text, Value::Bytes(bytes)) => {
            if std::str::from_utf8(bytes).is_err() {
                return Err(WireError::Text(field.name));
            }
            quote(bytes, out);
        }
        (Kind::Id, Value::Bytes(bytes)) => {
            out.push(b'"');
            for byte in bytes {
                for digit in [byte >> 4, byte & 0x0f] {
                    out.push(b"0123456789abcdef"[usize::from(digit)]);
                }
            }
            out.push(b'"');
        }
        (Kind::Bytes, Value::Bytes(bytes)) => {
            out.push(b'"');
            base64(bytes, out);
            out.push(b'"');
        }
        (Kind::Bool, Value::Varint(number)) => text(format_args!("{}", number != 0)),
        // An enum that is negative has ten bytes; all are 32 bits wide.
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
        (Kind::Number, Value::Varint(number)) => text(format_args!("{}", number as i64 as i32)),
        (Kind::Fixed32, Value::Fixed32(number)) => text(format_args!("{number}")),
        (Kind::Fixed64, Value::Fixed64(number)) => text(format_args!("\"{number}\"")),
        (Kind::Signed, Value::Varint(number)) => {
            text(format_args!("\"{}\"", number.cast_signed()));
        }
        (Kind::Double, Value::Fixed64(bits)) => match f64::from_bits(bits) {
            number if number.is_nan() => out.extend_from_slice(b"\"NaN\""),
            number if number.is_infinite() && number > 0.0 => {
                out.extend_from_slice(b"\"Infinity\"");
            }
            number if number.is_infinite() => out.extend_from_slice(b"\"-Infinity\""),
            number => text(format_args!("{number:?}")),
        },
        _ => return Err(WireError::Mismatch(field.name)),
    }
    Ok(())
}
