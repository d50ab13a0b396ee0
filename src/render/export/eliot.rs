//! Eliot's messages (REFERENCE.md §2). What Eliot has written comes out as it was; all other trees
//! are told as Eliot would have told them.

use super::{
    Export, FactReader, Facts,
    facts::{Field, unique},
    ids,
    json::{Object, list, seconds},
    replay::{Teller, all_records, replay},
    scopes::{Extent, extents, name},
};
use crate::{
    record::Level,
    tree::{Flag, Node, Status, Tree, flatten},
};

/// Writes messages of Eliot.
#[derive(Debug, Default)]
pub struct Eliot {
    /// How many messages outside of all actions there have been: each has an id of its own.
    lone: u64,
}

/// What Eliot writes itself; a field of that name would be overwritten, or confuse its readers.
const RESERVED: [&str; 10] = [
    "action_status",
    "action_type",
    "exception",
    "log_level",
    "logger",
    "message",
    "message_type",
    "task_level",
    "task_uuid",
    "timestamp",
];

impl Export for Eliot {
    fn is_ordered(&self) -> bool {
        true
    }

    fn record(&mut self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        if is_eliot(facts) {
            out.extend_from_slice(facts.line);
            out.push(b'\n');
            return;
        }
        self.lone += 1;
        let line = String::from_utf8_lossy(facts.line);
        let id = ids::hash(&["record", &self.lone.to_string(), &line], 16);
        let parts = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]];
        let time = facts.time.map_or(0, |time| time.0);
        let mut message = begin(&parts.join("-"), &[], 1, time, out);
        told(facts, &mut message);
        message.some("tree", facts.tree.as_deref());
        fields(&facts.fields, &["tree"], &mut message);
        end(message);
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        if all_records(tree, reader, is_eliot) {
            flatten(tree, |_, line| {
                out.extend_from_slice(line);
                out.push(b'\n');
            });
            return;
        }
        let mut story = Story {
            tree,
            extents: extents(tree),
            level: Vec::new(),
            next: Vec::new(),
            out,
        };
        replay(tree, reader, &mut story);
    }
}

/// True for what today's Eliot has written, and nobody has wrapped.
fn is_eliot(facts: &Facts<'_>) -> bool {
    let is_list = |node: &str| node.starts_with('[');
    facts.schema == Some("eliot") && facts.node.as_deref().is_some_and(is_list)
}

/// A tree on its way into messages.
struct Story<'t, 'a, 'o> {
    tree: &'t Tree<'a>,
    extents: Vec<Extent>,
    /// The numbers of the open actions within those around them, without the root.
    level: Vec<u64>,
    /// The number of the next message of each open action.
    next: Vec<u64>,
    out: &'o mut Vec<u8>,
}

impl Story<'_, '_, '_> {
    /// A message of the action that is open.
    fn message(&mut self, time: i64) -> Object<'_> {
        let number = self.next.last_mut().map_or(1, |next| {
            *next += 1;
            *next - 1
        });
        begin(&self.tree.id, &self.level, number, time, self.out)
    }
}

/// True for a scope whose own records nobody has seen.
fn is_unseen(node: &Node<'_>) -> bool {
    node.flags
        .iter()
        .any(|flag| matches!(flag, Flag::Inferred | Flag::StartMissing))
}

impl Teller for Story<'_, '_, '_> {
    fn open(&mut self, number: usize, start: Option<&Facts<'_>>) {
        if let Some(next) = self.next.last_mut() {
            self.level.push(*next);
            *next += 1;
        }
        self.next.push(1);
        let (tree, extent) = (self.tree, self.extents[number]);
        let node = &tree.nodes[number];
        if is_unseen(node) && start.is_none() {
            // Its start has the first number all the same, for who finds it one day.
            self.next.pop();
            self.next.push(2);
            return;
        }
        let mut message = self.message(extent.start);
        message.text("action_type", &name(node));
        message.text("action_status", "started");
        where_from(node, &mut message);
        if let Some(facts) = start {
            fields(&facts.fields, &["host", "process"], &mut message);
        }
        end(message);
    }

    fn record(&mut self, facts: &Facts<'_>) {
        let time = facts.time.map_or(0, |time| time.0);
        let mut message = self.message(time);
        told(facts, &mut message);
        fields(&facts.fields, &[], &mut message);
        end(message);
    }

    fn close(&mut self, number: usize, ended: Option<&Facts<'_>>) {
        let (tree, extent) = (self.tree, self.extents[number]);
        let node = &tree.nodes[number];
        let is_over = matches!(node.status, Status::Succeeded | Status::Failed);
        if is_over && (ended.is_some() || !is_unseen(node)) {
            let mut message = self.message(extent.end);
            message.text("action_type", &name(node));
            message.text("action_status", node.status.name());
            if let Some(why) = node
                .exception
                .as_deref()
                .filter(|_| node.status == Status::Failed)
            {
                let (kind, reason) = match why.split_once(": ") {
                    Some((kind, reason)) => (Some(kind), reason),
                    None => (None, why),
                };
                message.some("exception", kind);
                message.text("reason", reason);
            }
            if let Some(facts) = ended {
                fields(&facts.fields, &["reason"], &mut message);
            }
            end(message);
        }
        self.next.pop();
        self.level.pop();
    }
}

/// Begins a message with what each has.
fn begin<'o>(
    uuid: &str,
    level: &[u64],
    number: u64,
    time: i64,
    out: &'o mut Vec<u8>,
) -> Object<'o> {
    let mut message = Object::begin(out);
    message.text("task_uuid", uuid);
    list(
        message.key("task_level"),
        level.iter().chain([&number]),
        |out, number| {
            out.extend_from_slice(number.to_string().as_bytes());
        },
    );
    message.plain("timestamp", seconds(time));
    message
}

fn end(message: Object<'_>) {
    message.end().push(b'\n');
}

fn where_from(node: &Node<'_>, message: &mut Object<'_>) {
    message.some("host", node.host.as_deref());
    message.some("process", node.process.as_deref());
}

/// What a record says by the names that Eliot has for it where it has taken it from `logging`.
fn told(facts: &Facts<'_>, message: &mut Object<'_>) {
    message.text("message_type", facts.kind.as_deref().unwrap_or_default());
    message.some("log_level", facts.level.map(python));
    message.some("logger", facts.logger.as_deref());
    message.some("message", facts.message.as_deref());
    message.some("exception", facts.exception.as_deref());
}

/// The name that Python has for a level.
pub(super) fn python(level: Level) -> &'static str {
    match level.name() {
        "trace" | "debug" => "DEBUG",
        "info" | "notice" => "INFO",
        "warning" => "WARNING",
        "error" => "ERROR",
        _ => "CRITICAL",
    }
}

fn fields(fields: &[Field<'_>], taken: &[&str], message: &mut Object<'_>) {
    let renamed = fields.iter().map(|field| {
        let is_taken = |name: &str| RESERVED.contains(&name) || taken.contains(&name);
        let mut field = field.clone();
        while is_taken(&field.name) {
            field.name.push('_');
        }
        field
    });
    for field in unique(renamed.collect()) {
        field.value.json(message.key(&field.name));
    }
}
