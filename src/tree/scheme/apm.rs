//! Elastic APM: transactions, the spans inside them, and the errors that these report, as its server
//! indexes them.

use std::borrow::Cow;

use super::{
    Keyed, Parent, Place, Placement, Scheme, TreeId,
    fields::OneOf,
    span::{Span, TRACE, inside, parent, said},
    trace_id::{Form, span, trace},
};
use crate::record::{Field, Instant, Reader, Record, Unit};

/// The scheme of Elastic APM's transactions, spans and errors; its logs are `injected`.
pub(super) struct Apm;

impl Scheme for Apm {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Fields {
            ids: Ids::ask(reader),
            micros: OneOf::ask(reader, &["timestamp.us"]),
            time: OneOf::ask(reader, &["@timestamp"]),
            names: [
                OneOf::ask(reader, &["span.name"]),
                OneOf::ask(reader, &["transaction.name"]),
            ],
            outcome: OneOf::ask(reader, &["event.outcome"]),
        })
    }
}

struct Ids {
    trace: OneOf,
    span: OneOf,
    transaction: OneOf,
    parent: OneOf,
    /// That of an error, which belongs to what is above it.
    error: OneOf,
    /// How long it took; logs have the ids without.
    span_took: OneOf,
    transaction_took: OneOf,
}

impl Ids {
    fn ask(reader: &mut Reader) -> Self {
        Self {
            trace: OneOf::ask(reader, &["trace.id"]),
            span: OneOf::ask(reader, &["span.id"]),
            transaction: OneOf::ask(reader, &["transaction.id"]),
            parent: OneOf::ask(reader, &["parent.id"]),
            error: OneOf::ask(reader, &["error.id"]),
            span_took: OneOf::ask(reader, &["span.duration.us"]),
            transaction_took: OneOf::ask(reader, &["transaction.duration.us"]),
        }
    }

    /// The span that an error happened in: the one above it, which need not be a transaction.
    fn failed<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        self.error.value(record)?;
        let above = [&self.span, &self.parent, &self.transaction];
        let mut above = above.iter().filter_map(|field| field.value(record));
        above.find_map(|id| span(id, Form::Any))
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        let fields = [&self.span_took, &self.transaction_took, &self.error];
        fields.map(OneOf::fields).concat()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let is_span = self.span_took.is_there(record) && self.span.is_there(record);
        let took = is_span || self.transaction_took.is_there(record);
        if !took {
            self.failed(record)?;
            return trace(self.trace.value(record)?, Form::Any);
        }
        let own = if is_span {
            &self.span
        } else {
            &self.transaction
        };
        span(own.value(record)?, Form::Any)?;
        trace(self.trace.value(record)?, Form::Any)
    }
}

struct Fields {
    ids: Ids,
    micros: OneOf,
    time: OneOf,
    /// Of a span and of a transaction.
    names: [OneOf; 2],
    outcome: OneOf,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let is_span = self.ids.span_took.is_there(record) && self.ids.span.is_there(record);
        if !is_span && !self.ids.transaction_took.is_there(record) {
            return Some(inside(self.ids.failed(record), Parent::Unsaid));
        }
        let (own, took) = if is_span {
            (&self.ids.span, &self.ids.span_took)
        } else {
            (&self.ids.transaction, &self.ids.transaction_took)
        };
        let above = self.ids.parent.value(record);
        let above = above.and_then(|id| span(id, Form::Any));
        let micros = self.micros.value(record);
        let start = micros
            .and_then(|value| Instant::from_number(value.raw, Unit::Micros))
            .or_else(|| self.time.time(record));
        let seconds = took.number(record).map(|micros| micros / 1e6);
        let transaction = self.ids.transaction.value(record);
        let above = if is_span && above.is_none() {
            let transaction = transaction.and_then(|id| span(id, Form::Any));
            said(transaction)
        } else {
            parent(above)
        };
        let whole = Span {
            id: span(own.value(record)?, Form::Any)?,
            parent: above,
            name: self.names[usize::from(!is_span)].text(record),
            start,
            end: start
                .zip(seconds)
                .map(|(start, seconds)| start.after(seconds)),
            failed: self.outcome.text(record).as_deref() == Some("failure"),
            ..Span::default()
        };
        Some(Placement {
            duration: seconds,
            ..whole.place()
        })
    }
}
