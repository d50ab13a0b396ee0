//! The flags that say which records are selected, and the expression that they make.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
};

use clap::Args;

use super::of_trees::of_trees;
use crate::{
    cli::{common::now, zone::parse_zone},
    endpoint::Endpoint,
    error::{Error, Result},
    expr::{Clock, Expr, ExprError},
    record::{Canonical, Zone},
};

/// Which records are selected.
#[derive(Args, Debug)]
pub(super) struct SelectArgs {
    /// What to select, as dl-expr(7) tells; 'true' selects every record
    ///
    /// It may be left out if --level, --since, --until, --tree, --jq, --rules, --shard or a
    /// flag that cleans is there: a first argument that is -, names a file or is an endpoint such as
    /// sqlite:PATH is then an input. With --expr-file all arguments are inputs.
    #[arg(
        value_name = "EXPR",
        required_unless_present_any = [
            "expr_file", "level", "since", "until", "tree", "rules", "redact", "sample", "throttle",
            "dedup", "jq", "jq_file", "shard"
        ]
    )]
    expr: Option<String>,

    /// Read the expression from FILE
    ///
    /// It may have several lines, and comments that begin with # after a blank or at the
    /// beginning of a line; - is standard input.
    #[arg(short = 'f', long, value_name = "FILE")]
    expr_file: Option<String>,

    /// Only records of this level or above
    ///
    /// A word or a number, as in dl-expr(7).
    #[arg(short, long, value_name = "LEVEL")]
    level: Option<String>,

    /// Only records of this time or later: 2026-11-20T12:00:00Z, now-3h, today
    ///
    /// As in dl-expr(7); 3h by itself is three hours ago, and 14:00 is that of today.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,

    /// Only records before this time
    ///
    /// It is written as for --since.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,

    /// The zone of times that name none, and of today: Europe/Berlin, +02:00, local
    ///
    /// It holds for EXPR, --since and --until. Times without a zone inside of records are UTC
    /// whatever it is.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = parse_zone)]
    #[arg(allow_hyphen_values = true, hide_short_help = true)]
    tz: Zone,

    /// Only records of the request with this id; may be given several times
    ///
    /// It is the id that dl-tree shows, and selects the records that have it in any scheme and
    /// spelling: of a trace with or without 0x, decimal, X-Ray's or Google's. It is compared as a
    /// whole: 'tree startswith 40be' selects by a beginning. Where a request has several ids, such
    /// as a trace and a request id, --whole-tree -t with one of them selects its records with the
    /// others too.
    #[arg(short, long, value_name = "TREE_ID")]
    tree: Vec<String>,

    /// Select what does not match
    ///
    /// This holds for the whole of EXPR, --level, --since, --until and --tree together.
    #[arg(short = 'v', long)]
    pub(super) invert: bool,

    /// Tell how the expression was understood, and read nothing
    ///
    /// That is its fields and where they are looked for, and each value as it was read.
    #[arg(long, hide_short_help = true)]
    pub(super) explain: bool,
}

impl SelectArgs {
    /// The expression and the flags that are short for one, joined by `and`; and the first
    /// argument, if it turns out to be an input. It is `optional` if other flags say that there
    /// is something to do. The `others` are the arguments behind it.
    pub(super) fn expression(
        &self,
        optional: bool,
        others: &[String],
    ) -> Result<(Expr, Option<String>)> {
        let clock = self.clock();
        let (mut expr, input) = self.written(clock, optional, others)?;
        if let Some(level) = &self.level {
            expr = expr.and(Expr::at_least(level).map_err(|error| usage("--level: ", &error))?);
        }
        if let Some(time) = &self.since {
            expr = expr.and(Expr::since(time, clock).map_err(|error| usage("--since: ", &error))?);
        }
        if let Some(time) = &self.until {
            expr = expr.and(Expr::until(time, clock).map_err(|error| usage("--until: ", &error))?);
        }
        if self.tree.iter().any(String::is_empty) {
            return Err(Error::Usage("--tree: no id".into()));
        }
        if !self.tree.is_empty() {
            expr = expr.and(of_trees(&self.tree));
        }
        Ok((expr, input))
    }

    /// What `now` means, and where.
    pub(super) fn clock(&self) -> Clock {
        Clock {
            now: now(),
            zone: self.tz,
        }
    }

    /// True if the expression comes from standard input, which then has no records.
    pub(super) fn takes_stdin(&self) -> bool {
        self.expr_file.as_deref() == Some("-")
    }

    /// What the user can try if nothing was selected and an id of --tree looks cut off.
    pub(super) fn advice(&self) -> Option<String> {
        /// Ids that cannot be mistaken for each other are longer.
        const SHORT: usize = 16;
        let short = |id: &&String| id.len() < SHORT && !self.invert;
        let id = self.tree.iter().find(short)?;
        Some(format!(
            "nothing selected; --tree takes whole ids, 'tree startswith {id}' a beginning"
        ))
    }

    /// The expression in words, from an argument or a file.
    fn written(
        &self,
        clock: Clock,
        optional: bool,
        others: &[String],
    ) -> Result<(Expr, Option<String>)> {
        if let Some(name) = &self.expr_file {
            let (place, text) = read(name)?;
            let expr =
                Expr::parse(&text, clock).map_err(|error| Error::Usage(error.in_file(&place)))?;
            return Ok((expr, self.expr.clone()));
        }
        let Some(text) = &self.expr else {
            return Ok((Expr::always(), None));
        };
        let optional = optional
            || self.level.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || !self.tree.is_empty();
        if optional && is_input(text) {
            return Ok((Expr::always(), Some(text.clone())));
        }
        let expr = Expr::parse(text, clock).map_err(|error| {
            // Somebody may have meant a file, and misspelt its name.
            if !optional && is_input(text) {
                let is_expr = |other: &String| Expr::parse(other, clock).is_ok();
                Error::Misused {
                    reason: format!("{text}: an input, where the expression is missing"),
                    hint: if others.iter().any(is_expr) {
                        "the expression stands in front of the inputs"
                    } else {
                        "use true as expression to select every record"
                    },
                }
            } else if let Some(hint) = unquoted(text, others, clock) {
                Error::Usage(format!("{error}\n    {hint}"))
            } else if optional && !text.contains(char::is_whitespace) {
                Error::Usage(format!("{error}\n    and no file has that name"))
            } else {
                usage("", &error)
            }
        })?;
        Ok((expr, None))
    }
}

/// What to do about an expression that the shell has taken apart, so that the rest of it is among the `others`.
fn unquoted(text: &str, others: &[String], clock: Clock) -> Option<String> {
    /// Nobody types more words without having read what this says.
    const MOST: usize = 100;
    let whole = (1..=others.len().min(MOST))
        .rev()
        .map(|count| format!("{text} {}", others[..count].join(" ")))
        .find(|whole| Expr::parse(whole, clock).is_ok());
    if let Some(whole) = whole {
        let shown = Some(whole).filter(|whole| !whole.contains('\''));
        let shown = shown.map_or(String::new(), |whole| format!(": '{whole}'"));
        return Some(format!("put the whole expression in quotes{shown}"));
    }
    // Of `level >= error` the shell takes the middle for itself, and writes into a file of that name.
    let is_cut = Canonical::from_name(text).is_some()
        && others.first().is_some_and(|first| !is_input(first));
    is_cut.then(|| {
        "put the whole expression in quotes, because < and > mean files to the shell".to_owned()
    })
}

/// True for an input that there is, and for what can be nothing else.
fn is_input(text: &str) -> bool {
    match Endpoint::parse(text) {
        Ok(Endpoint::File(path)) => path.exists() || text.starts_with("file:"),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// The text of an expression and the place where it was.
fn read(name: &str) -> Result<(String, String)> {
    /// Beyond the longest expression there is.
    const MOST: u64 = 2 << 20;
    let mut text = String::new();
    let (place, read) = if name == "-" {
        ("<stdin>", io::stdin().take(MOST).read_to_string(&mut text))
    } else {
        let opened = File::open(name);
        (
            name,
            opened.and_then(|file| file.take(MOST).read_to_string(&mut text)),
        )
    };
    read.map_err(|source| Error::File {
        path: PathBuf::from(place),
        source,
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    Ok((place.to_owned(), text))
}

fn usage(flag: &str, error: &ExprError) -> Error {
    Error::Usage(format!("{flag}{error}"))
}
