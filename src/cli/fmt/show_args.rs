//! The flags of lines: what stands on them and how.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, parser::ValueSource};

use crate::{
    cli::{common::now, zone::parse_zone},
    error::{Error, Result},
    expr::{Clock, Expr},
    record::Zone,
    render::{FieldRules, LineOptions, Template, Times},
};

/// The longest value on a terminal, if nothing is said: some lines of it.
const FOLD: usize = 500;

/// What stands on lines and how.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// Mark the records that EXPR selects; may be given several times
    ///
    /// EXPR is in the language of dl-filter. A sign stands in front of marked records, two blanks in
    /// front of the others, and their messages are coloured.
    #[arg(long, value_name = "EXPR")]
    highlight: Vec<String>,

    #[command(flatten)]
    rules: RuleArgs,

    /// What stands on a line, such as '{time} {level:5} {message}'
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<String>,

    /// How times are written: full, iso, time, relative, none or codes
    ///
    /// The codes are those of strftime(3). With relative it is the seconds since the first record;
    /// one worker does the work then.
    #[arg(
        long,
        value_name = "FORM",
        default_value = "full",
        hide_default_value = true
    )]
    time_format: String,

    /// The zone of times, such as local, Europe/Berlin or +02:00
    #[arg(long, value_name = "ZONE", value_parser = parse_zone)]
    #[arg(default_value = "UTC", hide_short_help = true)]
    tz: Zone,

    /// Show the time since the record before, of the same tree
    ///
    /// Among records without a tree it is the one before without. One worker does the work then.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", hide_short_help = true)]
    #[arg(value_parser = clap::builder::BoolishValueParser::new())]
    delta: Option<bool>,

    /// Cut values that are longer than N characters; 0 cuts nothing [default: 500 on a terminal, or 0]
    ///
    /// How many characters are left out is told.
    #[arg(long, value_name = "N", hide_short_help = true)]
    fold: Option<usize>,
}

impl ShowArgs {
    /// How times are written.
    pub(super) fn times(&self) -> Result<Times> {
        Times::new(&self.time_format, self.tz)
            .map_err(|wrong| Error::Usage(format!("--time-format: {wrong}")))
    }

    /// What stands on lines.
    pub(super) fn options(&self, terminal: bool) -> Result<LineOptions> {
        let clock = Clock {
            now: now(),
            zone: self.tz,
        };
        let expr = |text: &String| {
            Expr::parse(text, clock).map_err(|error| Error::Usage(format!("--highlight: {error}")))
        };
        let template = self.template.as_deref().map(Template::parse).transpose();
        let usual = if terminal { FOLD } else { 0 };
        Ok(LineOptions {
            fields: self.rules.rules.clone(),
            highlight: self.highlight.iter().map(expr).collect::<Result<_>>()?,
            template: template.map_err(|wrong| Error::Usage(format!("--template: {wrong}")))?,
            delta: self.delta.unwrap_or(false),
            fold: Some(self.fold.unwrap_or(usual)).filter(|&fold| fold > 0),
        })
    }
}

/// `--hide` and `--show`, whose order among each other counts.
#[derive(Debug)]
struct RuleArgs {
    rules: FieldRules,
}

impl Args for RuleArgs {
    fn augment_args(command: Command) -> Command {
        let pattern = |name: &'static str, help: &'static str, long: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name("PATTERN")
                .action(ArgAction::Append)
                .help(help)
                .long_help(long)
        };
        command
            .arg(pattern(
                "hide",
                "Hide fields, by pattern; --show shows others after all",
                "Hide fields, by pattern; may be given several times\n\n* is any text and ? one character. \
                 Of --hide and --show the last one that fits a field counts. A member of an object has its \
                 keys with dots between them, such as http.status; the object is then shown member by member. \
                 Without * and ? it may also be a column: time, level, tree, process, logger, message or exception.",
            ))
            .arg(pattern(
                "show",
                "Show fields after all, by pattern",
                "Show fields after all, by pattern; may be given several times\n\nAlso those that are \
                 usually left out, because all records of a producer have them.",
            ).hide_short_help(true))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for RuleArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut patterns: Vec<((bool, usize), bool, &String)> = Vec::new();
        for (name, show) in [("hide", false), ("show", true)] {
            let values = matches.get_many::<String>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            // What is set in a file or variable comes before all that the command line says.
            let said = matches.value_source(name) == Some(ValueSource::CommandLine);
            patterns.extend(
                places
                    .zip(values)
                    .map(|(at, pattern)| ((said, at), show, pattern)),
            );
        }
        patterns.sort_by_key(|(at, ..)| *at);
        let mut rules = FieldRules::default();
        for (_, show, pattern) in patterns {
            let flag = if show { "--show" } else { "--hide" };
            rules.push(show, pattern).map_err(|reason| {
                let words = format!("invalid value '{pattern}' for '{flag} <PATTERN>': {reason}");
                clap::Error::raw(clap::error::ErrorKind::ValueValidation, words)
            })?;
        }
        Ok(Self { rules })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
