//! Forms: a record or rejected.
#![no_main]

mod taken;

use distlog::decode::{form::Form, format::Decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut checked = taken::Checked::default();
    Form::default().line(bytes, &mut checked);
    assert_eq!(checked.made, 1);
});
