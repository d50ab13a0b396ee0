//! The parser, for every split of a stream and for any bytes.

use distlog::zmtp::{fuzz_curve, fuzz_peer};
use proptest::{collection::vec, prelude::*};

use super::support::{command, greeting, ready};

fn stream(messages: &[Vec<Vec<u8>>], pings: &[bool]) -> Vec<u8> {
    let mut bytes = [greeting(1), ready("PUSH")].concat();
    let mut pings = pings.iter().copied().cycle();
    for frames in messages {
        for (index, frame) in frames.iter().enumerate() {
            if pings.next() == Some(true) {
                bytes.extend(command(b"\x04PING\0\0c"));
            }
            let more = u8::from(index + 1 < frames.len());
            if let Ok(len) = u8::try_from(frame.len()) {
                bytes.extend([more, len]);
            } else {
                bytes.push(more | 2);
                bytes.extend((frame.len() as u64).to_be_bytes());
            }
            bytes.extend(frame);
        }
    }
    bytes
}

proptest! {
    #[test]
    fn every_split_gives_the_same_messages(
        messages in vec(vec(vec(any::<u8>(), 0..400), 1..6), 0..12),
        pings in vec(any::<bool>(), 1..9),
        pieces in vec(1..500_usize, 0..60),
    ) {
        let bytes = stream(&messages, &pings);
        prop_assert_eq!(fuzz_peer(&bytes, &[]), Ok(messages.clone()));
        prop_assert_eq!(fuzz_peer(&bytes, &pieces), Ok(messages.clone()));
        prop_assert_eq!(fuzz_peer(&bytes, &vec![1; bytes.len()]), Ok(messages));
    }

    #[test]
    fn no_bytes_panic_and_no_split_changes_the_verdict(
        garbage in vec(any::<u8>(), 0..600),
        pieces in vec(1..100_usize, 0..60),
        behind in 0..3_usize,
    ) {
        let good = [greeting(1), ready("PUSH")];
        let bytes = [good[..behind].concat(), garbage].concat();
        prop_assert_eq!(fuzz_peer(&bytes, &[]), fuzz_peer(&bytes, &pieces));
    }

    #[test]
    fn a_flipped_byte_never_panics(at in 0..90_usize, octet: u8, pieces in vec(1..40_usize, 0..20)) {
        let mut bytes = stream(&[vec![b"topic".to_vec(), vec![b'x'; 300]]], &[true]);
        bytes[at] = octet;
        prop_assert_eq!(fuzz_peer(&bytes, &[]), fuzz_peer(&bytes, &pieces));
    }

    #[test]
    fn what_comes_out_of_boxes_is_what_was_sealed(
        frames in vec((0..5_u8, vec(any::<u8>(), 0..200)), 0..20),
        pieces in vec(1..300_usize, 0..40),
    ) {
        let mut bytes = Vec::new();
        for (kind, body) in frames {
            // Frames of messages more often than others.
            bytes.extend([kind % 4, u8::try_from(body.len()).expect("short")]);
            bytes.extend(body);
        }
        // It checks what comes of them by itself.
        let _ = fuzz_curve(&bytes, &pieces);
    }
}
