//! How a tree is written: all that flags say of it, in one place for trees that are finished
//! together and for those that are written as they come.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{
    Assembler, Result, Sink, Stdout, Tree,
    selector::{Selection, Selector},
    tree,
    write_args::WriteArgs,
};
use crate::tree::{Flattener, Material};

/// What the flags say; shared by all workers.
#[derive(Debug)]
pub(super) struct Writer {
    form: Form,
    selection: Option<Selection>,
    adjust: bool,
    critical: bool,
    /// How many records of trees that were put together have been written.
    written: AtomicU64,
}

/// What becomes of a tree.
#[derive(Debug)]
enum Form {
    /// The tree in one line.
    Tree,
    /// What is known of it as a whole.
    Summary,
    /// Its records, as they came.
    Records,
    /// Its records with their places.
    Stamped,
    /// Why the records of the trees with these ids stand where they do.
    Explanation(Vec<Asked>),
}

/// The beginning of an id, and whether a tree has one.
#[derive(Debug)]
struct Asked {
    start: String,
    found: AtomicBool,
}

impl Writer {
    /// The writer that the flags ask for.
    pub(super) fn new(args: &WriteArgs) -> Result<Self> {
        let select = args.select.as_deref();
        Ok(Self {
            form: match args {
                args if !args.explain.is_empty() => {
                    let asked = |start: &String| Asked {
                        start: start.clone(),
                        found: AtomicBool::new(false),
                    };
                    Form::Explanation(args.explain.iter().map(asked).collect())
                }
                WriteArgs { summary: true, .. } => Form::Summary,
                WriteArgs { no_stamp: true, .. } => Form::Records,
                WriteArgs { flatten: true, .. } => Form::Stamped,
                _ => Form::Tree,
            },
            selection: select
                .map(|text| Selection::new(text, args.descendants))
                .transpose()?,
            adjust: args.adjust_clocks,
            critical: args.critical_path,
            written: AtomicU64::new(0),
        })
    }

    /// How many records of trees that were put together have been written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// True if trees are written as they are, so that those in the input need not be read.
    pub(super) fn is_plain(&self) -> bool {
        let changes = self.adjust || self.critical || self.selection.is_some();
        matches!(self.form, Form::Tree) && !changes
    }

    /// The ids that were asked for and that no tree has.
    pub(super) fn missing(&self) -> impl Iterator<Item = &str> {
        let asked = match &self.form {
            Form::Explanation(asked) => &asked[..],
            _ => &[],
        };
        let missing = asked
            .iter()
            .filter(|asked| !asked.found.load(Ordering::Relaxed));
        missing.map(|asked| asked.start.as_str())
    }

    /// A pen for one worker.
    pub(super) fn pen(&self) -> Pen<'_> {
        Pen {
            writer: self,
            flattener: Flattener::default(),
            selector: self.selection.as_ref().map(Selection::selector),
        }
    }
}

/// Writes trees with memory that is reused; one per worker.
pub(super) struct Pen<'w> {
    writer: &'w Writer,
    flattener: Flattener,
    selector: Option<Selector>,
}

impl Pen<'_> {
    /// Appends a tree, to be put together, to `out`, if it is wanted.
    pub(super) fn gathered(
        &mut self,
        assembler: &mut Assembler,
        material: Material<'_, '_>,
        out: &mut Vec<u8>,
    ) {
        if let Form::Explanation(asked) = &self.writer.form {
            let wanted = |id: &str| {
                let mut any = false;
                for asked in asked.iter().filter(|asked| id.starts_with(&asked.start)) {
                    asked.found.store(true, Ordering::Relaxed);
                    any = true;
                }
                any
            };
            let text = assembler
                .explain(material.lines, wanted)
                .unwrap_or_default();
            out.extend_from_slice(text.as_bytes());
            if !text.is_empty() {
                self.count(material.lines.len());
            }
            return;
        }
        let mut tree = assembler.assemble_from(material);
        self.render_own(&mut tree, false, out);
        assembler.recycle(tree);
    }

    /// Appends a tree that was put together to `out`, and counts its records; false if it is not
    /// wanted. If a snapshot of it `is_shown`, it is, though nothing in it is selected any more.
    pub(super) fn render_own(
        &mut self,
        tree: &mut Tree<'_>,
        is_shown: bool,
        out: &mut Vec<u8>,
    ) -> bool {
        let wanted = self.prepare(tree) || is_shown;
        if wanted {
            self.put_down(tree, out);
            self.count(tree.records.len());
        }
        wanted
    }

    fn count(&self, records: usize) {
        let written = &self.writer.written;
        written.fetch_add(records as u64, Ordering::Relaxed);
    }

    /// Appends a tree to `out`, which may change it for that; false if it is not wanted.
    pub(super) fn render(&mut self, tree: &mut Tree<'_>, out: &mut Vec<u8>) -> bool {
        // A tree in the input has no records to explain any more.
        let is_told = !matches!(self.writer.form, Form::Explanation(_));
        let wanted = is_told && self.prepare(tree);
        if wanted {
            self.put_down(tree, out);
        }
        wanted
    }

    /// Makes of a tree what is to be written; false if it is not wanted.
    pub(super) fn prepare(&mut self, tree: &mut Tree<'_>) -> bool {
        self.mark(tree);
        let selector = self.selector.as_mut();
        selector.is_none_or(|selector| selector.apply(tree))
    }

    /// True if only some trees are wanted.
    pub(super) fn selects(&self) -> bool {
        self.selector.is_some()
    }

    /// Appends all of a tree of which a part has been selected before.
    pub(super) fn render_late(&mut self, tree: &mut Tree<'_>, out: &mut Vec<u8>) {
        self.mark(tree);
        self.put_down(tree, out);
        self.count(tree.records.len());
    }

    fn mark(&self, tree: &mut Tree<'_>) {
        if self.writer.adjust {
            tree::adjust(tree);
        }
        if self.writer.critical {
            tree::mark_critical(tree);
        }
    }

    /// Appends a tree that has been prepared.
    pub(super) fn put_down(&mut self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        match &self.writer.form {
            Form::Stamped => self.flattener.write(tree, out),
            Form::Records => tree::flatten(tree, |_, record| {
                out.extend_from_slice(record);
                out.push(b'\n');
            }),
            Form::Explanation(_) => {}
            Form::Summary => {
                tree::summary(tree, out);
                out.push(b'\n');
            }
            Form::Tree => {
                tree::write(tree, out);
                out.push(b'\n');
            }
        }
    }
}

/// Writes lines to standard output, if there are any.
pub(super) fn put(stdout: &mut Stdout, lines: &[u8]) -> Result<()> {
    if lines.is_empty() {
        Ok(())
    } else {
        stdout.write(lines)
    }
}
