//! The JSON text of instances.
//!
//! Part of the writer. The general form is
//! `{"$class":"module.Name","args":[…],"kwargs":{…},"items":[…],"entries":{…},"state":…}`, each
//! part only where there is one; a callable that has no name stands under `$call`.

use super::{
    arena::{Chain, Cursor},
    error::Result,
    known::{self, Form, Path},
    names,
    value::Value,
    write::{Task, Writer},
};

impl Writer<'_> {
    /// Writes the instance of that number, which is the node `id`.
    pub(super) fn object(&mut self, id: u32, number: u32, items: Chain) -> Result<()> {
        let view = self.view;
        // `getattr` of a class is a name: a nested class, or an enum member in Python 3.11.0-3.
        if let Some(name) = names::of(view, Value::Node(id)) {
            self.open("{\"$global\":")?;
            self.string(&[name.module, b".", &name.name])?;
            self.later(Task::Close("}"));
            return Ok(());
        }
        let object = view.object_at(number);
        let Some(name) = names::of(view, object.class) else {
            self.open("{\"$call\":")?;
            self.rest(number, items, view.node(object.args).items.cursor());
            self.later(Task::Value(object.class));
            return Ok(());
        };
        let args = view.node(object.args).items.cursor();
        match known::form(view, object, items, &name) {
            Form::Text(text) => self.string(&[text.as_bytes()]),
            Form::Json(text) => {
                self.out.extend_from_slice(text.as_bytes());
                Ok(())
            }
            Form::Path(path) => self.path(path),
            Form::Bytes(bytes) => self.octets(&bytes),
            Form::Same(value) => {
                self.later(Task::Value(value));
                Ok(())
            }
            Form::Array(cursor) => {
                self.later(Task::Close("]"));
                self.later(Task::Array(cursor));
                self.open("[")
            }
            Form::Map(cursor) => {
                self.later(Task::Close("}"));
                self.later(Task::Map(cursor));
                self.open("{")
            }
            Form::General => {
                self.class(&name)?;
                self.rest(number, items, args);
                Ok(())
            }
            Form::Instead(text) => {
                self.class(&name)?;
                let mut others = args;
                view.next(&mut others);
                self.later(Task::Close("}"));
                self.later(Task::Close("]"));
                self.later(Task::Array(others));
                self.open(",\"args\":[")?;
                self.string(&[text.as_bytes()])
            }
        }
    }

    /// Opens the general form.
    fn class(&mut self, name: &names::Name<'_>) -> Result<()> {
        self.open("{\"$class\":")?;
        self.string(&[name.module, b".", &name.name])
    }

    /// Leaves the parts of the general form, and its end, to be written.
    fn rest(&mut self, number: u32, items: Chain, args: Cursor) {
        let object = self.view.object_at(number);
        self.later(Task::Close("}"));
        if let Some(state) = object.state {
            self.later(Task::Value(state));
            self.later(Task::Raw(",\"state\":"));
        }
        if !object.entries.is_empty() {
            self.later(Task::Close("}"));
            self.later(Task::Map(object.entries.cursor()));
            self.later(Task::Open(",\"entries\":{"));
        }
        if !items.is_empty() {
            self.later(Task::Close("]"));
            self.later(Task::Array(items.cursor()));
            self.later(Task::Open(",\"items\":["));
        }
        if let Some(kwargs) = object.kwargs {
            self.later(Task::Value(kwargs));
            self.later(Task::Raw(",\"kwargs\":"));
        }
        if !self.view.node(object.args).items.is_empty() {
            self.later(Task::Close("]"));
            self.later(Task::Array(args));
            self.later(Task::Open(",\"args\":["));
        }
    }

    /// Writes a string made of pieces that are valid.
    fn string(&mut self, pieces: &[&[u8]]) -> Result<()> {
        self.out.push(b'"');
        for piece in pieces {
            self.text(piece, 0)?;
        }
        self.out.push(b'"');
        Ok(())
    }

    /// Writes the parts of a path, joined as pathlib joins them.
    fn path(&mut self, mut path: Path<'_>) -> Result<()> {
        let start = self.out.len();
        self.out.push(b'"');
        let windows = path.separator == b"\\";
        let mut ends_in_separator = true;
        while let Some(Value::Text(part) | Value::OldText(part)) = self.view.next(&mut path.parts) {
            if !ends_in_separator {
                self.text(path.separator, 0)?;
            }
            let start = part.start();
            let part = self.view.bytes(part);
            if !windows {
                self.text(part, start)?;
                ends_in_separator = part.ends_with(b"/");
                continue;
            }
            // Since Python 3.13 the parts are what the program wrote, with slashes of either kind.
            let part: Vec<u8> = part
                .iter()
                .map(|&b| if b == b'/' { b'\\' } else { b })
                .collect();
            self.text(&part, start)?;
            // Nothing stands between a drive and a path relative to it.
            ends_in_separator = part.ends_with(b"\\") || part.ends_with(b":");
        }
        // The path without parts is the current folder.
        if self.out.len() == start + 1 {
            self.out.push(b'.');
        }
        self.out.push(b'"');
        Ok(())
    }
}
