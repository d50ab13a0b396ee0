//! What an exporter is answered (specification, "OTLP/HTTP Response").

use std::io::Write;

use crate::decode::object::quote;

use super::{
    Signal,
    pack::{bytes, varint},
};

/// How requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

impl Encoding {
    /// The encoding of a content type.
    pub fn of(content_type: &str) -> Option<Self> {
        match content_type {
            "application/x-protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The content type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it was taken.
    Done,
    /// Some records were not, and must not be sent again.
    Partial {
        /// How many.
        rejected: u64,
        /// Why.
        reason: String,
    },
    /// The request is none, and must not be sent again.
    Bad(String),
}

/// `INVALID_ARGUMENT` of gRPC.
const INVALID: u8 = 3;

impl Answer {
    /// The status of HTTP.
    pub fn status(&self) -> u16 {
        match self {
            Self::Done | Self::Partial { .. } => 200,
            Self::Bad(_) => 400,
        }
    }

    /// The body: an `Export…ServiceResponse`, or a `google.rpc.Status`.
    pub fn body(&self, signal: Signal, encoding: Encoding) -> Vec<u8> {
        let mut out = Vec::new();
        match (self, encoding) {
            (Self::Done, Encoding::Protobuf) => {}
            (Self::Done, Encoding::Json) => out.extend_from_slice(b"{}"),
            (Self::Partial { rejected, reason }, Encoding::Protobuf) => {
                let mut partial = vec![0x08];
                varint(*rejected, &mut partial);
                bytes(2, reason.as_bytes(), &mut partial);
                bytes(1, &partial, &mut out);
            }
            (Self::Partial { rejected, reason }, Encoding::Json) => {
                let name = match signal {
                    Signal::Logs => "rejectedLogRecords",
                    Signal::Traces => "rejectedSpans",
                };
                // Writing into memory does not fail.
                let _ = write!(
                    out,
                    "{{\"partialSuccess\":{{\"{name}\":\"{rejected}\",\"errorMessage\":"
                );
                quote(reason.as_bytes(), &mut out);
                out.extend_from_slice(b"}}");
            }
            (Self::Bad(reason), Encoding::Protobuf) => {
                out.extend_from_slice(&[0x08, INVALID]);
                bytes(2, reason.as_bytes(), &mut out);
            }
            (Self::Bad(reason), Encoding::Json) => {
                let _ = write!(out, "{{\"code\":{INVALID},\"message\":");
                quote(reason.as_bytes(), &mut out);
                out.push(b'}');
            }
        }
        out
    }
}
