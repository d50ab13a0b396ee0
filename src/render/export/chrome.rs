//! Chrome's trace events, for Perfetto and <chrome://tracing> (REFERENCE.md §10).
//!
//! A process is a process. Its tracks are lanes: scopes of one request that are inside of each
//! other stand on one, and requests that follow each other share it. Where a request goes from
//! one process to another there is an arrow. Nothing is known of real threads, which are fields.

use std::collections::HashMap;

use super::{
    Export, FactReader, Facts,
    facts::{Field, Scalar, unique},
    json::Object,
    lanes::lay_out,
    scopes::{Extent, Place, Scope, extents, name, places},
};
use crate::{
    record::Level,
    tree::{Node, Status, Tree},
};

/// Processes that are told apart; those beyond share a number. A name takes some 100 bytes.
const PROCESSES: usize = 100_000;
/// Lanes of a process that are remembered, and of all processes. Where more are busy at a time than
/// anybody can look at, they are forgotten and further ones begun, which is never wrong.
const LANES: usize = 1_000;
const ALL_LANES: usize = 500_000;

/// Writes trace events.
#[derive(Default)]
pub struct Chrome {
    /// The number of each process, by its name and host.
    pids: HashMap<String, HashMap<Option<String>, usize>>,
    /// How many there are.
    processes: usize,
    lanes: HashMap<usize, Vec<Track>>,
    /// How many there are in `lanes`.
    remembered: usize,
    /// The last number that was given to a track; no two tracks have the same.
    last_tid: usize,
    last_flow: u64,
    /// The processes that have a track for records outside of trees.
    loose: HashMap<usize, usize>,
}

/// A track, and from when until when it is taken.
struct Track {
    tid: usize,
    start: i64,
    end: i64,
}

const SEPARATOR: &str = ",\n";

impl Export for Chrome {
    fn head(&self) -> &'static str {
        "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
    }

    fn separator(&self) -> &'static str {
        SEPARATOR
    }

    fn tail(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n]}\n");
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn record(&mut self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let process = facts.process();
        let place = Place {
            process: process.as_deref(),
            host: facts.host.as_deref(),
        };
        let pid = self.pid(place, out);
        let tid = self.loose.get(&pid).copied().unwrap_or_else(|| {
            let tid = self.new_track(pid, "records", out);
            self.loose.insert(pid, tid);
            tid
        });
        let at = facts.time.map_or(0, |time| time.0);
        instant(facts, at, (pid, tid), out);
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        let extents = extents(tree);
        let pids: Vec<_> = places(tree)
            .into_iter()
            .map(|place| self.pid(place, out))
            .collect();
        let lanes = lay_out(tree, &extents, &pids);
        let tids: Vec<_> = lanes
            .all
            .iter()
            .map(|lane| self.track(lane.process, lane.start, lane.end, out))
            .collect();
        let parents = tree.parents();
        for (number, node) in tree.nodes.iter().enumerate() {
            let track = |number: usize| (pids[number], tids[lanes.of[number]]);
            let extent = extents[number];
            let scope = Scope::read(tree, node, reader);
            complete(node, extent, &scope.attributes, track(number), out);
            let above = parents[number];
            if pids[above] != pids[number] {
                self.hop(&extents[above], track(above), &extent, track(number), out);
            }
            for facts in &scope.records {
                let at = facts.time.map_or(extent.start, |time| time.0);
                instant(facts, at, track(number), out);
            }
        }
    }
}

impl Chrome {
    fn pid(&mut self, place: Place<'_>, out: &mut Vec<u8>) -> usize {
        let mut name = place.process.unwrap_or("unknown process");
        let mut host = place.host.map(str::to_owned);
        let known = |name: &str, host: &Option<String>| self.pids.get(name)?.get(host).copied();
        if let Some(pid) = known(name, &host) {
            return pid;
        }
        if self.processes >= PROCESSES {
            (name, host) = ("(other processes)", None);
            if let Some(pid) = known(name, &host) {
                return pid;
            }
        }
        self.processes += 1;
        let pid = self.processes;
        let hosts = self.pids.entry(name.to_owned()).or_default();
        match &host {
            Some(host) if !hosts.is_empty() => {
                metadata("process_name", &format!("{name} on {host}"), (pid, 0), out);
            }
            _ => metadata("process_name", name, (pid, 0), out),
        }
        hosts.insert(host, pid);
        pid
    }

    fn new_track(&mut self, pid: usize, name: &str, out: &mut Vec<u8>) -> usize {
        self.last_tid += 1;
        metadata("thread_name", name, (pid, self.last_tid), out);
        self.last_tid
    }

    /// A track of the process that nothing stands on at that time.
    fn track(&mut self, pid: usize, start: i64, end: i64, out: &mut Vec<u8>) -> usize {
        let tracks = self.lanes.entry(pid).or_default();
        let is_free = |track: &&mut Track| track.end <= start || end <= track.start;
        if let Some(track) = tracks.iter_mut().find(is_free) {
            track.start = track.start.min(start);
            track.end = track.end.max(end);
            return track.tid;
        }
        if tracks.len() >= LANES {
            self.remembered -= tracks.len();
            tracks.clear();
        }
        let name = format!("lane {}", tracks.len() + 1);
        if self.remembered >= ALL_LANES {
            self.remembered = 0;
            self.lanes.clear();
        }
        self.remembered += 1;
        let tid = self.new_track(pid, &name, out);
        let track = Track { tid, start, end };
        self.lanes.entry(pid).or_default().push(track);
        tid
    }

    /// An arrow from a scope to one that it began in another process.
    fn hop(
        &mut self,
        from: &Extent,
        at: (usize, usize),
        to: &Extent,
        track: (usize, usize),
        out: &mut Vec<u8>,
    ) {
        self.last_flow += 1;
        // An arrow is bound to the scopes that are there at its ends.
        let began = to.start.clamp(from.start, from.end);
        for (phase, time, track) in [("s", began, at), ("f", to.start, track)] {
            let mut event = event(phase, "hop", time, track, out);
            event.text("cat", "hop");
            event.plain("id", self.last_flow);
            if phase == "f" {
                event.text("bp", "e");
            }
            event.end();
        }
    }
}

fn complete(
    node: &Node<'_>,
    extent: Extent,
    attributes: &[Field<'_>],
    track: (usize, usize),
    out: &mut Vec<u8>,
) {
    let mut event = event("X", &name(node), extent.start, track, out);
    event.plain("dur", micros(i128::from(extent.length())));
    event.text("cat", node.status.name());
    match node.status {
        Status::Failed => event.text("cname", "terrible"),
        Status::Running => event.text("cname", "yellow"),
        Status::Succeeded | Status::Unknown => {}
    }
    let mut args = Object::begin(event.key("args"));
    for field in attributes {
        field.value.json(args.key(&field.name));
    }
    args.some("exception", node.exception.as_deref());
    for (name, is_known) in [("dl.start", extent.has_start), ("dl.end", extent.has_end)] {
        if !is_known {
            args.text(name, "unknown");
        }
    }
    args.end();
    event.end();
}

fn instant(facts: &Facts<'_>, at: i64, track: (usize, usize), out: &mut Vec<u8>) {
    let mut event = event("i", facts.title(), at, track, out);
    event.text("s", "t");
    event.some("cat", facts.level.map(Level::name));
    let mut args = Object::begin(event.key("args"));
    for field in of_record(facts) {
        field.value.json(args.key(&field.name));
    }
    args.end();
    event.end();
}

/// All that a record says, but its time and its title.
fn of_record<'a>(facts: &Facts<'a>) -> Vec<Field<'a>> {
    let level = facts.level.map(|level| level.name().into());
    let mut fields = Vec::with_capacity(facts.fields.len() + 6);
    for (name, value) in [
        ("level", level),
        ("logger", facts.logger.clone()),
        ("thread.name", facts.thread.clone()),
        ("tree", facts.tree.clone()),
        ("exception", facts.exception.clone()),
    ] {
        let value = value.map(Scalar::Text);
        fields.extend(value.map(|value| Field {
            name: name.to_owned(),
            value,
        }));
    }
    fields.extend(facts.fields.iter().cloned());
    unique(fields)
}

fn metadata(what: &str, name: &str, (pid, tid): (usize, usize), out: &mut Vec<u8>) {
    out.extend_from_slice(SEPARATOR.as_bytes());
    let mut event = Object::begin(out);
    event.text("ph", "M");
    event.text("name", what);
    event.plain("pid", pid);
    event.plain("tid", tid);
    let mut args = Object::begin(event.key("args"));
    args.text("name", name);
    args.end();
    event.end();
}

/// An event that is to be ended.
fn event<'o>(
    phase: &str,
    name: &str,
    at: i64,
    (pid, tid): (usize, usize),
    out: &'o mut Vec<u8>,
) -> Object<'o> {
    out.extend_from_slice(SEPARATOR.as_bytes());
    let mut event = Object::begin(out);
    event.text("ph", phase);
    event.text("name", name);
    event.plain("ts", micros(i128::from(at)));
    event.plain("pid", pid);
    event.plain("tid", tid);
    event
}

/// Nanoseconds as microseconds, with as many decimals as they have.
pub(super) fn micros(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (whole, rest) = (nanos.unsigned_abs() / 1_000, nanos.unsigned_abs() % 1_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let text = format!("{sign}{whole}.{rest:03}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact() {
        let check = |nanos, expect: &str| assert_eq!(micros(nanos), expect);
        check(1_795_178_340_100_000_123, "1795178340100000.123");
        check(1_500, "1.5");
        check(-1_020, "-1.02");
        check(0, "0");
    }
}
