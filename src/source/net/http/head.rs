//! The head of a request: the first line, and the few fields that matter here.

use super::{Refusal, refused};

/// The most fields that a head may have: clients send a dozen.
const FIELDS: usize = 64;

/// The head of a request.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a field of the request that is there or not"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, without what follows a question mark.
    pub path: String,
    /// What follows the question mark.
    pub query: String,
    /// The type of the body, in small letters and without parameters; empty if it is not told.
    pub content_type: String,
    /// How the body is compressed, in small letters; empty if it is not.
    pub encoding: String,
    /// A web page has sent it, so its reader may not know of it.
    pub from_browser: bool,
    /// The length of the body, if it is told.
    pub(super) length: Option<u64>,
    /// The body comes in chunks.
    pub(super) chunked: bool,
    /// The client may send another request.
    pub(super) keeps_alive: bool,
    /// The client waits for `100 Continue`.
    pub(super) waits: bool,
}

/// Where the head ends that `input` begins with, looking from `searched` on.
pub(super) fn end(input: &[u8], searched: usize) -> Option<usize> {
    memchr::memchr_iter(b'\n', &input[searched..])
        .map(|at| searched + at + 1)
        .find_map(|next| match input.get(next..)? {
            [b'\n', ..] => Some(next + 1),
            [b'\r', b'\n', ..] => Some(next + 2),
            _ => None,
        })
}

impl Request {
    /// Reads a head, with the blank line at its end.
    pub(super) fn read(head: &[u8]) -> Result<Self, Refusal> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut parsed = httparse::Request::new(&mut fields);
        match parsed.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => {
                return Err(refused(431, "a request with more than 64 fields"));
            }
            Ok(httparse::Status::Partial) | Err(_) => return Err(refused(400, "not HTTP/1")),
        }
        let target = parsed.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self {
            method: parsed.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            // HTTP/1.0 ends a connection unless it is asked not to, which no client of ours does.
            keeps_alive: parsed.version == Some(1),
            ..Self::default()
        };
        for field in parsed.headers.iter() {
            request.field(field.name, field.value)?;
        }
        if request.chunked && request.length.is_some() {
            return Err(refused(400, "a length and chunks in one request"));
        }
        Ok(request)
    }

    fn field(&mut self, name: &str, value: &[u8]) -> Result<(), Refusal> {
        let text = String::from_utf8_lossy(value).trim().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let length = text.parse().ok().filter(|_| all_digits);
                let length = length.ok_or(refused(400, "a length that is no number"))?;
                if self.length.is_some_and(|before| before != length) {
                    return Err(refused(400, "two lengths in one request"));
                }
                self.length = Some(length);
            }
            "transfer-encoding" => {
                if text != "chunked" || self.chunked {
                    return Err(refused(501, "a transfer coding other than chunked"));
                }
                self.chunked = true;
            }
            "content-type" => {
                let kind = text.split(';').next().unwrap_or_default();
                kind.trim_end().clone_into(&mut self.content_type);
            }
            "content-encoding" if text != "identity" => self.encoding = text,
            "origin" | "sec-fetch-site" => self.from_browser = true,
            "connection" if text.split(',').any(|word| word.trim() == "close") => {
                self.keeps_alive = false;
            }
            "expect" if text == "100-continue" => self.waits = true,
            "expect" => return Err(refused(417, "an expectation other than 100-continue")),
            _ => {}
        }
        Ok(())
    }

    /// Whether the client wants a reply without a body.
    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}
