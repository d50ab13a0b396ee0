//! The weaver: the records of a stretch, in order.

use std::io;

use super::{
    plan::Stretch,
    runs::fill,
    sorter::{Entry, list},
    temporary,
};
use crate::error::Error;

/// What a worker makes of a stretch.
#[derive(Debug, Default)]
pub(super) struct Woven {
    pub(super) text: Vec<u8>,
    pub(super) error: Option<Error>,
}

/// Makes what weaves.
pub(super) fn worker() -> impl FnMut(&mut Stretch, &mut Woven) {
    let (mut read, mut entries) = (Vec::new(), Vec::new());
    move |stretch, woven| {
        woven.text.clear();
        woven.error = weave(stretch, &mut read, &mut entries, &mut woven.text)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => {
                    Error::Failed("an input has become shorter while it was put in order".into())
                }
                _ => temporary(error),
            })
            .err();
    }
}

fn weave(
    stretch: &Stretch,
    read: &mut Vec<u8>,
    entries: &mut Vec<Entry>,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let bytes: u64 = stretch.slices.iter().map(|slice| slice.bytes).sum();
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    // What is there already is written over.
    if read.len() < bytes {
        read.resize(bytes, 0);
    }
    let mut end = 0;
    for slice in &stretch.slices {
        let start = end;
        end += usize::try_from(slice.bytes).unwrap_or(usize::MAX);
        fill(
            &slice.origin.file,
            slice.origin.offset,
            &mut read[start..end],
        )?;
    }
    if let [_] = &stretch.slices[..] {
        out.extend_from_slice(&read[..bytes]);
        return Ok(());
    }
    entries.clear();
    list(0, &stretch.times, &stretch.lengths, entries);
    // The slices are in order, which the sort notices and only puts them together; records of
    // one time stay in the order of the runs.
    entries.sort_by_key(|entry| entry.time);
    out.reserve(bytes);
    let mut entries = entries.iter();
    let Some(&(mut run)) = entries.next() else {
        return Ok(());
    };
    for entry in entries {
        // Where one run is ahead its records are copied together.
        if entry.at == run.at + run.length {
            run.length += entry.length;
        } else {
            out.extend_from_slice(run.of(read));
            run = *entry;
        }
    }
    out.extend_from_slice(run.of(read));
    Ok(())
}
