//! dl-ctl: change the levels of running processes, for a while.

mod desk;
mod show;

use std::{
    thread,
    time::{Duration, Instant},
};

use clap::{Args, Parser, Subcommand};

use self::{desk::Desk, show::Verdict};
use super::{Outcome, Program, common::parse_duration, say};
use crate::{
    control::{
        Event, Wish,
        message::{Command, Party, Standing},
        parse_level,
    },
    error::Result,
    render::SHOWN_OF_ID,
    shutdown::Shutdown,
    sink::{Sink, Stdout},
};

/// How often it is asked who has answered.
const AGAIN: Duration = Duration::from_millis(50);

/// Where dl-recv has its --control if nobody says.
const CONTROL: &str = "ipc:///run/distlog/control.sock";

/// Change the levels of running processes, for a while
#[derive(Debug, Parser)]
#[command(name = "dl-ctl", version, max_term_width = 100, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true)]
pub struct CtlArgs {
    #[command(subcommand)]
    action: Action,

    /// Where dl-recv has its --control
    #[arg(long, value_name = "ENDPOINT", global = true)]
    #[arg(env = "DISTLOG_CONTROL", hide_env_values = true)]
    #[arg(default_value = CONTROL)]
    control: String,

    /// How long to wait for the processes to answer
    ///
    /// Who has not answered then is told to be silent. 0s does not wait.
    #[arg(long, value_name = "TIME", global = true, default_value = "3s", value_parser = parse_duration)]
    wait: Duration,

    /// Write JSON objects, one a rule
    #[arg(long, global = true)]
    json: bool,

    /// Exit with 1 if it concerned no process, or no rule
    #[arg(short, long, global = true)]
    exit_status: bool,
}

const EXAMPLES: &str = "Examples:
  dl-ctl set 'orders.*' DEBUG --host 'api-*' --ttl 10m --why INC-42 --control ipc://ctl.sock
  dl-ctl list --control ipc://ctl.sock
  dl-ctl clear --control ipc://ctl.sock";

#[derive(Debug, Subcommand)]
enum Action {
    /// Give loggers another level until --ttl is over
    Set(SetArgs),
    /// Tell which rules are in force, and in which processes
    List,
    /// End rules before their time
    Clear(ClearArgs),
}

#[derive(Args, Debug)]
struct SetArgs {
    /// Names of loggers: * is any text, ? any character; root is the root logger
    loggers: String,

    /// TRACE, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL, or a number from 1 to 100
    #[arg(value_parser = parse_level)]
    level: String,

    /// How long it lasts; dl-recv's --control-ttl is the longest
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    ttl: Duration,

    /// Only on hosts of such names, with * and ?
    #[arg(long, value_name = "PATTERN")]
    host: Option<String>,

    /// Only in processes of such names, with * and ?
    #[arg(long, value_name = "PATTERN")]
    process: Option<String>,

    /// Only for one request, by the id of its tree
    ///
    /// In every process that works for it, and in those that it goes on to.
    #[arg(long, value_name = "ID")]
    task: Option<String>,

    /// The reason, which is logged wherever the rule is applied
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,

    /// Only tell which loggers would change, and how
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
struct ClearArgs {
    /// Ids of rules, or the numbers at their ends [default: all rules]
    ids: Vec<String>,

    /// Only tell which rules would end
    #[arg(long)]
    dry_run: bool,
}

impl Program for CtlArgs {
    const NAME: &'static str = "dl-ctl";

    fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        // A variable that is empty says nothing.
        let control = match &*self.control {
            "" => CONTROL,
            control => control,
        };
        let mut desk = Desk::open(control)?;
        let asked = Asked {
            shutdown: &shutdown,
            wait: self.wait,
            json: self.json,
            exit_status: self.exit_status,
        };
        match self.action {
            Action::Set(set) => asked.set(&mut desk, set),
            Action::List => asked.list(&mut desk),
            Action::Clear(clear) => asked.clear(&mut desk, clear),
        }
    }
}

/// How it was asked.
struct Asked<'s> {
    shutdown: &'s Shutdown,
    wait: Duration,
    json: bool,
    exit_status: bool,
}

impl Asked<'_> {
    fn set(&self, desk: &mut Desk, set: SetArgs) -> Result<Outcome> {
        let SetArgs {
            loggers,
            level,
            ttl,
            host,
            process,
            task,
            why,
            dry_run,
        } = set;
        let rule = Wish {
            loggers,
            level,
            ttl: ttl.as_secs_f64(),
            host,
            process,
            task,
            why,
            by: std::env::var("USER").ok().filter(|name| !name.is_empty()),
            dry_run,
        };
        // A part of an id is not looked for: ids that begin with a time have their first characters in common,
        // and a request may come later.
        let is_part = |id: &String| id.chars().count() == SHOWN_OF_ID;
        let part = rule.task.clone().filter(is_part);
        let made = desk.ask(Command::Set { rule })?;
        if let Some(id) = part {
            let words = format!(
                "--task {id}: dl-fmt shows the first {SHOWN_OF_ID} characters of longer ids, and a rule needs all of them"
            );
            say(CtlArgs::NAME, &words);
            say(
                CtlArgs::NAME,
                "the whole id stands above each tree of dl-fmt",
            );
        }
        let has_answered = |party: &Party| party.answer.is_some();
        let told = self.answers(desk, made.rules, has_answered)?;
        if dry_run {
            let ids = told.iter().map(|rule| rule.id.clone()).collect();
            // It may have ended by itself.
            let _ = desk.ask(Command::Clear {
                ids,
                dry_run: false,
            });
        }
        self.write(&told, |rule| show::rule(rule, Verdict::Set))?;
        let parties = told.iter().flat_map(|rule| &rule.processes);
        if parties.clone().next().is_none() {
            let words = match made.processes {
                0 => "no process is connected".to_owned(),
                1 => "the one connected process is not meant".to_owned(),
                count => format!("none of {count} connected processes is meant"),
            };
            let later = match (dry_run, made.processes) {
                (true, _) => "",
                (false, 0) => "; those that come later get it",
                (false, _) => "; those that come later get it if they are",
            };
            say(CtlArgs::NAME, &format!("{words}{later}"));
            return Ok(self.nothing());
        }
        Ok(judge(parties, has_answered))
    }

    fn list(&self, desk: &mut Desk) -> Result<Outcome> {
        let found = desk.ask(Command::List)?;
        self.write(&found.rules, |rule| show::rule(rule, Verdict::List))?;
        if found.rules.is_empty() {
            let listening = processes(found.processes);
            let verb = if found.processes == 1 { "is" } else { "are" };
            say(
                CtlArgs::NAME,
                &format!("no rules; {listening} {verb} connected"),
            );
            return Ok(self.nothing());
        }
        Ok(Outcome::Done)
    }

    fn clear(&self, desk: &mut Desk, clear: ClearArgs) -> Result<Outcome> {
        let ClearArgs { ids, dry_run } = clear;
        let cleared = desk.ask(Command::Clear { ids, dry_run })?.rules;
        if cleared.is_empty() {
            say(CtlArgs::NAME, "no rules");
            return Ok(self.nothing());
        }
        if dry_run {
            self.write(&cleared, |rule| show::rule(rule, Verdict::WouldClear))?;
            return Ok(Outcome::Done);
        }
        // Who has refused a rule has nothing to end.
        let has_answered = |party: &Party| {
            let event = party.answer.as_ref().map(|answer| answer.event);
            matches!(event, Some(Event::Ended | Event::Refused))
        };
        let told = self.answers(desk, cleared, has_answered)?;
        self.write(&told, |rule| show::rule(rule, Verdict::Clear))?;
        // Who has left cannot answer; if it lives, the rule ends there by itself.
        let parties = told.iter().flat_map(|rule| &rule.processes);
        let parties = parties.filter(|party| party.connected);
        Ok(judge(parties, has_answered))
    }

    /// Asks until everybody who is connected has answered, or there has been enough time.
    fn answers(
        &self,
        desk: &mut Desk,
        mut rules: Vec<Standing>,
        has_answered: impl Fn(&Party) -> bool,
    ) -> Result<Vec<Standing>> {
        let ids: Vec<_> = rules.iter().map(|rule| rule.id.clone()).collect();
        let until = Instant::now().checked_add(self.wait);
        loop {
            let mut parties = rules.iter().flat_map(|rule| &rule.processes);
            let waits = parties.any(|party| party.connected && !has_answered(party));
            let left = until.map_or(Duration::MAX, |until| {
                until.saturating_duration_since(Instant::now())
            });
            if !waits || left.is_zero() || self.shutdown.is_asked() {
                return Ok(rules);
            }
            thread::sleep(AGAIN.min(left));
            rules = desk.ask(Command::Show { ids: ids.clone() })?.rules;
        }
    }

    fn write(&self, rules: &[Standing], text: impl Fn(&Standing) -> String) -> Result<()> {
        let mut out = String::new();
        for rule in rules {
            if self.json {
                out += &serde_json::to_string(rule).unwrap_or_default();
                out.push('\n');
            } else {
                out += &text(rule);
            }
        }
        Stdout::open()?.write(out.as_bytes())
    }

    fn nothing(&self) -> Outcome {
        if self.exit_status {
            Outcome::NothingSelected
        } else {
            Outcome::Done
        }
    }
}

/// Says who has not done what was asked.
fn judge<'p>(
    parties: impl Iterator<Item = &'p Party>,
    has_answered: impl Fn(&Party) -> bool,
) -> Outcome {
    let (mut all, mut silent, mut refused) = (0, 0, 0);
    for party in parties {
        let event = party.answer.as_ref().map(|answer| answer.event);
        all += 1;
        silent += usize::from(!has_answered(party));
        refused += usize::from(event == Some(Event::Refused));
    }
    let of_all = |count: usize| format!("{count} of {}", processes(all));
    if silent > 0 {
        let verb = if silent == 1 { "was" } else { "were" };
        say(CtlArgs::NAME, &format!("{} {verb} silent", of_all(silent)));
    }
    if refused > 0 {
        say(CtlArgs::NAME, &format!("{} refused it", of_all(refused)));
    }
    if silent + refused > 0 {
        Outcome::Incomplete(3)
    } else {
        Outcome::Done
    }
}

/// `1 process`, `2 processes`.
fn processes(count: usize) -> String {
    let es = if count == 1 { "" } else { "es" };
    format!("{count} process{es}")
}
