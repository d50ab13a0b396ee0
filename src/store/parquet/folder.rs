//! Folders of files, one for each hour or day, as Hive names them.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, NaiveDate, Timelike};

use super::part::{ENDING, HIDDEN, UNFINISHED};
use crate::{endpoint::Partition, record::Instant};

/// What stands in Hive's names for a value that is not there.
const NONE: &str = "__HIVE_DEFAULT_PARTITION__";

/// A second in nanoseconds.
const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Which partition a record is in: the number of its hour or day since 1970, `None` without a
/// time.
pub(super) type Number = Option<i64>;

/// The partition of a time.
pub(super) fn number(by: Partition, time: Option<Instant>) -> Number {
    Some(time?.0.div_euclid(length(by)?))
}

/// How long a partition is.
fn length(by: Partition) -> Option<i64> {
    match by {
        Partition::None => None,
        Partition::Hour => Some(HOUR),
        Partition::Day | Partition::Month => Some(DAY),
    }
}

/// The folder of a partition, in `root`.
pub(super) fn path(root: &Path, by: Partition, number: Number) -> PathBuf {
    let Some(length) = length(by) else {
        return root.to_owned();
    };
    let time = number.map(|number| DateTime::from_timestamp_nanos(number * length));
    let value = |text: Option<String>| text.unwrap_or_else(|| NONE.into());
    let date = value(time.map(|time| time.format("%Y-%m-%d").to_string()));
    let day = root.join(format!("date={date}"));
    if by == Partition::Hour {
        let hour = value(time.map(|time| format!("{:02}", time.hour())));
        return day.join(format!("hour={hour}"));
    }
    day
}

/// A file, and what its path tells of the times of its records.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) span: Span,
}

/// Times of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Any, or none.
    Unknown,
    /// They have none.
    None,
    /// From the first to the last.
    Between(i64, i64),
}

/// All files in a folder, in the order of their paths; or the file itself.
pub(super) fn files(root: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    if fs::metadata(root)?.is_file() {
        found.push(Found {
            path: root.to_owned(),
            span: Span::Unknown,
        });
        return Ok(found);
    }
    walk(root, &mut |path, name| {
        if name.ends_with(ENDING) && !name.starts_with(['.', '_']) {
            let span = span(path.strip_prefix(root).unwrap_or(&path));
            found.push(Found { path, span });
        }
    })?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Deletes what writers have left that were killed.
pub(super) fn tidy(root: &Path) -> io::Result<()> {
    walk(root, &mut |path, name| {
        if name.starts_with(HIDDEN)
            && name.ends_with(UNFINISHED)
            && File::open(&path).is_ok_and(|file| file.try_lock().is_ok())
        {
            // If it does not go it does no harm.
            let _ = fs::remove_file(path);
        }
    })
}

/// Visits all files in a folder and in those of partitions in it.
fn walk(folder: &Path, visit: &mut dyn FnMut(PathBuf, &str)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let kind = entry.file_type()?;
        if kind.is_file() {
            visit(entry.path(), name);
        } else if kind.is_dir() && name.contains('=') {
            walk(&entry.path(), visit)?;
        }
    }
    Ok(())
}

/// What a path tells: `date=2026-11-28/hour=16/…`.
fn span(path: &Path) -> Span {
    let (mut date, mut hour) = (None, None);
    for part in path.iter().filter_map(|part| part.to_str()) {
        match part.split_once('=') {
            Some(("date" | "hour", NONE)) => return Span::None,
            Some(("date", text)) => date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
            Some(("hour", text)) => hour = text.parse::<u32>().ok(),
            _ => {}
        }
    }
    let Some(midnight) = date.and_then(|date| date.and_hms_opt(0, 0, 0)) else {
        return Span::Unknown;
    };
    let Some(midnight) = midnight.and_utc().timestamp_nanos_opt() else {
        return Span::Unknown;
    };
    match hour {
        Some(hour) if hour < 24 => {
            let start = midnight.saturating_add(i64::from(hour) * HOUR);
            Span::Between(start, start.saturating_add(HOUR - 1))
        }
        _ => Span::Between(midnight, midnight.saturating_add(DAY - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_when_its_records_were() {
        let time = Instant(1_795_881_845 * SECOND);
        let check = |by, time, expect: &str, within: bool| {
            let number = number(by, time);
            let path = path(Path::new(""), by, number);
            assert_eq!(path.to_str(), Some(expect));
            match (span(&path), time) {
                (Span::Between(from, to), Some(Instant(time))) => {
                    assert!(within && from <= time && time <= to, "{expect}");
                }
                (Span::None, None) => assert!(within),
                (span, _) => assert_eq!((span, within), (Span::Unknown, false), "{expect}"),
            }
        };
        check(Partition::Hour, Some(time), "date=2026-11-28/hour=16", true);
        check(Partition::Day, Some(time), "date=2026-11-28", true);
        check(Partition::Day, Some(Instant(-1)), "date=1969-12-31", true);
        check(Partition::None, Some(time), "", false);
        check(
            Partition::Hour,
            None,
            "date=__HIVE_DEFAULT_PARTITION__/hour=__HIVE_DEFAULT_PARTITION__",
            true,
        );
    }
}
