//! Redaction against a naive model, which knows where the secrets are because it has put
//! them there, and writes the expected line beside the line.

use std::{fmt::Write as _, sync::LazyLock};

use distlog::clean::{Redactor, Replacement};
use proptest::prelude::*;

use crate::tries::tries;

/// A value in which some parts are secret.
#[derive(Clone, Debug)]
enum Secretive {
    /// A string of pieces.
    Text(Vec<Piece>),
    /// A number that is harmless.
    Number(&'static str),
    /// A number that is a card.
    Card(String, u8),
    Array(Vec<Secretive>),
    Object(Vec<(Key, Secretive)>),
}

#[derive(Clone, Debug)]
enum Piece {
    Harmless(&'static str),
    Secret(String),
}

#[derive(Clone, Debug)]
enum Key {
    Harmless(&'static str),
    /// The name of a key whose value is secret.
    Named(&'static str),
    /// A key that is a secret itself.
    Secret(String),
}

const HARMLESS: [&str; 12] = [
    "a",
    "it is 5 o'clock",
    "x@",
    "\t\"quoted\"\\",
    "é\u{1f389}",
    "",
    "1.2.3",
    "12:30:45",
    "pass",
    "4111111111111112",
    "DE88370400440532013000",
    "eyJ",
];

/// Made once: compiling takes longer than a case.
static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| {
    let rules = [
        "password,*token*",
        "pattern:card,pattern:iban,pattern:email,pattern:ipv4,pattern:ipv6,pattern:jwt",
    ];
    Redactor::parse(&rules, Replacement::default()).expect("rules")
});

/// Writes characters raw, or as an escape, as `noise` says.
fn write_text(text: &str, noise: &mut Noise, out: &mut String) {
    for c in text.chars() {
        let must = matches!(c, '"' | '\\') || c < ' ';
        match noise.next(6) {
            0 => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let hex = format!("\\u{unit:04x}");
                    *out += &if noise.next(2) == 0 {
                        hex
                    } else {
                        hex.to_uppercase().replace('U', "u")
                    };
                }
            }
            1 if c == '/' => *out += "\\/",
            _ if must => {
                let quoted = serde_json::Value::from(c.to_string()).to_string();
                *out += &quoted[1..quoted.len() - 1];
            }
            _ => out.push(c),
        }
    }
}

/// The same choices for the line and for what is expected of it.
#[derive(Clone)]
struct Noise(u64);

impl Noise {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Two lines that grow side by side.
struct Writer {
    noise: Noise,
    line: String,
    expect: String,
    /// True within a value that is replaced as a whole.
    hidden: bool,
    count: usize,
}

impl Writer {
    /// Writes what is the same in both.
    fn both(&mut self, text: &str) {
        self.line += text;
        if !self.hidden {
            self.expect += text;
        }
    }

    fn blank(&mut self) {
        let blank = ["", "", "", " ", "\t"][usize::try_from(self.noise.next(5)).expect("small")];
        self.both(blank);
    }

    fn text(&mut self, pieces: &[Piece]) {
        self.both("\"");
        for piece in pieces {
            let mut written = String::new();
            match piece {
                Piece::Harmless(text) => {
                    write_text(text, &mut self.noise, &mut written);
                    self.both(&format!(" {written} "));
                }
                Piece::Secret(text) => {
                    self.both(" ");
                    write_text(text, &mut self.noise, &mut written);
                    self.line += &written;
                    self.secret("[redacted]");
                    self.both(" ");
                }
            }
        }
        self.both("\"");
    }

    /// Something secret has been written.
    fn secret(&mut self, replacement: &str) {
        if !self.hidden {
            self.expect += replacement;
            self.count += 1;
        }
    }

    fn value(&mut self, value: &Secretive) {
        match value {
            Secretive::Text(pieces) => self.text(pieces),
            Secretive::Number(number) => self.both(number),
            Secretive::Card(digits, form) => {
                let (first, rest) = digits.split_at(1);
                self.line += match form {
                    0 | 1 => digits,
                    _ => first,
                };
                let _ = match form {
                    0 => Ok(()),
                    1 => write!(self.line, ".0"),
                    _ => write!(self.line, ".{rest}E+{}", rest.len()),
                };
                self.secret("\"[redacted]\"");
            }
            Secretive::Array(elements) => {
                self.both("[");
                for (at, element) in elements.iter().enumerate() {
                    self.both(if at > 0 { "," } else { "" });
                    self.blank();
                    self.value(element);
                    self.blank();
                }
                self.both("]");
            }
            Secretive::Object(members) => {
                self.both("{");
                for (at, (key, value)) in members.iter().enumerate() {
                    self.both(if at > 0 { "," } else { "" });
                    self.blank();
                    self.member(key, value);
                    self.blank();
                }
                self.both("}");
            }
        }
    }

    fn member(&mut self, key: &Key, value: &Secretive) {
        match key {
            Key::Secret(text) => self.text(&[Piece::Secret(text.clone())]),
            Key::Harmless(name) | Key::Named(name) => {
                let mut written = String::new();
                write_text(name, &mut self.noise, &mut written);
                self.both(&format!("\"{written}\""));
            }
        }
        self.blank();
        self.both(":");
        self.blank();
        let named = matches!(key, Key::Named(_)) && !self.hidden;
        self.hidden |= named;
        self.value(value);
        if named {
            self.hidden = false;
            self.secret("\"[redacted]\"");
        }
    }
}

/// A number of some issuer, with the check digit that a search finds.
fn card() -> impl Strategy<Value = String> {
    let heads = prop::sample::select(vec![
        ("4", 16),
        ("51", 16),
        ("2300", 16),
        ("34", 15),
        ("6011", 16),
        ("3530", 16),
        ("62", 19),
        ("36", 14),
    ]);
    (heads, prop::collection::vec(0_u8..10, 20)).prop_map(|((head, length), digits)| {
        let mut card = head.to_owned();
        card.extend(digits.iter().map(|digit| char::from(b'0' + digit)));
        card.truncate(length - 1);
        let is_right = |card: &str| {
            let sum: u32 = card
                .bytes()
                .rev()
                .enumerate()
                .map(|(at, digit)| {
                    let digit = u32::from(digit - b'0');
                    match (at % 2, digit) {
                        (0, digit) => digit,
                        (_, digit @ 0..=4) => digit * 2,
                        (_, digit) => digit * 2 - 9,
                    }
                })
                .sum();
            sum.is_multiple_of(10)
        };
        let last = (0..10)
            .map(|digit| format!("{card}{digit}"))
            .find(|card| is_right(card));
        last.expect("one of ten")
    })
}

/// A German account, whose check digits are what is missing to 98.
fn iban() -> impl Strategy<Value = String> {
    (0_u64..1_000_000_000_000_000_000).prop_map(|account| {
        let account = format!("{account:018}");
        let number: u128 = format!("{account}131400").parse().expect("digits");
        format!("DE{:02}{account}", 98 - number % 97)
    })
}

fn secret() -> impl Strategy<Value = String> {
    let grouped = |text: String, separator: char| {
        let grouped: Vec<_> = text
            .as_bytes()
            .chunks(4)
            .map(String::from_utf8_lossy)
            .collect();
        grouped.join(&separator.to_string())
    };
    prop_oneof![
        (card(), 0..3).prop_map(move |(card, form)| match form {
            0 => card,
            1 => grouped(card, ' '),
            _ => grouped(card, '-'),
        }),
        (iban(), any::<bool>()).prop_map(move |(iban, wide)| if wide {
            grouped(iban, ' ')
        } else {
            iban
        }),
        "[a-z]{1,8}(\\.[a-z]{1,5})?@[a-z]{1,8}\\.(com|org|io)",
        (any::<[u8; 4]>()).prop_map(|[a, b, c, d]| format!("{a}.{b}.{c}.{d}")),
        any::<[u16; 8]>().prop_map(|mut groups| {
            // Not all letters, which would be a name.
            groups[0] |= 0x2000;
            std::net::Ipv6Addr::from(groups).to_string()
        }),
        "eyJ[A-Za-z0-9_-]{8,20}\\.eyJ[A-Za-z0-9_-]{4,20}\\.[A-Za-z0-9_-]{5,20}",
    ]
}

fn value() -> impl Strategy<Value = Secretive> {
    let piece = prop_oneof![
        3 => prop::sample::select(&HARMLESS[..]).prop_map(Piece::Harmless),
        1 => secret().prop_map(Piece::Secret),
    ];
    let leaf = prop_oneof![
        prop::collection::vec(piece, 0..4).prop_map(Secretive::Text),
        prop::sample::select(vec![
            "0",
            "-1.50",
            "1e400",
            "NaN",
            "true",
            "null",
            "1795178019330",
            "0.4111111111111111"
        ])
        .prop_map(Secretive::Number),
        (card(), 0_u8..3).prop_map(|(card, form)| Secretive::Card(card, form)),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Secretive::Array),
            members(inner).prop_map(Secretive::Object),
        ]
    })
}

fn members(
    value: impl Strategy<Value = Secretive>,
) -> impl Strategy<Value = Vec<(Key, Secretive)>> {
    let key = prop_oneof![
        6 => prop::sample::select(vec!["a", "b c", "pass", "", "passwordx", "é\u{1f389}"]).prop_map(Key::Harmless),
        2 => prop::sample::select(vec!["password", "PassWord", "x-api-token", "TOKENS"]).prop_map(Key::Named),
        1 => secret().prop_map(Key::Secret),
    ];
    prop::collection::vec((key, value), 0..6)
}

proptest! {
    #![proptest_config(tries(1_000))]

    #[test]
    fn secrets_go_and_nothing_else_changes(members in members(value()), noise in any::<u64>()) {
        let mut writer = Writer {
            noise: Noise(noise),
            line: String::new(),
            expect: String::new(),
            hidden: false,
            count: 0,
        };
        writer.value(&Secretive::Object(members));
        let Writer { line, expect, count, .. } = writer;
        let expect = match count {
            0 => expect,
            count => {
                let head = expect.strip_suffix('}').expect("an object");
                let comma = if head.trim_end().ends_with('{') { "" } else { "," };
                format!("{head}{comma}\"dl\":{{\"redacted\":{count}}}}}")
            }
        };
        let mut redactor = REDACTOR.clone();
        let mut out = Vec::new();
        let redacted = redactor.redact(line.as_bytes(), &mut out);
        prop_assert_eq!(redacted, Ok(count), "{}", &line);
        prop_assert_eq!(String::from_utf8_lossy(&out), expect, "{}", line);
        let mut again = Vec::new();
        prop_assert_eq!(redactor.redact(&out, &mut again), Ok(0));
        prop_assert_eq!(again, out);
    }
}
