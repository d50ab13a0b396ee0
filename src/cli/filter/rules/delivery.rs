//! Delivery: what workers have prepared goes through the throttles and to the destinations,
//! in the order of the input; and it is here that other rules come into force.

use std::{
    convert::Infallible,
    sync::{Arc, PoisonError},
};

use super::{
    outlets::{Outlets, endpoints, worst},
    source::RuleFile,
    table::Table,
    work::{Count, Current, Routed, Work, current},
};
use crate::{
    clean::{Emit, Throttle},
    cli::{
        Program,
        common::now,
        feed::{Batch, Screen, refuse_overlap},
        filter::FilterArgs,
        ledger::{Ledger, plural},
        report, say,
    },
    error::Result,
    record::Lines,
    route::Destination,
    shutdown::Reload,
    source::Chunk,
};

/// Everything that is done in order.
pub(super) struct Delivery<'d> {
    pub(super) file: &'d RuleFile<'d>,
    pub(super) current: &'d Current,
    pub(super) reload: Reload,
    pub(super) outlets: Outlets,
    table: Arc<Table>,
    /// For each rule, its throttle, if it has one.
    throttles: Vec<Option<Throttle>>,
    /// What each rule has done, by name, also of rules that are gone.
    counts: Vec<(String, Count)>,
    /// For each route of the table, its place in `counts`.
    places: Vec<usize>,
    /// The destinations that rules have named, each with the place of a rule in `counts`.
    users: Vec<(Destination, usize)>,
    /// Made when a chunk has to be asked about again.
    screen: Screen,
    written: u64,
}

impl<'d> Delivery<'d> {
    pub(super) fn new(
        file: &'d RuleFile<'d>,
        current_table: &'d Current,
        reload: Reload,
        outlets: Outlets,
        screen: Screen,
    ) -> Self {
        let table = current(current_table);
        let mut delivery = Self {
            file,
            current: current_table,
            reload,
            outlets,
            throttles: Vec::new(),
            counts: Vec::new(),
            places: Vec::new(),
            users: Vec::new(),
            screen,
            written: 0,
            table: Arc::clone(&table),
        };
        delivery.adopt(table);
        delivery
    }

    /// Takes what a worker has made of a chunk.
    pub(super) fn chunk(
        &mut self,
        chunk: &Chunk,
        routed: &mut Routed,
        ledger: &mut Ledger,
    ) -> Result<()> {
        let reloaded = self.reload_if_asked();
        if routed.version != self.table.version {
            // Made while the rules changed: by the rules in force, then, and not by half.
            let mut batch = Batch::default();
            std::mem::swap(&mut batch.data, routed);
            Work::new(Arc::clone(&self.table), self.screen).lines(
                chunk,
                &mut batch.tally,
                &mut batch.data,
            );
            *routed = batch.data;
        }
        self.deliver(routed);
        for (&place, count) in self.places.iter().zip(&routed.counts) {
            self.counts[place].1.add(*count);
        }
        self.written += routed.tally.written;
        let kept = ledger.absorb_staged(&routed.tally);
        let wrote = self.outlets.write();
        reloaded.and(kept).and(wrote)
    }

    /// No input has come for a while.
    pub(super) fn idle(&mut self) -> Result<()> {
        let reloaded = self.reload_if_asked();
        let now = now();
        for rule in 0..self.throttles.len() {
            self.with_throttle(rule, |throttle, emit| throttle.idle(now, emit));
        }
        let wrote = self.outlets.write();
        reloaded.and(wrote).and(self.outlets.tick())
    }

    /// The input has ended: what is held back goes out, and everything is delivered.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.tell_throttled();
        let wrote = self.outlets.write();
        let finished = self.outlets.finish();
        worst(wrote, finished)
    }

    /// How many records were written anywhere.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Takes back what destinations did not take, as far as it is known whose it was: from the
    /// only rule that sends anything there. Returns how many records there were in all.
    pub(super) fn count_undelivered(&mut self) -> u64 {
        let mut all = 0;
        for (destination, records) in self.outlets.undelivered() {
            all += records;
            let of = |(other, _): &&(Destination, usize)| other == destination;
            let mut users = self.users.iter().filter(of);
            if let (Some((_, place)), None) = (users.next(), users.next()) {
                let count = &mut self.counts[*place].1;
                count.written = count.written.saturating_sub(*records);
            }
        }
        all
    }

    /// Says what each rule has done, and each destination that has not taken everything.
    pub(super) fn tell_counts(&self) {
        for (name, count) in &self.counts {
            say(
                FilterArgs::NAME,
                &format!("{name}: {} taken, {} written", count.taken, count.written),
            );
        }
        for (destination, records) in self.outlets.undelivered() {
            let place = &destination.endpoint;
            say(FilterArgs::NAME, &format!("{place}: {records} undelivered"));
        }
    }

    /// Passes on lines of which the order matters.
    fn deliver(&mut self, routed: &mut Routed) {
        for (number, out) in routed.outs.iter_mut().enumerate() {
            if self.table.direct[number] {
                // Both keep their memory for the next chunk.
                std::mem::swap(self.outlets.out(number), out);
            }
        }
        let (mut start, mut last) = (0, None);
        for pick in &routed.picks {
            let line = &routed.lines[start..pick.end - 1];
            start = pick.end;
            let passed = self.pass(pick.route, line);
            if passed && !pick.by_route {
                routed.counts[pick.route].written += 1;
            }
            if passed && !pick.counted && last != Some(pick.record) {
                routed.tally.written += 1;
                last = Some(pick.record);
            }
        }
    }

    /// Passes a line on to the destinations of a route that need the order; false if its
    /// throttle takes it away.
    fn pass(&mut self, route: usize, line: &[u8]) -> bool {
        if self.throttles.get(route).is_some_and(Option::is_some) {
            return self.with_throttle(route, |throttle, emit| throttle.push(line, emit));
        }
        for &to in self.table.route(route) {
            if !self.table.direct[to] {
                append(self.outlets.out(to), line);
            }
        }
        true
    }

    /// Has the throttle of a rule do something, and passes on what comes out of it. True if a
    /// record of the input is among that.
    fn with_throttle(
        &mut self,
        rule: usize,
        act: impl FnOnce(
            &mut Throttle,
            &mut dyn FnMut(Emit<'_>) -> Result<(), Infallible>,
        ) -> Result<(), Infallible>,
    ) -> bool {
        let Some(throttle) = &mut self.throttles[rule] else {
            return false;
        };
        let (outlets, table) = (&mut self.outlets, &self.table);
        let mut passed = false;
        let Ok(()) = act(throttle, &mut |emit| {
            let (Emit::Pass(line) | Emit::Add(line)) = emit;
            passed |= matches!(emit, Emit::Pass(_));
            for &to in table.route(rule) {
                append(outlets.out(to), line);
            }
            Ok(())
        });
        passed
    }

    fn tell_throttled(&mut self) {
        for rule in 0..self.throttles.len() {
            self.with_throttle(rule, Throttle::finish);
        }
    }

    /// Reads the rules anew, if a signal has asked for it. What is wrong with them is told,
    /// and then the old ones stay in force.
    fn reload_if_asked(&mut self) -> Result<()> {
        if !self.reload.take() {
            return Ok(());
        }
        let version = self.table.version + 1;
        let table = self.file.load(version).and_then(|table| {
            let outputs = endpoints(&table.rules.destinations);
            refuse_overlap(&self.file.inputs, self.file.lines, &outputs)?;
            Ok(table)
        });
        let changed = table.and_then(|table| {
            // What the old rules hold back belongs to their destinations.
            self.retire(&table);
            let wrote = self.outlets.write();
            self.outlets.change(&table.rules.destinations)?;
            Ok((table, wrote))
        });
        match changed {
            Err(error) => {
                report(FilterArgs::NAME, &error);
                say(FilterArgs::NAME, "the rules stay as they were");
                Ok(())
            }
            Ok((table, wrote)) => {
                let table = Arc::new(table);
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&table);
                let rules = plural(table.default_route() as u64, "rule");
                self.adopt(table);
                say(
                    FilterArgs::NAME,
                    &format!("{}: {rules} loaded", self.file.path),
                );
                wrote
            }
        }
    }

    /// Has throttles tell what they took away, if no rule of `table` goes on with them.
    fn retire(&mut self, table: &Table) {
        for number in 0..self.throttles.len() {
            let rule = &self.table.rules.rules[number];
            let goes_on = |other: &crate::route::Rule| {
                other.name == rule.name && other.throttle == rule.throttle
            };
            if !table.rules.rules.iter().any(goes_on) {
                self.with_throttle(number, Throttle::finish);
            }
        }
    }

    /// Makes a table the one in force. Throttles of rules that are the same go on, and so do
    /// the counts of rules of the same name.
    fn adopt(&mut self, table: Arc<Table>) {
        let mut old = std::mem::take(&mut self.throttles);
        let before = Arc::clone(&self.table);
        for rule in &table.rules.rules {
            let same = |other: &crate::route::Rule| {
                other.name == rule.name && other.throttle == rule.throttle
            };
            let kept = before.rules.rules.iter().position(same);
            let kept = kept.and_then(|at| old.get_mut(at).and_then(Option::take));
            let limit = rule.throttle.as_ref();
            self.throttles
                .push(kept.or_else(|| limit.and_then(|limit| limit.throttle(&rule.name))));
        }
        let names = table
            .rules
            .rules
            .iter()
            .map(|rule| format!("rule '{}'", rule.name));
        self.places.clear();
        for name in names.chain(["default".to_owned()]) {
            let place = self.counts.iter().position(|(known, _)| *known == name);
            self.places.push(place.unwrap_or_else(|| {
                self.counts.push((name, Count::default()));
                self.counts.len() - 1
            }));
        }
        for (route, &place) in self.places.iter().enumerate() {
            for &to in table.route(route) {
                let user = (table.rules.destinations[to].clone(), place);
                if !self.users.contains(&user) {
                    self.users.push(user);
                }
            }
        }
        self.table = table;
    }
}

fn append(out: &mut Vec<u8>, line: &[u8]) {
    for line in Lines::new(line) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
}
