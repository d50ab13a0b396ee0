//! ZeroMQ frames to records: distlog's `[topic, body]` and single frames (REFERENCE.md §3.1),
//! and the texts of pyzmq's `PUBHandler` (§5).
//!
//! A topic is three letters: system (`T`est, `S`taging, `P`roduction), kind (`L`og,
//! `P`erformance), encoding (`J`SON, `P`ickle). With any other topic the body must tell.

use super::{
    pickle::{Decoder, Limits, PickleError, Top},
    pubhandler,
};

/// Why a message is no record.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The message has another number of frames.
    #[error("a message of {0} frames, expected one or two")]
    Count(usize),
    /// The body is a pickle that does not decode.
    #[error("pickle: {0}")]
    Pickle(#[from] PickleError),
    /// The body is a pickle of something else.
    #[error("a pickle of something that is neither a dict nor a LogRecord")]
    NoMap,
}

/// A message taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The topic, if there is one.
    pub topic: Option<&'a [u8]>,
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Takes a message of one or two frames apart.
    pub fn new(mut frames: impl Iterator<Item = &'a [u8]>) -> Result<Self, FrameError> {
        match (frames.next(), frames.next(), frames.count()) {
            (Some(body), None, _) => Ok(Self { topic: None, body }),
            (Some(topic), Some(body), 0) => Ok(Self {
                topic: Some(topic),
                body,
            }),
            (None, ..) => Err(FrameError::Count(0)),
            (_, _, more) => Err(FrameError::Count(more + 2)),
        }
    }

    fn is_pickle(&self) -> bool {
        match self.topic {
            Some([b'T' | b'S' | b'P', b'L' | b'P', encoding @ (b'J' | b'P')]) => *encoding == b'P',
            // Without a topic of distlog's the bytes must tell: PROTO, or a dict of protocol 0 and 1.
            _ => matches!(
                self.body,
                [0x80, 2..=5, ..] | [b'}', b'q' | b'r' | b'(', ..] | [b'(', b'd', ..]
            ),
        }
    }
}

/// The text of a record, on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'d> {
    /// The text: the body itself wherever possible.
    pub json: &'d [u8],
    /// True if it was made here, and so is an object for certain.
    pub is_made: bool,
}

impl<'d> Text<'d> {
    fn found(json: &'d [u8]) -> Self {
        Self {
            json,
            is_made: false,
        }
    }
}

/// Turns messages into the JSON text of records.
#[derive(Default)]
pub struct FrameDecoder {
    pickle: Decoder,
    text: Vec<u8>,
}

impl FrameDecoder {
    /// A decoder whose pickles keep to `limits`.
    pub fn new(limits: Limits) -> Self {
        Self {
            pickle: Decoder::new(limits),
            text: Vec::new(),
        }
    }

    /// The record's text. Whether what was not made here is a JSON object is not checked.
    pub fn decode<'d>(&'d mut self, parts: &Parts<'d>) -> Result<Text<'d>, FrameError> {
        if parts.is_pickle() {
            self.text.clear();
            return match self.pickle.decode(parts.body, &mut self.text)? {
                Top::Map => Ok(Text {
                    json: &self.text,
                    is_made: true,
                }),
                Top::Other => Err(FrameError::NoMap),
            };
        }
        let body = parts.body.trim_ascii();
        // A record begins with a brace, and a text that does so is still no object.
        if let Some(topic) = parts.topic.filter(|_| body.first() != Some(&b'{'))
            && pubhandler::record(topic, parts.body, &mut self.text)
        {
            return Ok(Text::found(&self.text));
        }
        if memchr::memchr(b'\n', body).is_none() {
            return Ok(Text::found(body));
        }
        self.text.clear();
        one_line(body, &mut self.text);
        Ok(Text::found(&self.text))
    }
}

/// Appends pretty-printed JSON as one line: a newline between tokens becomes a blank, a raw
/// one within a string its escape.
pub(super) fn one_line(text: &[u8], out: &mut Vec<u8>) {
    let (mut in_string, mut escaped) = (false, false);
    for &byte in text {
        match byte {
            b'\n' if in_string => out.extend_from_slice(b"\\n"),
            b'\n' => out.push(b' '),
            _ => out.push(byte),
        }
        in_string ^= byte == b'"' && !escaped;
        escaped = in_string && byte == b'\\' && !escaped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_known_kinds() {
        let check = |frames: &[&[u8]], expect: &str| {
            let mut decoder = FrameDecoder::default();
            let got = Parts::new(frames.iter().copied()).and_then(|parts| {
                decoder
                    .decode(&parts)
                    .map(|text| String::from_utf8_lossy(text.json).into_owned())
            });
            assert_eq!(got.unwrap_or_else(|error| error.to_string()), expect);
        };
        check(&[b"PLJ", b"{\"a\":1}"], "{\"a\":1}");
        check(&[b"{\"a\":\n 1}\n"], "{\"a\":  1}");
        check(
            &[b"{\"a\":\r\n\"x\ny\\\"\n\\\\\",\n\"b\":1}"],
            "{\"a\":\r \"x\\ny\\\"\\n\\\\\", \"b\":1}",
        );
        check(&[b"PLP", b"\x80\x02}q\x00U\x01aK\x01s."], "{\"a\":1}");
        check(&[b"\x80\x02}q\x00U\x01aK\x01s."], "{\"a\":1}");
        check(&[b"APP.INFO", b"{\"a\":1}"], "{\"a\":1}");
        check(
            &[b"APP.INFO", b"step 1\n"],
            "{\"level\":\"INFO\",\"logger\":\"APP\",\"message\":\"step 1\"}",
        );
        check(
            &[b"PLP", b"\x80\x02K\x01."],
            "a pickle of something that is neither a dict nor a LogRecord",
        );
        check(&[], "a message of 0 frames, expected one or two");
        check(
            &[b"a", b"b", b"c", b"d"],
            "a message of 4 frames, expected one or two",
        );
    }
}
