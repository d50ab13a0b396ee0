//! Reading access to a finished graph: the arena together with the input that its spans mean.

use super::{
    arena::{Arena, Chain, Cursor, Node, Object, Shape},
    value::{Span, Value},
};

/// The input and the nodes.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    input: &'a [u8],
    arena: &'a Arena,
}

impl<'a> View<'a> {
    pub(super) fn new(input: &'a [u8], arena: &'a Arena) -> Self {
        Self { input, arena }
    }

    /// The bytes that a span means.
    #[inline]
    pub(super) fn bytes(self, span: Span) -> &'a [u8] {
        let (start, len) = (span.start(), span.len());
        match start.checked_sub(self.input.len()) {
            None => &self.input[start..start + len],
            // An empty span at the very end of the input lies in either.
            Some(start) => &self.arena.text[start..start + len],
        }
    }

    #[inline]
    pub(super) fn node(self, id: u32) -> &'a Node {
        self.arena.node(id)
    }

    /// The instance behind a value, if it is one.
    pub(super) fn object(self, value: Value) -> Option<&'a Object> {
        let Value::Node(id) = value else {
            return None;
        };
        match self.node(id).shape {
            Shape::Object(object) => Some(self.arena.object(object)),
            _ => None,
        }
    }

    /// The instance of that number.
    pub(super) fn object_at(self, number: u32) -> &'a Object {
        self.arena.object(number)
    }

    /// How many nodes there are.
    pub(super) fn len(self) -> usize {
        self.arena.len()
    }

    #[inline]
    pub(super) fn next(self, cursor: &mut Cursor) -> Option<Value> {
        self.arena.next(cursor)
    }

    /// The elements of a chain if there are exactly `N`.
    pub(super) fn exactly<const N: usize>(self, chain: Chain) -> Option<[Value; N]> {
        let mut cursor = chain.cursor();
        let mut values = [Value::None; N];
        for value in &mut values {
            *value = self.next(&mut cursor)?;
        }
        self.next(&mut cursor).is_none().then_some(values)
    }

    /// The items of a node of the wanted shape.
    pub(super) fn items(self, value: Value, shape: fn(&Shape) -> bool) -> Option<Chain> {
        let Value::Node(id) = value else {
            return None;
        };
        let node = self.node(id);
        shape(&node.shape).then_some(node.items)
    }
}
