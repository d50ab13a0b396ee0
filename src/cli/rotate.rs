//! The flags for files that follow each other, which dl-recv and dl-send write.

use clap::Args;

use super::common::{parse_duration, parse_size};
use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    sink::{Keep, Rotation},
};

/// When an output file gives way to another, and which are kept.
#[derive(Args, Clone, Debug)]
pub(super) struct RotateArgs {
    /// Begin another file when this one has so many bytes
    ///
    /// It gets the same name with a number before its endings: all.1.ndjson.zst. A time in the
    /// name, in the codes of strftime(3), begins another file without this option too.
    #[arg(long, value_name = "BYTES", value_parser = parse_limit)]
    rotate: Option<u64>,

    /// Delete files of earlier times: those older than TIME, or beyond so many
    ///
    /// TIME has the unit s, m, h, d or w; a number without a unit is how many files to keep, the
    /// one that is written among them. May be given once for each.
    #[arg(long, value_name = "TIME|COUNT", value_parser = parse_keep)]
    keep: Vec<Keep>,
}

impl RotateArgs {
    /// What it comes to for an output.
    pub(super) fn rotation(&self, output: &Endpoint) -> Result<Rotation> {
        let rotation = Rotation {
            size: self.rotate,
            keep: self.keep.clone(),
        };
        if rotation.is_empty() || matches!(output, Endpoint::File(_)) {
            return Ok(rotation);
        }
        Err(Error::Misused {
            reason: format!("--rotate and --keep are about files, and {output} is none"),
            hint: "name a file to write to, such as capture-%Y%m%d-%H.ndjson.zst",
        })
    }
}

fn parse_limit(text: &str) -> std::result::Result<u64, String> {
    match parse_size(text)? {
        0 => Err("expected more than 0".into()),
        size => Ok(size as u64),
    }
}

fn parse_keep(text: &str) -> std::result::Result<Keep, String> {
    const WANT: &str = "expected a number of files, or a time such as 12h or 7d";
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(0) | Err(_) => Err(WANT.into()),
            Ok(count) => Ok(Keep::Count(count)),
        };
    }
    let days = |unit: char, days: f64| -> Option<std::time::Duration> {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        std::time::Duration::try_from_secs_f64(number * days * 86_400.0).ok()
    };
    match days('d', 1.0).or_else(|| days('w', 7.0)) {
        Some(age) => Ok(Keep::Age(age)),
        None => parse_duration(text).map(Keep::Age).map_err(|_| WANT.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ages_and_counts() {
        let hours = |hours: u64| Ok(Keep::Age(Duration::from_secs(hours * 3_600)));
        assert_eq!(parse_keep("7d"), hours(168));
        assert_eq!(parse_keep("2w"), hours(336));
        assert_eq!(
            parse_keep("1.5h"),
            Ok(Keep::Age(Duration::from_secs(5_400)))
        );
        assert_eq!(parse_keep("12"), Ok(Keep::Count(12)));
        for wrong in ["0", "", "d", "7y", "-1d", "99999999999999999999999"] {
            assert!(parse_keep(wrong).is_err(), "{wrong}");
        }
        assert!(parse_limit("0").is_err());
    }
}
