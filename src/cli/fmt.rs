//! dl-fmt: show records and trees.

mod computed;
mod configured;
mod export;
mod html;
mod pager;
mod rows;
mod show_args;
mod text;
mod view;

use std::{
    ffi::OsString,
    io::{self, IsTerminal},
};

use clap::{Parser, ValueEnum};

use self::{
    computed::ComputedArgs,
    export::Look,
    pager::Outlet,
    rows::RowArgs,
    show_args::ShowArgs,
    text::TextView,
    view::{View, word},
};
use super::{
    Outcome, Program, Unread,
    common::{Foreign, InputArgs},
    config::Settings,
    feed::Feed,
};
use crate::{
    error::{Error, Result},
    render::{Format, LineOptions, Palette, RecordsShown, Style, Table, TreeOptions},
    shutdown::Shutdown,
    sink::{Sink, Stdout},
};

/// Show records as coloured lines, trees as pictures, either as tables
#[derive(Debug, Parser)]
#[command(name = "dl-fmt", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct FmtArgs {
    /// What to make of records and trees [default: text or table]
    ///
    /// It is a table with --columns, --by and --agg, and text without.
    #[arg(long, value_name = "VIEW", value_enum)]
    to: Option<View>,

    #[command(flatten)]
    rows: RowArgs,

    #[command(flatten)]
    computed: ComputedArgs,

    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto")]
    color: When,

    /// The colours: dark, light, colour-blind or none
    ///
    /// dark uses the terminal's own sixteen colours; none has bold and faint texts only.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "dark",
        hide_short_help = true
    )]
    theme: String,

    #[command(flatten)]
    lines: ShowArgs,

    /// Which records to show inside trees
    #[arg(long, value_name = "WHICH", value_enum, default_value = "auto")]
    records: Shown,

    /// Show N levels of scopes below the root of a tree, and how many there are below
    ///
    /// Of a tree as text and of a waterfall; what else is written of trees is all of them.
    #[arg(long, value_name = "N", hide_short_help = true)]
    depth: Option<usize>,

    /// Of trees show only the scopes that failed and those above them
    ///
    /// Where nothing tells how a scope ended, an error among its records does. Trees without such a
    /// scope are left out. Records that are no trees are shown in any case.
    /// Tables, pages and what is computed are of whole trees.
    #[arg(long, value_name = "WHICH", value_enum, hide_short_help = true)]
    only: Option<Only>,

    /// Whether scopes that follow each other and are alike share a line
    ///
    /// Scopes that failed, and those with records to show, have lines of their own in any case.
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        default_value = "fold",
        hide_short_help = true
    )]
    runs: Runs,

    /// Draw with ASCII characters only
    ///
    /// Texts of records are shown as they are.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", hide_short_help = true)]
    #[arg(value_parser = clap::builder::BoolishValueParser::new())]
    ascii: Option<bool>,

    /// Columns to fit into [default: those of the terminal, or 100]
    ///
    /// Tables and the names of scopes fit; long messages and fields are not cut.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..))]
    #[arg(hide_short_help = true)]
    width: Option<u16>,

    /// Write to the terminal, and not to a pager
    ///
    /// Without it, text, tables and waterfalls of files go through a pager if standard output is a
    /// terminal.
    #[arg(long, hide_short_help = true)]
    no_pager: bool,

    /// The pager, a command for the shell [default: $DISTLOG_PAGER, $PAGER, or less -R]
    #[arg(long, value_name = "COMMAND", hide_short_help = true)]
    pager: Option<String>,

    /// Show the settings and where each comes from, as a file of settings, and end
    #[arg(long, hide_short_help = true)]
    show_config: bool,

    #[command(flatten)]
    input: InputArgs,

    #[arg(skip)]
    settings: Settings,

    /// A flag of the command line that is about lines of text.
    #[arg(skip)]
    of_lines: Option<&'static str>,

    /// What `--show-config` shows.
    #[arg(skip)]
    shown_config: String,
}

const EXAMPLES: &str = "Examples:
  dl-fmt app.ndjson
  dl-tree *.ndjson | dl-filter 'status == failed' | dl-fmt
  dl-fmt --to csv --columns time,service,.http.status *.ndjson
  dl-tree *.ndjson | dl-fmt --to html > report.html
  dl-fmt --by logger,level --agg 'count, p50(duration), p99(duration), rate, spark' *.ndjson
  dl-recv tcp://127.0.0.1:5010 | dl-fmt --by service --agg 'count, rate' --every 2s";

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    /// If standard output is a terminal; NO_COLOR and CLICOLOR_FORCE are heeded
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// None
    None,
    /// Warnings and errors, and all of scopes without a name
    Auto,
    /// Warnings and errors
    Errors,
    /// All that do not start or end a scope
    All,
}

/// Which scopes of a tree are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Those that failed
    Failed,
}

/// What becomes of scopes that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Runs {
    /// One line for three and more, with the sum of their durations, the shortest and the longest
    Fold,
    /// A line each
    Show,
}

impl Program for FmtArgs {
    const NAME: &'static str = "dl-fmt";

    fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Unread> {
        Self::configured(arguments)
    }

    fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        if self.show_config {
            Stdout::open()?.write(self.shown_config.as_bytes())?;
            return Ok(Outcome::Done);
        }
        self.input.lines.own.tell()?;
        let style = self.style()?;
        let plan = self.computed.plan()?;
        let columns = self.rows.columns(self.to, plan.is_some())?;
        self.check_lines(plan.is_some() || columns.is_some())?;
        let export = self.to.and_then(export::of);
        // A line that is no record has no place among rows, nor in the format of another program.
        let foreign = if plan.is_some() || columns.is_some() || export.is_some() {
            Foreign::Drop
        } else {
            Foreign::Pass
        };
        let lines = self.lines.options(io::stdout().is_terminal())?;
        let outlet = self.outlet(plan.is_some(), &shutdown)?;
        let feed = Feed::new(Self::NAME, &self.input, foreign, shutdown)?;
        let usual = columns.is_some().then_some(Some(Format::Table));
        let format = self.to.map(View::format).or(usual);
        match (plan, format) {
            (Some(plan), None) => computed::run(feed, &plan, Format::Table, &style),
            (Some(plan), Some(Some(format))) => computed::run(feed, &plan, format, &style),
            (Some(_), Some(None)) => Err(Error::Misused {
                reason: format!(
                    "--to {} has no place for what is computed",
                    self.to.as_ref().map_or_else(String::new, word)
                ),
                hint: "use --to table, csv, tsv, md or json",
            }),
            (None, Some(Some(format))) => {
                let table = Table::new(style, format, columns.as_ref());
                rows::run(feed, table, outlet)
            }
            (None, _) if self.to == Some(View::Html) => html::run(feed, &word(&self.records)),
            (None, _) => match export {
                Some(export) => {
                    let look = Look {
                        style,
                        depth: self.depth,
                        only_failed: self.only.is_some(),
                        foreign: self.input.lines.foreign,
                    };
                    export::run(feed, export, &look, outlet)
                }
                None => self.text(style, lines).run(feed, outlet),
            },
        }
    }
}

impl FmtArgs {
    /// Refuses what is said of lines where none are shown.
    fn check_lines(&self, shows_table: bool) -> Result<()> {
        let shows_lines = !shows_table && matches!(self.to, None | Some(View::Text));
        match self.of_lines.filter(|_| !shows_lines) {
            None => Ok(()),
            Some(flag) => Err(Error::Misused {
                reason: format!("--{flag} is about lines of text, and none are shown"),
                hint: "leave it out, or use --to text; what stands in rows is said by --columns",
            }),
        }
    }

    fn style(&self) -> Result<Style> {
        let terminal = io::stdout().is_terminal();
        let theme = self.settings.palette(&self.theme).ok_or_else(|| {
            let (theme, known) = (&self.theme, self.settings.theme_names());
            Error::Usage(format!(
                "--theme: no theme is called '{theme}'; known are {known}"
            ))
        })?;
        let palette = if self.is_colored(terminal) {
            theme
        } else {
            Palette::default()
        };
        let columns = || {
            terminal
                .then(|| rustix::termios::tcgetwinsize(io::stdout()).ok())
                .flatten()
                .map(|size| size.ws_col)
        };
        let width = self
            .width
            .or_else(columns)
            .filter(|&columns| columns >= 40)
            .unwrap_or(100);
        Ok(Style {
            palette,
            ascii: self.ascii.unwrap_or(false),
            width: usize::from(width),
            times: self.lines.times()?,
        })
    }

    /// Where the view goes: what is computed is watched and not paged.
    fn outlet(&self, computes: bool, shutdown: &Shutdown) -> Result<Outlet> {
        let for_people = matches!(
            self.to,
            None | Some(View::Text | View::Table | View::Waterfall)
        );
        let pager = if for_people && !computes && !self.no_pager {
            pager::command(self.pager.as_deref(), &self.input)
        } else {
            None
        };
        Outlet::open(pager, shutdown)
    }

    fn text(&self, style: Style, lines: LineOptions) -> TextView {
        let terminal = io::stdout().is_terminal();
        TextView {
            trees: TreeOptions {
                records: match self.records {
                    Shown::None => RecordsShown::None,
                    Shown::Auto => RecordsShown::Auto,
                    Shown::Errors => RecordsShown::Errors,
                    Shown::All => RecordsShown::All,
                },
                depth: self.depth,
                unfolded: self.runs == Runs::Show,
            },
            only_failed: self.only.is_some(),
            looked_at: terminal || style.palette != Palette::default(),
            style,
            lines,
        }
    }

    fn is_colored(&self, terminal: bool) -> bool {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto if set("NO_COLOR") => false,
            When::Auto if std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => {
                true
            }
            When::Auto => terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}
