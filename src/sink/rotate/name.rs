//! Names of files with the codes of strftime in them, and with numbers where one time has several.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{
    DateTime, FixedOffset,
    format::{Item, StrftimeItems},
};
use regex::Regex;

use crate::error::{Error, Result};

/// A path with codes in it.
pub(super) struct Name {
    text: String,
    /// What the names of all its files look like, if they are to be found again.
    shape: Option<Regex>,
}

/// The codes whose texts are known well enough to find a file by, and to delete it.
const SHAPES: [(char, &str); 12] = [
    ('Y', r"\d{4}"),
    ('y', r"\d{2}"),
    ('m', r"\d{2}"),
    ('d', r"\d{2}"),
    ('H', r"\d{2}"),
    ('M', r"\d{2}"),
    ('S', r"\d{2}"),
    ('j', r"\d{3}"),
    ('V', r"\d{2}"),
    ('s', r"\d+"),
    ('F', r"\d{4}-\d{2}-\d{2}"),
    ('%', "%"),
];

impl Name {
    /// Reads a path as the user writes it.
    pub(super) fn read(path: &Path, find: bool) -> Result<Self> {
        let fail = |reason: &str| Error::Usage(format!("{}: {reason}", path.display()));
        let text = path
            .to_str()
            .ok_or_else(|| fail("a name with times in it has to be UTF-8"))?;
        if StrftimeItems::new(text).any(|item| matches!(item, Item::Error)) {
            return Err(fail(
                "% is followed by no code of strftime (%% is a percent sign)",
            ));
        }
        let shape = if find {
            Some(shape(path).map_err(|reason| fail(&reason))?)
        } else {
            None
        };
        Ok(Self {
            text: text.to_owned(),
            shape,
        })
    }

    /// The path at a time, without a number.
    pub(super) fn at(&self, now: DateTime<FixedOffset>) -> PathBuf {
        now.format(&self.text).to_string().into()
    }

    /// The files that have had such names.
    pub(super) fn files(&self) -> io::Result<Vec<PathBuf>> {
        let Some(shape) = &self.shape else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder(Path::new(&self.text)))? {
            let entry = entry?;
            let fits = entry
                .file_name()
                .to_str()
                .is_some_and(|name| shape.is_match(name));
            if fits && entry.file_type()?.is_file() {
                files.push(folder(Path::new(&self.text)).join(entry.file_name()));
            }
        }
        Ok(files)
    }
}

/// True if a path may be made of one with codes; where they do not tell what such names look like, it is that of
/// `now` which counts.
pub(super) fn is_of(codes: &Path, path: &Path, now: DateTime<FixedOffset>) -> bool {
    let is_there = |other: &Path| {
        let whole = fs::canonicalize(folder(path)).ok();
        whole.is_some() && whole == fs::canonicalize(folder(other)).ok()
    };
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    match shape(codes) {
        Ok(shape) => is_there(codes) && shape.is_match(name),
        Err(_) => Name::read(codes, false).is_ok_and(|codes| {
            let present = codes.at(now);
            is_there(&present) && present.file_name() == path.file_name()
        }),
    }
}

/// What the names of files look like that a path with codes has made.
fn shape(path: &Path) -> std::result::Result<Regex, String> {
    if folder(path).to_string_lossy().contains('%') {
        return Err(
            "--keep wants times in the name of the file only, not in that of a folder".into(),
        );
    }
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let (stem, ending) = split(name);
    let mut shape = String::from("^");
    part(stem, &mut shape)?;
    shape.push_str(r"(\.\d+)?");
    part(ending, &mut shape)?;
    shape.push('$');
    Regex::new(&shape).map_err(|error| error.to_string())
}

fn part(text: &str, shape: &mut String) -> std::result::Result<(), String> {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            shape.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
            continue;
        }
        let code = characters.next();
        let known = SHAPES.iter().find(|(known, _)| Some(*known) == code);
        let (_, text) = known.ok_or_else(|| {
            let codes: Vec<_> = SHAPES.iter().map(|(code, _)| format!("%{code}")).collect();
            format!(
                "--keep can find files by these codes only: {}",
                codes.join(" ")
            )
        })?;
        shape.push_str(text);
    }
    Ok(())
}

/// The path of the file of that number; the first one has none. `a.ndjson.zst` becomes
/// `a.1.ndjson.zst`.
pub(super) fn numbered(stem: &Path, number: u64) -> PathBuf {
    if number == 0 {
        return stem.to_owned();
    }
    let name = stem.file_name().unwrap_or_default().to_string_lossy();
    let (front, ending) = split(&name);
    stem.with_file_name(format!("{front}.{number}{ending}"))
}

/// The largest number of the files there are; 0 if there is none.
pub(super) fn last_number(stem: &Path) -> io::Result<u64> {
    let name = stem.file_name().unwrap_or_default().to_string_lossy();
    let (front, ending) = split(&name);
    let number = |name: &str| -> Option<u64> {
        let rest = name.strip_prefix(front)?.strip_prefix('.')?;
        rest.strip_suffix(ending)?.parse().ok()
    };
    let mut last = 0;
    for entry in fs::read_dir(folder(stem))? {
        let name = entry?.file_name();
        last = last.max(name.to_str().and_then(number).unwrap_or(0));
    }
    Ok(last)
}

/// A name in front of its endings, and these; a number stands in between.
fn split(name: &str) -> (&str, &str) {
    // A compressed file has two of them.
    let packed = [".gz", ".zst"]
        .iter()
        .find(|ending| name.ends_with(*ending));
    let bare = name.len() - packed.map_or(0, |ending| ending.len());
    // A name that begins with a dot has no ending for that.
    let at = name[..bare].rfind('.').filter(|&at| at > 0);
    name.split_at(at.unwrap_or(bare))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_before_the_endings() {
        for (stem, expect) in [
            ("a/b.ndjson", "a/b.7.ndjson"),
            ("b.ndjson.zst", "b.7.ndjson.zst"),
            ("b.gz", "b.7.gz"),
            ("b", "b.7"),
            (".hidden", ".hidden.7"),
        ] {
            assert_eq!(numbered(Path::new(stem), 7), Path::new(expect));
            assert_eq!(numbered(Path::new(stem), 0), Path::new(stem));
        }
    }

    #[test]
    fn only_own_files_are_found_again() {
        let name = Name::read(Path::new("x/app-%Y%m%d.ndjson.gz"), true).expect("a name");
        let shape = name.shape.expect("a shape");
        for (name, expect) in [
            ("app-20261128.ndjson.gz", true),
            ("app-20261128.12.ndjson.gz", true),
            ("app-20261128.ndjson", false),
            ("app-2026112.ndjson.gz", false),
            ("app-20261128xndjson.gz", false),
            ("my-app-20261128.ndjson.gz", false),
            ("app-20261128.old.ndjson.gz", false),
        ] {
            assert_eq!(shape.is_match(name), expect, "{name}");
        }
    }

    #[test]
    fn what_may_be_made_of_codes_is_told() {
        let now = DateTime::parse_from_rfc3339("2026-11-28T12:00:00Z").expect("a time");
        let check = |codes: &str, path: &str, expect: bool| {
            assert_eq!(
                is_of(Path::new(codes), Path::new(path), now),
                expect,
                "{codes} {path}"
            );
        };
        check("app-%Y%m%d.ndjson", "app-20261129.ndjson", true);
        check("app-%Y%m%d.ndjson", "./app-20261129.2.ndjson", true);
        check("app-%Y%m%d.ndjson", "src/app-20261129.ndjson", false);
        check("app-%Y%m%d.ndjson", "app-bad.ndjson", false);
        check("app-%b.ndjson", "app-Nov.ndjson", true);
        check("app-%b.ndjson", "app-Dec.ndjson", false);
        check("app-%Q.ndjson", "app-%Q.ndjson", false);
    }

    #[test]
    fn codes_that_are_none_are_refused() {
        for (path, find) in [
            ("a%", false),
            ("a%Q", false),
            ("a-%b", true),
            ("%Y/a", true),
        ] {
            assert!(Name::read(Path::new(path), find).is_err(), "{path}");
        }
        assert!(Name::read(Path::new("%Y/a-%b"), false).is_ok());
    }
}
