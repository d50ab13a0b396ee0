//! The stack machine: opcodes in, a graph of inert nodes out.
//!
//! Follows `CPython`'s Lib/pickle.py (`_Unpickler`), except that nothing is imported, called or
//! built: a class is a name, a call is a node. Knows nothing of JSON. One match arm an opcode;
//! what an arm needs beyond the stack is in `operands.rs` and `objects.rs`.

use super::{
    arena::{Arena, Shape},
    error::{PickleError, Result},
    limits::Limits,
    memo::Memo,
    opcode as op,
    reader::Reader,
    value::{Value, index},
};

/// What the machine keeps between pickles, so that the next one finds room made.
#[derive(Default)]
pub(super) struct Store {
    pub arena: Arena,
    pub memo: Memo,
    stack: Vec<Value>,
    marks: Vec<u32>,
}

impl Store {
    /// Forgets the last pickle, and its room where that was more than `keep` values.
    pub(super) fn clear(&mut self, keep: usize) {
        self.arena.clear(keep);
        self.memo.clear(keep);
        self.stack.clear();
        self.stack.shrink_to(keep);
        self.marks.clear();
        self.marks.shrink_to(keep);
    }
}

/// One run over one pickle.
pub(super) struct Machine<'s, 'a> {
    pub(super) store: &'s mut Store,
    pub(super) reader: Reader<'a>,
    pub(super) limits: &'s Limits,
    /// Where the opcode in hand stands.
    pub(super) at: usize,
    /// Height of the stack at the topmost mark: what lies below is out of reach.
    floor: usize,
}

impl<'s, 'a> Machine<'s, 'a> {
    pub(super) fn new(store: &'s mut Store, input: &'a [u8], limits: &'s Limits) -> Self {
        Self {
            store,
            reader: Reader::new(input),
            limits,
            at: 0,
            floor: 0,
        }
    }

    /// Runs to STOP and gives the value on top, which must be all that the input holds.
    pub(super) fn run(&mut self) -> Result<Value> {
        loop {
            self.at = self.reader.at();
            let opcode = self.reader.byte()?;
            if opcode == op::STOP {
                let value = self.pop()?;
                let at = self.reader.at();
                if at < self.reader.input().len() {
                    return Err(PickleError::Trailing { at });
                }
                return Ok(value);
            }
            self.step(opcode)?;
        }
    }

    // One long match, ordered as records use it, reads better than a table of functions.
    #[allow(clippy::too_many_lines)]
    #[inline]
    fn step(&mut self, opcode: u8) -> Result<()> {
        let value = match opcode {
            op::BINUNICODE => Value::Text(self.reader.counted4()?),
            op::SHORT_BINUNICODE => Value::Text(self.reader.counted1()?),
            op::BINPUT => {
                let number = self.reader.byte()?;
                return self.put(u64::from(number));
            }
            op::MEMOIZE => return self.put(self.store.memo.len() as u64),
            op::BINGET => {
                let number = self.reader.byte()?;
                self.get(u64::from(number))?
            }
            op::NONE => Value::None,
            op::BININT1 => Value::Int(i64::from(self.reader.byte()?)),
            op::BININT2 => Value::Int(i64::from(u16::from_le_bytes(self.reader.array()?))),
            op::BININT => Value::Int(i64::from(i32::from_le_bytes(self.reader.array()?))),
            op::BINFLOAT => Value::Float(f64::from_be_bytes(self.reader.array()?)),
            op::LONG1 => {
                let span = self.reader.counted1()?;
                self.long(span)?
            }
            op::MARK => return self.mark(),
            op::EMPTY_DICT => self.make(Shape::Dict, &[])?,
            op::SETITEMS => return self.set_items(),
            op::SETITEM => {
                let (key, value) = self.pop_pair()?;
                let target = self.top()?;
                return self.add_pairs(target, &[key, value], "SETITEM");
            }
            op::NEWTRUE => Value::Bool(true),
            op::NEWFALSE => Value::Bool(false),
            op::EMPTY_LIST => self.make(Shape::List, &[])?,
            op::APPEND => {
                let value = self.pop()?;
                let target = self.top()?;
                return self.add_items(target, &[value], "APPEND");
            }
            op::APPENDS => return self.add_marked("APPENDS"),
            op::ADDITEMS => return self.add_marked("ADDITEMS"),
            op::EMPTY_SET => self.make(Shape::Set, &[])?,
            op::FROZENSET => self.collect(Shape::Set)?,
            op::LIST => self.collect(Shape::List)?,
            op::TUPLE => self.collect(Shape::Tuple)?,
            op::DICT => self.collect(Shape::Dict)?,
            op::EMPTY_TUPLE => self.make(Shape::Tuple, &[])?,
            op::TUPLE1 => self.tuple(1)?,
            op::TUPLE2 => self.tuple(2)?,
            op::TUPLE3 => self.tuple(3)?,
            op::FRAME => {
                // The length helps a reader of streams; here it only must not lie past the end.
                let len = u64::from_le_bytes(self.reader.array()?);
                let at = self.reader.at();
                let left = self.reader.input().len() - at;
                if len > left as u64 {
                    return Err(PickleError::Truncated { at, wanted: len });
                }
                return Ok(());
            }
            op::PROTO => {
                let version = self.reader.byte()?;
                return match version {
                    0..=5 => Ok(()),
                    _ => Err(PickleError::Protocol { version }),
                };
            }
            op::POP => return self.pop_any(),
            op::POP_MARK => {
                let start = self.pop_mark()?;
                self.store.stack.truncate(start);
                return Ok(());
            }
            op::DUP => self.top()?,
            op::LONG_BINPUT => {
                let number = u32::from_le_bytes(self.reader.array()?);
                return self.put(u64::from(number));
            }
            op::LONG_BINGET => {
                let number = u32::from_le_bytes(self.reader.array()?);
                self.get(u64::from(number))?
            }
            op::PUT => {
                let number = self.number_line()?;
                return self.put(number);
            }
            op::GET => {
                let number = self.number_line()?;
                self.get(number)?
            }
            op::REDUCE => self.reduce()?,
            op::BUILD => return self.build(),
            op::NEWOBJ => self.new_object()?,
            op::NEWOBJ_EX => self.new_object_ex()?,
            op::OBJ => self.old_object()?,
            op::INST => self.old_instance()?,
            op::GLOBAL => self.global()?,
            op::STACK_GLOBAL => self.stack_global()?,
            op::PERSID => {
                let id = Value::OldText(self.reader.line()?.0);
                self.make(Shape::Persistent(id), &[])?
            }
            op::BINPERSID => {
                let id = self.pop()?;
                self.make(Shape::Persistent(id), &[])?
            }
            _ => self.operand(opcode)?,
        };
        self.push(value)
    }

    #[inline]
    pub(super) fn push(&mut self, value: Value) -> Result<()> {
        let limit = self.limits.values;
        if self.store.stack.len() >= limit {
            return Err(PickleError::Values { limit });
        }
        self.store.stack.push(value);
        Ok(())
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Result<Value> {
        let value = self.top()?;
        self.store.stack.pop();
        Ok(value)
    }

    /// The two topmost values, the lower one first.
    pub(super) fn pop_pair(&mut self) -> Result<(Value, Value)> {
        let second = self.pop()?;
        Ok((self.pop()?, second))
    }

    /// The topmost value, which stays.
    #[inline]
    pub(super) fn top(&self) -> Result<Value> {
        match self.store.stack.last() {
            Some(value) if self.store.stack.len() > self.floor => Ok(*value),
            _ => Err(self.underflow()),
        }
    }

    fn mark(&mut self) -> Result<()> {
        let limit = self.limits.values;
        if self.store.marks.len() >= limit {
            return Err(PickleError::Values { limit });
        }
        self.floor = self.store.stack.len();
        self.store.marks.push(index(self.floor));
        Ok(())
    }

    /// Takes the topmost mark away and gives the height of the stack at it.
    fn pop_mark(&mut self) -> Result<usize> {
        let start = self.store.marks.pop().ok_or_else(|| self.underflow())?;
        self.floor = self.store.marks.last().map_or(0, |&mark| mark as usize);
        Ok(start as usize)
    }

    /// POP takes a mark if that is what lies on top (Lib/pickle.py, `load_pop`).
    fn pop_any(&mut self) -> Result<()> {
        if self.store.stack.len() > self.floor {
            self.store.stack.pop();
            return Ok(());
        }
        self.pop_mark().map(drop)
    }

    #[inline]
    fn put(&mut self, number: u64) -> Result<()> {
        let value = self.top()?;
        self.store.memo.put(number, value, self.limits.memo)
    }

    #[inline]
    fn get(&self, number: u64) -> Result<Value> {
        let at = self.at;
        let missing = PickleError::MemoMissing { index: number, at };
        self.store.memo.get(number).ok_or(missing)
    }

    /// Makes a node of the given values.
    #[inline]
    pub(super) fn make(&mut self, shape: Shape, items: &[Value]) -> Result<Value> {
        let made = self.store.arena.make(shape, items, self.limits.values);
        made.map(Value::Node)
    }

    /// Makes a tuple of the topmost `n` values.
    fn tuple(&mut self, n: usize) -> Result<Value> {
        let height = self.store.stack.len();
        if height < self.floor + n {
            return Err(self.underflow());
        }
        self.take_from(height - n, Shape::Tuple)
    }

    /// Makes a node of the values above the topmost mark.
    pub(super) fn collect(&mut self, shape: Shape) -> Result<Value> {
        let start = self.pop_mark()?;
        let odd = (self.store.stack.len() - start) % 2 == 1;
        if odd && matches!(shape, Shape::Dict) {
            return Err(self.kind("DICT"));
        }
        self.take_from(start, shape)
    }

    fn take_from(&mut self, start: usize, shape: Shape) -> Result<Value> {
        let Store { arena, stack, .. } = &mut *self.store;
        let made = arena.make(shape, &stack[start..], self.limits.values)?;
        stack.truncate(start);
        Ok(Value::Node(made))
    }

    fn set_items(&mut self) -> Result<()> {
        let start = self.pop_mark()?;
        if (self.store.stack.len() - start) % 2 == 1 {
            return Err(self.kind("SETITEMS"));
        }
        let target = self.below(start)?;
        let items = std::mem::take(&mut self.store.stack);
        let added = self.add_pairs(target, &items[start..], "SETITEMS");
        self.store.stack = items;
        self.store.stack.truncate(start);
        added
    }

    fn add_marked(&mut self, opcode: &'static str) -> Result<()> {
        let start = self.pop_mark()?;
        let target = self.below(start)?;
        let items = std::mem::take(&mut self.store.stack);
        let added = self.add_items(target, &items[start..], opcode);
        self.store.stack = items;
        self.store.stack.truncate(start);
        added
    }

    /// The value just below a height of the stack.
    fn below(&self, start: usize) -> Result<Value> {
        if start <= self.floor {
            return Err(self.underflow());
        }
        Ok(self.store.stack[start - 1])
    }

    #[cold]
    pub(super) fn underflow(&self) -> PickleError {
        PickleError::Underflow { at: self.at }
    }

    #[cold]
    pub(super) fn kind(&self, opcode: &'static str) -> PickleError {
        let at = self.at;
        PickleError::Kind { opcode, at }
    }
}
