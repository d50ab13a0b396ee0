//! Opcodes that would import, call or change objects in Python: here each makes or extends an
//! inert node.
//!
//! Part of the machine. The one thing it interprets is `copyreg._reconstructor`, which is how
//! protocols 0 and 1 spell NEWOBJ, so that the same object looks the same in all protocols.

use super::{
    arena::{Chain, Node, Object, Shape},
    error::{PickleError, Result},
    machine::Machine,
    names,
    value::{Span, Value},
    view::View,
};

impl Machine<'_, '_> {
    /// Adds keys and values to a dict or an object.
    #[inline]
    pub(super) fn add_pairs(
        &mut self,
        target: Value,
        pairs: &[Value],
        opcode: &'static str,
    ) -> Result<()> {
        let limit = self.limits.values;
        let arena = &mut self.store.arena;
        let Value::Node(id) = target else {
            return Err(self.kind(opcode));
        };
        match arena.node(id).shape {
            Shape::Dict => arena.extend(id, pairs, limit),
            Shape::Object(object) => arena.extend_entries(object, pairs, limit),
            _ => Err(self.kind(opcode)),
        }
    }

    /// Adds elements to a list, a set or an object.
    pub(super) fn add_items(
        &mut self,
        target: Value,
        items: &[Value],
        opcode: &'static str,
    ) -> Result<()> {
        let limit = self.limits.values;
        let arena = &mut self.store.arena;
        let Value::Node(id) = target else {
            return Err(self.kind(opcode));
        };
        match arena.node(id).shape {
            Shape::List | Shape::Set | Shape::Object(_) => arena.extend(id, items, limit),
            _ => Err(self.kind(opcode)),
        }
    }

    /// GLOBAL: a class or function named by two lines.
    pub(super) fn global(&mut self) -> Result<Value> {
        let (module, _) = self.reader.line()?;
        let (name, _) = self.reader.line()?;
        self.named(module, name)
    }

    /// `STACK_GLOBAL`: a class or function named by two strings.
    pub(super) fn stack_global(&mut self) -> Result<Value> {
        let (module, name) = self.pop_pair()?;
        let (Some(module), Some(name)) = (text(module), text(name)) else {
            return Err(self.kind("STACK_GLOBAL"));
        };
        self.named(module, name)
    }

    /// A class or function. Names are checked here, once, because they are written in parts.
    fn named(&mut self, module: Span, name: Span) -> Result<Value> {
        let view = View::new(self.reader.input(), &self.store.arena);
        for span in [module, name] {
            if std::str::from_utf8(view.bytes(span)).is_err() {
                let at = span.start();
                return Err(PickleError::Text { at });
            }
        }
        self.make(Shape::Global(module, name), &[])
    }

    /// REDUCE: a call.
    pub(super) fn reduce(&mut self) -> Result<Value> {
        let (class, args) = self.pop_pair()?;
        match self.reconstructed(class, args)? {
            Some(object) => Ok(object),
            None => self.object(class, args, None, "REDUCE"),
        }
    }

    /// NEWOBJ: `class.__new__(class, *args)`.
    pub(super) fn new_object(&mut self) -> Result<Value> {
        let (class, args) = self.pop_pair()?;
        self.object(class, args, None, "NEWOBJ")
    }

    /// `NEWOBJ_EX`: the same with keyword arguments.
    pub(super) fn new_object_ex(&mut self) -> Result<Value> {
        let kwargs = self.pop()?;
        let (class, args) = self.pop_pair()?;
        self.object(class, args, Some(kwargs), "NEWOBJ_EX")
    }

    /// OBJ: the class lies just above the mark, the arguments follow.
    pub(super) fn old_object(&mut self) -> Result<Value> {
        let all = self.collect(Shape::Tuple)?;
        let Value::Node(id) = all else {
            return Err(self.underflow());
        };
        let arena = &mut self.store.arena;
        let mut rest = arena.node(id).items.cursor();
        let class = arena.next(&mut rest).ok_or_else(|| self.underflow())?;
        let mut args = Vec::new();
        while let Some(arg) = self.store.arena.next(&mut rest) {
            args.push(arg);
        }
        let args = self.make(Shape::Tuple, &args)?;
        self.object(class, args, None, "OBJ")
    }

    /// INST: the class in two lines, the arguments above the mark.
    pub(super) fn old_instance(&mut self) -> Result<Value> {
        let class = self.global()?;
        let args = self.collect(Shape::Tuple)?;
        self.object(class, args, None, "INST")
    }

    /// BUILD: gives an object its state. Python writes one BUILD an object; of more, the last
    /// one stays.
    pub(super) fn build(&mut self) -> Result<()> {
        let state = self.pop()?;
        let target = self.top()?;
        let arena = &mut self.store.arena;
        if let Value::Node(id) = target
            && let Shape::Object(object) = arena.node(id).shape
        {
            arena.object_mut(object).state = Some(state);
            return Ok(());
        }
        Err(self.kind("BUILD"))
    }

    fn object(
        &mut self,
        class: Value,
        args: Value,
        kwargs: Option<Value>,
        opcode: &'static str,
    ) -> Result<Value> {
        let arena = &mut self.store.arena;
        let args = match args {
            Value::Node(id) if matches!(arena.node(id).shape, Shape::Tuple) => id,
            _ => return Err(self.kind(opcode)),
        };
        let object = Object {
            class,
            args,
            kwargs,
            state: None,
            entries: Chain::EMPTY,
        };
        let made = arena.make_object(object, self.limits.values);
        made.map(Value::Node)
    }

    /// Reads `copyreg._reconstructor(class, base, state)` as the object that it would make:
    /// its only argument is the state of the base, and nothing for `object`.
    fn reconstructed(&mut self, class: Value, args: Value) -> Result<Option<Value>> {
        let arena = &self.store.arena;
        let view = View::new(self.reader.input(), arena);
        if !names::is(view, class, b"copyreg", b"_reconstructor") {
            return Ok(None);
        }
        let Value::Node(id) = args else {
            return Ok(None);
        };
        let Node { shape, items } = *arena.node(id);
        let mut rest = items.cursor();
        let (Shape::Tuple, Some(class), Some(base), Some(state), None) = (
            shape,
            arena.next(&mut rest),
            arena.next(&mut rest),
            arena.next(&mut rest),
            arena.next(&mut rest),
        ) else {
            return Ok(None);
        };
        let plain = names::is(view, base, b"builtins", b"object");
        let args = if plain { &[][..] } else { &[state][..] };
        let args = self.make(Shape::Tuple, args)?;
        self.object(class, args, None, "REDUCE").map(Some)
    }
}

/// The span of a text.
fn text(value: Value) -> Option<Span> {
    match value {
        Value::Text(span) | Value::OldText(span) => Some(span),
        _ => None,
    }
}
