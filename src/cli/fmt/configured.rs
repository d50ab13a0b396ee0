//! Reading the command line of dl-fmt with the user's settings behind it.

use std::{error::Error as _, ffi::OsString, fmt::Write};

use clap::{
    ArgMatches, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};

use super::FmtArgs;
use crate::{
    cli::{
        Unread,
        config::{Form, Key, Origin, Setting, Settings, quoted},
    },
    error::{Error, Result},
};

/// The table of the file.
const TABLE: &str = "fmt";

/// The flags that can be set.
const KEYS: [Key; 16] = {
    const fn key(name: &'static str, form: Form, usual: &'static str) -> Key {
        Key { name, form, usual }
    }
    [
        key("color", Form::Text, ""),
        key("theme", Form::Text, ""),
        key("highlight", Form::List, "nothing"),
        key("hide", Form::Names, "nothing"),
        key("show", Form::Names, "nothing"),
        key("template", Form::Text, "none"),
        key("time-format", Form::Text, ""),
        key("tz", Form::Text, ""),
        key("delta", Form::Switch, "false"),
        key("fold", Form::Number, "500 on a terminal, or 0"),
        key("records", Form::Text, ""),
        key("depth", Form::Number, "all levels"),
        key("runs", Form::Text, ""),
        key("ascii", Form::Switch, "false"),
        key("width", Form::Number, "that of the terminal, or 100"),
        key("pager", Form::Text, "PAGER, or less -R"),
    ]
};

/// The flags that are about lines of text and nothing else.
const OF_LINES: [&str; 6] = ["highlight", "hide", "show", "template", "delta", "fold"];

/// What clap calls a flag.
fn id(name: &str) -> String {
    name.replace('-', "_")
}

impl FmtArgs {
    /// Reads the command line: what it does not say the environment says, and then the file.
    pub(super) fn configured(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, Unread> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let settings = match settings() {
            Ok(settings) => settings,
            // Who asks for help, or makes mistakes, is answered all the same.
            Err(error) => {
                Self::command().try_get_matches_from(arguments)?;
                return Err(error.into());
            }
        };
        let mut command = Self::command();
        for setting in &settings.all {
            let values = setting.values.clone();
            command = command.mut_arg(id(setting.key), |arg| {
                arg.default_values(values.into_iter().map(clap::builder::OsStr::from))
            });
        }
        let matches = command.try_get_matches_from(arguments)?;
        let mut args = Self::from_arg_matches(&matches)?;
        if args.show_config {
            args.shown_config = show(&matches, &settings);
        }
        args.settings = settings;
        // What is set for all views does not have to fit this one.
        let said = |name: &&str| matches.value_source(name) == Some(ValueSource::CommandLine);
        args.of_lines = OF_LINES.into_iter().find(said);
        Ok(args)
    }
}

/// The settings, each of them one that its flag would take.
fn settings() -> Result<Settings> {
    let mut settings = Settings::load(TABLE, &KEYS)?;
    heed_colours(&mut settings);
    for setting in &settings.all {
        check(setting, &settings)?;
    }
    Ok(settings)
}

/// `NO_COLOR` and `CLICOLOR_FORCE` count more than the file.
fn heed_colours(settings: &mut Settings) {
    let set = ["NO_COLOR", "CLICOLOR_FORCE"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let is_from_file = |setting: &Setting| matches!(setting.origin, Origin::File(..));
    if set {
        settings
            .all
            .retain(|setting| setting.key != "color" || !is_from_file(setting));
    }
}

/// Sees to it that a value is one that the flag would take.
fn check(setting: &Setting, settings: &Settings) -> Result<()> {
    let key = match setting.origin {
        Origin::File(..) => format!("{TABLE}.{}", setting.key),
        Origin::Variable(_) => setting.key.to_owned(),
    };
    let flags = setting
        .values
        .iter()
        .map(|value| format!("--{}={value}", setting.key));
    let words = std::iter::once("dl-fmt".to_owned()).chain(flags);
    let parsed = FmtArgs::command()
        .try_get_matches_from(words)
        .and_then(|matches| FmtArgs::from_arg_matches(&matches));
    let mut args = match parsed {
        Ok(args) => args,
        Err(error) => {
            let (reason, hint) = reason(&error, setting);
            return Err(setting.origin.wrong(&key, &reason, hint));
        }
    };
    args.settings = settings.clone();
    // What the flag itself would not notice.
    let checked = args.style().and_then(|_| args.lines.options(false));
    checked.map(drop).map_err(|error| {
        let words = error.to_string();
        let words = words.strip_prefix(&format!("--{}: ", setting.key));
        let reason = words.map_or_else(|| error.to_string(), str::to_owned);
        setting
            .origin
            .wrong(&key, &reason, error.hint().map(str::to_owned))
    })
}

/// What clap has against a value, in our words.
fn reason(error: &clap::Error, setting: &Setting) -> (String, Option<String>) {
    let known = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(known)) if !known.is_empty() => {
            Some(format!("expected one of {}", known.join(", ")))
        }
        _ => None,
    };
    if let Some(source) = error.source() {
        return (format!("'{}': {source}", setting.values.join(", ")), known);
    }
    if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
        return (format!("no such value: '{value}'"), known);
    }
    // The words of a parser of ours, behind those for the command line.
    let words = error.to_string();
    let own = words.lines().next().unwrap_or_default();
    let own = own.split_once(">': ").map_or(own, |(_, own)| own);
    (own.to_owned(), known)
}

/// All settings as a file that could be read, with the origin of each value.
fn show(matches: &ArgMatches, settings: &Settings) -> String {
    let mut lines = Vec::new();
    for key in KEYS {
        let values: Vec<String> = matches
            .get_raw(&id(key.name))
            .into_iter()
            .flatten()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let origin = match (matches.value_source(&id(key.name)), settings.get(key.name)) {
            (Some(ValueSource::CommandLine), _) => "command line".to_owned(),
            (Some(ValueSource::DefaultValue), Some(setting)) => setting.origin.to_string(),
            _ => "default".to_owned(),
        };
        lines.push(match (key.form, values.as_slice()) {
            (_, []) => (
                format!("# {} =", key.name),
                format!("default: {}", key.usual),
            ),
            (Form::List | Form::Names, values) => {
                let list: Vec<_> = values.iter().map(|value| quoted(value)).collect();
                (format!("{} = [{}]", key.name, list.join(", ")), origin)
            }
            (Form::Text, [value, ..]) => (format!("{} = {}", key.name, quoted(value)), origin),
            (Form::Number, [value, ..]) => (format!("{} = {value}", key.name), origin),
            (Form::Switch, _) => {
                let on = matches.get_one::<bool>(&id(key.name));
                (format!("{} = {}", key.name, on == Some(&true)), origin)
            }
        });
    }
    let width = lines.iter().map(|(line, _)| line.chars().count()).max();
    let width = width.unwrap_or(0).min(40);
    let mut out = format!("[{TABLE}]\n");
    for (line, origin) in lines {
        // A value may have lines of its own, behind which no comment can stand.
        if line.contains('\n') {
            let _ = writeln!(out, "# {origin}\n{line}");
        } else {
            let _ = writeln!(out, "{line:width$}  # {origin}");
        }
    }
    settings.write_themes(&mut out);
    out
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::Wrong(error)
    }
}

impl From<clap::Error> for Unread {
    fn from(error: clap::Error) -> Self {
        Self::Asked(error)
    }
}
