//! The flags that all filters have.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};

use super::own::OwnArgs;
use crate::{endpoint::Endpoint, error::Result, record::Instant};

/// Where records come from and what happens to lines that are none.
#[derive(Args, Debug)]
pub(super) struct InputArgs {
    /// Files to read, gzip and zstd too; - or none is standard input
    ///
    /// Compression is recognised by the first bytes, whatever the name. Several files are
    /// read one after the other, in the order given. A file that cannot be read is reported,
    /// the others are read all the same, and the exit status is 2.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<String>,

    #[command(flatten)]
    pub(super) lines: LineArgs,
}

impl InputArgs {
    /// The inputs; none is standard input.
    pub(super) fn endpoints(&self) -> Result<Vec<Endpoint>> {
        if self.files.is_empty() {
            return Ok(vec![Endpoint::Standard]);
        }
        self.files
            .iter()
            .map(|name| Endpoint::parse(name))
            .collect()
    }
}

/// How lines are read and counted.
#[derive(Args, Clone, Debug)]
pub(super) struct LineArgs {
    /// What to do with lines that are no JSON objects
    ///
    /// Blank lines are passed over in any case and are not counted.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(super) foreign: Option<Foreign>,

    /// Keep rejected lines in FILE, byte for byte
    ///
    /// FILE is emptied at the start. A line longer than --max-record is counted and not
    /// kept, because it is never in memory as a whole.
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: Option<String>,

    /// Exit with 3 if any line was rejected
    #[arg(long, hide_short_help = true)]
    pub(super) strict: bool,

    /// Say on stderr at the end what became of the lines read
    ///
    /// The form is "N read, N written, N filtered, N rejected", and the first number is the
    /// sum of the others.
    #[arg(long)]
    pub(super) stats: bool,

    /// Workers [default: all cores]
    ///
    /// The output is the same, in the same order, for any number.
    #[arg(short, long, value_name = "N", hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(super) jobs: Option<u16>,

    /// The longest line that can be a record, in bytes
    ///
    /// A longer one is rejected. The units are B, kB, KiB, MB, MiB, GB and GiB.
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "256MiB",
        hide_short_help = true
    )]
    #[arg(value_parser = parse_record_size)]
    pub(super) max_record: usize,

    #[command(flatten)]
    pub(super) own: OwnArgs,
}

/// What happens to a line that is no JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Foreign {
    /// Count it as rejected
    Drop,
    /// Write it as it is
    Pass,
    /// Make it a record: {"message": LINE}
    Wrap,
    /// Stop with an error
    Fail,
}

/// Reads a size such as `64MiB`, `1GB`, `512k` or `1000`.
pub(super) fn parse_size(text: &str) -> std::result::Result<usize, String> {
    let at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let factor: usize = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "kb" => 1_000,
        "m" | "mib" => 1 << 20,
        "mb" => 1_000_000,
        "g" | "gib" => 1 << 30,
        "gb" => 1_000_000_000,
        _ => return Err("expected a number and B, kB, KiB, MB, MiB, GB or GiB".into()),
    };
    let number: usize = digits
        .parse()
        .map_err(|_| "expected a number such as 64MiB".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "too large".into())
}

/// Reads the size of a record, whose places are counted with 32 bits.
pub(super) fn parse_record_size(text: &str) -> std::result::Result<usize, String> {
    parse_size(text).and_then(|size| {
        if size > 2 << 30 {
            Err("a record can have 2GiB at most".into())
        } else {
            Ok(size)
        }
    })
}

/// Reads a duration such as `30s`, `200ms`, `1.5m` or `2h`.
pub(super) fn parse_duration(text: &str) -> std::result::Result<std::time::Duration, String> {
    const WANT: &str = "expected a number and ms, s, m or h";
    let at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(WANT)?;
    let (number, unit) = text.split_at(at);
    let factor = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(WANT.into()),
    };
    let number: f64 = number.trim().parse().map_err(|_| WANT)?;
    std::time::Duration::try_from_secs_f64(number * factor).map_err(|error| error.to_string())
}

/// The time of the computer's clock.
pub(super) fn now() -> Instant {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Instant(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}

/// The memory to use for records that are held, if `--memory` does not say: a quarter, and
/// no less than 256 MiB.
pub(super) fn default_memory() -> usize {
    (total_memory() / 4).max(256 << 20)
}

/// The machine's memory in bytes, or 1 GiB if it cannot be told.
fn total_memory() -> usize {
    let kibibytes = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            text.lines().find_map(|line| {
                line.strip_prefix("MemTotal:")?
                    .trim()
                    .strip_suffix(" kB")?
                    .parse::<usize>()
                    .ok()
            })
        });
    kibibytes.map_or(1 << 30, |kib| kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations() {
        assert_eq!(parse_size("64MiB"), Ok(64 << 20));
        assert_eq!(parse_size("1GB"), Ok(1_000_000_000));
        assert_eq!(parse_size("7"), Ok(7));
        assert!(parse_size("x").is_err());
        assert!(parse_size("99999999999G").is_err());
        assert_eq!(
            parse_duration("1.5s"),
            Ok(std::time::Duration::from_millis(1500))
        );
        assert_eq!(
            parse_duration("200ms"),
            Ok(std::time::Duration::from_millis(200))
        );
        assert!(parse_duration("5").is_err());
        assert!(parse_duration("-1s").is_err());
    }
}
