//! A line: the scanner, every canonical field, and a walk with a cursor agree and end.
#![no_main]

use std::sync::LazyLock;

use distlog::record::{Canonical, Cursor, Found, Refused, Reader};
use libfuzzer_sys::fuzz_target;

/// Made once: it knows all producers.
static READER: LazyLock<Reader> = LazyLock::new(|| {
    let mut reader = Reader::default();
    for canonical in Canonical::ALL {
        reader.canonical(canonical);
    }
    reader
});

fuzz_target!(|line: &[u8]| {
    if line.contains(&b'\n') {
        return;
    }
    let reader = &*READER;
    let mut found = Found::default();
    let read = reader.read(line, &mut found);
    let walked = Cursor::line(line, |_, cursor| walk(cursor, 0));
    let plain = Cursor::line(line, |_, cursor| cursor.value().map(drop));
    assert_eq!(read.as_ref().err(), plain.as_ref().err());
    assert_eq!(plain.is_ok(), walked.is_ok());
    if let Ok(record) = read {
        for canonical in Canonical::ALL {
            record.text(canonical);
            record.number(canonical);
            record.value(canonical);
        }
        record.level();
        record.time().map(|time| time.to_rfc3339());
    }
});

fn walk(cursor: Cursor<'_, '_>, depth: usize) -> Result<(), Refused> {
    if cursor.is_object() && depth < 50 {
        return cursor.members(|_, cursor| walk(cursor, depth + 1));
    }
    cursor.value()?.text();
    Ok(())
}
