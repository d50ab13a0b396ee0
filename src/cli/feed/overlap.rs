//! Files that are read and written, or written twice.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::fs::{FileType, Stat, fstat, stat};

use crate::{
    cli::common::LineArgs,
    endpoint::Endpoint,
    error::{Error, Result},
    sink,
};

/// Refuses an input that is an output too: it would be emptied before it is read, or grow
/// as fast as it is read. And an output that is the file of `--rejects`, which is emptied.
pub(in crate::cli) fn refuse_overlap(
    inputs: &[Endpoint],
    args: &LineArgs,
    outputs: &[Endpoint],
) -> Result<()> {
    let place = |endpoint: &Endpoint, standard: fn() -> Option<Stat>| match endpoint {
        Endpoint::Standard => standard().and_then(|found| Spot::found(&found)),
        Endpoint::File(path) => Spot::of(path),
        _ => None,
    };
    let rejects_path = args.rejects.as_ref().map(Path::new);
    let rejects = rejects_path.and_then(Spot::of);
    let mut written = Vec::new();
    for output in outputs {
        let place = place(output, || fstat(io::stdout()).ok());
        let is_of_times = match (output, rejects_path) {
            (Endpoint::File(path), Some(rejects)) => sink::is_name_of(path, rejects),
            _ => false,
        };
        if is_of_times || place.is_some() && place == rejects {
            return Err(Error::Usage(format!(
                "{output}: the file of --rejects is the output too"
            )));
        }
        written.extend(place);
    }
    written.extend(rejects);
    for input in inputs {
        let read = place(input, || fstat(io::stdin()).ok());
        if read.is_some_and(|read| written.contains(&read)) {
            return Err(Error::Usage(format!(
                "{input}: the input file is an output file too"
            )));
        }
    }
    Ok(())
}

/// Refuses a file that is written by several parts of a program, because one would spoil what another has
/// written; each has a name.
pub(in crate::cli) fn refuse_shared(files: &[(&str, Option<&Path>)]) -> Result<()> {
    let mut seen: Vec<(&str, Spot)> = Vec::new();
    for &(name, path) in files {
        let Some((path, spot)) = path.and_then(|path| Some((path, Spot::of(path)?))) else {
            continue;
        };
        if let Some((other, _)) = seen.iter().find(|(_, known)| *known == spot) {
            return Err(Error::Usage(format!(
                "{}: the file of {name} is that of {other} too",
                path.display()
            )));
        }
        seen.push((name, spot));
    }
    Ok(())
}

/// Where a file is, or will be. Devices and pipes are nowhere: nothing in them is spoilt.
#[derive(Debug, PartialEq, Eq)]
enum Spot {
    There { device: u64, number: u64 },
    Named(PathBuf),
}

impl Spot {
    fn of(path: &Path) -> Option<Self> {
        if let Ok(found) = stat(path) {
            return Self::found(&found);
        }
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(Self::Named(folder.join(path.file_name()?)))
    }

    fn found(found: &Stat) -> Option<Self> {
        FileType::from_raw_mode(found.st_mode)
            .is_file()
            .then_some(Self::There {
                device: found.st_dev,
                number: found.st_ino,
            })
    }
}
