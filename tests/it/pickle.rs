//! Pickles: real Python against the decoder; hostile and random input beside it.

use std::{path::Path, process::Command};

use distlog::decode::pickle::{Decoder, Limits, PickleError, Top, to_json};

mod hostile;
mod random;

/// A pickle, what it is, and what must come out.
struct Case {
    name: String,
    pickle: Vec<u8>,
    expect: String,
}

fn cases(ndjson: &str) -> Vec<Case> {
    let case = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("a case is JSON");
        let text = |name: &str| value[name].as_str().expect("a string").to_owned();
        Case {
            name: text("name"),
            pickle: unhex(&text("pickle")),
            expect: text("expect"),
        }
    };
    ndjson.lines().map(case).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    let byte = |pair| u8::from_str_radix(pair, 16).expect("hex");
    let starts = (0..hex.len()).step_by(2);
    starts.map(|at| byte(&hex[at..at + 2])).collect()
}

/// Decodes all cases with one decoder and says every difference.
fn check_cases(cases: &[Case]) {
    let mut decoder = Decoder::new(Limits::default());
    let mut wrong = Vec::new();
    for case in cases {
        let mut out = b"before".to_vec();
        let result = decoder.decode(&case.pickle, &mut out);
        let text = String::from_utf8_lossy(&out[6..]);
        if result.is_err() || text != case.expect {
            wrong.push(format!(
                "{}: {result:?}\n   got {text}\n  want {}",
                case.name, case.expect
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The Python to test with: `DISTLOG_PYTHON`, the repository's own, or the system's.
fn python() -> String {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python");
    let own = Path::new(own).exists().then(|| own.to_owned());
    let named = std::env::var("DISTLOG_PYTHON").ok();
    named.or(own).unwrap_or_else(|| "python3".to_owned())
}

fn run_python(script: &str, args: &[&str]) -> String {
    let script = format!("{}/tests/py/{script}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python())
        .args(["-B", &script])
        .args(args)
        .output()
        .expect("Python starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {words}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn committed_cases() {
    let cases = cases(include_str!("../data/pickle/cases.ndjson"));
    assert!(cases.len() > 900);
    check_cases(&cases);
}

#[test]
fn real_samples() {
    let committed = include_str!("../data/pickle/samples.ndjson");
    let cases = cases(committed);
    assert_eq!(cases.len(), 45);
    check_cases(&cases);
    assert_eq!(run_python("pickle_samples.py", &[]), committed);
}

#[test]
fn live_python() {
    let cases = cases(&run_python("pickle_cases.py", &["--large"]));
    assert!(cases.len() > 800);
    check_cases(&cases);
}

fn decode(pickle: &[u8], limits: &Limits) -> Result<String, PickleError> {
    let mut out = Vec::new();
    to_json(pickle, limits, &mut out)?;
    Ok(String::from_utf8(out).expect("UTF-8"))
}

#[test]
fn the_top_value_tells_its_kind() {
    let mut decoder = Decoder::default();
    for (pickle, top) in [
        (&b"}."[..], Top::Map),
        // A producer's own key may look like a mark.
        (b"}U\x06$classK\x01s.", Top::Map),
        (b"ccollections\nOrderedDict\n)R.", Top::Map),
        (b"cm\nC\n)R.", Top::Other),
        (b"cm\nC\n.", Top::Other),
        (b"C\x00.", Top::Other),
        (b"].", Top::Other),
        (b"N.", Top::Other),
    ] {
        assert_eq!(
            decoder.decode(pickle, &mut Vec::new()),
            Ok(top),
            "{pickle:?}"
        );
    }
}

#[allow(clippy::too_many_lines)] // One table.
#[test]
fn refusals_name_their_reason() {
    use PickleError as E;
    let truncated = |at, wanted| E::Truncated { at, wanted };
    let limits = Limits::default();
    for (pickle, error) in [
        (&b""[..], truncated(0, 1)),
        (b"N", truncated(1, 1)),
        (b"N.N", E::Trailing { at: 2 }),
        (b".", E::Underflow { at: 0 }),
        (b"(.", E::Underflow { at: 1 }),
        (b"K\x01(a", E::Underflow { at: 3 }),
        (b"t.", E::Underflow { at: 0 }),
        (
            b"\xff",
            E::Opcode {
                opcode: 0xff,
                at: 0,
            },
        ),
        (b"\x80\x06N.", E::Protocol { version: 6 }),
        (b"\x82\x01.", E::Extension { at: 0 }),
        (b"\x97.", E::Buffer { at: 0 }),
        (b"N\x98.", E::Buffer { at: 1 }),
        (b"h\x05.", E::MemoMissing { index: 5, at: 0 }),
        (
            b"K\x01K\x02a.",
            E::Kind {
                opcode: "APPEND",
                at: 4,
            },
        ),
        (
            b"}(K\x01u.",
            E::Kind {
                opcode: "SETITEMS",
                at: 4,
            },
        ),
        (
            b"]Nb.",
            E::Kind {
                opcode: "BUILD",
                at: 2,
            },
        ),
        (
            b"NNR.",
            E::Kind {
                opcode: "REDUCE",
                at: 2,
            },
        ),
        (
            b"K\x01K\x02\x93.",
            E::Kind {
                opcode: "STACK_GLOBAL",
                at: 4,
            },
        ),
        (
            b"I1x\n.",
            E::Operand {
                what: "integer",
                at: 0,
            },
        ),
        (
            b"Fx\n.",
            E::Operand {
                what: "float",
                at: 0,
            },
        ),
        (
            b"S'\n.",
            E::Operand {
                what: "string",
                at: 0,
            },
        ),
        (
            b"p-1\n.",
            E::Operand {
                what: "memo number",
                at: 0,
            },
        ),
        (
            b"T\xff\xff\xff\xff.",
            E::Operand {
                what: "string length",
                at: 1,
            },
        ),
        (b"X\x02\x00\x00\x00\xc3\xc3.", E::Text { at: 5 }),
        // Lengths far beyond the input, before any memory is taken for them.
        (
            b"\x8d\x00\x00\x00\x00\x00\x00\x00\x80a.",
            truncated(9, 1 << 63),
        ),
        (
            b"\x8e\xff\xff\xff\xff\xff\xff\xff\xffa.",
            truncated(9, u64::MAX),
        ),
        (
            b"\x96\xff\xff\xff\xff\xff\xff\xff\xffa.",
            truncated(9, u64::MAX),
        ),
        (
            b"\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.",
            truncated(9, u64::MAX >> 1),
        ),
        (b"\x8b\xff\xff\xff\x7fa.", truncated(5, 0x7fff_ffff)),
        (b"X\xff\xff\xff\xffa.", truncated(5, 0xffff_ffff)),
    ] {
        assert_eq!(decode(pickle, &limits), Err(error), "{pickle:?}");
    }
}

#[test]
fn an_error_leaves_the_output_as_it_was() {
    let mut out = b"kept".to_vec();
    let mut decoder = Decoder::default();
    // The array is half written when the text turns out to be broken.
    assert!(
        decoder
            .decode(b"]K\x01aU\x01aaX\x01\x00\x00\x00\xffa.", &mut out)
            .is_err()
    );
    assert_eq!(out, b"kept");
    assert_eq!(decoder.decode(b"]K\x01a.", &mut out), Ok(Top::Other));
    assert_eq!(out, b"kept[1]");
}
