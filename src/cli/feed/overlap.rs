//! Files that are read and written, or written twice.

use std::io;

use rustix::fs::{FileType, Stat, fstat, stat};

use crate::{
    cli::common::LineArgs,
    endpoint::Endpoint,
    error::{Error, Result},
};

/// Refuses an input that is an output too: it would be emptied before it is read, or grow
/// as fast as it is read. And an output that is the file of `--rejects`, which is emptied.
pub(in crate::cli) fn refuse_overlap(
    inputs: &[Endpoint],
    args: &LineArgs,
    outputs: &[Endpoint],
) -> Result<()> {
    let place = |endpoint: &Endpoint, standard: fn() -> Option<Stat>| match endpoint {
        Endpoint::Standard => standard(),
        Endpoint::File(path) => stat(path).ok(),
        _ => None,
    };
    let rejects = args
        .rejects
        .as_ref()
        .and_then(|path| stat(path.as_str()).ok());
    let same = |a: &Stat, b: &Stat| {
        FileType::from_raw_mode(a.st_mode).is_file() && (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
    };
    let mut written = Vec::new();
    for output in outputs {
        let Some(place) = place(output, || fstat(io::stdout()).ok()) else {
            continue;
        };
        if rejects.is_some_and(|rejects| same(&place, &rejects)) {
            return Err(Error::Usage(format!(
                "{output}: the file of --rejects is the output too"
            )));
        }
        written.push(place);
    }
    written.extend(rejects);
    for input in inputs {
        let read = place(input, || fstat(io::stdin()).ok());
        if read.is_some_and(|read| written.iter().any(|other| same(&read, other))) {
            return Err(Error::Usage(format!(
                "{input}: the input file is an output file too"
            )));
        }
    }
    Ok(())
}
