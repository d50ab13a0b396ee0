//! The 64 bytes with which each side of a connection opens (RFC 23, "Greeting").
//!
//! `signature(10) version(2) mechanism(20) as-server(1) filler(31)`. The versions 3.0 and
//! 3.1 (RFC 37) differ in the minor octet alone.

use super::Refusal;

/// The length of a greeting, in bytes.
pub(super) const GREETING: usize = 64;

/// The length of what tells the version, in bytes. A peer has said all of its greeting when it has
/// seen so much of ours.
pub(super) const VERSION: usize = 12;

/// Our greeting: ZMTP 3.1, with a mechanism, as its server or not. The eighth octet of the length field is 1, as
/// libzmq sends it, so that a ZMTP 1.0 peer reads an empty identity and gives up cleanly.
pub(super) fn greeting(mechanism: &str, as_server: bool) -> [u8; GREETING] {
    let mut bytes = [0; GREETING];
    bytes[0] = 0xff;
    bytes[8] = 1;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[11] = 1;
    bytes[12..12 + mechanism.len()].copy_from_slice(mechanism.as_bytes());
    bytes[32] = as_server.into();
    bytes
}

/// Reads a peer's greeting from the start of `input` and returns its minor version; `None`
/// while bytes are missing. A wrong byte refuses at once, however few have come, so that
/// garbage does not hold a connection until the deadline.
pub(super) fn read_greeting(input: &[u8], ours: &'static str) -> Result<Option<u8>, Refusal> {
    if input.first().is_some_and(|octet| *octet != 0xff) {
        return Err(Refusal::NotZmtp);
    }
    if input.get(9).is_some_and(|octet| octet & 1 == 0) {
        return Err(Refusal::NotZmtp);
    }
    // libzmq's revisions: 0 is ZMTP 1.0, 1 and 2 are ZMTP 2.x.
    match input.get(10) {
        Some(0) => return Err(Refusal::NotZmtp),
        Some(1 | 2) => return Err(Refusal::OldVersion),
        _ => {}
    }
    let Some(bytes) = input.get(..GREETING) else {
        return Ok(None);
    };
    let name = &bytes[12..32];
    let name = name.split(|octet| *octet == 0).next().unwrap_or_default();
    if name != ours.as_bytes() {
        let peer = name.escape_ascii().to_string();
        return Err(Refusal::Mechanism { peer, ours });
    }
    // A peer of a later major version has to come down to ours, so it counts as 3.1.
    Ok(Some(if bytes[10] == 3 { bytes[11] } else { 1 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: &[(usize, u8)], expect: &Result<Option<u8>, Refusal>) {
        let mut bytes = greeting("NULL", false);
        for (at, octet) in change {
            bytes[*at] = *octet;
        }
        assert_eq!(&read_greeting(&bytes, "NULL"), expect);
    }

    #[test]
    fn versions_and_mechanisms() {
        check(&[], &Ok(Some(1)));
        check(&[(11, 0)], &Ok(Some(0)));
        check(&[(10, 4)], &Ok(Some(1)));
        check(&[(10, 1)], &Err(Refusal::OldVersion));
        check(&[(10, 0)], &Err(Refusal::NotZmtp));
        check(&[(0, b'G')], &Err(Refusal::NotZmtp));
        let (peer, ours) = ("\\x1bULL".into(), "NULL");
        check(&[(12, 0x1b)], &Err(Refusal::Mechanism { peer, ours }));
        assert!(read_greeting(&greeting("CURVE", true), "CURVE").is_ok());
    }

    #[test]
    fn a_part_of_a_greeting_waits_and_one_wrong_byte_refuses() {
        let read = |bytes: &[u8]| read_greeting(bytes, "NULL");
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&greeting("NULL", false)[..63]), Ok(None));
        assert_eq!(read(b"G"), Err(Refusal::NotZmtp));
    }
}
