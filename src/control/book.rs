//! The book: the rules in force, the processes that listen, and what they answered.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::{
    Answer, Wish,
    answer::{Event, shorten},
    message::{Hello, Party, Standing, State, Told, VERSION},
};
use crate::glob::Glob;

/// How long a dry run stands if nobody takes it back: longer than anybody waits for answers.
const DRY_RUN: Duration = Duration::from_secs(60);

/// How a rule ends that somebody ends.
const CLEARED: &str = "cleared";

/// How much there may be of everything.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Rules in force.
    pub rules: usize,
    /// Rules that have ended and are still told of.
    pub ended: usize,
    /// Processes that a rule keeps the answers of.
    pub parties: usize,
    /// The longest time that a rule may last.
    pub ttl: Duration,
}

impl Default for Bounds {
    /// 64 rules are more than anybody keeps in mind; with all their texts at the longest, a process is told
    /// less than 100 KiB.
    fn default() -> Self {
        Self {
            rules: 64,
            ended: 64,
            parties: 4096,
            ttl: Duration::from_secs(3600),
        }
    }
}

/// Rules, processes and answers.
#[derive(Debug)]
pub struct Book {
    /// What the ids of this book begin with, so that those of another run are no others' here.
    prefix: String,
    number: u64,
    bounds: Bounds,
    rules: Vec<Rule>,
    ended: VecDeque<Rule>,
    processes: BTreeMap<u64, Hello>,
    connections: u64,
}

#[derive(Debug)]
struct Rule {
    id: String,
    wish: Wish,
    host: Option<Glob>,
    process: Option<Glob>,
    ends: Instant,
    how: Option<&'static str>,
    parties: BTreeMap<String, Known>,
    untold: u64,
}

/// A process that was told a rule.
#[derive(Debug)]
struct Known {
    hello: Hello,
    connections: usize,
    answer: Option<Answer>,
}

impl Rule {
    fn is_for(&self, process: &Hello) -> bool {
        let says = |glob: &Option<Glob>, name: &str| glob.as_ref().is_none_or(|g| g.matches(name));
        says(&self.host, &process.host) && says(&self.process, &process.process)
    }

    fn tell(&mut self, hello: &Hello, most: usize) {
        if let Some(known) = self.parties.get_mut(&hello.id) {
            known.connections += 1;
        } else if self.parties.len() >= most {
            self.untold += 1;
        } else {
            let known = Known {
                hello: hello.clone(),
                connections: 1,
                answer: None,
            };
            self.parties.insert(hello.id.clone(), known);
        }
    }

    fn standing(&self, now: Instant) -> Standing {
        let party = |known: &Known| Party {
            process: known.hello.clone(),
            connected: known.connections > 0,
            answer: known.answer.clone(),
        };
        let mut processes: Vec<_> = self.parties.values().map(party).collect();
        processes.sort_by(|a, b| {
            let key = |party: &Party| {
                let Hello {
                    host, process, pid, ..
                } = party.process.clone();
                (host, process, pid)
            };
            key(a).cmp(&key(b))
        });
        Standing {
            id: self.id.clone(),
            rule: self.wish.clone(),
            left: self.ends.saturating_duration_since(now).as_secs_f64(),
            ended: self.how.map(str::to_owned),
            processes,
            untold: self.untold,
        }
    }
}

impl Book {
    /// An empty book. `prefix` is to be another one for each run of the program.
    pub fn new(prefix: String, bounds: Bounds) -> Self {
        Self {
            prefix,
            number: 0,
            bounds,
            rules: Vec::new(),
            ended: VecDeque::new(),
            processes: BTreeMap::new(),
            connections: 0,
        }
    }

    /// How many processes listen.
    pub fn processes(&self) -> usize {
        self.processes.len()
    }

    /// Makes a rule; the error says why not.
    pub fn set(&mut self, wish: Wish, now: Instant) -> Result<Standing, String> {
        self.expire(now);
        wish.check(self.bounds.ttl)?;
        if self.rules.len() >= self.bounds.rules {
            let most = self.bounds.rules;
            return Err(format!(
                "{most} rules are in force, and that is the most: dl-ctl clear ends some"
            ));
        }
        let glob = |pattern: &Option<String>| pattern.as_deref().map(Glob::new).transpose();
        let lasts = Duration::try_from_secs_f64(wish.ttl).map_err(|wrong| wrong.to_string())?;
        let lasts = if wish.dry_run {
            lasts.min(DRY_RUN)
        } else {
            lasts
        };
        self.number += 1;
        let mut rule = Rule {
            id: format!("{}-{}", self.prefix, self.number),
            host: glob(&wish.host)?,
            process: glob(&wish.process)?,
            ends: now.checked_add(lasts).ok_or("--ttl: too long")?,
            wish,
            how: None,
            parties: BTreeMap::new(),
            untold: 0,
        };
        for process in self.processes.values() {
            if rule.is_for(process) {
                rule.tell(process, self.bounds.parties);
            }
        }
        let standing = rule.standing(now);
        self.rules.push(rule);
        Ok(standing)
    }

    /// The rules in force, but for those that only ask what would happen.
    pub fn list(&mut self, now: Instant) -> Vec<Standing> {
        self.expire(now);
        let rules = self.rules.iter().filter(|rule| !rule.wish.dry_run);
        rules.map(|rule| rule.standing(now)).collect()
    }

    /// These rules, whether they are in force or were.
    pub fn show(&mut self, ids: &[String], now: Instant) -> Vec<Standing> {
        self.expire(now);
        let all = self.ended.iter().chain(&self.rules);
        let named = all.filter(|rule| ids.iter().any(|id| is_named(&rule.id, id)));
        named.map(|rule| rule.standing(now)).collect()
    }

    /// Ends rules, or all if none is named; the error names one that is not in force, and then none ends.
    pub fn clear(
        &mut self,
        ids: &[String],
        dry_run: bool,
        now: Instant,
    ) -> Result<Vec<Standing>, String> {
        self.expire(now);
        let in_force = |id: &&String| self.rules.iter().any(|rule| is_named(&rule.id, id));
        if let Some(unknown) = ids.iter().find(|id| !in_force(id)) {
            return Err(format!(
                "no rule {unknown} is in force: dl-ctl list tells the ids of those that are"
            ));
        }
        let asked = |rule: &Rule| {
            if ids.is_empty() {
                !rule.wish.dry_run
            } else {
                ids.iter().any(|id| is_named(&rule.id, id))
            }
        };
        if dry_run {
            let asked = self.rules.iter().filter(|rule| asked(rule));
            return Ok(asked.map(|rule| rule.standing(now)).collect());
        }
        let (cleared, kept): (Vec<_>, Vec<_>) = self.rules.drain(..).partition(asked);
        self.rules = kept;
        let mut told = Vec::new();
        for mut rule in cleared {
            rule.how = Some(CLEARED);
            told.push(rule.standing(now));
            self.archive(rule);
        }
        Ok(told)
    }

    /// Ends the rules whose time is over; true if there were any.
    pub fn expire(&mut self, now: Instant) -> bool {
        let (over, kept): (Vec<_>, Vec<_>) =
            self.rules.drain(..).partition(|rule| rule.ends <= now);
        self.rules = kept;
        let any = !over.is_empty();
        for mut rule in over {
            rule.how = Some("expired");
            self.archive(rule);
        }
        any
    }

    fn archive(&mut self, rule: Rule) {
        if self.ended.len() >= self.bounds.ended {
            self.ended.pop_front();
        }
        self.ended.push_back(rule);
    }

    /// A process has come; gives the number of its connection.
    pub fn connect(&mut self, mut hello: Hello) -> u64 {
        for text in [&mut hello.id, &mut hello.host, &mut hello.process] {
            shorten(text);
        }
        for rule in &mut self.rules {
            if rule.is_for(&hello) {
                rule.tell(&hello, self.bounds.parties);
            }
        }
        // One that lost its connection while a rule was ended still has to answer.
        for rule in &mut self.ended {
            if let Some(known) = rule.parties.get_mut(&hello.id) {
                known.connections += 1;
            }
        }
        self.connections += 1;
        self.processes.insert(self.connections, hello);
        self.connections
    }

    /// The connection of a process has ended.
    pub fn disconnect(&mut self, connection: u64) {
        let Some(hello) = self.processes.remove(&connection) else {
            return;
        };
        for rule in self.rules.iter_mut().chain(&mut self.ended) {
            if let Some(known) = rule.parties.get_mut(&hello.id) {
                known.connections = known.connections.saturating_sub(1);
            }
        }
    }

    /// What is to be told to the process of a connection.
    pub fn state(&mut self, connection: u64, now: Instant) -> State {
        self.expire(now);
        let process = self.processes.get(&connection);
        let is_for = |rule: &&Rule| process.is_some_and(|process| rule.is_for(process));
        let rules = self.rules.iter().filter(is_for);
        let was_cleared = |rule: &&Rule| rule.how == Some(CLEARED) && rule.ends > now;
        let cleared = self.ended.iter().filter(was_cleared).filter(is_for);
        let told = rules.map(|rule| Told {
            id: rule.id.clone(),
            loggers: rule.wish.loggers.clone(),
            level: rule.wish.level.clone(),
            ttl: rule.ends.saturating_duration_since(now).as_secs_f64(),
            task: rule.wish.task.clone(),
            why: rule.wish.why.clone(),
            dry_run: rule.wish.dry_run,
        });
        State {
            distlog: VERSION,
            rules: told.collect(),
            cleared: cleared.map(|rule| rule.id.clone()).collect(),
        }
    }

    /// Notes what a process answered. An answer to a rule that it was not told is none.
    pub fn note(&mut self, answer: Answer) {
        let rules = self.rules.iter_mut().chain(&mut self.ended);
        let known = rules
            .filter(|rule| rule.id == answer.rule)
            .find_map(|rule| rule.parties.get_mut(&answer.process_id));
        let Some(known) = known else { return };
        // Records may come twice, and the last word is that it has ended.
        let is_over = known
            .answer
            .as_ref()
            .is_some_and(|before| before.event == Event::Ended);
        if !is_over {
            known.answer = Some(answer);
        }
    }
}

/// An id as the user writes it: all of it, or what stands behind the prefix.
fn is_named(id: &str, text: &str) -> bool {
    id == text
        || id
            .rsplit_once('-')
            .is_some_and(|(_, number)| number == text)
}

#[cfg(test)]
mod tests;
