//! Patterns: what a secret looks like, wherever it stands.

use std::ops::Range;

use regex::bytes::Regex;

use super::{Wrong, address, card, credential::Credential, iban};

/// What to look for in texts.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Card,
    Iban,
    Ipv4,
    Ipv6,
    /// What the expression of [`EMAIL`] matches.
    Email(Regex),
    Credential(Credential),
    /// The first group that takes part in a match, or all of the match.
    Regex(Regex),
}

/// A part of a text that a pattern has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) range: Range<usize>,
    /// What is hashed in its place, if it can be written in several ways.
    pub(super) plain: Option<Vec<u8>>,
}

/// The patterns that have a name.
pub(super) const NAMES: &[&str] = &[
    "card", "email", "ipv4", "ipv6", "iban", "jwt", "bearer", "aws-key",
];

/// RFC 5321 without quoted names and literal addresses, in any script (RFC 6531).
const EMAIL: &str = r"[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}[\p{L}\p{N}-]*[\p{L}\p{N}]";
/// RFC 7519: base64url of an object in JSON, which begins with eyJ, and two to four parts more.
const JWT: &str = r"(?-u:\b)eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){2,4}";

impl Pattern {
    /// The pattern of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let regex = |text| Regex::new(text).ok().map(Self::Regex);
        match name {
            "card" => Some(Self::Card),
            "iban" => Some(Self::Iban),
            "ipv4" => Some(Self::Ipv4),
            "ipv6" => Some(Self::Ipv6),
            "email" => Regex::new(EMAIL).ok().map(Self::Email),
            "jwt" => regex(JWT),
            "bearer" => Credential::bearer().map(Self::Credential),
            "aws-key" => Credential::aws_key().map(Self::Credential),
            _ => None,
        }
    }

    /// A regular expression of the user's.
    pub(super) fn regex(text: &str) -> Result<Self, Wrong> {
        Regex::new(text).map(Self::Regex).map_err(|error| {
            // The engine draws a picture of several lines; the reason is the last one.
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            Wrong::new(
                format!("/{text}/: {reason}"),
                "a pattern is written /REGEX/, in the syntax of the Rust crate regex",
            )
        })
    }

    /// True for a pattern that an id could match by chance, because it is all digits or all
    /// letters and digits.
    pub(super) fn is_chancy(&self) -> bool {
        matches!(self, Self::Card | Self::Iban)
    }

    /// Appends the parts of `text` that it finds.
    pub(super) fn find(&self, text: &[u8], hits: &mut Vec<Hit>) {
        let with = |range: Range<usize>, plain: &[u8]| Hit {
            range,
            plain: Some(plain.to_owned()),
        };
        let bare = |range| Hit { range, plain: None };
        match self {
            Self::Card => card::find(text, |range, digits| hits.push(with(range, digits))),
            Self::Iban => iban::find(text, |range, number| hits.push(with(range, number))),
            Self::Ipv4 => address::find_v4(text, |range| hits.push(bare(range))),
            Self::Ipv6 => address::find_v6(text, |range| hits.push(bare(range))),
            // Most texts have none, and the search for one byte is much faster.
            Self::Email(_) if memchr::memchr(b'@', text).is_none() => {}
            Self::Email(regex) => {
                let found = regex.find_iter(text).map(|found| found.range());
                hits.extend(found.filter(|found| !is_git(text, found)).map(bare));
            }
            Self::Credential(credential) => credential.find(text, |range| hits.push(bare(range))),
            Self::Regex(regex) if regex.captures_len() == 1 => {
                hits.extend(regex.find_iter(text).map(|found| bare(found.range())));
            }
            Self::Regex(regex) => {
                let groups = |found: regex::bytes::Captures<'_>| {
                    let group = found.iter().skip(1).flatten().next();
                    group.or(found.get(0)).map(|part| bare(part.range()))
                };
                hits.extend(regex.captures_iter(text).filter_map(groups));
            }
        }
    }
}

/// True for the beginning of git@HOST:PATH, the address of a repository.
fn is_git(text: &[u8], address: &Range<usize>) -> bool {
    let path = matches!(text[address.end..], [b':', first, ..] if !first.is_ascii_whitespace());
    path && text[address.clone()].starts_with(b"git@")
}

/// Puts parts in order and makes one of those that overlap; empty ones go.
pub(super) fn settle(hits: &mut Vec<Hit>) {
    hits.retain(|hit| !hit.range.is_empty());
    hits.sort_by_key(|hit| (hit.range.start, std::cmp::Reverse(hit.range.end)));
    hits.dedup_by(|next, before| {
        let overlap = next.range.start < before.range.end;
        if overlap && next.range.end > before.range.end {
            before.range.end = next.range.end;
            before.plain = None;
        }
        overlap
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expect: &[&str]) {
        let mut hits = Vec::new();
        Pattern::named(name)
            .expect("a name")
            .find(text.as_bytes(), &mut hits);
        let parts: Vec<_> = hits.iter().map(|hit| &text[hit.range.clone()]).collect();
        assert_eq!(parts, expect, "{name}: {text}");
    }

    #[test]
    fn every_name_is_a_pattern() {
        for name in NAMES {
            assert!(Pattern::named(name).is_some(), "{name}");
        }
        assert!(Pattern::named("password").is_none());
    }

    #[test]
    fn addresses_of_people() {
        check("email", "mail bob@example.org.", &["bob@example.org"]);
        check(
            "email",
            "<a.b+c@mail.example.co.uk>,x@y.zz",
            &["a.b+c@mail.example.co.uk", "x@y.zz"],
        );
        check("email", "жук@почта.рф", &["жук@почта.рф"]);
        check(
            "email",
            "git@github.com:foo/bar.git git@x.yz: hi",
            &["git@x.yz"],
        );
        check("email", "bob@example.org:hunter2", &["bob@example.org"]);
        check("email", "a @b.c or 3@4 or user@localhost, x@1.2.3", &[]);
    }

    #[test]
    fn tokens() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
        check("jwt", &format!("token={jwt};"), &[jwt]);
        check(
            "jwt",
            "xeyJhbGciOiJIUzI1NiJ9.a.b eyJ.a.b eyJhbGciOiJIUzI1NiJ9",
            &[],
        );
    }

    #[test]
    fn overlapping_parts_become_one() {
        let hit = |range| Hit {
            range,
            plain: Some(vec![1]),
        };
        let mut hits = vec![
            hit(5..9),
            hit(0..3),
            hit(2..4),
            hit(4..4),
            hit(5..7),
            hit(9..10),
        ];
        settle(&mut hits);
        let merged = Hit {
            range: 0..4,
            plain: None,
        };
        assert_eq!(hits, [merged, hit(5..9), hit(9..10)]);
    }
}
