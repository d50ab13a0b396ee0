//! Protobuf's wire format: fields of a message, one after the other.

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    /// The bytes end within a field.
    #[error("cut off within a field")]
    Cut,
    /// A number of more than ten bytes, or a field of number 0.
    #[error("a number that is none")]
    Number,
    /// Groups were given up before OTLP was made.
    #[error("a field of an unknown wire type")]
    Type,
    /// A field that is known has the type of another.
    #[error("field {0} is of the wrong type")]
    Mismatch(&'static str),
    /// A text is not UTF-8.
    #[error("the text of {0} is not UTF-8")]
    Text(&'static str),
    /// Values within values.
    #[error("values are nested more than {0} deep")]
    Depth(usize),
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The fields of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The number of the next field, and its value.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, WireError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| WireError::Cut)?;
                let (bytes, rest) = self.0.split_at_checked(length).ok_or(WireError::Cut)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(WireError::Type),
        };
        match key >> 3 {
            0 => Err(WireError::Number),
            number => Ok(Some((number, value))),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(WireError::Cut)?;
        self.0 = rest;
        Ok(*array)
    }

    fn varint(&mut self) -> Result<u64, WireError> {
        let mut number = 0;
        for (at, &byte) in self.0.iter().take(10).enumerate() {
            // The tenth byte has one bit of room.
            if at == 9 && byte > 1 {
                return Err(WireError::Number);
            }
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                self.0 = &self.0[at + 1..];
                return Ok(number);
            }
        }
        Err(if self.0.len() < 10 {
            WireError::Cut
        } else {
            WireError::Number
        })
    }
}
