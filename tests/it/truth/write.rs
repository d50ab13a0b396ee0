//! The schemes: a file for each says how its producer writes a request down, and what the
//! ids in its records tell.
//!
//! The forms are those of real output: of the samples under tests/data/samples where there
//! is one, else of the producer's documentation.

mod apm;
mod bqnt;
mod client;
mod distlog;
mod document;
mod eliot;
mod eliot_old;
mod flat;
mod generic;
mod hierarchical;
mod jaeger;
mod join_bound;
mod join_flat;
mod join_trace;
mod logs;
mod otel;
mod own;
mod roarr;
mod time;
mod trace;
mod tracing;
mod xray;
mod zipkin;

use serde_json::Value;

use super::{
    model::Request,
    record::{Pen, Tell},
};

/// How a producer writes.
pub(super) struct Scheme {
    /// As the table calls it.
    pub(super) name: &'static str,
    /// What dl-tree has to be told.
    pub(super) args: &'static [&'static str],
    pub(super) write: fn(&Request, &mut Pen),
    /// With all records there, they tell what is above what.
    pub(super) sees_all: bool,
    /// What its ids cannot tell, for people.
    pub(super) cannot: &'static str,
}

/// A record and what it tells, if there is something to write.
type Written = Option<(Value, Tell)>;

/// One request after the other in another scheme, all in the same files.
static MIXED: Scheme = Scheme {
    name: "all of these mixed",
    args: &[],
    write: |request, pen| {
        let known: Vec<_> = SCHEMES
            .iter()
            .filter(|scheme| scheme.args.is_empty())
            .collect();
        (known[request.number % known.len()].write)(request, pen);
    },
    sees_all: false,
    cannot: "What each of them cannot.",
};

/// All of them, and the mixture of those that need no flags.
pub(super) fn all() -> impl Iterator<Item = &'static Scheme> {
    SCHEMES.iter().copied().chain([&MIXED])
}

/// All of them.
pub(super) static SCHEMES: &[&Scheme] = &[
    &eliot::ELIOT,
    &eliot_old::ELIOT_OLD,
    &distlog::DISTLOG,
    &client::CLIENT,
    &bqnt::BQNT,
    &hierarchical::HIERARCHICAL,
    &otel::SPANS,
    &otel::BOTH,
    &document::OTLP,
    &otel::FORMATS,
    &logs::OTEL,
    &logs::W3C,
    &logs::B3,
    &logs::DATADOG,
    &logs::GCP,
    &zipkin::ZIPKIN,
    &document::ZIPKIN,
    &jaeger::JAEGER,
    &document::JAEGER,
    &xray::XRAY,
    &apm::APM,
    &tracing::TRACING,
    &roarr::ROARR,
    &flat::FLAT,
    &generic::GENERIC,
    &own::OWN,
    &join_trace::INTO_ELIOT,
    &join_trace::INTO_DISTLOG,
    &join_trace::OUT_OF_ELIOT,
    &join_trace::OUT_OF_DISTLOG,
    &join_trace::OUT_OF_SCOPE,
    &join_flat::REQUEST,
    &join_flat::FIELD,
    &join_bound::BOUND,
];
