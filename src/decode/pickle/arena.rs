//! Where containers, objects and decoded text live while one pickle is read.
//!
//! Everything is numbered and nothing owns anything, so cycles are harmless, clearing is
//! cheap, and the room is used again for the next pickle. What a container holds is a chain of
//! runs in one vector: APPENDS adds a run and never moves what is there, so that a list built
//! from a million APPENDs takes linear time. The arena knows no opcodes and no JSON.

use super::{
    error::{PickleError, Result},
    value::{Span, Value, index},
};

/// The number that stands for "no run".
const NONE: u32 = u32::MAX;

/// What a container holds: the first and the last of its runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    first: u32,
    last: u32,
}

impl Chain {
    /// Holds nothing.
    pub(super) const EMPTY: Self = Self {
        first: NONE,
        last: NONE,
    };

    /// Whether it holds nothing.
    pub(super) fn is_empty(self) -> bool {
        self.first == NONE
    }

    /// A walk from the start, to be taken with [`Arena::next`].
    #[inline]
    pub(super) fn cursor(self) -> Cursor {
        let (at, end) = (0, 0);
        let next = self.first;
        Cursor { at, end, next }
    }
}

/// Neighbours in [`Arena::items`].
#[derive(Clone, Copy, Debug)]
struct Run {
    start: u32,
    end: u32,
    next: u32,
}

/// Where a walk over a chain stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    at: u32,
    end: u32,
    next: u32,
}

/// A container or an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// What it is.
    pub shape: Shape,
    /// What it holds: elements, or keys and values by turns.
    pub items: Chain,
}

/// The kinds of node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// `list`.
    List,
    /// `tuple`.
    Tuple,
    /// `set` or `frozenset`.
    Set,
    /// `dict`; its items are keys and values by turns.
    Dict,
    /// A class or function, by module and qualified name.
    Global(Span, Span),
    /// An object that the pickle names by an id of its program.
    Persistent(Value),
    /// An instance; the number is that of its [`Object`]. Its items are what APPENDS adds.
    Object(u32),
}

/// How an instance was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    /// The class or function called.
    pub class: Value,
    /// The arguments: always the number of a tuple.
    pub args: u32,
    /// The keyword arguments of `NEWOBJ_EX`.
    pub kwargs: Option<Value>,
    /// The operand of BUILD.
    pub state: Option<Value>,
    /// What SETITEMS adds: keys and values by turns.
    pub entries: Chain,
}

/// All nodes of one pickle.
#[derive(Default)]
pub(super) struct Arena {
    nodes: Vec<Node>,
    objects: Vec<Object>,
    runs: Vec<Run>,
    items: Vec<Value>,
    /// Text that does not stand in the input as it is: unescaped, or digits.
    pub text: Vec<u8>,
}

impl Arena {
    /// Forgets everything; keeps room for `keep` values, so that one huge pickle does not stay
    /// in memory for ever.
    pub(super) fn clear(&mut self, keep: usize) {
        self.nodes.clear();
        self.objects.clear();
        self.runs.clear();
        self.items.clear();
        self.text.clear();
        self.nodes.shrink_to(keep);
        self.objects.shrink_to(keep);
        self.runs.shrink_to(keep);
        self.items.shrink_to(keep);
        self.text.shrink_to(keep * 16);
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node of that number.
    #[inline]
    pub(super) fn node(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }

    /// The instance of that number.
    pub(super) fn object(&self, id: u32) -> &Object {
        &self.objects[id as usize]
    }

    /// The instance of that number, to be changed.
    pub(super) fn object_mut(&mut self, id: u32) -> &mut Object {
        &mut self.objects[id as usize]
    }

    /// Makes a node that holds `items`.
    #[inline]
    pub(super) fn make(&mut self, shape: Shape, items: &[Value], limit: usize) -> Result<u32> {
        if self.nodes.len() >= limit {
            return Err(PickleError::Values { limit });
        }
        let items = self.chain(Chain::EMPTY, items, limit)?;
        self.nodes.push(Node { shape, items });
        Ok(index(self.nodes.len() - 1))
    }

    /// Makes an instance.
    pub(super) fn make_object(&mut self, object: Object, limit: usize) -> Result<u32> {
        self.objects.push(object);
        let number = index(self.objects.len() - 1);
        self.make(Shape::Object(number), &[], limit)
    }

    /// Adds elements to the node of that number.
    #[inline]
    pub(super) fn extend(&mut self, id: u32, items: &[Value], limit: usize) -> Result<()> {
        let chain = self.nodes[id as usize].items;
        self.nodes[id as usize].items = self.chain(chain, items, limit)?;
        Ok(())
    }

    /// Adds keys and values to the instance of that number.
    pub(super) fn extend_entries(
        &mut self,
        object: u32,
        items: &[Value],
        limit: usize,
    ) -> Result<()> {
        let chain = self.objects[object as usize].entries;
        self.objects[object as usize].entries = self.chain(chain, items, limit)?;
        Ok(())
    }

    /// The chain with `items` added at its end.
    fn chain(&mut self, chain: Chain, items: &[Value], limit: usize) -> Result<Chain> {
        if items.is_empty() {
            return Ok(chain);
        }
        let start = self.items.len();
        if items.len() > limit.saturating_sub(start) {
            return Err(PickleError::Values { limit });
        }
        self.items.extend_from_slice(items);
        let (start, end) = (index(start), index(self.items.len()));
        match self.runs.get_mut(chain.last as usize) {
            // The chain grew last, so its last run grows in place.
            Some(last) if last.end == start => {
                last.end = end;
                return Ok(chain);
            }
            _ => {}
        }
        let run = index(self.runs.len());
        self.runs.push(Run {
            start,
            end,
            next: NONE,
        });
        match self.runs.get_mut(chain.last as usize) {
            Some(last) => last.next = run,
            None => {
                return Ok(Chain {
                    first: run,
                    last: run,
                });
            }
        }
        Ok(Chain { last: run, ..chain })
    }

    /// The next value of the walk.
    #[inline]
    pub(super) fn next(&self, cursor: &mut Cursor) -> Option<Value> {
        if cursor.at == cursor.end {
            let run = self.runs.get(cursor.next as usize)?;
            *cursor = Cursor {
                at: run.start,
                end: run.end,
                next: run.next,
            };
        }
        let value = self.items[cursor.at as usize];
        cursor.at += 1;
        Some(value)
    }
}
