//! What dl-fmt can make of records and trees.

use clap::ValueEnum;

use crate::render::Format;

/// The views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum View {
    /// Lines for records, pictures for trees
    Text,
    /// A row each
    Table,
    /// The same rows, separated by commas
    Csv,
    /// The same rows, separated by tabs
    Tsv,
    /// The same rows, as a table of Markdown
    Md,
    /// The same rows, as an object each
    Json,
    /// A page to look at in a browser, in one file
    Html,
    /// A bar for each scope of a tree, at its place in time
    Waterfall,
    /// Trace events for Perfetto and chrome://tracing
    Chrome,
    /// OTLP/JSON, a document of spans or log records a line
    Otlp,
    /// Traces for Jaeger's UI
    Jaeger,
    /// Spans for Zipkin, version 2
    Zipkin,
    /// Folded stacks for flame graphs, in microseconds
    Folded,
    /// Profiles for speedscope
    Speedscope,
    /// A graph for Graphviz
    Dot,
    /// key=value pairs
    Logfmt,
    /// GELF 1.1, an object a line
    Gelf,
    /// Messages of Eliot
    Eliot,
    /// Records of distlog
    Distlog,
}

impl View {
    /// How rows are written, if that is what it shows.
    pub(super) fn format(self) -> Option<Format> {
        Some(match self {
            Self::Table => Format::Table,
            Self::Csv => Format::Csv,
            Self::Tsv => Format::Tsv,
            Self::Md => Format::Markdown,
            Self::Json => Format::Json,
            _ => return None,
        })
    }
}

/// The word for a value on the command line.
pub(super) fn word(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}
