//! The search for a file that has been renamed or copied away.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{head::Head, opened::Identity};

/// How many names of a folder are looked at: rotation keeps far fewer.
const NAMES: usize = 10_000;

/// Finds a file next to `path` that was read up to `offset`: the one of that identity, whatever its
/// name, or one that begins alike and has as much and the same beginning of its name, which is a
/// copy. The file at `path` itself does not count, and neither do those in `open`: what has been
/// read already, and our own output, which begins alike too.
pub(super) fn moved(
    path: &Path,
    identity: Option<Identity>,
    head: Head,
    offset: u64,
    open: &[Identity],
) -> Option<(File, PathBuf)> {
    let folder = folder(path);
    let names = fs::read_dir(folder).ok()?.take(NAMES).flatten();
    let mut best: Option<(bool, SystemTime, File, PathBuf)> = None;
    for entry in names {
        let other = entry.path();
        if other.file_name() == path.file_name() {
            continue;
        }
        // The kind first: opening a pipe waits.
        if !fs::metadata(&other).is_ok_and(|found| found.is_file() && found.len() >= offset) {
            continue;
        }
        let Ok(file) = File::open(&other) else {
            continue;
        };
        let Ok(found) = file.metadata() else { continue };
        let its = Identity::of(&found);
        if open.contains(&its) {
            continue;
        }
        let renamed = identity == Some(its) && head.stands(&file).unwrap_or(false);
        let copied = || is_rotated(path, &entry.file_name()) && head.is_of(&file);
        if !renamed && !copied() {
            continue;
        }
        // Of several copies the youngest.
        let age = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        if best
            .as_ref()
            .is_none_or(|(known, than, ..)| (renamed, age) > (*known, *than))
        {
            best = Some((renamed, age, file, other));
        }
    }
    best.map(|(_, _, file, path)| (file, path))
}

/// Finds files that had the name of `path` after the one that was written to last at `after`,
/// oldest first: their names begin with it, and they are neither known nor copies of what is.
pub(super) fn successors(
    path: &Path,
    after: SystemTime,
    known: &[Identity],
    heads: &[Head],
) -> Vec<File> {
    let Ok(names) = fs::read_dir(folder(path)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in names.take(NAMES).flatten() {
        let file_name = entry.file_name();
        // The kind first: opening a pipe waits.
        if !is_rotated(path, &file_name)
            || !fs::metadata(entry.path()).is_ok_and(|found| found.is_file())
        {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        let Ok(its) = file.metadata() else { continue };
        let age = its.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        if age >= after
            && !known.contains(&Identity::of(&its))
            && !heads.iter().any(|head| head.is_of(&file))
        {
            found.push((age, file_name, file));
        }
    }
    found.sort_by(|(age, name, _), (other, than, _)| (age, name).cmp(&(other, than)));
    found.into_iter().map(|(_, _, file)| file).collect()
}

/// True if a name is what rotation makes of that of `path`.
fn is_rotated(path: &Path, other: &OsStr) -> bool {
    let name = path.file_name().and_then(OsStr::to_str);
    let ending = name.and_then(|name| other.to_str()?.strip_prefix(name));
    ending.is_some_and(|ending| {
        ending.starts_with(['.', '-', '_']) && !PACKED.iter().any(|packed| ending.ends_with(packed))
    })
}

/// How the names of files end that are no text: compressed ones, and those that are being made.
const PACKED: [&str; 7] = [".gz", ".zst", ".xz", ".bz2", ".lz4", ".tmp", ".swp"];

/// The folder that a path's file is in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
