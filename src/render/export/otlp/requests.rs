//! Lines as requests of OTLP: what an exporter sends at a time.

use super::{
    super::{FactReader, Took, take},
    LOGS, Parts, Runs, SPANS, document,
};
use crate::{
    render::export::{Export, Facts},
    tree::Tree,
};

/// Makes requests of lines, which are records or trees.
#[derive(Default)]
pub struct OtlpRequests {
    reader: FactReader,
    open: Open,
}

/// The requests that are being made.
#[derive(Default)]
struct Open {
    logs: Vec<u8>,
    spans: Vec<u8>,
    runs: Runs,
}

impl OtlpRequests {
    /// Adds a line; what is no record is told.
    pub fn add(&mut self, line: &[u8]) -> Result<(), String> {
        let taken = take(
            &mut self.open,
            &mut self.reader,
            line,
            |_| true,
            &mut Vec::new(),
        );
        match taken {
            Ok(Took::Written | Took::LeftOut | Took::Refused) => Ok(()),
            Err(bad) => Err(bad.to_string()),
        }
    }

    /// How long the requests are so far, in bytes.
    pub fn size(&self) -> usize {
        self.open.logs.len() + self.open.spans.len()
    }

    /// The requests in OTLP/JSON, of spans and of log records, if there are any; it begins anew.
    pub fn finish(&mut self) -> [Option<Vec<u8>>; 2] {
        let Open {
            mut logs,
            spans,
            mut runs,
        } = std::mem::take(&mut self.open);
        runs.end(&mut logs);
        [(SPANS, spans), (LOGS, logs)].map(|(list, elements)| {
            let mut out = Vec::with_capacity(elements.len() + 32);
            document(list, &mut out, |out| out.extend_from_slice(&elements));
            (!out.is_empty()).then_some(out)
        })
    }
}

impl Export for Open {
    fn record(&mut self, facts: &Facts<'_>, _: &mut Vec<u8>) {
        self.runs.add(facts, &mut self.logs);
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, _: &mut Vec<u8>) {
        let parts = Parts::of(tree, reader);
        self.runs.end(&mut self.logs);
        append(&mut self.spans, |out| parts.spans(out));
        append(&mut self.logs, |out| parts.logs(out));
    }
}

/// Appends elements behind others.
fn append(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let had = out.len();
    if had > 0 {
        out.push(b',');
    }
    let start = out.len();
    write(out);
    if out.len() == start {
        out.truncate(had);
    }
}
