//! OTLP/HTTP: the bodies of export requests to records, and the answers (opentelemetry-proto,
//! docs/specification.md).
//!
//! A request in protobuf is written as the OTLP/JSON that it means ([`transcode`]), straight
//! from the wire: structs between the two would take a hundred times the memory of a hostile
//! request, which may hold millions of empty messages. From there both encodings go one way:
//! [`Exploded`] makes a record of each span and log record, with its resource and scope.

mod answer;
mod heard;
mod pack;
mod schema;
mod transcode;
mod wire;

pub use self::{
    answer::{Answer, Encoding},
    heard::Heard,
};
use self::{schema::Message, transcode::transcode};
use super::{
    explode::Exploded,
    format::Take,
    frames::one_line,
    inflate::{Bounds, Coding, inflate},
};
use crate::record::{Cursor, Found, Projection};

/// What a request exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Log records: `/v1/logs`.
    Logs,
    /// Spans: `/v1/traces`.
    Traces,
}

impl Signal {
    /// The signal of a path, without what the endpoint puts in front.
    pub fn of(path: &str) -> Option<Self> {
        [Self::Logs, Self::Traces]
            .into_iter()
            .find(|signal| signal.path() == path)
    }

    /// The path of it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Logs => "/v1/logs",
            Self::Traces => "/v1/traces",
        }
    }

    fn request(self) -> &'static Message {
        match self {
            Self::Logs => &schema::LOGS,
            Self::Traces => &schema::TRACES,
        }
    }

    fn list(self) -> &'static str {
        match self {
            Self::Logs => "resourceLogs",
            Self::Traces => "resourceSpans",
        }
    }
}

/// A request of ours in OTLP/JSON as protobuf.
pub fn to_protobuf(signal: Signal, json: &[u8]) -> Result<Vec<u8>, String> {
    let json = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    pack::pack(signal.request(), &json, &mut out)?;
    Ok(out)
}

/// The most records that a request may hold. Exporters send 512, and collectors some thousands;
/// each costs a stamp, and a hostile one two bytes.
const MOST: usize = 100_000;

/// What records of one request may have from around them, all together, in bytes.
const AROUND: usize = 64 << 20;

/// What is said of a request that has more.
const SHORT: &str = "a request with more than 64 MiB of resources and scopes for all its records: \
                     some have only the names of their processes";

/// Takes requests apart.
pub struct Otlp {
    bounds: Bounds,
    /// The longest record, in bytes.
    longest: usize,
    plain: Vec<u8>,
    json: Vec<u8>,
    exploded: Exploded,
    projection: Projection,
    found: Found,
}

impl Otlp {
    /// Within these bounds on what is compressed, and on records.
    pub fn new(bounds: Bounds, longest: usize) -> Self {
        Self {
            bounds,
            longest,
            plain: Vec::new(),
            json: Vec::new(),
            exploded: Exploded::bounded(AROUND),
            projection: Projection::default(),
            found: Found::default(),
        }
    }

    /// Hands out the records of a request, and says what to answer.
    pub fn take(
        &mut self,
        signal: Signal,
        encoding: Encoding,
        compression: &str,
        body: &[u8],
        take: &mut dyn Take,
    ) -> Answer {
        if let Err(reason) = self.read(signal, encoding, compression, body) {
            take.reject(body, &reason);
            return Answer::Bad(reason);
        }
        if self.exploded.is_short() {
            take.note(SHORT);
        }
        let mut rejected = 0;
        for place in self.exploded.records() {
            let record = &self.exploded.bytes()[place.clone()];
            if record.len() > self.longest {
                rejected += 1;
                take.reject(record, "a record longer than --max-record");
            } else {
                take.record(record);
            }
        }
        if rejected > 0 {
            let reason = format!("longer than {} bytes", self.longest);
            Answer::Partial { rejected, reason }
        } else {
            Answer::Done
        }
    }

    fn read(
        &mut self,
        signal: Signal,
        encoding: Encoding,
        compression: &str,
        body: &[u8],
    ) -> Result<(), String> {
        let coding = match compression {
            "" => None,
            "gzip" => Some(Coding::Gzip),
            "deflate" => Some(Coding::Zlib),
            other => return Err(format!("unknown compression {other}")),
        };
        let body = match coding {
            None => body,
            Some(coding) => {
                let inflated = inflate(coding, body, self.bounds, &mut self.plain);
                inflated.map_err(|error| error.to_string())?;
                &self.plain
            }
        };
        self.json.clear();
        match encoding {
            Encoding::Protobuf => transcode(signal.request(), body, &mut self.json)
                .map_err(|error| format!("protobuf: {error}"))?,
            Encoding::Json => one_line(body.trim_ascii(), &mut self.json),
        }
        if self.exploded.read(&self.json) {
            return if self.exploded.records().len() > MOST {
                Err(format!("more than {MOST} records in a request"))
            } else {
                Ok(())
            };
        }
        // No records: an empty request, or none at all.
        self.projection
            .scan(&self.json, &mut self.found)
            .map_err(|error| error.to_string())?;
        let (mut members, mut known) = (0, false);
        let read = Cursor::line(&self.json, |key, cursor| {
            members += 1;
            known |= key == signal.list().as_bytes();
            cursor.value().map(drop)
        });
        if read.is_ok() && (known || members == 0) {
            Ok(())
        } else {
            Err(format!("no {} in the request", signal.list()))
        }
    }
}

#[cfg(test)]
mod tests;
