//! Lines as requests of OTLP: what an exporter sends at a time.

use super::{
    super::{FactReader, Took, take},
    LOGS, Open, SPANS, document,
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

impl OtlpRequests {
    /// Adds a line; what is no record is told.
    pub fn add(&mut self, line: &[u8]) -> Result<(), String> {
        let taken = take(
            &mut self.open,
            &mut self.reader,
            line,
            &mut |_| true,
            &mut Vec::new(),
        );
        match taken {
            Ok(Took::Written | Took::LeftOut | Took::Refused) => Ok(()),
            Err(bad) => Err(bad.to_string()),
        }
    }

    /// How long the requests are so far, in bytes.
    pub fn size(&self) -> usize {
        self.open.size()
    }

    /// The requests in OTLP/JSON, of spans and of log records, if there are any; it begins anew.
    pub fn finish(&mut self) -> [Option<Vec<u8>>; 2] {
        let open = std::mem::take(&mut self.open);
        [(SPANS, &open.spans), (LOGS, &open.logs)].map(|(list, elements)| {
            let mut out = Vec::with_capacity(elements.size() + 32);
            document(list, elements, &mut out);
            (!out.is_empty()).then_some(out)
        })
    }
}

impl Export for Open {
    fn record(&mut self, facts: &Facts<'_>, _: &mut Vec<u8>) {
        self.add_record(facts);
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, _: &mut Vec<u8>) {
        self.add_tree(tree, reader);
    }
}
