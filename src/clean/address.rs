//! Addresses of the Internet, IPv4 and IPv6.

use std::{net::Ipv6Addr, ops::Range};

/// Hands the places of IPv4 addresses in `text` to `found`.
///
/// Four numbers up to 255 with dots between; leading zeros are allowed. What goes on with a
/// letter, a digit or one more number is something else.
pub(super) fn find_v4(text: &[u8], mut found: impl FnMut(Range<usize>)) {
    runs(
        text,
        |byte| byte.is_ascii_digit() || byte == b'.',
        |mut run| {
            while run.end > run.start && text[run.end - 1] == b'.' {
                run.end -= 1;
            }
            while run.end > run.start && text[run.start] == b'.' {
                run.start += 1;
            }
            let numbers = text[run.clone()].split(|byte| *byte == b'.');
            let is_octet = |number: &[u8]| {
                let value = number
                    .iter()
                    .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
                (1..=3).contains(&number.len()) && value < 256
            };
            if numbers.clone().count() == 4 && numbers.clone().all(is_octet) {
                found(run);
            }
        },
    );
}

/// Hands the places of IPv6 addresses in `text` to `found`.
///
/// Any form of RFC 4291, with an IPv4 address at the end too. One without any digit, such as
/// `a::b`, has to have three groups: it is rather a name of some program.
pub(super) fn find_v6(text: &[u8], mut found: impl FnMut(Range<usize>)) {
    // Most texts have no two colons at all.
    if memchr::memchr_iter(b':', text).nth(1).is_none() {
        return;
    }
    runs(
        text,
        |byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'),
        |mut run| {
            // What is longer is no address; "fe80::1:" and "::1." end a word before.
            while run.len() > 1 && run.len() < 50 {
                let candidate = &text[run.clone()];
                if is_v6(candidate) {
                    return found(run);
                }
                if !matches!(candidate.last(), Some(b':' | b'.')) {
                    return;
                }
                run.end -= 1;
            }
        },
    );
}

fn is_v6(candidate: &[u8]) -> bool {
    let groups = candidate
        .split(|byte| *byte == b':')
        .filter(|group| !group.is_empty());
    let telling = candidate.iter().any(u8::is_ascii_digit) || groups.count() > 2;
    telling && std::str::from_utf8(candidate).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// The runs of such bytes that have no letter and no digit next to them.
fn runs(text: &[u8], within: impl Fn(u8) -> bool, mut run: impl FnMut(Range<usize>)) {
    let mut at = 0;
    while let Some(offset) = text[at..].iter().position(|byte| within(*byte)) {
        let start = at + offset;
        let length = text[start..].iter().position(|byte| !within(*byte));
        let end = length.map_or(text.len(), |length| start + length);
        let before = start.checked_sub(1).map(|at| text[at]);
        let beside = [before, text.get(end).copied()];
        if !beside.iter().flatten().any(u8::is_ascii_alphanumeric) {
            run(start..end);
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_numbers() {
        let check = |text: &str, expect: &[&str]| {
            let mut addresses = Vec::new();
            find_v4(text.as_bytes(), |place| addresses.push(&text[place]));
            assert_eq!(addresses, expect, "{text}");
        };
        check("10.0.0.1", &["10.0.0.1"]);
        check(
            "from 192.168.1.254:8080, then 010.1.2.3.",
            &["192.168.1.254", "010.1.2.3"],
        );
        check("http://127.0.0.1/", &["127.0.0.1"]);
        for none in [
            "10.0.0",
            "1.2.3.4.5",
            "256.1.1.1",
            "v1.2.3.4",
            "1.2.3.4a",
            "1..2.3",
            "2026.11",
        ] {
            check(none, &[]);
        }
    }

    #[test]
    fn addresses_of_the_new_kind() {
        let check = |text: &str, expect: &[&str]| {
            let mut addresses = Vec::new();
            find_v6(text.as_bytes(), |place| addresses.push(&text[place]));
            assert_eq!(addresses, expect, "{text}");
        };
        for address in [
            "::1",
            "fe80::1ff:fe23:4567:890a",
            "2001:db8:0:0:0:0:2:1",
            "::ffff:10.0.0.1",
            "1::",
        ] {
            check(address, &[address]);
            check(&format!("[{address}]:443"), &[address]);
            check(&format!("to {address}%eth0."), &[address]);
        }
        check("fe80::1: unreachable", &["fe80::1"]);
        for none in [
            "12:30:45",
            "std::vec",
            "a::b",
            "::",
            "aa:bb:cc:dd:ee:ff",
            "Abc::Def",
            "1:2:3:4:5:6:7:8:9",
        ] {
            check(none, &[]);
        }
    }
}
