//! Records that are spans or log records where they come from, so that nothing has to be made up.

use super::{
    super::{Facts, facts::Scalar, resource::Resource},
    any::{Any, Attributes},
    console, jaeger,
    log::Log,
    members::Members,
    span::{Around, Span},
    wire, zipkin,
};

/// What a record is.
#[derive(Debug)]
pub(super) enum Origin<'a> {
    Span(Box<Span<'a>>),
    Log(Box<Log<'a>>),
    /// Anything else, also a span of which too little is known.
    Other,
}

impl<'a> Origin<'a> {
    pub(super) fn of(facts: &Facts<'a>) -> Self {
        let members = || Members::of(facts.line);
        let span = match facts.schema {
            Some("otlp-span") => wire::span(&members()),
            Some("otel-span") => console::span(&members()),
            Some("zipkin") => zipkin::span(&members()),
            Some("jaeger") => jaeger::span(&members()),
            Some("otel-log") => return Self::Log(Box::new(console::log(&members()))),
            _ if may_be_log(facts.line) => {
                let log = wire::log(&members());
                return log.map_or(Self::Other, |log| Self::Log(Box::new(log)));
            }
            _ => None,
        };
        span.map_or(Self::Other, |span| Self::Span(Box::new(span)))
    }
}

/// False for a line that is no log record of OTLP for certain, which is found out without reading it.
fn may_be_log(line: &[u8]) -> bool {
    let has = |text: &[u8]| memchr::memmem::find(line, text).is_some();
    has(b"imeUnixNano\"") || has(b"\"body\"") && has(b"\"resource\"")
}

impl<'a> Around<'a> {
    /// Fills in the process from what the record tells besides, where there is no resource.
    pub(super) fn or_of(&mut self, facts: &Facts<'a>) {
        if self.resource.is_some() {
            return;
        }
        let mut attributes = Attributes::default();
        let process = Resource::of_record(facts);
        for field in process.attributes() {
            let value = match field.value {
                Scalar::Int(number) => Scalar::Int(number),
                other => Scalar::Text(other.text().into_owned().into()),
            };
            attributes.add(field.name, Any::Scalar(value));
        }
        self.resource = (!attributes.0.is_empty()).then_some(attributes);
    }
}
