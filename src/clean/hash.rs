//! What stands in the place of what was redacted: a text, or a hash with a key.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Wrong;
use crate::words::plural;

/// What takes the place of a redacted value or part of it.
#[derive(Clone, Debug)]
pub enum Replacement {
    /// This text.
    Text(String),
    /// `[sha256:HEX]`, the first 16 hex digits of HMAC-SHA-256 of what stood there: equal
    /// values can still be joined, and nobody without the key can find them by trying.
    Hash(HashKey),
}

impl Default for Replacement {
    fn default() -> Self {
        Self::Text("[redacted]".to_owned())
    }
}

/// The secret key of hashes.
#[derive(Clone)]
pub struct HashKey(Hmac<Sha256>);

/// Shorter keys can be found by trying them all; 128 bits cannot.
const SHORTEST: usize = 16;

impl HashKey {
    /// A key from the bytes of its file; the newline at the end, if there is one, is not
    /// part of it.
    ///
    /// # Errors
    /// If there are less than 16 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, Wrong> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let short = || {
            Wrong::new(
                format!(
                    "a key of {} is too short, 16 are the least",
                    plural(bytes.len() as u64, "byte")
                ),
                "make one with: head -c 32 /dev/urandom | base64 > FILE",
            )
        };
        if bytes.len() < SHORTEST {
            return Err(short());
        }
        Hmac::new_from_slice(bytes).map(Self).map_err(|_| short())
    }

    /// Appends `[sha256:HEX]` for `bytes`.
    pub(super) fn print(&self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut mac = self.0.clone();
        mac.update(bytes);
        let digest = mac.finalize().into_bytes();
        let mut text = String::with_capacity(32);
        text.push_str("[sha256:");
        for byte in digest.iter().take(8) {
            let _ = write!(text, "{byte:02x}");
        }
        text.push(']');
        out.extend_from_slice(text.as_bytes());
    }
}

impl std::fmt::Debug for HashKey {
    /// Says that there is a key, and not which.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey")
    }
}

/// True for the text of a hash that was put here before: hashing it again would end joins.
pub(super) fn is_hash(text: &[u8]) -> bool {
    text.strip_prefix(b"[sha256:")
        .and_then(|rest| rest.strip_suffix(b"]"))
        .is_some_and(|hex| hex.len() == 16 && hex.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hmac_as_in_rfc_4231() {
        let check = |key: &[u8], data: &[u8], expect: &str| {
            let mut out = Vec::new();
            HashKey::new(key)
                .expect("long enough")
                .print(data, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expect);
            assert!(is_hash(&out));
        };
        // Test case 1: b0344c61d8db38535ca8afceaf0bf12b…
        check(&[0x0b; 20], b"Hi There", "[sha256:b0344c61d8db3853]");
        // Test case 3: 773ea91e36800e46854db8ebd09181a7…
        check(&[0xaa; 20], &[0xdd; 50], "[sha256:773ea91e36800e46]");
        // Test case 6, a key longer than a block: 60e431591ee0b67f0d8a26aacbf5b77f…
        check(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "[sha256:60e431591ee0b67f]",
        );
    }

    #[test]
    fn a_key_ends_before_its_newline_and_is_never_shown() {
        let print = |key: &[u8]| {
            let mut out = Vec::new();
            HashKey::new(key)
                .expect("long enough")
                .print(b"x", &mut out);
            out
        };
        assert_eq!(print(b"0123456789abcdef"), print(b"0123456789abcdef\r\n"));
        assert_ne!(print(b"0123456789abcdef"), print(b"0123456789abcdeF"));
        assert!(HashKey::new(b"0123456789abcde\n").is_err());
        let shown = format!("{:?}", HashKey::new(b"0123456789abcdef"));
        assert!(
            !shown.contains("0123") && shown.contains("HashKey"),
            "{shown}"
        );
    }
}
