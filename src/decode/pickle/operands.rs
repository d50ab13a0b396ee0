//! Values whose operand takes work to read: lines of protocol 0, big integers, rare lengths.
//!
//! Part of the machine, kept apart so that its loop stays short.

use super::{
    digits::{self, Bad},
    error::{PickleError, Result},
    machine::Machine,
    opcode as op, unescape,
    value::{Span, Value},
};

impl Machine<'_, '_> {
    /// The value of an opcode that the loop does not name itself.
    pub(super) fn operand(&mut self, opcode: u8) -> Result<Value> {
        let at = self.at;
        Ok(match opcode {
            op::BINUNICODE8 => Value::Text(self.reader.counted8()?),
            op::SHORT_BINBYTES => Value::Bytes(self.reader.counted1()?),
            op::BINBYTES => Value::Bytes(self.reader.counted4()?),
            op::BINBYTES8 | op::BYTEARRAY8 => Value::Bytes(self.reader.counted8()?),
            op::SHORT_BINSTRING => Value::OldText(self.reader.counted1()?),
            op::BINSTRING => Value::OldText(self.reader.counted4_signed("string length")?),
            op::LONG4 => {
                let span = self.reader.counted4_signed("integer length")?;
                self.long(span)?
            }
            op::INT => match self.reader.line()?.1 {
                // Bools of protocols 0 and 1.
                b"00" => Value::Bool(false),
                b"01" => Value::Bool(true),
                line => self.decimal(line)?,
            },
            op::LONG => {
                let (_, line) = self.reader.line()?;
                // Python writes the L and does not insist on it.
                self.decimal(line.strip_suffix(b"L").unwrap_or(line))?
            }
            op::FLOAT => {
                let (_, line) = self.reader.line()?;
                let text = std::str::from_utf8(line).ok();
                let float = text.and_then(|text| text.parse().ok());
                Value::Float(float.ok_or_else(|| self.bad("float"))?)
            }
            op::UNICODE => {
                let (_, line) = self.reader.line()?;
                let text = self.decoded(|out| unescape::unicode(line, out));
                Value::Text(text.ok_or_else(|| self.bad("unicode escape"))?)
            }
            op::STRING => {
                let (_, line) = self.reader.line()?;
                let text = self.decoded(|out| unescape::string(line, out));
                Value::OldText(text.ok_or_else(|| self.bad("string"))?)
            }
            op::EXT1 | op::EXT2 | op::EXT4 => return Err(PickleError::Extension { at }),
            op::NEXT_BUFFER | op::READONLY_BUFFER => return Err(PickleError::Buffer { at }),
            _ => return Err(PickleError::Opcode { opcode, at }),
        })
    }

    /// A little-endian two's complement integer.
    #[inline]
    pub(super) fn long(&mut self, span: Span) -> Result<Value> {
        let start = span.start();
        let bytes = &self.reader.input()[start..start + span.len()];
        if let Some(n) = digits::small(bytes) {
            return Ok(Value::Int(n));
        }
        let limit = self.limits.digits;
        let digits = self.decoded(|out| digits::large(bytes, limit, out));
        let at = self.at;
        let digits = digits.ok_or(PickleError::Digits { at, limit });
        digits.map(Value::Digits)
    }

    /// A memo number written as a decimal line.
    pub(super) fn number_line(&mut self) -> Result<u64> {
        let (_, line) = self.reader.line()?;
        let text = std::str::from_utf8(line).ok();
        let number = text.and_then(|text| text.parse().ok());
        number.ok_or_else(|| self.bad("memo number"))
    }

    /// An integer written as a decimal line.
    fn decimal(&mut self, line: &[u8]) -> Result<Value> {
        let text = std::str::from_utf8(line).ok();
        if let Some(n) = text.and_then(|text| text.parse().ok()) {
            return Ok(Value::Int(n));
        }
        let limit = self.limits.digits;
        let mut result = Ok(());
        let digits = self.decoded(|out| {
            result = digits::line(line, limit, out);
            result.as_ref().ok().copied()
        });
        let at = self.at;
        match (digits, result) {
            (_, Err(Bad::Large)) => Err(PickleError::Digits { at, limit }),
            (Some(digits), Ok(())) => Ok(Value::Digits(digits)),
            _ => Err(self.bad("integer")),
        }
    }

    /// Appends decoded text to the arena and gives its span.
    fn decoded(&mut self, decode: impl FnOnce(&mut Vec<u8>) -> Option<()>) -> Option<Span> {
        let before = self.reader.input().len();
        let text = &mut self.store.arena.text;
        let from = text.len();
        decode(text)?;
        Some(Span::new(before + from, text.len() - from))
    }

    fn bad(&self, what: &'static str) -> PickleError {
        let at = self.at;
        PickleError::Operand { what, at }
    }
}
