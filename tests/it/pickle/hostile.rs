//! Hostile pickles: each meets a limit, and soon.

use std::time::{Duration, Instant};

use distlog::decode::pickle::{Limits, PickleError};

use super::decode;

/// A list that holds the one before it ten times, `levels` times over.
fn memo_bomb(levels: u8) -> Vec<u8> {
    let mut bomb = b"]q\x00".to_vec();
    for level in 0..levels {
        bomb.extend([b']', b'q', level + 1, b'(']);
        bomb.extend([b'h', level].repeat(10));
        bomb.push(b'e');
    }
    bomb.push(b'.');
    bomb
}

/// Hostile input costs no more than this many times what an honest pickle costs that is as large
/// as the limits allow, on the same machine and in the same build.
const FACTOR: u32 = 10;

/// How long an honest pickle takes: a list of as many numbers as the limits allow.
fn honest(limits: &Limits) -> Duration {
    let pickle = [&b"("[..], &b"K\x01".repeat(limits.values), b"l."].concat();
    let start = Instant::now();
    let out = decode(&pickle, limits).expect("an honest pickle");
    assert_eq!(out.len(), 2 * limits.values + 1);
    // A pause of the machine in one of the two runs must not decide.
    start.elapsed().max(Duration::from_millis(100))
}

/// A value, then a list that holds it half a million times.
fn shared(value: &[&[u8]]) -> Vec<u8> {
    let refs = b"h\x00".repeat(1 << 19);
    [&value.concat()[..], b"q\x000(", &refs, b"l."].concat()
}

#[test]
fn hostile_input_meets_its_limit_quickly() {
    const N: usize = 1 << 20;
    let limits = Limits {
        output: 4 * N,
        ..Limits::default()
    };
    let sane = honest(&limits);
    let depth = || PickleError::Depth { limit: 127 };
    let output = || PickleError::Output { limit: 4 * N };
    let values = || PickleError::Values { limit: N };
    let digits = || PickleError::Digits { at: 0, limit: 4300 };
    let join = |parts: &[&[u8]]| parts.concat();
    // What is cheap once must be cheap half a million times: a state that is looked through for
    // a UUID's number, a path of empty parts.
    let state = join(&[b"cuuid\nUUID\n)R}(", &b"NN".repeat(100_000), b"ub"]);
    let path = join(&[b"cpathlib\nPath\n(", &b"U\x00".repeat(100_000), b"tR"]);
    let keys = b"\x85q\x000}h\x00Ns".repeat(200);
    let numbers = b"K\x01".repeat(1000);
    let text = [b'a'; 10_000];
    let nuls = [0; 10_000];
    let mut long = b"\x8b\x00\x00\x10\x00".to_vec();
    long.resize(N + 5, 1);
    let too_large = PickleError::Input {
        len: 17 * N,
        limit: 16 * N,
    };
    for (name, pickle, error) in [
        (
            "20 KB of nested lists",
            join(&[&b"]".repeat(20_000), &b"a".repeat(19_999), b"."]),
            depth(),
        ),
        (
            "nested tuples",
            join(&[b")", &b"\x85".repeat(500_000), b"."]),
            depth(),
        ),
        (
            "nested calls",
            join(&[b"cm\nC\n", &b")R".repeat(400_000), b"."]),
            depth(),
        ),
        ("keys in keys", join(&[b"K\x01", &keys, b"."]), depth()),
        ("86-byte memo bomb", memo_bomb(8), values()),
        (
            "memo bomb of numbers",
            shared(&[b"(", &numbers, b"l"]),
            output(),
        ),
        (
            "memo bomb of text",
            shared(&[b"X\x10\x27\x00\x00", &text]),
            output(),
        ),
        (
            "memo bomb of escapes",
            shared(&[b"X\x10\x27\x00\x00", &nuls]),
            output(),
        ),
        ("shared states", shared(&[&state]), output()),
        ("shared paths", shared(&[&path]), output()),
        (
            "1 MB of marks",
            b"(".repeat(N),
            PickleError::Truncated { at: N, wanted: 1 },
        ),
        ("too many marks", b"(".repeat(2 * N), values()),
        ("too many values", b"N".repeat(2 * N), values()),
        ("too many lists", b"]0".repeat(2 * N), values()),
        (
            "too many entries",
            join(&[b"N", &b"\x94".repeat(2 * N)]),
            PickleError::MemoFull { limit: N },
        ),
        ("LONG4 of 1 MB", join(&[&long, b"."]), digits()),
        (
            "decimal line of 1 MB",
            join(&[b"L", &b"1".repeat(N), b"L\n."]),
            digits(),
        ),
        ("too large", vec![b'N'; 17 * N], too_large),
    ] {
        let start = Instant::now();
        let result = decode(&pickle, &limits);
        let took = start.elapsed();
        assert_eq!(result.err(), Some(error), "{name}");
        assert!(
            took < sane * FACTOR,
            "{name} took {took:?}, an honest pickle {sane:?}"
        );
    }
}

#[test]
fn odd_sharing_is_refused_quickly() {
    let limits = Limits::default();
    let sane = honest(&limits);
    // Each counter is made of the one before; each attribute is one of the one before.
    let counters = b"q\x010ccollections\nCounter\nh\x01\x85R".repeat(100_000);
    let attributes = b"q\x010c__builtin__\ngetattr\nh\x01X\x01\x00\x00\x00a\x86R".repeat(30_000);
    for (name, pickle) in [
        ("counters", shared(&[b"}", &counters])),
        ("attributes", [b"cm\nC\n", &attributes[..], b")R."].concat()),
    ] {
        let start = Instant::now();
        let result = decode(&pickle, &limits);
        let took = start.elapsed();
        assert_eq!(result, Err(PickleError::Depth { limit: 127 }), "{name}");
        assert!(
            took < sane * FACTOR,
            "{name} took {took:?}, an honest pickle {sane:?}"
        );
    }
}
