//! Python's datagrams: a record or rejected.
#![no_main]

mod taken;

use distlog::decode::{format::Decode, pylog::Pylog};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut checked = taken::Checked::default();
    Pylog::datagram(10_000).line(bytes, &mut checked);
    Pylog::stream(10_000).line(bytes, &mut checked);
    assert_eq!(checked.made, 2);
});
