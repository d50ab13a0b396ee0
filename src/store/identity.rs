//! Identities: what records are known by, so that one that is put in twice is there once.
//!
//! That is the hash of a record's text. Whoever sends a record again after its collector was killed
//! has it stamped anew, so where its sender has numbered it, the stamp is no part of that. Others keep
//! theirs: two peers may say the same, and the stamp alone tells that it was said twice.

use memchr::memmem::Finder;
use sha2::{Digest, Sha256};

use crate::record::{Field, Found, Path, Reader, place_in};

/// What a record is known by: the first half of a SHA-256.
pub type Hash = [u8; 16];

/// The key under which the package for Python numbers what it sends.
const NUMBER: &str = "record_id";

/// Tells what records are known by; one per worker.
#[derive(Debug)]
pub struct Identities {
    reader: Reader,
    found: Found,
    number: Field,
    stamp: Field,
    key: Finder<'static>,
}

impl Default for Identities {
    fn default() -> Self {
        let mut reader = Reader::default();
        Self {
            number: reader.raw(&Path::dotted(NUMBER)),
            stamp: reader.raw(&Path::dotted("dl.recv")),
            reader,
            found: Found::default(),
            key: Finder::new(NUMBER),
        }
    }
}

impl Identities {
    /// What the record on a line is known by: its text, without the value of `dl.recv` where it has
    /// been numbered.
    pub fn of(&mut self, line: &[u8]) -> Hash {
        match self.around_stamp(line) {
            Some(parts) => hash(parts),
            None => hash([line]),
        }
    }

    /// All that the record may be known by in a store; numbers made no difference in the first ones.
    pub(super) fn all(&mut self, line: &[u8]) -> impl Iterator<Item = Hash> + use<> {
        let parts = self.around_stamp(line);
        [Some(hash([line])), parts.map(hash)].into_iter().flatten()
    }

    /// What stands in front of a numbered record's stamp and behind it.
    fn around_stamp<'a>(&mut self, line: &'a [u8]) -> Option<[&'a [u8]; 2]> {
        // Most records have no number, and need not be read for it.
        self.key.find(line)?;
        let record = self.reader.read(line, &mut self.found).ok()?;
        if !is_number(record.raw(&self.number)?.raw) {
            return None;
        }
        let stamp = place_in(line, record.raw(&self.stamp)?.raw)?;
        Some([&line[..stamp.start], &line[stamp.end..]])
    }
}

/// Whether it is like `5f0c8e6ad9b1-17`: nobody else's `record_id` takes a record its stamp.
fn is_number(text: &[u8]) -> bool {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    match text.split_at_checked(12) {
        Some((sender, [b'-', count @ ..])) => {
            sender.iter().all(is_hex) && !count.is_empty() && count.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// What a text in pieces is known by.
fn hash<const N: usize>(parts: [&[u8]; N]) -> Hash {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let mut hash = Hash::default();
    hash.copy_from_slice(&digest.finalize()[..16]);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Hash {
        Identities::default().of(line.as_bytes())
    }

    #[test]
    fn a_numbered_record_is_known_without_its_stamp() {
        let stamped = |recv: &str| {
            of(&format!(
                r#"{{"message":"paid","record_id":"5f0c8e6ad9b1-17","dl":{{"recv":{recv},"x":1}}}}"#
            ))
        };
        let first = stamped(r#"{"peer":"10.0.0.7:41000","seq":17,"time":1.5}"#);
        assert_eq!(
            first,
            stamped(r#"{"peer":"10.0.0.7:41008","seq":1,"time":9.5}"#)
        );
        assert_ne!(
            first,
            of(r#"{"message":"paid","record_id":"5f0c8e6ad9b1-18","dl":{"recv":{},"x":1}}"#)
        );
        // What else it says is a part of it, and so is what else we have added.
        assert_ne!(
            first,
            of(r#"{"message":"paid!","record_id":"5f0c8e6ad9b1-17","dl":{"recv":{},"x":1}}"#)
        );
        assert_ne!(
            first,
            of(r#"{"message":"paid","record_id":"5f0c8e6ad9b1-17","dl":{"recv":{},"x":2}}"#)
        );
    }

    #[test]
    fn all_others_are_known_by_their_whole_text() {
        // The same, said twice: only the stamps tell that.
        for id in [
            r#""id":1"#,
            r#""record_id":17"#,
            r#""record_id":"17""#,
            r#""record_id":"5f0c8e6ad9b1-""#,
            r#""record_id":"5f0c8e6ad9b1-1x""#,
            r#""record_id":"5F0C8E6AD9B1-1""#,
            r#""record_id":null"#,
            r#""of":{"record_id":"5f0c8e6ad9b1-17"}"#,
        ] {
            let stamped = |seq| of(&format!(r#"{{{id},"dl":{{"recv":{{"seq":{seq}}}}}}}"#));
            assert_ne!(stamped(1), stamped(2), "{id}");
        }
    }

    #[test]
    fn a_text_is_known_by_the_first_half_of_its_hash() {
        // SHA-256 of abc begins with ba7816bf 8f01cfea 414140de 5dae2223.
        let expect = 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223_u128.to_be_bytes();
        assert_eq!(of("abc"), expect);
    }

    #[test]
    fn a_store_may_know_a_record_by_its_whole_text_too() {
        let mut identities = Identities::default();
        let line = br#"{"record_id":"5f0c8e6ad9b1-17","dl":{"recv":{"seq":1}}}"#;
        let all: Vec<_> = identities.all(line).collect();
        assert_eq!(all, [hash([line]), identities.of(line)]);
        let bare = b"{\"record_id\":\"5f0c8e6ad9b1-17\"}";
        assert_eq!(identities.all(bare).collect::<Vec<_>>(), [hash([bare])]);
    }
}
