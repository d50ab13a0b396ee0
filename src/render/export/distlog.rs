//! distlog's records: those of Python's `logging` with a correlation key (REFERENCE.md §3). What a
//! client of distlog has written comes out as it was; all else is told as one would have told it.

use super::{
    Export, FactReader, Facts,
    eliot::python,
    facts::{Field, unique},
    json::{Object, seconds},
    replay::{Teller, all_records, replay},
    resource::Resource,
    scopes::{Extent, extents, name},
};
use crate::{
    record::Level,
    tree::{Flag, Node, Status, Tree, flatten},
};

/// Writes records of distlog.
#[derive(Debug, Default)]
pub struct Distlog;

/// What the records have of their own; a field of that name gets another one.
const RESERVED: [&str; 11] = [
    "context",
    "created",
    "dl",
    "exc_text",
    "hostname",
    "levelname",
    "levelno",
    "message",
    "name",
    "process",
    "service",
];

impl Export for Distlog {
    fn record(&mut self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        if is_distlog(facts) {
            out.extend_from_slice(facts.line);
            out.push(b'\n');
            return;
        }
        let time = facts.time.map_or(0, |time| time.0);
        let message = facts.message.as_deref().unwrap_or_default();
        let mut record = begin(&Resource::of_record(facts), time, facts.level, message, out);
        told(facts, &mut record);
        record.some("exc_text", facts.exception.as_deref());
        record.some("tree", facts.tree.as_deref());
        fields(&facts.fields, None, &["tree"], &mut record);
        record.end().push(b'\n');
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        if all_records(tree, reader, is_distlog) {
            flatten(tree, |_, line| {
                out.extend_from_slice(line);
                out.push(b'\n');
            });
            return;
        }
        let (resources, of) = Resource::of_tree(tree);
        let id = if tree.id.is_empty() {
            "unknown"
        } else {
            &tree.id
        };
        let mut story = Story {
            tree,
            extents: extents(tree),
            resources: of.into_iter().map(|of| resources[of].clone()).collect(),
            // What is behind a slash would be a number of a scope.
            id: id.replace('/', "_"),
            open: Vec::new(),
            out,
        };
        replay(tree, reader, &mut story);
    }
}

fn is_distlog(facts: &Facts<'_>) -> bool {
    facts.schema == Some("distlog")
}

/// A tree on its way into records.
struct Story<'t, 'a, 'o> {
    tree: &'t Tree<'a>,
    extents: Vec<Extent>,
    resources: Vec<Resource<'t>>,
    id: String,
    open: Vec<Open>,
    out: &'o mut Vec<u8>,
}

/// A scope that is open.
struct Open {
    node: usize,
    /// Its number in the one around it.
    number: u64,
    records: u64,
    children: u64,
}

/// What is told of a record.
struct Told<'f, 'a> {
    time: i64,
    level: Option<Level>,
    message: &'f str,
    facts: Option<&'f Facts<'a>>,
    event: Option<(&'static str, &'f Node<'a>)>,
}

impl Story<'_, '_, '_> {
    /// A record of the scope that is open.
    fn write(&mut self, told: &Told<'_, '_>) {
        let numbers = self
            .open
            .iter()
            .skip(1)
            .map(|open| format!("/{}", open.number));
        let scope = numbers.fold(self.id.clone(), |scope, number| scope + &number);
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let key = format!("{}@{scope}", open.records);
        open.records += 1;
        let resource = &self.resources[open.node];
        let mut record = begin(resource, told.time, told.level, told.message, self.out);
        if let Some(facts) = told.facts {
            self::told(facts, &mut record);
        }
        // Why a scope failed, its end says.
        if let (Some(facts), None) = (told.facts, told.event) {
            record.some("exc_text", facts.exception.as_deref());
        }
        match told.event {
            // Of the original package, whose scopes need not have an end.
            Some(("start", node)) if node.status == Status::Unknown => {
                record.text("funcName", "__enter__");
            }
            Some((event, node)) => {
                let mut dl = Object::begin(record.key("dl"));
                dl.text("event", event);
                if event == "end" {
                    dl.text("status", node.status.name());
                    if let Some(took) = node.duration.filter(|took| took.is_finite()) {
                        dl.plain("duration", took);
                    }
                }
                dl.end();
            }
            None => {}
        }
        if let Some(("end", node)) = told.event {
            record.some("exc_text", node.exception.as_deref());
        }
        let none = Vec::new();
        let given = told.facts.map_or(&none, |facts| &facts.fields);
        let taken: &[&str] = if told.event.is_some() {
            &["funcName"]
        } else {
            &[]
        };
        fields(given, Some(&key), taken, &mut record);
        record.end().push(b'\n');
    }
}

impl Teller for Story<'_, '_, '_> {
    fn open(&mut self, number: usize, start: Option<&Facts<'_>>) {
        let child = self.open.last_mut().map_or(0, |above| {
            above.children += 1;
            above.children
        });
        self.open.push(Open {
            node: number,
            number: child,
            records: 0,
            children: 0,
        });
        let tree = self.tree;
        let node = &tree.nodes[number];
        let unseen = |flag: &Flag| matches!(flag, Flag::Inferred | Flag::StartMissing);
        if start.is_none() && node.flags.iter().any(unseen) {
            return;
        }
        self.write(&Told {
            time: self.extents[number].start,
            level: Some(Level::INFO),
            message: &name(node),
            facts: start,
            event: Some(("start", node)),
        });
    }

    fn record(&mut self, facts: &Facts<'_>) {
        self.write(&Told {
            time: facts.time.map_or(0, |time| time.0),
            level: facts.level,
            message: facts.message.as_deref().unwrap_or_default(),
            facts: Some(facts),
            event: None,
        });
    }

    fn close(&mut self, number: usize, end: Option<&Facts<'_>>) {
        let tree = self.tree;
        let node = &tree.nodes[number];
        let level = match node.status {
            Status::Failed => Level::ERROR,
            _ => Level::INFO,
        };
        if matches!(node.status, Status::Succeeded | Status::Failed) {
            self.write(&Told {
                time: self.extents[number].end,
                level: Some(level),
                message: &name(node),
                facts: end,
                event: Some(("end", node)),
            });
        }
        self.open.pop();
    }
}

/// Begins a record with what each has.
fn begin<'o>(
    resource: &Resource<'_>,
    time: i64,
    level: Option<Level>,
    message: &str,
    out: &'o mut Vec<u8>,
) -> Object<'o> {
    let level = level.unwrap_or(Level::INFO);
    let number = match python(level) {
        "DEBUG" => 10,
        "INFO" => 20,
        "WARNING" => 30,
        "ERROR" => 40,
        _ => 50,
    };
    let mut record = Object::begin(out);
    record.plain("created", seconds(time));
    record.plain("levelno", number);
    record.text("levelname", python(level));
    record.text("message", message);
    record.some("hostname", resource.host.as_deref());
    record.some("service", resource.service.as_deref());
    if let Some(pid) = &resource.pid {
        let out = record.key("process");
        match pid.parse::<u64>() {
            Ok(pid) => out.extend_from_slice(pid.to_string().as_bytes()),
            Err(_) => super::json::text(out, pid),
        }
    }
    record
}

fn told(facts: &Facts<'_>, record: &mut Object<'_>) {
    record.some("name", facts.logger.as_deref());
    record.some("threadName", facts.thread.as_deref());
    record.some(
        "type",
        facts
            .kind
            .as_deref()
            .filter(|kind| Some(*kind) != facts.message.as_deref()),
    );
}

/// Writes the context, and all fields that are not of it.
fn fields(fields: &[Field<'_>], key: Option<&str>, taken: &[&str], record: &mut Object<'_>) {
    const CONTEXT: &str = "context.";
    if let Some(key) = key {
        let mut context = Object::begin(record.key("context"));
        context.text("key", key);
        for field in fields {
            let name = field.name.strip_prefix(CONTEXT);
            if let Some(name) = name.filter(|name| *name != "key") {
                field.value.json(context.key(name));
            }
        }
        context.end();
    }
    let is_other = |field: &&Field<'_>| key.is_none() || !field.name.starts_with(CONTEXT);
    let renamed = fields.iter().filter(is_other).map(|field| {
        let is_taken = |name: &str| {
            RESERVED.contains(&name)
                || matches!(name, "threadName" | "type")
                || taken.contains(&name)
        };
        let mut field = field.clone();
        while is_taken(&field.name) {
            field.name.push('_');
        }
        field
    });
    for field in unique(renamed.collect()) {
        field.value.json(record.key(&field.name));
    }
}
