//! What .NET's console logger writes: all is records or rejected.
#![no_main]

mod text;

use distlog::decode::format::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| text::check("dotnet", Settings::default(), bytes));
