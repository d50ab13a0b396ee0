//! speedscope's file format: a profile for each lane of each request (REFERENCE.md §10).

use std::collections::HashMap;

use super::{
    Export, FactReader,
    json::{Object, list},
    lanes::{Lanes, lay_out},
    scopes::{Extent, Place, extents, name, places},
};
use crate::tree::Tree;

/// The bytes of names that are remembered, because their list stands at the end of the file; scopes
/// of further names share one.
const NAMES: usize = 64 << 20;
/// What a name takes besides its text.
const AROUND: usize = 100;

/// Writes profiles.
#[derive(Debug, Default)]
pub struct Speedscope {
    frames: HashMap<String, usize>,
    /// The names in the order of their numbers.
    names: Vec<String>,
    bytes: usize,
}

impl Export for Speedscope {
    fn head(&self) -> &'static str {
        concat!(
            r#"{"$schema":"https://www.speedscope.app/file-format-schema.json","#,
            r#""exporter":"dl-fmt","profiles":["#,
            "\n"
        )
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn tail(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n],\"shared\":{\"frames\":");
        list(out, &self.names, |out, name| {
            let mut frame = Object::begin(out);
            frame.text("name", name);
            frame.end();
        });
        out.extend_from_slice(b"}}\n");
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn takes_records(&self) -> bool {
        false
    }

    fn tree(&mut self, tree: &Tree<'_>, _: &mut FactReader, out: &mut Vec<u8>) {
        let extents = extents(tree);
        let places = places(tree);
        let mut known: HashMap<Place<'_>, usize> = HashMap::new();
        let numbers = places.iter().map(|place| {
            let next = known.len();
            *known.entry(*place).or_insert(next)
        });
        let numbers: Vec<_> = numbers.collect();
        let lanes = lay_out(tree, &extents, &numbers);
        let mut on: Vec<Vec<usize>> = vec![Vec::new(); lanes.all.len()];
        for &number in &lanes.order {
            on[lanes.of[number]].push(number);
        }
        let zero = extents.iter().map(|extent| extent.start).min().unwrap_or(0);
        let mut seen: HashMap<usize, usize> = HashMap::new();
        for nodes in on {
            let process = numbers[nodes[0]];
            let lane = seen.entry(process).or_default();
            *lane += 1;
            let mut title = format!("{} [{}]", name(tree.root()), tree.id);
            if let Some(process) = places[nodes[0]].process {
                title = format!("{title} {process}");
            }
            if *lane > 1 {
                title = format!("{title}, lane {lane}");
            }
            out.extend_from_slice(self.separator().as_bytes());
            self.profile(tree, &title, &nodes, &lanes, &extents, zero, out);
        }
    }
}

impl Speedscope {
    #[expect(
        clippy::too_many_arguments,
        reason = "one caller, and all of it is one tree"
    )]
    fn profile(
        &mut self,
        tree: &Tree<'_>,
        title: &str,
        nodes: &[usize],
        lanes: &Lanes,
        extents: &[Extent],
        zero: i64,
        out: &mut Vec<u8>,
    ) {
        let at = |time: i64| time.abs_diff(zero);
        let start = nodes.iter().map(|&number| extents[number].start).min();
        let end = nodes.iter().map(|&number| extents[number].end).max();
        let mut profile = Object::begin(out);
        profile.text("type", "evented");
        profile.text("name", title);
        profile.text("unit", "nanoseconds");
        profile.plain("startValue", at(start.unwrap_or(zero)));
        profile.plain("endValue", at(end.unwrap_or(zero)));
        // Each node begins after those have ended that it is not inside of.
        let mut events = Vec::with_capacity(nodes.len() * 2);
        let mut open: Vec<usize> = Vec::new();
        for &number in nodes {
            while let Some(&top) = open
                .last()
                .filter(|&&top| lanes.inside[number] != Some(top))
            {
                events.push(("C", top, extents[top].end));
                open.pop();
            }
            events.push(("O", number, extents[number].start));
            open.push(number);
        }
        while let Some(top) = open.pop() {
            events.push(("C", top, extents[top].end));
        }
        list(
            profile.key("events"),
            events,
            |out, (kind, number, time)| {
                let mut event = Object::begin(out);
                event.text("type", kind);
                event.plain("frame", self.frame(&name(&tree.nodes[number])));
                event.plain("at", at(time));
                event.end();
            },
        );
        profile.end();
    }

    fn frame(&mut self, name: &str) -> usize {
        let name = if self.bytes > NAMES && !self.frames.contains_key(name) {
            "(others)"
        } else {
            name
        };
        if let Some(&frame) = self.frames.get(name) {
            return frame;
        }
        let frame = self.names.len();
        self.bytes += 2 * name.len() + AROUND;
        self.frames.insert(name.to_owned(), frame);
        self.names.push(name.to_owned());
        frame
    }
}
