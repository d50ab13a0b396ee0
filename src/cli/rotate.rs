//! The flags for files that follow each other, which dl-recv and dl-send write, and for how long
//! records are kept.

use std::time::Duration;

use clap::Args;

use super::common::{now, parse_duration, parse_size};
use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    expr::Expr,
    sink::{Keep, Rotation},
    store::Retention,
};

/// When an output file gives way to another, and which are kept.
#[derive(Args, Clone, Debug)]
pub(super) struct RotateArgs {
    /// Begin another file when this one has so many bytes
    ///
    /// It gets the same name with a number before its endings: all.1.ndjson.zst. A time in the
    /// name, in the codes of strftime(3), begins another file without this option too. Files of
    /// Parquet have 128 MiB if nothing is said.
    #[arg(long, value_name = "BYTES", value_parser = parse_limit)]
    rotate: Option<u64>,

    /// Delete files of earlier times: those older than TIME, or beyond so many
    ///
    /// TIME has the unit s, m, h, d or w; a number without a unit is how many files to keep, the
    /// one that is written among them. May be given once for each.
    ///
    /// Of a database or Parquet, records are deleted that are older than TIME. 'EXPR: TIME, EXPR: TIME' tells
    /// it by what they are: the first expression that selects a record counts, and what none
    /// selects is kept.
    #[arg(long, value_name = "TIME|COUNT", value_parser = parse_keep)]
    keep: Vec<Kept>,
}

/// What is kept.
#[derive(Clone, Debug)]
enum Kept {
    /// Files, and records of a database if it is an age.
    Files(Keep),
    /// Records, by what they are.
    Records(Vec<(Expr, Duration)>),
}

impl RotateArgs {
    /// Says to an endpoint of files of Parquet how large they are.
    pub(super) fn lay_out(&self, output: &mut Endpoint) {
        if let (Some(layout), Some(size)) = (output.layout_mut(), self.rotate) {
            layout.size = size;
        }
    }

    /// What it comes to for an output: of files, and of a database.
    pub(super) fn of(&self, output: &Endpoint) -> Result<(Rotation, Option<Retention>)> {
        match output {
            Endpoint::Store(_) => Ok((Rotation::default(), self.retention(output)?)),
            _ => Ok((self.rotation(output)?, None)),
        }
    }

    fn rotation(&self, output: &Endpoint) -> Result<Rotation> {
        let keep = self.keep.iter().map(|kept| match kept {
            Kept::Files(keep) => Ok(*keep),
            Kept::Records(_) => Err(Error::Misused {
                reason: format!(
                    "--keep with an expression is about databases, and {output} is none"
                ),
                hint: "use --keep TIME or --keep COUNT, or send to sqlite:PATH",
            }),
        });
        let rotation = Rotation {
            size: self.rotate,
            keep: keep.collect::<Result<_>>()?,
        };
        if rotation.is_empty() || matches!(output, Endpoint::File(_)) {
            return Ok(rotation);
        }
        Err(Error::Misused {
            reason: format!("--rotate and --keep are about files, and {output} is none"),
            hint: "name a file to write to, such as capture-%Y%m%d-%H.ndjson.zst",
        })
    }

    fn retention(&self, output: &Endpoint) -> Result<Option<Retention>> {
        let mut rules = Vec::new();
        for kept in &self.keep {
            match kept {
                Kept::Records(some) => rules.extend(some.iter().cloned()),
                Kept::Files(Keep::Age(age)) => rules.push((Expr::always(), *age)),
                Kept::Files(Keep::Count(_)) => {
                    return Err(Error::Misused {
                        reason: format!(
                            "--keep with a number is about files, and {output} is none"
                        ),
                        hint: "use --keep TIME, or --keep 'EXPR: TIME, EXPR: TIME'",
                    });
                }
            }
        }
        if self.rotate.is_some() && output.layout().is_none() {
            return Err(Error::Misused {
                reason: format!("--rotate is about files, and {output} is none"),
                hint: "use --keep TIME to delete what is old",
            });
        }
        Ok((!rules.is_empty()).then(|| Retention::new(rules)))
    }
}

fn parse_limit(text: &str) -> std::result::Result<u64, String> {
    match parse_size(text)? {
        0 => Err("expected more than 0".into()),
        size => Ok(size as u64),
    }
}

fn parse_keep(text: &str) -> std::result::Result<Kept, String> {
    const WANT: &str = "expected a number of files, a time such as 12h or 7d, or 'EXPR: TIME, ...'";
    if text.contains(':') {
        return parse_rules(text).map(Kept::Records);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(0) | Err(_) => Err(WANT.into()),
            Ok(count) => Ok(Kept::Files(Keep::Count(count))),
        };
    }
    let age = parse_age(text).ok_or(WANT)?;
    Ok(Kept::Files(Keep::Age(age)))
}

/// Reads how old something may be.
fn parse_age(text: &str) -> Option<Duration> {
    let days = |unit: char, days: f64| -> Option<Duration> {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Duration::try_from_secs_f64(number * days * 86_400.0).ok()
    };
    days('d', 1.0)
        .or_else(|| days('w', 7.0))
        .or_else(|| parse_duration(text).ok())
}

/// Reads `EXPR: TIME, EXPR: TIME`.
fn parse_rules(text: &str) -> std::result::Result<Vec<(Expr, Duration)>, String> {
    let rule = |part: &str| {
        let (expr, age) = part
            .rsplit_once(':')
            .ok_or_else(|| format!("'{}' is no 'EXPR: TIME'", part.trim()))?;
        let age = parse_age(age.trim())
            .ok_or_else(|| format!("'{}' is no time such as 12h or 7d", age.trim()))?;
        let expr = Expr::parse(expr.trim(), now()).map_err(|error| error.to_string())?;
        Ok((expr, age))
    };
    commas(text).into_iter().map(rule).collect()
}

/// The parts between commas that are neither in quotes nor in brackets.
fn commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut quote, mut depth) = (None, 0_usize);
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => drop(characters.next()),
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_counts() {
        let check = |text: &str, expect: Keep| match parse_keep(text) {
            Ok(Kept::Files(keep)) => assert_eq!(keep, expect, "{text}"),
            other => panic!("{text}: {other:?}"),
        };
        let seconds = |seconds| Keep::Age(Duration::from_secs(seconds));
        check("7d", seconds(168 * 3_600));
        check("2w", seconds(336 * 3_600));
        check("1.5h", seconds(5_400));
        check("12", Keep::Count(12));
        for wrong in ["0", "", "d", "7y", "-1d", "99999999999999999999999"] {
            assert!(parse_keep(wrong).is_err(), "{wrong}");
        }
        assert!(parse_limit("0").is_err());
    }

    #[test]
    fn rules_are_told_apart_by_commas_of_their_own() {
        let text = "host in (a, \"b,:\") : 2d, time < 2026-11-20T12:00:00Z: 1h,true: 7d";
        let rules = parse_rules(text).expect("rules");
        let ages: Vec<_> = rules.iter().map(|(_, age)| age.as_secs() / 3_600).collect();
        assert_eq!(ages, [48, 1, 168]);
        for wrong in ["x: 2d", "true: 2y", "true: 2d, ", "true: 2d level >= error"] {
            assert!(parse_rules(wrong).is_err(), "{wrong}");
        }
    }
}
