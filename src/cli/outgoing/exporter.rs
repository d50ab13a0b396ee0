//! Records and trees as requests of OTLP, as a sink asks for them.

use crate::{
    cli::feed::wrap,
    decode::otlp::{Encoding, Heard, Signal, to_protobuf},
    render::export::OtlpRequests,
    sink::{Compose, Post},
};

/// The longest request in OTLP/JSON, if one line is not longer: receivers take 20 MiB or so, and
/// some 4 MiB.
const LONGEST: usize = 3 << 20;

/// Makes requests.
pub(super) struct Exporter {
    encoding: Encoding,
    requests: OtlpRequests,
}

impl Exporter {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            requests: OtlpRequests::default(),
        }
    }

    /// Ends the requests of the lines so far.
    fn finish(&mut self, posts: &mut Vec<Post>) -> Result<(), String> {
        let [spans, logs] = self.requests.finish();
        for (signal, json) in [(Signal::Traces, spans), (Signal::Logs, logs)] {
            let Some(json) = json else { continue };
            posts.push(Post {
                path: signal.path(),
                content_type: self.encoding.content_type(),
                body: match self.encoding {
                    Encoding::Json => json,
                    Encoding::Protobuf => to_protobuf(signal, &json)?,
                },
            });
        }
        Ok(())
    }
}

impl Compose for Exporter {
    fn posts(&mut self, lines: &[&[u8]]) -> Result<Vec<Post>, String> {
        let mut posts = Vec::new();
        // What an error has left is not of these lines.
        drop(self.requests.finish());
        for line in lines {
            // What is no record, and is to be sent all the same, is the message of one.
            if self.requests.add(line).is_err() {
                self.requests.add(&wrap(line))?;
            }
            if self.requests.size() >= LONGEST {
                self.finish(&mut posts)?;
            }
        }
        self.finish(&mut posts)?;
        Ok(posts)
    }

    fn heard(&mut self, is_success: bool, content_type: &str, body: &[u8]) -> (u64, String) {
        let heard = Heard::read(is_success, content_type, body);
        (heard.rejected, heard.words)
    }
}
