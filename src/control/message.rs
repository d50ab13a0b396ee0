//! The messages: what `dl-ctl` and `dl-recv` say to each other, and `dl-recv` and the processes. All are JSON
//! objects; `distlog` in them is the version of this protocol.

use serde::{Deserialize, Serialize};

use super::{Answer, Wish};

/// The version that is spoken.
pub const VERSION: u32 = 1;

/// What `dl-ctl` asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// [`VERSION`].
    pub distlog: u32,
    /// What is asked.
    #[serde(flatten)]
    pub command: Command,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase")]
pub enum Command {
    /// Make a rule.
    Set {
        /// Which.
        rule: Wish,
    },
    /// Tell of the rules in force.
    List,
    /// Tell of these rules, whether they are in force or were.
    Show {
        /// Their ids.
        ids: Vec<String>,
    },
    /// End rules.
    Clear {
        /// Their ids; none is all that are in force.
        ids: Vec<String>,
        /// Only tell which.
        #[serde(default)]
        dry_run: bool,
    },
}

/// What `dl-recv` replies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    /// It could not be done.
    Failed {
        /// [`VERSION`].
        distlog: u32,
        /// Why.
        error: String,
    },
    /// Done.
    Done {
        /// [`VERSION`].
        distlog: u32,
        /// The rules that it was about.
        rules: Vec<Standing>,
        /// How many processes listen to rules.
        processes: usize,
    },
}

/// A rule, and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// What it says.
    pub rule: Wish,
    /// Seconds until it ends.
    pub left: f64,
    /// How it ended: `cleared` or `expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The processes that it was told to.
    pub processes: Vec<Party>,
    /// How many more there were, of which nothing is kept.
    #[serde(default)]
    pub untold: u64,
}

/// A process that a rule was told to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Party {
    /// Who it is.
    #[serde(flatten)]
    pub process: Hello,
    /// True while it is connected.
    pub connected: bool,
    /// What it answered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// The first line of a process: who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// An id that no other process has.
    pub id: String,
    /// Its host.
    pub host: String,
    /// Its name.
    pub process: String,
    /// Its number on that host.
    pub pid: u64,
}

/// What is told to a process: all rules that are for it. What is not told any more has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// [`VERSION`].
    pub distlog: u32,
    /// The rules, the oldest first.
    pub rules: Vec<Told>,
    /// Rules that somebody has ended, as long as their time is not over: a process whose clock is not ours
    /// cannot tell the two apart at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<String>,
}

/// A rule, as a process is told it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// The pattern of logger names.
    pub loggers: String,
    /// The level.
    pub level: String,
    /// Seconds until it ends, from the moment in which this is sent.
    pub ttl: f64,
    /// The request that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// True if the process is only to answer what would happen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}
