//! The names of classes and functions, under the spelling of Python 3.
//!
//! Protocols 0 to 2 write builtins and exceptions under their Python 2 modules, whichever
//! Python wrote them; `Lib/_compat_pickle.py` has the table. Only names that no program of its own
//! would use are translated here (not, say, `Queue` or `commands`). Knows nothing about what a
//! class means.

use std::borrow::Cow;

use super::{arena::Shape, value::Value, view::View};

/// The module and the qualified name of a class or function.
pub(super) struct Name<'a> {
    pub module: &'a [u8],
    pub name: Cow<'a, [u8]>,
}

/// Steps of `getattr(getattr(Outer, 'Inner'), 'method')` that are followed; real ones have two.
const MAX_STEPS: usize = 4;

/// Bytes of one name on such a path; longer ones are left alone, as joining them at each place
/// that shares them would cost more than it shows.
const MAX_PART: usize = 200;

/// The name of a callable: a global, or `getattr` of one, which is how protocols 0 to 3 write
/// a nested class and all protocols a class method.
pub(super) fn of(view: View<'_>, callable: Value) -> Option<Name<'_>> {
    let mut parts: [&[u8]; MAX_STEPS] = [b""; MAX_STEPS];
    let mut steps = 0;
    let mut callable = callable;
    let (module, name) = loop {
        if let Some(name) = global(view, callable) {
            break name;
        }
        let object = view.object(callable)?;
        let (b"builtins", b"getattr") = global(view, object.class)? else {
            return None;
        };
        let [of, Value::Text(part)] = view.exactly(view.node(object.args).items)? else {
            return None;
        };
        let part = view.bytes(part);
        if part.len() > MAX_PART || std::str::from_utf8(part).is_err() {
            return None;
        }
        *parts.get_mut(steps)? = part;
        steps += 1;
        callable = of;
    };
    let mut name = Cow::Borrowed(name);
    if steps > 0 && name.len() > MAX_PART {
        return None;
    }
    for part in parts[..steps].iter().rev() {
        let name = name.to_mut();
        name.push(b'.');
        name.extend_from_slice(part);
    }
    Some(Name { module, name })
}

/// Whether a callable is the global of that name.
pub(super) fn is(view: View<'_>, callable: Value, module: &[u8], name: &[u8]) -> bool {
    global(view, callable) == Some((module, name))
}

fn global(view: View<'_>, value: Value) -> Option<(&[u8], &[u8])> {
    let Value::Node(id) = value else {
        return None;
    };
    let Shape::Global(module, name) = view.node(id).shape else {
        return None;
    };
    Some(modern(view.bytes(module), view.bytes(name)))
}

/// The Python 3 spelling.
pub(super) fn modern<'a>(module: &'a [u8], name: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    match (module, name) {
        (b"__builtin__", b"xrange") => (b"builtins", b"range"),
        (b"__builtin__", b"unicode" | b"basestring") => (b"builtins", b"str"),
        (b"__builtin__", b"long") => (b"builtins", b"int"),
        (b"__builtin__", b"unichr") => (b"builtins", b"chr"),
        (b"exceptions", b"StandardError") => (b"builtins", b"Exception"),
        (b"__builtin__" | b"exceptions", name) => (b"builtins", name),
        (b"copy_reg", name) => (b"copyreg", name),
        other => other,
    }
}
