//! Streams of every kind in every kind of pieces, and what is wrong with some.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;

#[test]
fn the_first_bytes_tell_and_too_few_of_them_do_not() {
    let check = |bytes: &[u8], expect| assert_eq!(Look::at(bytes), expect, "{bytes:?}");
    check(b"", Look::Unknown);
    check(b"{", Look::Plain);
    check(b"\x1f", Look::Unknown);
    check(b"\x1f\x8b", Look::Gzip);
    check(b"\x1fx", Look::Plain);
    check(b"\x28\xb5\x2f", Look::Unknown);
    check(b"\x28\xb5\x2f\xfd", Look::Zstd);
    check(b"(a", Look::Plain);
    check(b"P", Look::Unknown);
    check(b"\x5a\x2a\x4d\x18", Look::Zstd);
    check(b"PING", Look::Plain);
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

/// The same without its end.
fn flushed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("memory");
    encoder.flush().expect("memory");
    encoder.get_ref().clone()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("memory")
}

/// Lines that compress about as records do.
fn lines(count: usize) -> Vec<u8> {
    let line = |n: usize| {
        format!(
            "{{\"n\":{n},\"of\":\"{:x}\"}}\n",
            n.wrapping_mul(0x9e37_79b9)
        )
    };
    (0..count).flat_map(|n| line(n).into_bytes()).collect()
}

/// What comes out in any pieces, with words for how it ends.
fn check(bytes: &[u8], out: &[u8], ends: &str) {
    let lists = [
        vec![],
        // As long as this lasts, each byte by itself.
        vec![1; 2_000],
        vec![7; 5_000],
        // Many looks in vain between a byte and the rest.
        [vec![5], vec![0; 40], vec![3], vec![0; 40]].concat(),
        vec![4_000; 100],
    ];
    for pieces in lists {
        let (came, end) = fuzz_unpack(bytes, &pieces, 200);
        let size = pieces.first();
        let words = match end {
            Ok(()) => "the end".to_owned(),
            Err(None) => "left".to_owned(),
            Err(Some(refusal)) => refusal.to_string(),
        };
        assert_eq!(words, ends, "pieces of {size:?}");
        assert_eq!(came.len(), out.len(), "pieces of {size:?}");
        assert!(came == out, "pieces of {size:?}");
    }
}

#[test]
fn pieces_make_no_difference() {
    let (first, second) = (lines(900), lines(6_000));
    let both = [&first[..], &second].concat();
    for (a, b) in [
        (gzip as fn(&[u8]) -> _, zstd as fn(&[u8]) -> _),
        (zstd, gzip),
    ] {
        check(&[a(&first), b(b""), b(&second)].concat(), &both, "the end");
        check(
            &[a(&second), a(&first)].concat(),
            &[&second[..], &first].concat(),
            "the end",
        );
    }
    check(&first, &first, "the end");
    check(b"(", b"(", "the end");
    check(b"", b"", "the end");
}

#[test]
fn what_was_whole_comes_out_before_what_is_wrong_is_refused() {
    let text = lines(900);
    for pack in [gzip, zstd] {
        let packed = pack(&text);
        check(
            &[&packed[..], b"{\"plain\":1}\n"].concat(),
            &text,
            "bytes behind the end of what is compressed",
        );
        check(&[&packed[..], &packed[..3]].concat(), &text, "left");
    }
    // A frame without blocks, and a block of a kind that there is not.
    let broken = [&zstd(&text)[..], &ZSTD, &[0, 0x58, 7, 0, 0]].concat();
    check(
        &broken,
        &text,
        "broken compression: Data corruption detected",
    );
    let broken = [&gzip(&text)[..], &GZIP, &[8, 0, 0, 0, 0, 0, 0, 3, 7]].concat();
    let (came, end) = fuzz_unpack(&broken, &[], 200);
    assert!(
        came == text && matches!(end, Err(Some(Refusal::Packed(_)))),
        "{end:?}"
    );
}

#[test]
fn blocks_before_a_broken_one_come_out_as_well() {
    // The text is longer than a block, and the sum at the end is wrong.
    let text = lines(6_000);
    assert!(text.len() > 128 << 10);
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("memory");
    encoder.include_checksum(true).expect("an option");
    encoder.write_all(&text).expect("memory");
    let mut packed = encoder.finish().expect("memory");
    *packed.last_mut().expect("a sum") ^= 1;
    check(
        &packed,
        &text,
        "broken compression: Restored data doesn't match checksum",
    );
    let mut packed = gzip(&text);
    let sum = packed.len() - 8;
    packed[sum] ^= 1;
    let (came, end) = fuzz_unpack(&packed, &[], 200);
    assert!(
        came == text && matches!(end, Err(Some(Refusal::Packed(_)))),
        "{end:?}"
    );
}

#[test]
fn no_more_comes_out_than_the_ratio_lets() {
    let blanks = vec![b' '; 3 << 20];
    // A block of a kind that there is not, where still less than the ratio lets has come out but
    // for what the last call brings.
    let broken = [&flushed(&blanks[..(1 << 20) + 5_000])[..], &[7; 9]].concat();
    for packed in [gzip(&blanks), zstd(&blanks), broken] {
        for pieces in [vec![], vec![1_000; packed.len()]] {
            let (came, end) = fuzz_unpack(&packed, &pieces, 200);
            assert_eq!(end, Err(Some(Refusal::Ratio { limit: 200 })));
            assert!(came.len() as u64 <= FREE.max(packed.len() as u64 * 200));
        }
    }
}
