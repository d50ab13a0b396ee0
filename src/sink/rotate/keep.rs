//! Which files are kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::name::Name;

/// How long, or how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Files that were written to within so long.
    Age(Duration),
    /// The youngest ones, so many of them.
    Count(usize),
}

/// Deletes the files of a name that none of `keep` wants; returns those that could not be.
pub(super) fn sweep(name: &Name, keep: &[Keep], current: &Path) -> Vec<(PathBuf, io::Error)> {
    if keep.is_empty() {
        return Vec::new();
    }
    let files = match name.files() {
        Ok(files) => files,
        Err(error) => return vec![(current.to_owned(), error)],
    };
    let mut others: Vec<_> = files
        .into_iter()
        .filter(|path| path.file_name() != current.file_name())
        .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    // The youngest first.
    others.sort_by(|one, other| other.cmp(one));
    let now = SystemTime::now();
    let doomed = |number: usize, written: SystemTime| {
        keep.iter().any(|keep| match *keep {
            Keep::Age(age) => now.duration_since(written).is_ok_and(|old| old > age),
            // The current one counts.
            Keep::Count(count) => number + 1 >= count,
        })
    };
    let mut failed = Vec::new();
    for (number, (written, path)) in others.into_iter().enumerate() {
        if doomed(number, written)
            && let Err(error) = fs::remove_file(&path)
        {
            failed.push((path, error));
        }
    }
    failed
}
