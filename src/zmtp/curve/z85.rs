//! Z85 (RFC 32), in which keys are written: five characters for four bytes.

const LETTERS: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// The bytes of a text, if it is one that [`encode`] writes.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(5) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 5 * 4);
    for group in text.as_bytes().chunks(5) {
        let value = group.iter().try_fold(0_u64, |value, letter| {
            let digit = LETTERS.iter().position(|known| known == letter)?;
            Some(value * 85 + digit as u64)
        })?;
        bytes.extend_from_slice(&u32::try_from(value).ok()?.to_be_bytes());
    }
    Some(bytes)
}

/// Writes bytes as text; what is over a multiple of four is left out.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 4 * 5);
    for group in bytes.chunks_exact(4) {
        let value = group
            .iter()
            .fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
        for power in [85_u32.pow(4), 85_u32.pow(3), 85_u32.pow(2), 85, 1] {
            text.push(char::from(LETTERS[(value / power % 85) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let bytes = [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b];
        assert_eq!(encode(&bytes), "HelloWorld");
        assert_eq!(decode("HelloWorld").as_deref(), Some(&bytes[..]));
        assert_eq!(decode(&encode(&[0xff; 32])), Some(vec![0xff; 32]));
    }

    #[test]
    fn what_is_none_is_told() {
        for wrong in ["Hell", "Hello World", "Hell\u{e4}", "#####", "Hell\""] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
