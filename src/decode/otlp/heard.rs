//! What a receiver has answered, as an exporter understands it.

use serde_json::Value;

use super::{Encoding, schema, transcode::transcode};

/// What an answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// How many records it has not taken.
    pub rejected: u64,
    /// Why, or what is wrong with the request, or a warning; empty if it says nothing.
    pub words: String,
}

impl Heard {
    /// Reads the body of an answer; one that is not understood says nothing, or is its own words.
    pub fn read(is_success: bool, content_type: &str, body: &[u8]) -> Self {
        let json = match Encoding::of(content_type) {
            Some(Encoding::Protobuf) => {
                let message = if is_success {
                    &schema::RESPONSE
                } else {
                    &schema::STATUS_OF_RPC
                };
                let mut json = Vec::new();
                let read = transcode(message, body, &mut json);
                read.ok().and_then(|()| serde_json::from_slice(&json).ok())
            }
            Some(Encoding::Json) => serde_json::from_slice(body).ok(),
            None => None,
        };
        let Some(json): Option<Value> = json else {
            let is_text = !is_success && content_type.starts_with("text/plain");
            let words = String::from_utf8_lossy(if is_text { body } else { b"" });
            return Self {
                rejected: 0,
                words: words.trim().to_owned(),
            };
        };
        let partial = &json["partialSuccess"];
        let number = |name: &str| match &partial[name] {
            // 64 bits are digits in a string, and not everybody writes them so.
            Value::String(digits) => digits.parse().ok(),
            number => number.as_u64(),
        };
        let rejected = number("rejectedLogRecords").or_else(|| number("rejectedSpans"));
        let words = partial["errorMessage"]
            .as_str()
            .or(json["message"].as_str());
        Self {
            rejected: rejected.unwrap_or(0),
            words: words.unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Answer, Signal},
        *,
    };

    #[test]
    fn what_is_answered_is_understood() {
        let partial = Answer::Partial {
            rejected: 300,
            reason: "too \"long\"".into(),
        };
        let bad = Answer::Bad("no list".into());
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            for signal in [Signal::Logs, Signal::Traces] {
                let check = |answer: &Answer, rejected: u64, words: &str| {
                    let body = answer.body(signal, encoding);
                    let heard = Heard::read(answer.status() == 200, encoding.content_type(), &body);
                    let words = words.to_owned();
                    assert_eq!(heard, Heard { rejected, words }, "{encoding:?}");
                };
                check(&Answer::Done, 0, "");
                check(&partial, 300, "too \"long\"");
                check(&bad, 0, "no list");
            }
        }
        let text = Heard::read(false, "text/plain; charset=utf-8", b"busy\n");
        assert_eq!(text.words, "busy");
        assert_eq!(Heard::read(true, "text/html", b"<p>"), Heard::default());
    }
}
