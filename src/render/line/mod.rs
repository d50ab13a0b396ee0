//! A record as a line: time, level, tree, process, logger, message, fields; or as a template says.
//!
//! What a record's schema knows goes into its column; every other field follows as
//! `key=value`. What has several lines is laid out below.

mod below;
mod columns;
mod fields;
mod fill;
mod ink;
mod known;
mod rules;
mod since;
mod template;
mod usual;

use std::borrow::Cow;

pub use self::{
    rules::FieldRules,
    template::{Template, WrongTemplate},
};

use self::{
    fields::Scratch,
    ink::{Ink, Pen, Text},
    since::Since,
    template::Part,
};
use super::{style::Style, text::is_printable, times::delta};
use crate::{
    expr::{Expr, Filter},
    record::{Canonical, Field, Found, Instant, Level, Line, Malformed, Reader, Record},
};

/// How lines are to be, besides their style.
#[derive(Clone, Debug, Default)]
pub struct LineOptions {
    /// Which fields are shown.
    pub fields: FieldRules,
    /// What is marked.
    pub highlight: Vec<Expr>,
    /// What stands on a line, if not the usual.
    pub template: Option<Template>,
    /// True for the time since the record before, behind the time.
    pub delta: bool,
    /// The longest value in characters.
    pub fold: Option<usize>,
}

impl LineOptions {
    /// True if it is said what stands on a line.
    pub fn are_chosen(&self) -> bool {
        self.template.is_some() || !self.fields.is_empty()
    }

    /// True if a line depends on those before it.
    pub fn is_relative(&self) -> bool {
        self.delta || self.template.as_ref().is_some_and(Template::is_relative)
    }
}

/// Shows records as lines.
pub struct LineView {
    style: Style,
    pen: Pen,
    reader: Reader,
    found: Found,
    fields: FieldRules,
    marked: Vec<Filter>,
    template: Option<Vec<Part<Field>>>,
    /// True if what has several lines is laid out below.
    below: bool,
    since: Option<Since>,
    delta: bool,
    /// Which columns there are.
    columns: columns::Columns,
    scratch: Scratch,
}

/// The canonical fields that have a column, time and level first.
const COLUMNS: [Canonical; 9] = [
    Canonical::Time,
    Canonical::Level,
    Canonical::Tree,
    Canonical::Service,
    Canonical::Host,
    Canonical::Process,
    Canonical::Logger,
    Canonical::Message,
    Canonical::Exception,
];

/// What is known of a record before it is written.
#[derive(Clone, Copy)]
struct Seen {
    time: Option<Instant>,
    level: Option<Level>,
    /// The members of the line that say so.
    told: u64,
    /// The time of the first record, where that matters.
    first: Option<Instant>,
    /// The time of the record of the same tree before this one.
    before: Option<Instant>,
    marked: bool,
}

impl Seen {
    /// What a record says of itself.
    fn new(record: &Record<'_, '_>, marked: &[Filter]) -> Self {
        let (time, level, told) = record.time_and_level();
        Self {
            time,
            level,
            told,
            first: None,
            before: None,
            marked: marked.iter().any(|filter| filter.matches(record)),
        }
    }
}

impl LineView {
    /// A view in that style.
    pub fn new(style: Style, options: &LineOptions) -> Self {
        let mut reader = Reader::default();
        for canonical in COLUMNS.into_iter().chain([Canonical::Duration]) {
            reader.canonical(canonical);
        }
        let marked = &options.highlight;
        let marked = marked
            .iter()
            .map(|expr| expr.compile(&mut reader))
            .collect();
        let template = options.template.as_ref();
        let relative = options.is_relative() || style.times.is_relative();
        Self {
            pen: Pen::new(&style, options.fold),
            found: Found::default(),
            fields: options.fields.clone(),
            marked,
            below: template.is_none_or(Template::has_more),
            template: template.map(|template| template.compile(&mut reader)),
            since: relative.then(Since::default),
            delta: options.delta,
            columns: columns::Columns::new(&options.fields, &style),
            scratch: Scratch::default(),
            reader,
            style,
        }
    }

    /// Appends the record on `line`, with its newline. False if it is a tree, which this
    /// view does not show.
    pub fn show<'a>(
        &mut self,
        line: impl Into<Line<'a>>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Malformed> {
        self.record(line.into(), true, out)
    }

    /// Appends the record on `line`, whatever it is.
    pub fn show_any(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        self.record(line.into(), false, out).map(drop)
    }

    fn record(
        &mut self,
        line: Line<'_>,
        but_trees: bool,
        out: &mut Vec<u8>,
    ) -> Result<bool, Malformed> {
        // What is borrowed from the reader must not hold the rest.
        let Self { reader, found, .. } = self;
        let record = reader.read(line, found)?;
        if but_trees && record.schema() == Some("tree") {
            return Ok(false);
        }
        let mut seen = Seen::new(&record, &self.marked);
        if let Some(since) = &mut self.since {
            seen.first = since.first(seen.time);
            seen.before = since.before(record.text(Canonical::Tree).as_deref(), seen.time);
        }
        self.scratch.tall.clear();
        let page = Page {
            style: &self.style,
            pen: &self.pen,
            rules: &self.fields,
            columns: self.columns,
            is_clean: is_printable(record.line()),
            delta: self.delta,
            below: self.below,
        };
        if !self.marked.is_empty() {
            let sign = if seen.marked { self.pen.sign() } else { "  " };
            out.extend_from_slice(sign.as_bytes());
        }
        let begin = out.len();
        if let Some(parts) = &self.template {
            page.fill(parts, &record, seen, &mut self.scratch, out)?;
        } else {
            page.front(&record, seen, begin, out);
            page.what(&record, seen, begin, &mut self.scratch, out)?;
        }
        Ok(true)
    }

    /// Appends a record of a tree, whose time the tree tells well enough, and its process too if that is `process`.
    pub(super) fn show_inside(
        &mut self,
        line: &[u8],
        process: Option<&str>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        let seen = Seen::new(&record, &self.marked);
        let page = Page {
            style: &self.style,
            pen: &self.pen,
            rules: &self.fields,
            columns: self.columns,
            is_clean: is_printable(line),
            delta: false,
            below: true,
        };
        self.scratch.tall.clear();
        if seen.marked {
            out.extend_from_slice(self.pen.sign().as_bytes());
        }
        let begin = out.len();
        if self.columns.has(Canonical::Level) {
            page.level(seen.level, out);
        }
        page.what(&record, seen, begin, &mut self.scratch, out)?;
        let own = record
            .process()
            .filter(|_| self.columns.has(Canonical::Process));
        if let Some(own) = own.filter(|own| !is_said_by(process, own)) {
            let mut hop = Vec::new();
            for (paint, text) in self.style.hop(&own) {
                self.style.paint(&mut hop, paint, &text);
            }
            let end = memchr::memchr(b'\n', &out[begin..]).map_or(out.len(), |at| begin + at);
            out.splice(end..end, hop);
        }
        Ok(())
    }
}

/// True if a process is that of a scope, or what its records tell of it.
fn is_said_by(scope: Option<&str>, own: &str) -> bool {
    scope.is_some_and(|scope| {
        let place = || {
            scope
                .strip_prefix(own)
                .is_some_and(|rest| rest.starts_with(':'))
        };
        let number = || {
            scope
                .strip_suffix(own)
                .is_some_and(|rest| rest.ends_with(':'))
        };
        scope == own || place() || number()
    })
}

/// What a line is written by.
struct Page<'v> {
    style: &'v Style,
    pen: &'v Pen,
    rules: &'v FieldRules,
    columns: columns::Columns,
    /// True if the line is printable throughout, and with it all that is borrowed from it.
    is_clean: bool,
    delta: bool,
    below: bool,
}

impl Page<'_> {
    /// What a record says of itself, as far as it is known whether it is harmless.
    #[inline]
    #[expect(clippy::ptr_arg, reason = "whether it is borrowed is what is asked")]
    fn text<'t>(&self, bytes: &'t Cow<'_, [u8]>) -> Text<'t> {
        Text {
            bytes,
            is_clean: self.is_clean && matches!(bytes, Cow::Borrowed(_)),
        }
    }

    /// The ink of the message.
    fn ink(&self, marked: bool) -> &Ink {
        if marked {
            &self.pen.mark
        } else {
            &self.pen.strong
        }
    }

    fn delta(&self, seen: Seen, out: &mut Vec<u8>) {
        let text = delta(seen.before, seen.time);
        self.pen.dim.text(out, &text);
    }
}
