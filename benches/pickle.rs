//! Decodes the real distlog pickles of tests/data/samples, repeated, on one core.
//!
//! `cargo bench --bench pickle` first runs Python's `pickle.loads` over the same records, so
//! that both figures come from the same machine at the same time. The Python is
//! `DISTLOG_PYTHON` or `python3`.

use std::process::Command;

use distlog::decode::pickle::{Decoder, Limits};
use divan::{Bencher, black_box, counter::BytesCount, counter::ItemsCount};

/// The records are this often repeated in one iteration: some 10,000 of them, more than the
/// branch predictor learns by heart.
const REPEAT: usize = 300;

fn main() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/py/pickle_speed.py");
    let python = std::env::var("DISTLOG_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let status = Command::new(python).args(["-B", script]).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "no figures from Python"
    );
    divan::main();
}

/// The second frame of each message: a frame count, then frames behind their lengths, all
/// numbers of four bytes, big-endian.
fn bodies() -> Vec<Vec<u8>> {
    let data = include_bytes!("../tests/data/samples/distlog-pickle-frames.bin");
    let mut rest = &data[..];
    let number = |rest: &mut &[u8]| {
        let (head, tail) = rest.split_first_chunk().expect("a number");
        *rest = tail;
        u32::from_be_bytes(*head) as usize
    };
    let mut bodies = Vec::new();
    while !rest.is_empty() {
        let frames = number(&mut rest);
        for frame in 0..frames {
            let len = number(&mut rest);
            let (bytes, tail) = rest.split_at(len);
            if frame == 1 {
                bodies.push(bytes.to_vec());
            }
            rest = tail;
        }
    }
    bodies
}

#[divan::bench]
fn distlog_records(bencher: Bencher) {
    let bodies = bodies();
    let bytes: usize = bodies.iter().map(Vec::len).sum();
    let mut decoder = Decoder::new(Limits::default());
    let mut out = Vec::new();
    bencher
        .counter(ItemsCount::new(bodies.len() * REPEAT))
        .counter(BytesCount::new(bytes * REPEAT))
        .bench_local(|| {
            for body in bodies.iter().cycle().take(bodies.len() * REPEAT) {
                out.clear();
                decoder.decode(black_box(body), &mut out).expect("a sample");
                black_box(&out);
            }
        });
}
