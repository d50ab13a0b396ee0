//! The graph as one line of JSON text.
//!
//! Walks with a stack of tasks of its own, so that depth is a number and not the thread's
//! stack. A node that is met again inside itself is written as `{"$cycle":true}`, one that is
//! met again elsewhere is written again. What an object looks like is decided in `known.rs`.

use super::{
    arena::{Cursor, Shape},
    error::{PickleError, Result},
    limits::Limits,
    scalar,
    value::{Span, Value},
    view::View,
};
use crate::decode::escape::{self, Stop};

/// Dict keys may be tuples that hold objects with dicts inside; the text of a key inside a key
/// is escaped once more at each level. Nobody nests them; four levels bound the work.
const MAX_KEYS: usize = 4;

/// What remains to be written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    /// A value.
    Value(Value),
    /// The rest of an array.
    Array(Cursor),
    /// The rest of an object.
    Map(Cursor),
    /// Text that ends in an opening bracket.
    Open(&'static str),
    /// A closing bracket.
    Close(&'static str),
    /// Other text.
    Raw(&'static str),
    /// The end of a node: met from now on, it is not inside itself.
    Leave(u32),
    /// The end of a key that is no string: what was written from this position becomes one.
    Key(usize),
}

/// What the writer keeps between pickles.
#[derive(Default)]
pub(super) struct Desk {
    tasks: Vec<Task>,
    /// The nodes that are being written, by number.
    open: Vec<bool>,
}

impl Desk {
    /// Forgets everything, and the room for more than `keep` nodes.
    pub(super) fn clear(&mut self, keep: usize) {
        self.tasks.clear();
        self.open.clear();
        self.tasks.shrink_to(keep);
        self.open.shrink_to(keep);
    }
}

/// One walk over one graph.
pub(super) struct Writer<'a> {
    pub(super) view: View<'a>,
    pub(super) out: &'a mut Vec<u8>,
    desk: &'a mut Desk,
    limits: &'a Limits,
    /// The length that `out` may reach.
    pub(super) max: usize,
    /// Open brackets.
    depth: usize,
    /// Open keys that are no strings.
    keys: usize,
    /// Containers and objects written so far, each as often as it is met.
    nodes: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        view: View<'a>,
        limits: &'a Limits,
        desk: &'a mut Desk,
        out: &'a mut Vec<u8>,
    ) -> Self {
        desk.open.resize(view.len(), false);
        let max = out.len().saturating_add(limits.output);
        Self {
            view,
            out,
            desk,
            limits,
            max,
            depth: 0,
            keys: 0,
            nodes: 0,
        }
    }

    /// Appends the text of `top`.
    pub(super) fn run(&mut self, top: Value) -> Result<()> {
        self.desk.tasks.push(Task::Value(self.record(top)));
        while let Some(task) = self.desk.tasks.pop() {
            match task {
                Task::Value(value) => self.scalar(value)?,
                Task::Array(cursor) => self.array(cursor)?,
                Task::Map(cursor) => self.map(cursor)?,
                Task::Open(text) => self.open(text)?,
                Task::Close(text) => {
                    self.depth -= 1;
                    self.out.extend_from_slice(text.as_bytes());
                }
                Task::Raw(text) => self.out.extend_from_slice(text.as_bytes()),
                Task::Leave(id) => self.desk.open[id as usize] = false,
                Task::Key(start) => self.end_key(start)?,
            }
            self.check()?;
        }
        Ok(())
    }

    /// A log record of any class is its state, so that what comes out is a plain record.
    fn record(&self, top: Value) -> Value {
        let state = self.view.object(top).and_then(|object| object.state);
        match state {
            Some(state) if super::known::is_log_record(self.view, state) => state,
            _ => top,
        }
    }

    pub(super) fn later(&mut self, task: Task) {
        self.desk.tasks.push(task);
    }

    #[inline]
    fn check(&self) -> Result<()> {
        if self.out.len() > self.max {
            return Err(self.full());
        }
        Ok(())
    }

    #[cold]
    pub(super) fn full(&self) -> PickleError {
        let limit = self.limits.output;
        PickleError::Output { limit }
    }

    /// Writes text that opens a bracket.
    pub(super) fn open(&mut self, text: &str) -> Result<()> {
        let limit = self.limits.depth;
        if self.depth >= limit {
            return Err(PickleError::Depth { limit });
        }
        self.depth += 1;
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Writes an object that closes on the spot.
    pub(super) fn leaf(&mut self, open: &str, inside: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        self.open(open)?;
        inside(self.out);
        self.out.push(b'}');
        self.depth -= 1;
        Ok(())
    }

    fn node(&mut self, id: u32) -> Result<()> {
        // Two bytes for each would let a memo bomb make millions before the output is full.
        let limit = self.limits.values;
        if self.nodes >= limit {
            return Err(PickleError::Values { limit });
        }
        self.nodes += 1;
        if self.desk.open[id as usize] {
            return self.leaf("{\"$cycle\":", |out| out.extend_from_slice(b"true"));
        }
        let node = self.view.node(id);
        let items = node.items;
        if let Shape::Global(module, name) = node.shape {
            self.open("{\"$global\":\"")?;
            let name = super::names::modern(self.view.bytes(module), self.view.bytes(name));
            self.text(name.0, module.start())?;
            self.out.push(b'.');
            self.text(name.1, module.start())?;
            self.out.extend_from_slice(b"\"}");
            self.depth -= 1;
            return Ok(());
        }
        self.desk.open[id as usize] = true;
        self.later(Task::Leave(id));
        match node.shape {
            Shape::Dict => {
                self.open("{")?;
                self.later(Task::Close("}"));
                self.later(Task::Map(items.cursor()));
                Ok(())
            }
            Shape::Object(number) => self.object(id, number, items),
            Shape::Persistent(id) => {
                self.open("{\"$persid\":")?;
                self.later(Task::Close("}"));
                self.later(Task::Value(id));
                Ok(())
            }
            _ => {
                self.open("[")?;
                self.later(Task::Close("]"));
                self.later(Task::Array(items.cursor()));
                Ok(())
            }
        }
    }

    /// Writes elements up to the first that is a node.
    fn array(&mut self, mut cursor: Cursor) -> Result<()> {
        while let Some(value) = self.view.next(&mut cursor) {
            if self.out.last() != Some(&b'[') {
                self.out.push(b',');
            }
            if let Value::Node(_) = value {
                self.later(Task::Array(cursor));
                self.later(Task::Value(value));
                return Ok(());
            }
            self.scalar(value)?;
            self.check()?;
        }
        Ok(())
    }

    /// Writes keys and values up to the first that is a node.
    fn map(&mut self, mut cursor: Cursor) -> Result<()> {
        while let (Some(key), Some(value)) =
            (self.view.next(&mut cursor), self.view.next(&mut cursor))
        {
            if self.out.last() != Some(&b'{') {
                self.out.push(b',');
            }
            let start = self.out.len();
            match key {
                Value::Text(span) => self.quoted(span)?,
                Value::Node(id) => {
                    if self.keys >= MAX_KEYS {
                        let limit = self.limits.depth;
                        return Err(PickleError::Depth { limit });
                    }
                    self.keys += 1;
                    for task in [
                        Task::Map(cursor),
                        Task::Value(value),
                        Task::Raw(":"),
                        Task::Key(start),
                        Task::Value(Value::Node(id)),
                    ] {
                        self.later(task);
                    }
                    return Ok(());
                }
                key => {
                    self.scalar(key)?;
                    self.stringify(start)?;
                }
            }
            self.out.push(b':');
            if let Value::Node(_) = value {
                self.later(Task::Map(cursor));
                self.later(Task::Value(value));
                return Ok(());
            }
            self.scalar(value)?;
            self.check()?;
        }
        Ok(())
    }

    fn end_key(&mut self, start: usize) -> Result<()> {
        self.keys -= 1;
        self.stringify(start)
    }

    /// Turns what was written from `start` into a string, unless it is one.
    fn stringify(&mut self, start: usize) -> Result<()> {
        if self.out.get(start) == Some(&b'"') {
            return Ok(());
        }
        let text = self.out.split_off(start);
        self.out.push(b'"');
        // What we wrote is valid, so that this position is never told.
        self.text(&text, 0)?;
        self.out.push(b'"');
        Ok(())
    }

    #[inline]
    fn scalar(&mut self, value: Value) -> Result<()> {
        match value {
            Value::Text(span) => return self.quoted(span),
            Value::Int(n) => scalar::int(n, self.out),
            Value::Float(x) => scalar::float(x, self.out),
            Value::None => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Digits(span) => self.out.extend_from_slice(self.view.bytes(span)),
            Value::Bytes(span) => return self.octets(self.view.bytes(span)),
            Value::OldText(span) => {
                // Python 2 had one type for both; what is not text is bytes.
                let bytes = self.view.bytes(span);
                if std::str::from_utf8(bytes).is_err() {
                    return self.octets(bytes);
                }
                return self.quoted(span);
            }
            Value::Node(id) => return self.node(id),
        }
        Ok(())
    }

    /// Writes a string.
    #[inline]
    pub(super) fn quoted(&mut self, span: Span) -> Result<()> {
        // The quotes and what follows the string fit without growing again.
        self.out.reserve(span.len() + 4);
        self.out.push(b'"');
        self.text(self.view.bytes(span), span.start())?;
        self.out.push(b'"');
        Ok(())
    }

    /// Writes the inside of a string that stands at byte `at` of the pickle.
    #[inline]
    pub(super) fn text(&mut self, text: &[u8], at: usize) -> Result<()> {
        match escape::write(text, self.out, self.max) {
            Ok(()) => Ok(()),
            Err(Stop::Full) => Err(self.full()),
            Err(Stop::Invalid) => Err(PickleError::Text { at }),
        }
    }

    /// Writes the mark for bytes.
    pub(super) fn octets(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.max.saturating_sub(self.out.len()) {
            return Err(self.full());
        }
        self.leaf("{\"$bytes\":\"", |out| {
            scalar::base64(bytes, out);
            out.push(b'"');
        })
    }
}
