//! The flags of dl-recv about text: what lines are, and times that do not tell all.

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser},
};

use super::{Error, Result, sockets::Places};
use crate::{
    cli::{common::now, zone::parse_zone},
    decode::format::{self, FORMATS, Format, Pattern, Settings, TimeFormat, Year},
    endpoint::Endpoint,
    record::Zone,
    render::strftime_codes,
};

/// What lines are made records by.
#[derive(Args, Debug)]
pub(super) struct TextArgs {
    /// What the lines of files and standard input are; see FORMATS in the manual
    ///
    /// Records are made of them. ndjson, which is what there is without this option, leaves
    /// each line as it is.
    #[arg(long, value_name = "FORMAT")]
    #[arg(value_parser = PossibleValuesParser::new(formats()), hide_possible_values = true)]
    format: Option<String>,

    /// Read text by a regular expression with named groups; may be given several times
    ///
    /// A group (?<NAME>...) becomes a field. The pattern has to match a whole line, and the
    /// first that does is taken. With --format docker, cri, compose or timestamps it is about the texts
    /// in the lines.
    #[arg(long, value_name = "REGEX")]
    pattern: Vec<String>,

    /// How the group time of --pattern is written, in the codes of strftime(3)
    ///
    /// '%d/%b/%Y:%H:%M:%S %z' is Apache's. %f is a fraction of a second, with any number of
    /// digits, as in '%Y-%m-%d %H:%M:%S,%f'; %Z, the name of a zone, is not read. Without it times stay as they are written.
    #[arg(
        long,
        value_name = "FORMAT",
        requires = "pattern",
        hide_short_help = true
    )]
    time_format: Option<String>,

    /// The zone of times that are written without one
    ///
    /// A name of the IANA database such as Europe/Berlin, an offset such as +02:00, UTC, or
    /// local for that of this machine. Without it times that have a date stay as they are
    /// written. Records that are JSON already keep their times in any case, but --merge and
    /// --merge-window put them in order by what those mean in this zone.
    #[arg(long, value_name = "ZONE", value_parser = parse_zone)]
    #[arg(allow_hyphen_values = true, hide_short_help = true)]
    tz: Option<Zone>,

    /// The year of times of syslog and glog, which are written without one
    ///
    /// now takes for each time the year in which it is nearest to the clock of this host, which is what suits a
    /// listener. Without it records of such lines have no time, and what is written stands in syslog.timestamp or
    /// glog.timestamp.
    #[arg(long, value_name = "YEAR|now", value_parser = parse_year, hide_short_help = true)]
    year: Option<Year>,
}

/// The values of `--format`.
fn formats() -> Vec<PossibleValue> {
    let formats = [format::NDJSON].into_iter().chain(FORMATS);
    let value = |format: &Format| PossibleValue::new(format.name).help(format.summary);
    formats.map(value).collect()
}

impl TextArgs {
    /// What lines are made records by; `None` if they are to be records already.
    pub(super) fn format(&self, inputs: &[Endpoint]) -> Result<Option<&'static Format>> {
        let named = self.format.as_deref();
        let known = FORMATS.iter().find(|format| Some(format.name) == named);
        let (format, flag) = match named {
            None if !self.pattern.is_empty() => (Some(format::PATTERN), "--pattern"),
            Some(name) if !self.pattern.is_empty() && !known.is_some_and(|known| known.wraps) => {
                return Err(Error::Misused {
                    reason: format!("--pattern says what lines are, and --format {name} too"),
                    hint: "leave one of them out; --format docker, cri, compose and timestamps take patterns for the texts in their lines",
                });
            }
            _ => (known, "--format"),
        };
        if format.is_some() && inputs.is_empty() {
            return Err(Error::Misused {
                reason: format!("{flag} is about files and standard input, and none is named"),
                hint: "name a file, or - for standard input",
            });
        }
        Ok(format)
    }

    /// Refuses a zone of which nothing that is read has any use.
    pub(super) fn check_zone(
        &self,
        format: Option<&Format>,
        merges: bool,
        places: &Places,
    ) -> Result<()> {
        /// The formats that are JSON, or have instants alone.
        const ZONED: [&str; 3] = ["json", "json-seq", "journald-export"];
        let is_text = format.is_some_and(|format| !ZONED.contains(&format.name));
        if self.tz.is_none() || is_text || merges || places.have_syslog() {
            return Ok(());
        }
        Err(Error::Misused {
            reason:
                "--tz is about times of text and of syslog, and about --merge; JSON stays as it is"
                    .into(),
            hint: "name a --format or a --pattern, or put the records in order with --merge",
        })
    }

    /// What decoders are told: whether they may `stamp` records, and the longest they may join lines to.
    pub(super) fn settings(&self, stamp: bool, longest: usize) -> Result<Settings> {
        let pattern = |text: &String| {
            Pattern::read(text)
                .map_err(|error| Error::Usage(format!("--pattern '{text}': {error}")))
        };
        Ok(Settings {
            patterns: self.pattern.iter().map(pattern).collect::<Result<_>>()?,
            time_format: self.time_format.as_deref().map(time_format).transpose()?,
            year: self.year,
            zone: self.tz,
            stamp,
            longest,
        })
    }

    /// The zone of times that are written without one.
    pub(super) fn zone(&self) -> Option<Zone> {
        self.tz
    }
}

fn parse_year(text: &str) -> std::result::Result<Year, String> {
    if text == "now" {
        return Ok(Year::Nearest(now));
    }
    let year = text.parse().ok();
    let year = year.filter(|year| (1970..=2261).contains(year));
    year.map(Year::Of)
        .ok_or_else(|| "expected a year from 1970 to 2261, or now".into())
}

/// Reads what `--time-format` says.
fn time_format(text: &str) -> Result<TimeFormat> {
    let codes =
        strftime_codes(text).map_err(|wrong| Error::Usage(format!("--time-format: {wrong}")))?;
    TimeFormat::new(codes).map_err(|error| Error::Misused {
        reason: format!("--time-format '{text}': {error}"),
        hint: error.hint(),
    })
}
